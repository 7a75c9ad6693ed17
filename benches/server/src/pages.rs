//! A page that is made of one thing, five others that need it, and all of them: with backends that answer at once, and with
//! backends that take a few milliseconds.

/// What is asked for.
pub(crate) struct Id(pub(crate) u64);

macro_rules! page {
    ($backends:ident, |$millis:ident| $wait:expr) => {
        pub(crate) mod $backends {
            use docket::{graph, step};

            use super::Id;

            pub(crate) struct User(u64);
            pub(crate) struct Orders(u64);
            pub(crate) struct Friends(u64);
            pub(crate) struct Prices(u64);
            pub(crate) struct Offers(u64);
            pub(crate) struct News(u64);
            pub(crate) struct Shown(u64);

            impl Shown {
                /// The body of the answer.
                pub(crate) fn text(&self) -> String {
                    format!("{}\n", self.0)
                }
            }

            async fn backend($millis: u64, value: u64) -> u64 {
                let () = $wait;
                value
            }

            #[step]
            async fn user(id: &Id) -> User {
                User(backend(1, id.0).await)
            }
            #[step]
            async fn orders(user: &User) -> Orders {
                Orders(backend(1, user.0 + 1).await)
            }
            #[step]
            async fn friends(user: &User) -> Friends {
                Friends(backend(2, user.0 + 2).await)
            }
            #[step]
            async fn prices(user: &User) -> Prices {
                Prices(backend(3, user.0 + 3).await)
            }
            #[step]
            async fn offers(user: &User) -> Offers {
                Offers(backend(4, user.0 + 4).await)
            }
            #[step]
            async fn news(user: &User) -> News {
                News(backend(5, user.0 + 5).await)
            }
            #[step]
            async fn shown(
                orders: &Orders,
                friends: &Friends,
                prices: &Prices,
                offers: &Offers,
                news: &News,
            ) -> Shown {
                Shown(orders.0 + friends.0 + prices.0 + offers.0 + news.0)
            }

            graph! {
                pub(crate) struct Page {
                    inputs { Id }
                    steps { user, orders, friends, prices, offers, news, shown }

                    pub(crate) async fn show(id: Id) -> Shown;
                }
            }

            pub(crate) async fn by_hand(id: Id) -> Shown {
                let user = user(&id).await;
                let (orders, friends, prices, offers, news) = tokio::join!(
                    orders(&user),
                    friends(&user),
                    prices(&user),
                    offers(&user),
                    news(&user)
                );
                shown(&orders, &friends, &prices, &offers, &news).await
            }
        }
    };
}

page!(ready, |_millis| ());
page!(timers, |millis| tokio::time::sleep(
    std::time::Duration::from_millis(millis)
)
.await);
