use docket::graph;

mod page {
    use docket::step;

    pub struct Profile;
    pub struct Page;

    #[step]
    pub async fn build_page(_id: &super::UserId, _profile: &Profile) -> Page {
        Page
    }
}

pub struct UserId;

graph! {
    pub struct UserGraph {
        inputs { UserId }
        steps { page::build_page }
        pub async fn page(id: UserId) -> page::Page;
    }
}

fn main() {}
