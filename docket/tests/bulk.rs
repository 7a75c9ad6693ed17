use docket::{graph, step};

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Id(pub u32);
#[derive(Clone, PartialEq, Debug)]
pub struct Rating(pub u32);
#[derive(Clone, PartialEq, Debug)]
pub struct Ranked(pub u32);
pub struct Log(std::sync::Mutex<Vec<usize>>);

#[step(bulk = 4)]
async fn rate(ids: &[Id], #[resource] log: &Log) -> Result<Vec<Rating>, std::io::Error> {
    log.0.lock().unwrap().push(ids.len());
    tokio::task::yield_now().await;
    Ok(ids.iter().map(|id| Rating(id.0 * 2)).collect())
}

#[step]
fn rank(id: &Id, rating: &Rating) -> Ranked {
    Ranked(id.0 + rating.0)
}

graph! {
    pub struct Films {
        inputs { Id }
        resources { Log }
        steps { rate, rank }
        pub async fn one(id: Id) -> Ranked;
        pub async fn many(ids: [Id]) -> [Ranked];
    }
}

#[tokio::test]
async fn bulk() {
    let films = Films::builder().log(Log(Default::default())).build();
    assert_eq!(films.one("x", Id(3)).await.unwrap(), Ranked(9));
    let ranked = films.many("x", (0..10).map(Id)).await.unwrap();
    assert!(ranked.iter().map(|it| it.0).eq((0..10).map(|it| it * 3)));
    let log: &Log = docket::__private::Provides::provide(&films);
    assert_eq!(*log.0.lock().unwrap(), [1, 4, 4, 2]);
}
