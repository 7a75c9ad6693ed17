use docket::step;

pub struct UserId;
pub struct Greeted;

#[step]
pub fn greet(_id: &UserId) -> Greeted {
    println!("hello");
    Greeted
}

fn main() {}
