use docket::{graph, step};

#[step(persist = "global")]
async fn greet(name: &String) -> Vec<u8> {
    name.clone().into_bytes()
}

graph! {
    pub struct Greeting {
        inputs { String }
        steps { greet }
        pub async fn hello(name: String) -> Vec<u8>;
    }
}

fn main() {
    let _graph = Greeting::builder()
        .store(docket::MemoryStore::new())
        .build();
}
