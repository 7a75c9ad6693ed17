//! What the programs beside this file share: how they print, and what they make of arguments. What they are about is in
//! `src/bin`, one folder each.

mod arguments;
mod printing;
mod store_url;

pub use arguments::{beside_program, parse_lease, parse_time, sqlite_url};
pub use printing::{Style, is_closed_pipe};
pub use store_url::StoreUrl;
