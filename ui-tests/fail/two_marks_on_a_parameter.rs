use docket::step;

#[step(persist = "global")]
pub fn double(
    #[key]
    #[resource]
    number: &u64,
) -> u64 {
    number * 2
}

fn main() {}
