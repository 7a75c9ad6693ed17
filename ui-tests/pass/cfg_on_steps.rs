use docket::{graph, step};

pub struct Id;
#[derive(Debug, PartialEq)]
pub struct Backend(pub &'static str);

#[step]
#[cfg(true)]
fn backend(_id: &Id) -> Backend {
    Backend("on")
}

#[cfg(false)]
#[step]
fn backend(_id: &Id, _nowhere: &Nowhere) -> Backend {
    Backend("off")
}

graph! {
    pub struct Backends {
        inputs { Id }
        steps { backend }
        pub async fn which(id: Id) -> Backend;
    }
}

#[tokio::test]
async fn runs() {
    assert_eq!(
        Backends::builder().build().which("1", Id).await.unwrap(),
        Backend("on")
    );
}
