//! By hand: the steps of one layer by `tokio::join!`.

use docket_benches_shapes::{Shape, by_layers};

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    by_layers(shape, |layer, calls| {
        let values = docket_benches_shapes::text::list(layer, |i| format!("v{i}"));
        format!("let ({values}) = tokio::join!({});", calls.join(", "))
    })
}
