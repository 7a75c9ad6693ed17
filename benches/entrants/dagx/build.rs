//! dagx: a runner is built, and run once. Its tasks run in tasks of the runtime.

use docket_benches_shapes::Shape;
use docket_benches_shapes::dagx::{Dialect, module as write};

fn main() {
    docket_benches_shapes::write(module);
}

fn module(shape: &Shape) -> String {
    let dialect = Dialect {
        macro_path: "dagx::task",
        runner: "let dag = dagx::DagRunner::new();",
        first: "let s0: dagx::TaskHandle<V> = dag.add_task(First { seed }).into();",
        run: "dag.run(|task| {
        tokio::spawn(task);
    })
    .await
    .expect(\"it runs\");",
        get: "dag.get(LAST).expect(\"it ran\")",
    };
    write(shape, &dialect)
}
