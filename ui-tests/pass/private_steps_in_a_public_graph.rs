use docket::{StepOptions, graph, step};

pub struct Id(pub u64);
pub struct Shown(pub u64);
struct Hidden(u64);
struct Client(u64);

#[step]
fn hidden(id: &Id, #[resource] client: &Client) -> Hidden {
    Hidden(id.0 + client.0)
}

#[step]
fn shown(hidden: &Hidden) -> Shown {
    Shown(hidden.0)
}

graph! {
    pub(crate) struct Graph {
        inputs { Id }
        resources { Client }
        steps { hidden, shown }
        pub(crate) async fn shown(id: Id) -> Shown;
    }
}

#[tokio::test]
async fn runs() {
    let graph = Graph::builder()
        .configure::<hidden>(StepOptions::new())
        .client(Client(1))
        .build();
    assert_eq!(graph.shown("1", Id(1)).await.unwrap().0, 2);
}
