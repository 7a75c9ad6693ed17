//! One type under many names is one type.

use docket::{Execution, graph, step};

mod model {
    #[derive(Debug, PartialEq)]
    pub struct Profile(pub u64);
    pub type User = Profile;
    pub use self::Profile as Person;
    pub mod deep {
        pub use super::super::Id as Key;
    }
}
use model::deep::Key;

pub struct Id(pub u64);
pub type ServiceResult<T> = Result<T, std::io::Error>;
pub type Named = ServiceResult<String>;
pub type NameResult = Named;

#[step]
pub async fn fetch(id: &Key) -> ServiceResult<model::User> {
    Ok(model::Profile(id.0))
}

#[step]
pub async fn name(person: &model::Person) -> NameResult {
    Ok(format!("user {}", person.0))
}

mod shared {
    pub use super::{fetch as get, name};
}

graph! {
    pub struct UserGraph {
        inputs { self::model::deep::Key }
        steps { shared::get, shared::name }
        pub async fn names(id: Id) -> (std::string::String, model::Person);
    }
}

#[tokio::test]
async fn runs() {
    let graph = UserGraph::builder().build();
    let (name, person) = graph.names(Execution::unique(), Id(7)).await.unwrap();
    assert_eq!((name.as_str(), person), ("user 7", model::Profile(7)));
}
