//! What borrows for ever is a value as any other.

use docket::{graph, step};

pub struct UserId(pub u64);
pub struct Greeting(pub String);
pub struct Tag(pub &'static str);

#[step]
fn language(id: &UserId) -> &'static str {
    if id.0 == 1 { "en" } else { "de" }
}

#[step]
async fn greet(language: &&'static str) -> Result<Greeting, std::io::Error> {
    Ok(Greeting(format!("hello in {language}")))
}

#[step]
fn tag(language: Option<&&'static str>) -> Tag {
    Tag(language.copied().unwrap_or_default())
}

graph! {
    pub struct Greetings {
        inputs { UserId }
        steps { language, greet, tag }
        pub async fn greeting(id: UserId) -> (Greeting, Tag, &'static str);
    }
}

graph! {
    pub struct Given {
        inputs { &'static str }
        steps { greet }
        pub async fn greeting(language: &'static str) -> Greeting;
        pub async fn greetings(languages: [&'static str]) -> [Greeting];
    }
}

#[tokio::test]
async fn runs() {
    let graph = Greetings::builder().build();
    let (greeting, tag, language) = graph.greeting("1", UserId(1)).await.unwrap();
    assert_eq!((&*greeting.0, tag.0, language), ("hello in en", "en", "en"));
    let graph = Given::builder().build();
    assert_eq!(graph.greeting("2", "fr").await.unwrap().0, "hello in fr");
    let greetings = graph.greetings("3", vec!["fr", "nl"]).await.unwrap();
    assert_eq!(greetings[1].0, "hello in nl");
}
