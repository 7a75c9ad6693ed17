//! operese-dagx, a fork of dagx. Its tasks run in the future of the caller here, the faster of the two ways it offers.

use docket_benches_shapes::Shape;
use docket_benches_shapes::dagx::{Dialect, module as write};

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    let dialect = Dialect {
        macro_path: "operese_dagx::task",
        runner: "let mut dag = operese_dagx::DagRunner::new();",
        first: "let s0 = dag.add_task(First { seed });",
        run: "let mut output = dag.run(|task| task).await.expect(\"it runs\");",
        get: "output.get(LAST)",
    };
    write(shape, &dialect)
}
