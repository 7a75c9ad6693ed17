//! What is switched off may name what is not there.

use docket::{graph, step};

pub struct Id(pub u64);
pub struct Region(pub u64);
pub struct Client(pub u64);
pub struct Spare(pub u64);
pub struct Sum(pub u64);

#[step]
#[cfg(not(false))]
fn sum(id: &Id, region: &Region, #[resource] client: &Client, #[resource] spare: &Spare) -> Sum {
    Sum(id.0 + region.0 + client.0 + spare.0)
}

graph! {
    pub struct Sums {
        inputs {
            Id,
            #[cfg(true)]
            Region,
            #[cfg(false)]
            Planet,
        }
        resources {
            #[cfg(false)]
            nowhere::Client,
            /// Where it is now.
            #[cfg(true)]
            Client,
            #[cfg(true)]
            #[cfg(not(false))]
            Spare,
            #[cfg(false)]
            off: Spare,
        }
        steps {
            #[cfg(true)]
            sum,
            #[cfg(false)]
            nowhere::sum,
            #[cfg(false)]
            ..users,
        }

        #[cfg(true)]
        pub async fn sum_of(id: Id, region: Region) -> Sum;

        #[cfg(false)]
        pub async fn sum_of(planet: Planet) -> Galaxy;
    }
}

docket::steps! { users { #[cfg(false)] nowhere::fetch } }

#[tokio::test]
async fn runs() {
    let graph = Sums::builder().client(Client(3)).spare(Spare(4)).build();
    assert_eq!(graph.sum_of("1", Id(1), Region(2)).await.unwrap().0, 10);
}
