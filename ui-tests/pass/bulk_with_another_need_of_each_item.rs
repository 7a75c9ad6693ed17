use docket::{graph, step};

#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserId(pub u64);

#[derive(Clone)]
pub struct Profile(pub u64);

pub struct Viewer(pub u64);
pub struct Taste(pub u64);

#[step]
pub fn taste(viewer: &Viewer) -> Taste {
    Taste(viewer.0)
}

#[step(bulk)]
pub async fn fetch(ids: &[UserId], taste: &Taste) -> Vec<Profile> {
    ids.iter().map(|id| Profile(id.0 + taste.0)).collect()
}

graph! {
    pub struct Users {
        inputs { UserId, Viewer }
        steps { taste, fetch }
        pub async fn profiles(viewer: Viewer, ids: [UserId]) -> [Profile];
    }
}

fn main() {}
