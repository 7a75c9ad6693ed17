use docket::graph;
use elsewhere::{Buyer, Order};

graph! {
    pub struct Shop {
        inputs { Buyer }
        steps { ..elsewhere::ordering }
        pub async fn order(buyer: Buyer) -> Order;
    }
}

fn main() {}
