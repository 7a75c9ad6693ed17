//! The graphs that are measured, as data, and what there is to write them as text.
//!
//! Each library has a crate under `entrants/`, whose build script writes the graphs as the users of that library would: one
//! module for each shape, with `graph()`, which makes what can be kept between executions, `run(&mut graph, seed)`, one
//! execution, and `value(output)`, the number it came to.

pub mod dagx;
mod layers;
mod shape;
pub mod text;

pub use layers::{by_layers, resolve};
pub use shape::{Shape, Step, all};

/// For build scripts: writes `graphs.rs` with the `module` of each shape.
pub fn write(module: fn(&Shape) -> String) {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let text: Vec<String> = all().iter().map(module).collect();
    std::fs::write(format!("{folder}/graphs.rs"), text.join("\n"))
        .expect("OUT_DIR can be written to");
}
