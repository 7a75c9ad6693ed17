use docket::step;

pub struct Job;
pub struct Done;

#[step]
pub fn work(_job: &Job) -> ! {
    loop {}
}

fn main() {}
