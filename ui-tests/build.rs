//! Makes one module of each program in `pass`, so that all are compiled at once; each alone would be linked alone, which
//! takes minutes and gigabytes.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=pass");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("pass");
    let mut modules = String::new();
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
    {
        let name = path
            .file_stem()
            .and_then(|it| it.to_str())
            .expect("a module has a name");
        writeln!(modules, "#[path = {path:?}]\nmod {name};").expect("a string takes everything");
    }
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("pass.rs");
    fs::write(out, modules).expect("the output folder is ours");
}
