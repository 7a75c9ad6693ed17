//! `Page<User>` and `Page<Order>` are two types.

use docket::{graph, step};

pub struct Page<T>(pub Vec<T>);
#[derive(Clone)]
pub struct User(pub u64);
#[derive(Clone)]
pub struct Order(pub u64);

#[step]
fn orders(users: &Page<User>) -> Page<Order> {
    Page(users.0.iter().map(|user| Order(user.0 * 10)).collect())
}

#[step]
fn total(users: &Page<User>, orders: Option<&Page<Order>>, limits: &[u64; 2]) -> Option<u64> {
    let sum: u64 = orders?.0.iter().map(|order| order.0).sum();
    Some(users.0.len() as u64 + limits[0] + sum)
}

graph! {
    pub struct Pages {
        inputs { Page<User>, [u64; 2] }
        steps { orders, total }
        pub async fn total_of(users: Page<User>, limits: [u64; 2]) -> Option<u64>;
        pub async fn both(users: Page<User>, limits: [u64; 2]) -> (Page<Order>, Option<u64>);
    }
}

#[tokio::test]
async fn runs() {
    let graph = Pages::builder().build();
    let (_, total) = graph
        .both("1", Page(vec![User(1), User(2)]), [100, 0])
        .await
        .unwrap();
    assert_eq!(total, Some(132));
}
