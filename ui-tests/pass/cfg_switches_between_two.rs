//! The same place in a list, taken by one of two.

use docket::{graph, step};

pub struct Id(pub u64);
#[derive(Debug, PartialEq)]
pub struct Answer(pub u64);

pub mod old {
    pub struct Client(pub u64);
}
pub mod new {
    pub struct Client(pub u64);
}

#[cfg(true)]
#[step]
fn answer(id: &Id, #[resource] client: &new::Client) -> Answer {
    Answer(id.0 + client.0)
}

graph! {
    pub struct Answers {
        inputs { Id }
        resources {
            #[cfg(false)]
            old::Client,
            #[cfg(true)]
            new::Client,
        }
        steps { answer }
        pub async fn answer(id: Id) -> Answer;
    }
}

#[tokio::test]
async fn runs() {
    let graph = Answers::builder().client(new::Client(1)).build();
    assert_eq!(graph.answer("1", Id(1)).await.unwrap(), Answer(2));
}
