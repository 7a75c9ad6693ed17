//! A step needs no input, and a graph no section but `steps`.

use docket::{StepContext, graph, step};

#[derive(Debug, PartialEq)]
pub struct Answer(pub u64);
#[derive(Debug, PartialEq)]
pub struct Attempt(pub u32);

#[step]
fn answer() -> Answer {
    Answer(42)
}

#[step]
async fn attempt(context: &StepContext) -> Attempt {
    Attempt(context.attempt())
}

graph! {
    struct Answers {
        steps { answer, attempt }
        async fn answer() -> Answer;
        async fn all() -> (Answer, Attempt);
    }
}

#[tokio::test]
async fn runs() {
    let graph = Answers::builder().build();
    assert_eq!(graph.answer("1").await.unwrap(), Answer(42));
    assert_eq!(graph.all("1").await.unwrap(), (Answer(42), Attempt(1)));
}
