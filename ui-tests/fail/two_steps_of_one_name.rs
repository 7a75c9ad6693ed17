use docket::{graph, step};

pub struct UserId;
pub struct Card;
pub struct Invoice;

#[step(name = "charge")]
fn charge_card(_id: &UserId) -> Card {
    Card
}

#[step(name = "charge")]
fn charge_invoice(_card: &Card) -> Invoice {
    Invoice
}

graph! {
    pub struct Billing {
        inputs { UserId }
        steps { charge_card, charge_invoice }
        pub async fn charge(id: UserId) -> Invoice;
    }
}

fn main() {}
