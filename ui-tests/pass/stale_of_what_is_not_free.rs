use docket::step;

#[step(persist = "global", repeat = "free", ttl = "10m", stale = "1h")]
pub async fn fetch_rate(day: &u64) -> Result<u32, std::io::Error> {
    Ok(*day as u32)
}

fn main() {}
