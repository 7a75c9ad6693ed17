use docket::step;

#[derive(docket::Value)]
pub struct Receipt {
    pub id: String,
}

#[step(persist = "global")]
pub fn charge(cents: &u64) -> Receipt {
    Receipt {
        id: cents.to_string(),
    }
}

fn main() {}
