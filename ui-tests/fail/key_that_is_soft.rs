use docket::step;

#[step(persist = "global")]
pub fn double(#[key] number: Option<&u64>) -> u64 {
    number.map_or(0, |number| number * 2)
}

fn main() {}
