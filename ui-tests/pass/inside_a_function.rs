//! Steps and graphs may stand where a test needs them.

#[tokio::test]
async fn runs() {
    use docket::{graph, step};

    struct Id(u64);
    #[derive(Debug, PartialEq)]
    struct Name(String);
    struct Greeting(&'static str);

    #[step]
    async fn name(id: &Id, #[resource] greeting: &Greeting) -> Result<Name, std::io::Error> {
        Ok(Name(format!("{} {}", greeting.0, id.0)))
    }

    graph! {
        struct Names {
            inputs { Id }
            resources { Greeting }
            steps { name }
            async fn name_of(id: Id) -> Name;
        }
    }

    let graph = Names::builder().greeting(Greeting("hello")).build();
    assert_eq!(
        graph.name_of("1", Id(1)).await.unwrap(),
        Name("hello 1".to_owned())
    );
}
