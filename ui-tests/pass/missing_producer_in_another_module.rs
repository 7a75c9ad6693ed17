use docket::graph;

mod page {
    use docket::step;

    pub struct Profile;
    pub struct Page;

    #[step]
    pub async fn build_page(_profile: &Profile) -> Page {
        Page
    }
}

graph! {
    pub struct UserGraph {
        inputs { page::Profile }
        steps { page::build_page }
        pub async fn page(profile: page::Profile) -> page::Page;
    }
}

fn main() {}
