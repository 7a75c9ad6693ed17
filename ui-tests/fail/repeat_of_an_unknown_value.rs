use docket::step;

#[step(persist = "workflow", repeat = "once")]
pub fn double(number: &u64) -> u64 {
    number * 2
}

fn main() {}
