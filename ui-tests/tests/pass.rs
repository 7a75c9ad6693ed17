//! The programs in `pass`: each is a module here, and compiles. Some have tests of their own.

// What nobody calls in a program of twenty lines is no mistake, and neither is its style.
#![allow(dead_code, unused_imports, missing_docs, unreachable_pub, clippy::all)]

include!(concat!(env!("OUT_DIR"), "/pass.rs"));
