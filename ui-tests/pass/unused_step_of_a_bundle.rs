use docket::graph;
use elsewhere::{Buyer, Order};

graph! {
    pub struct Shop {
        inputs { Buyer }
        steps { ..elsewhere::ordering without { price_order } }
        pub async fn order(buyer: Buyer) -> Order;
    }
}

fn main() {}
