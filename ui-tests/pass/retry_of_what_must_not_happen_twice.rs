use docket::step;

#[step(persist = "workflow", repeat = "keyed", retry(attempts = 3))]
pub fn double(number: &u64) -> Result<u64, std::num::ParseIntError> {
    format!("{number}{number}").parse()
}

fn main() {}
