use docket::graph;

pub mod users {
    pub struct Id(pub u64);
    pub struct Profile(pub u64);

    #[docket::step]
    pub async fn fetch(id: &Id) -> Result<Profile, std::io::Error> {
        Ok(Profile(id.0))
    }

    pub mod scores {
        use super::super::Tool;

        pub struct Score(pub u64);

        #[docket::step(name = "fetch_score")]
        pub(crate) fn fetch(profile: &super::Profile, #[resource] tool: &Tool) -> Score {
            Score(profile.0 + tool.0)
        }
    }
}

pub struct Tool(pub u64);

graph! {
    pub struct UserGraph {
        inputs { users::Id }
        resources { self::Tool }
        steps {
            users::fetch,
            #[allow(unused)]
            users::scores::fetch,
        }
        pub async fn profile(id: users::Id) -> users::Profile;
    }
}
