//! They have one name in a store as well, unless it is said otherwise.

use docket::graph;

pub mod users {
    pub struct Profile;

    #[docket::step]
    pub fn fetch(_id: &u64) -> Profile {
        Profile
    }
}

pub mod orders {
    pub struct Orders;

    #[docket::step(name = "fetch_orders")]
    pub fn fetch(_profile: &super::users::Profile) -> Orders {
        Orders
    }
}

graph! {
    pub struct UserGraph {
        inputs { u64 }
        steps { users::fetch, orders::fetch }
        pub async fn orders_of(id: u64) -> orders::Orders;
    }
}
