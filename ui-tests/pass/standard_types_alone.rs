//! Nothing here is of this crate but the steps.

use docket::{graph, step};

#[step]
fn length(text: &String) -> Result<usize, std::num::ParseIntError> {
    Ok(text.len())
}

#[step]
fn half(length: &usize) -> Option<u64> {
    Some(*length as u64 / 2)
}

#[step]
fn shout(
    text: &String,
    length: Option<&usize>,
    half: Result<&Option<u64>, &docket::Error>,
) -> Vec<String> {
    vec![text.to_uppercase(), format!("{length:?} {}", half.is_ok())]
}

graph! {
    pub struct Texts {
        inputs { String }
        steps { length, half, shout }
        pub async fn shouted(text: String) -> Vec<String>;
    }
}

#[tokio::test]
async fn runs() {
    let shouted = Texts::builder()
        .build()
        .shouted("1", "abcd".to_owned())
        .await
        .unwrap();
    assert_eq!(shouted, ["ABCD", "Some(4) true"]);
}
