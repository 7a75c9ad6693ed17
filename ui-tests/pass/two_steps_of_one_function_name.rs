use docket::{graph, step};

pub struct UserId;
pub struct Card;
pub struct Invoice;

mod cards {
    #[docket::step]
    pub fn charge(_id: &super::UserId) -> super::Card {
        super::Card
    }
}

#[step(name = "charge_invoice")]
fn charge(_card: &Card) -> Invoice {
    Invoice
}

graph! {
    pub struct Billing {
        inputs { UserId }
        steps { cards::charge, charge }
        pub async fn invoice(id: UserId) -> Invoice;
    }
}

fn main() {}
