//! Bundles of this crate, seen from everywhere they may be.

use docket::{graph, step};

pub struct Id(pub u64);

pub mod users {
    pub struct Profile(pub u64);
    pub struct Score(pub u64);

    #[docket::step]
    pub(super) async fn fetch(id: &super::Id) -> Result<Profile, std::io::Error> {
        Ok(Profile(id.0))
    }

    #[docket::step]
    pub(super) fn score(profile: &Profile) -> Score {
        Score(profile.0 * 2)
    }

    docket::steps! {
        /// All about users.
        pub(super) everything {
            fetch,
            self::score,
            #[cfg(false)]
            nowhere::step,
        }
    }

    pub mod deep {
        docket::steps! { pub(super) only_fetch { super::fetch } }
    }

    docket::graph! {
        pub struct Inner {
            inputs { super::Id }
            steps { ..deep::only_fetch }
            pub async fn profile(id: super::Id) -> Profile;
        }
    }
}

pub struct Page(pub u64);

#[step]
fn build(profile: &users::Profile, score: &users::Score) -> Page {
    Page(profile.0 + score.0)
}

docket::steps! { pages { build } }
docket::steps! { nothing { } }

graph! {
    pub struct Pages {
        inputs { Id }
        steps { ..self::users::everything, ..pages, ..nothing }
        pub async fn page(id: Id) -> Page;
    }
}

graph! {
    pub struct Profiles {
        inputs { Id }
        steps { ..users::everything without { score, } }
        pub async fn profile(id: Id) -> users::Profile;
    }
}

graph! {
    pub struct ProfilesToo {
        inputs { Id }
        steps {
            #[allow(unused)]
            ..users::everything,
            #[cfg(false)]
            ..pages,
        }
        pub async fn profile(id: Id) -> users::Profile;
    }
}

#[tokio::test]
async fn runs() {
    assert_eq!(
        Pages::builder().build().page("1", Id(5)).await.unwrap().0,
        15
    );
    assert_eq!(
        Profiles::builder()
            .build()
            .profile("1", Id(5))
            .await
            .unwrap()
            .0,
        5
    );
    assert_eq!(
        ProfilesToo::builder()
            .build()
            .profile("1", Id(5))
            .await
            .unwrap()
            .0,
        5
    );
    assert_eq!(
        users::Inner::builder()
            .build()
            .profile("1", Id(5))
            .await
            .unwrap()
            .0,
        5
    );
}
