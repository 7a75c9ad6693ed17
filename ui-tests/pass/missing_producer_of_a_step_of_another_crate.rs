use docket::graph;

graph! {
    pub struct Shop {
        inputs { elsewhere::Buyer }
        steps { elsewhere::find_order, elsewhere::price_order }
        pub async fn price(buyer: elsewhere::Buyer) -> elsewhere::Price;
    }
}

fn main() {}
