//! Keys: what tells one call of a persisted step from another.
//!
//! A key is SHA-256 over a framing from which every part can be read back, so two different calls never hash the same
//! bytes: `"a:b"` + `"c"` is not `"a"` + `"b:c"`. One part is written as `tag: u8 ‖ len: u64 little endian ‖ bytes`.
//!
//! ```text
//! input hash = SHA-256( 01 "docket.input.v1"  then for each input in order:
//!                       10 codec (i16 le)  11 canonical bytes      an input
//!                       12 ""                                      an input that is missing (a soft need)
//!                       13 len (u64 le)                            a list; its items follow, each as an input
//!                     )
//! cache key  = SHA-256( 01 "docket.key.v1"  02 namespace  03 "global" | "workflow"
//!                       04 execution id (only where the scope is workflow)
//!                       05 step name  06 version (u32 le)  07 the hash of what identifies the call
//!                     )
//! ```
//!
//! What may change in a deploy without a change of meaning is in neither: names of types, versions of crates, the order
//! of a struct's fields. `tests/vectors/keys.json` holds published examples; they never change.

mod frame;
mod idempotency;
mod inputs;

use std::fmt;

use sha2::{Digest, Sha256};

use frame::Sink;

pub use idempotency::{idempotency_key, unrecorded_idempotency_key};
pub use inputs::InputsHasher;

/// The primary key of a row: SHA-256 over an injective framing of all that makes the identity of a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CacheKey(pub [u8; 32]);

/// SHA-256 over the canonical bytes of the inputs of a step; [`InputsHasher`] makes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InputHash(pub [u8; 32]);

/// Which results a row may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All executions.
    Global,
    /// Executions of one id.
    Workflow,
}

/// All that a [`CacheKey`] is made of.
#[derive(Clone, Copy, Debug)]
pub struct KeyParts<'a> {
    /// The namespace of the graph, `""` by default.
    pub namespace: &'a str,
    /// For whom the result counts.
    pub scope: Scope,
    /// The execution that asks; of no effect in [`Scope::Global`].
    pub execution_id: &'a str,
    /// The step's name.
    pub step_name: &'a str,
    /// The step's version.
    pub step_version: u32,
    /// The hash of the `#[key]` parameters where the step has any, else of all its inputs.
    pub identity: &'a InputHash,
}

impl CacheKey {
    /// The key of a call.
    pub fn new(parts: &KeyParts<'_>) -> Self {
        let mut hash = Sha256::new();
        write_parts(&mut hash, parts);
        Self(hash.finalize().into())
    }

    /// The bytes that [`new`](CacheKey::new) hashes; public for the test that reads them back.
    #[doc(hidden)]
    pub fn preimage(parts: &KeyParts<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_parts(&mut bytes, parts);
        bytes
    }
}

fn write_parts(sink: &mut impl Sink, parts: &KeyParts<'_>) {
    let KeyParts {
        namespace,
        scope,
        execution_id,
        step_name,
        step_version,
        identity,
    } = parts;
    frame::put(sink, frame::DOMAIN, b"docket.key.v1");
    frame::put(sink, frame::NAMESPACE, namespace.as_bytes());
    frame::put(sink, frame::SCOPE, scope.as_str().as_bytes());
    if *scope == Scope::Workflow {
        frame::put(sink, frame::EXECUTION_ID, execution_id.as_bytes());
    }
    frame::put(sink, frame::STEP_NAME, step_name.as_bytes());
    frame::put(sink, frame::STEP_VERSION, &step_version.to_le_bytes());
    frame::put(sink, frame::IDENTITY, &identity.0);
}

impl Scope {
    /// As keys and rows spell it: `global` or `workflow`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::Workflow => "workflow",
        }
    }
}

/// Eight digits are enough to tell rows apart in a log, and too few to be of use to others.
impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}…")
    }
}

impl fmt::Debug for InputHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CacheKey(self.0).fmt(f)
    }
}
