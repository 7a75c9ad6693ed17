use docket::step;

pub struct UserId(pub u64);

#[step]
pub fn name(id: &UserId) -> std::rc::Rc<str> {
    id.0.to_string().into()
}

fn main() {}
