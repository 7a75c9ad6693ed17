//! [`InputsHasher`]: the inputs of a step, in order, into one hash.

use std::fmt;

use sha2::{Digest, Sha256};

use super::InputHash;
use super::frame::{self, Sink};

/// Takes the inputs of a step one by one, in the order of its parameters, and gives their [`InputHash`].
///
/// ```
/// # use docket_runtime::key::InputsHasher;
/// let mut inputs = InputsHasher::new();
/// inputs.add(b"canonical bytes of the order", 1);
/// inputs.add_missing(); // a soft need whose producer failed
/// let hash = inputs.finish();
/// ```
#[derive(Clone)]
pub struct InputsHasher(Sha256);

impl InputsHasher {
    /// Of no input yet.
    pub fn new() -> Self {
        let mut hash = Sha256::new();
        start(&mut hash);
        Self(hash)
    }

    /// The next input: its [`canonical`](crate::value::Value::canonical) bytes, and the
    /// [`CODEC`](crate::value::Value::CODEC) that says how they are to be read.
    pub fn add(&mut self, canonical: &[u8], codec: i16) {
        add(&mut self.0, canonical, codec);
    }

    /// The next input is absent, as a soft need whose producer failed. It differs from any value.
    pub fn add_missing(&mut self) {
        frame::put(&mut self.0, frame::ABSENT, &[]);
    }

    /// The next input is a list: the next `len` calls of [`add`](InputsHasher::add) are its items.
    pub fn add_list(&mut self, len: usize) {
        frame::put(&mut self.0, frame::LIST, &(len as u64).to_le_bytes());
    }

    /// The hash of all that was added.
    pub fn finish(self) -> InputHash {
        InputHash(self.0.finalize().into())
    }

    /// The bytes that are hashed for `inputs`, `None` being absent; public for the test that reads them back.
    #[doc(hidden)]
    pub fn preimage(inputs: &[Option<(&[u8], i16)>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        start(&mut bytes);
        for input in inputs {
            match input {
                Some((canonical, codec)) => add(&mut bytes, canonical, *codec),
                None => frame::put(&mut bytes, frame::ABSENT, &[]),
            }
        }
        bytes
    }
}

fn start(sink: &mut impl Sink) {
    frame::put(sink, frame::DOMAIN, b"docket.input.v1");
}

fn add(sink: &mut impl Sink, canonical: &[u8], codec: i16) {
    frame::put(sink, frame::CODEC, &codec.to_le_bytes());
    frame::put(sink, frame::INPUT, canonical);
}

impl Default for InputsHasher {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for InputsHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InputsHasher(…)")
    }
}
