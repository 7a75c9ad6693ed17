//! A step may make a tuple; an entry that returns that one value puts it into a tuple of one.

use docket::{graph, step};

pub struct Id(pub u64);

#[step]
fn pair(id: &Id) -> (u64, u64) {
    (id.0, id.0)
}

graph! {
    pub struct Pairs {
        inputs { Id }
        steps { pair }
        pub async fn pair_of(id: Id) -> ((u64, u64),);
    }
}

#[tokio::test]
async fn runs() {
    let ((a, b),) = Pairs::builder().build().pair_of("1", Id(3)).await.unwrap();
    assert_eq!((a, b), (3, 3));
}
