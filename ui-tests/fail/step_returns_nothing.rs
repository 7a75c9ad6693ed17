use docket::step;

pub struct UserId;
pub struct Greeted;

#[step]
pub fn greet(_id: &UserId) {
    println!("hello");
}

fn main() {}
