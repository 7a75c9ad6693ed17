use docket::{StepContext, graph, step};

#[step(
    name = "Parse",
    version = 3,
    timeout = "1m 30s",
    retry(attempts = 4, delay = "20ms", jitter),
    max_concurrency = 2
)]
async fn parse(text: &String) -> Result<u64, std::num::ParseIntError> {
    text.parse()
}

#[step(retry(attempts = 2, initial = "1ms", factor = 1.5, max_delay = "1s", jitter), retry_if = worth_it, fallback = i64::default, spawn)]
async fn signed(number: Option<&u64>) -> Result<i64, std::io::Error> {
    number
        .map(|number| *number as i64)
        .ok_or_else(|| std::io::Error::other("none"))
}

fn worth_it(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::TimedOut
}

#[step(blocking)]
fn bytes(number: &i64) -> Vec<u8> {
    number.to_le_bytes().to_vec()
}

#[step(persist = "workflow", ttl = "7days", repeat = "keyed")]
async fn kept(
    #[key] number: &i64,
    bytes: &Vec<u8>,
    context: &StepContext,
) -> Result<u32, std::io::Error> {
    context.annotate("number", *number);
    Ok(bytes.len() as u32)
}

graph! {
    pub struct Options {
        inputs { String }
        steps { parse, signed, bytes, kept }
        pub async fn kept_of(text: String) -> u32;
    }
}

#[tokio::test]
async fn runs() {
    let graph = Options::builder().store(docket::MemoryStore::new()).build();
    assert_eq!(graph.kept_of("1", "5".to_owned()).await.unwrap(), 8);
    assert_eq!(graph.kept_of("2", "five".to_owned()).await.unwrap(), 8);
}
