//! dagrs.
#![recursion_limit = "256"]

docket_benches_common::entrants! { dagrs, in_task, {
    pub use dagrs::{
    Action, Content, DefaultNode, EnvVar, Graph, InChannels, Node, NodeId, NodeTable, OutChannels, Output,
};
    pub use std::sync::Arc;
} }
