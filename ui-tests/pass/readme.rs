use docket::{graph, step};
struct Profile(&'static str);
struct Language(&'static str);

#[step]
async fn fetch_profile(user: &u32) -> Result<Profile, std::io::Error> {
    Ok(Profile(if *user == 7 { "Ada" } else { "stranger" })) // in real life, a request
}
#[step]
async fn fetch_language(_user: &u32) -> Result<Language, std::io::Error> {
    Ok(Language("Bonjour")) // another, at the same time
}
#[step]
fn greet(profile: &Profile, language: &Language) -> String {
    format!("{}, {}!", language.0, profile.0)
}

graph! {
    struct Page {
        inputs { u32 }
        steps { fetch_profile, fetch_language, greet }
        async fn greeting(user: u32) -> String;
    }
}

fn main() {}
