use docket::{Execution, graph, step};

#[allow(non_camel_case_types)]
pub struct r#type(pub u64);
pub struct Matched(pub u64);
pub struct Client(pub u64);

#[step]
fn r#match(r#ref: &r#type, #[resource] r#in: &Client) -> Matched {
    Matched(r#ref.0 + r#in.0)
}

graph! {
    pub struct r#Matches {
        inputs { r#type }
        resources { r#use: Client }
        steps { r#match }
        pub async fn r#loop(r#ref: r#type) -> Matched;
    }
}

#[tokio::test]
async fn runs() {
    let graph = Matches::builder().r#use(Client(1)).build();
    assert_eq!(
        graph
            .r#loop(Execution::unique(), r#type(2))
            .await
            .unwrap()
            .0,
        3
    );
}
