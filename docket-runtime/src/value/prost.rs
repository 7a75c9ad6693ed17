//! Protobuf messages as values.
//!
//! A message is stored as its bytes, and its key is made of the same bytes. That is sound only where equal messages
//! give equal bytes, which protobuf does not promise: prost writes a `HashMap` field in an order that differs from one
//! map to the next. Such a message is refused, in every build, since its second key would be a second run.
//!
//! A map of two entries or more shows in the bytes as a length-delimited field that occurs twice in one message, each
//! time with a payload of at most one field 1 and one field 2. Bytes without such a place are stable, and one pass over
//! them is all it costs. Where there is one, the message is decoded and encoded [`ROUNDS`] times; each decoding fills
//! new maps with new random seeds, so a `HashMap` betrays itself: two entries keep their order with probability 1/2 or
//! a little more, all rounds long with less than 10⁻¹⁴. Whether the field at a path of field numbers is a `HashMap` is
//! a property of the type, so a path that held is remembered for the life of the process.
//!
//! Not seen here, as the bytes don't tell a float from another fixed-size field: `-0.0` and `NaN`s of several bit
//! patterns give the keys of their bits.

mod scan;

use std::any::{TypeId, type_name};

use ::prost::Message;

use super::proven::Proven;
use super::{Value, ValueError};

/// How often a message with a suspicious place is decoded and encoded before it is believed.
const ROUNDS: usize = 64;

static PROVEN: Proven<Box<[u32]>> = Proven::new();

#[diagnostic::do_not_recommend]
impl<T: Message + Default + 'static> Value for T {
    const CODEC: i16 = 1;

    fn encode(&self) -> Result<Vec<u8>, ValueError> {
        Ok(self.encode_to_vec())
    }

    fn decode(bytes: &[u8]) -> Result<Self, ValueError> {
        <T as Message>::decode(bytes).map_err(|error| {
            ValueError::new(format!(
                "these bytes are not a message of type `{}`",
                type_name::<T>()
            ))
            .with_source(error)
        })
    }

    /// The encoded message.
    ///
    /// # Errors
    ///
    /// If the message has a `HashMap` field of two entries or more, at any depth: its bytes have no fixed order.
    fn canonical(&self) -> Result<Vec<u8>, ValueError> {
        let bytes = self.encode_to_vec();
        let suspects = scan::suspects(&bytes);
        if suspects.is_none() {
            return Ok(bytes);
        }
        let paths = suspects.paths();
        let id = TypeId::of::<T>();
        if paths.iter().all(|path| PROVEN.contains(id, path)) && !suspects.too_deep() {
            return Ok(bytes);
        }
        for _ in 0..ROUNDS {
            if <T as Value>::decode(&bytes)?.encode_to_vec() != bytes {
                return Err(unstable::<T>(paths));
            }
        }
        for path in suspects.into_paths() {
            PROVEN.insert(id, path);
        }
        Ok(bytes)
    }
}

fn unstable<T>(paths: &[Box<[u32]>]) -> ValueError {
    let fields: Vec<String> = paths.iter().map(|path| spell(path)).collect();
    ValueError::new(format!(
        "equal messages of type `{}` have different bytes, so they can't be keys: a `map` field in it is a `HashMap` \
         (look at field number {}); generate it as a `BTreeMap` by `prost_build::Config::btree_map([\".\"])`",
        type_name::<T>(),
        fields.join(" or "),
    ))
}

/// Field 3 within field 1: `1.3`.
fn spell(path: &[u32]) -> String {
    let numbers: Vec<String> = path.iter().map(u32::to_string).collect();
    numbers.join(".")
}
