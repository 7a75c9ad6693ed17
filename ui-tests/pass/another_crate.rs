//! Steps, types and bundles of another crate, which may name what this one can't.

use docket::{StepOptions, graph, step};
use elsewhere::shipping::Parcel;
use elsewhere::{Buyer, Order, Price};

pub struct Bill(pub u64);

#[step]
fn bill(price: &Price, parcel: Option<&Parcel>) -> Bill {
    Bill(price.0 + parcel.map_or(0, |parcel| parcel.0))
}

graph! {
    pub struct Shop {
        inputs { Buyer }
        steps { elsewhere::price_order, bill, ..elsewhere::shipping::all }
        pub async fn bill_of(buyer: Buyer) -> Bill;
        pub async fn rebill(order: Order) -> (Bill, Parcel);
    }
}

graph! {
    pub struct Orders {
        inputs { Buyer }
        steps { ..elsewhere::ordering without { price_order } }
        pub async fn order(buyer: Buyer) -> Order;
    }
}

#[tokio::test]
async fn runs() {
    let shop = Shop::builder()
        .configure::<elsewhere::find_order>(
            StepOptions::new().timeout(std::time::Duration::from_secs(1)),
        )
        .build();
    assert_eq!(shop.bill_of("1", Buyer(1)).await.unwrap().0, 202);
    assert_eq!(shop.rebill("1", Order(1)).await.unwrap().0.0, 101);
    assert_eq!(
        Orders::builder()
            .build()
            .order("1", Buyer(1))
            .await
            .unwrap(),
        Order(2)
    );
}
