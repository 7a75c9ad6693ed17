use docket::{graph, step};

pub struct UserId(pub u64);

#[step]
fn names(id: &UserId) -> std::rc::Rc<str> {
    id.0.to_string().into()
}

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { names }
        pub async fn name(id: UserId) -> std::rc::Rc<str>;
    }
}

fn main() {}
