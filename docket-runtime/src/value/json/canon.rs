//! The canonical form: a serde serializer that writes tagged, length-framed bytes.
//!
//! | tag | content |
//! | --- | --- |
//! | `n` `u` `t` `f` | none, unit, true, false |
//! | `s` | some; the value follows |
//! | `+` `-` | an integer: one byte of length, then its magnitude (of `-1 - x` for a negative one), little endian |
//! | `d` | a finite float: 8 bytes, little endian |
//! | `#` | a decimal that no `f64` holds: length, text |
//! | `c` `"` `b` | a char, a string, bytes: length, content |
//! | `[` | a sequence or a tuple: count, items |
//! | `{` | a map or a struct: count, keys and values sorted by the bytes of the keys |
//! | `v` | a variant: its name as a string, then its content |
//!
//! Lengths and counts are `u64`, little endian.

mod compound;
mod order;

use std::any::type_name;
use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::ValueError;
use compound::{MapWriter, SeqWriter, StructWriter};
use order::Order;

/// A stack overflow kills the process, so it is refused first; JSON itself is not read back beyond 128 levels.
const MAX_DEPTH: u16 = 512;

/// A value in its canonical form.
#[derive(Debug)]
pub struct Written {
    pub(super) bytes: Vec<u8>,
    /// The places of sequences of two items or more that may or may not have an order.
    pub(super) unordered: Vec<u64>,
}

pub(super) fn write<T: Serialize>(value: &T) -> Result<Written, ValueError> {
    let mut out = Written {
        bytes: Vec::new(),
        unordered: Vec::new(),
    };
    let root = Canon {
        out: &mut out,
        place: Place { hash: 0, depth: 0 },
        type_name: type_name::<T>(),
    };
    match value.serialize(root) {
        Ok(()) => Ok(out),
        Err(Refusal(why)) => Err(ValueError::new(format!(
            "a value of type `{}` can't be stored or be part of a key: {why}",
            type_name::<T>()
        ))),
    }
}

/// Where in a type we are.
///
/// Names are told apart by address: equal addresses hold equal text, and where equal text has two addresses, a place
/// merely has two hashes.
#[derive(Clone, Copy)]
struct Place {
    hash: u64,
    depth: u16,
}

impl Place {
    fn step(self, name: &'static str) -> Self {
        let Self { hash, depth } = self;
        let hash = mix(hash ^ name.as_ptr() as u64);
        Self {
            hash: mix(hash ^ name.len() as u64),
            depth: depth + 1,
        }
    }
}

/// The finalizer of splitmix64.
fn mix(hash: u64) -> u64 {
    let hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

/// Writes one value.
struct Canon<'a> {
    out: &'a mut Written,
    place: Place,
    /// Of the value, as far as it is known: a wrapper that serializes as its content hides the content's.
    type_name: &'static str,
}

/// Writes `value`, which stands at `name` of the value at `place`.
fn write_child<T: Serialize + ?Sized>(
    out: &mut Written,
    place: Place,
    name: &'static str,
    value: &T,
) -> Result<(), Refusal> {
    if place.depth >= MAX_DEPTH {
        return Err(ser::Error::custom(format_args!(
            "it is nested deeper than {MAX_DEPTH} levels"
        )));
    }
    let type_name = type_name::<T>();
    value.serialize(Canon {
        out,
        place: place.step(name).step(type_name),
        type_name,
    })
}

impl Written {
    fn put_len(&mut self, tag: u8, len: usize) {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&(len as u64).to_le_bytes());
    }

    fn put_framed(&mut self, tag: u8, bytes: &[u8]) {
        self.put_len(tag, bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn put_str(&mut self, text: &str) {
        self.put_framed(b'"', text.as_bytes());
    }

    fn put_variant(&mut self, name: &str) {
        self.bytes.push(b'v');
        self.put_str(name);
    }

    fn put_unsigned(&mut self, tag: u8, magnitude: u128) {
        let n_bytes = 16 - magnitude.leading_zeros() as usize / 8;
        self.bytes.extend_from_slice(&[tag, n_bytes as u8]);
        self.bytes
            .extend_from_slice(&magnitude.to_le_bytes()[..n_bytes]);
    }

    fn put_signed(&mut self, value: i128) {
        match u128::try_from(value) {
            Ok(magnitude) => self.put_unsigned(b'+', magnitude),
            Err(_) => self.put_unsigned(b'-', !value as u128),
        }
    }

    fn put_float(&mut self, value: f64) -> Result<(), Refusal> {
        if !value.is_finite() {
            return Err(ser::Error::custom(format_args!(
                "it holds {value}, for which JSON has no form; make the number an `Option`, or an enum"
            )));
        }
        // The sum turns -0.0 into 0.0 and nothing else.
        self.bytes.push(b'd');
        self.bytes.extend_from_slice(&(value + 0.0).to_le_bytes());
        Ok(())
    }
}

impl<'a> Serializer for Canon<'a> {
    type Ok = ();
    type Error = Refusal;
    type SerializeSeq = SeqWriter<'a>;
    type SerializeTuple = SeqWriter<'a>;
    type SerializeTupleStruct = SeqWriter<'a>;
    type SerializeTupleVariant = SeqWriter<'a>;
    type SerializeMap = MapWriter<'a>;
    type SerializeStruct = StructWriter<'a>;
    type SerializeStructVariant = StructWriter<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Refusal> {
        self.out.bytes.push(if value { b't' } else { b'f' });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Refusal> {
        self.serialize_i128(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Refusal> {
        self.serialize_i128(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Refusal> {
        self.serialize_i128(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Refusal> {
        self.serialize_i128(value.into())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Refusal> {
        self.out.put_signed(value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Refusal> {
        self.serialize_u128(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Refusal> {
        self.serialize_u128(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Refusal> {
        self.serialize_u128(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Refusal> {
        self.serialize_u128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Refusal> {
        self.out.put_unsigned(b'+', value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Refusal> {
        self.out.put_float(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Refusal> {
        self.out.put_float(value)
    }

    fn serialize_char(self, value: char) -> Result<(), Refusal> {
        let mut buffer = [0; 4];
        let text = value.encode_utf8(&mut buffer);
        self.out.put_framed(b'c', text.as_bytes());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Refusal> {
        self.out.put_str(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Refusal> {
        self.out.put_framed(b'b', value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Refusal> {
        self.out.bytes.push(b'n');
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Refusal> {
        self.out.bytes.push(b's');
        write_child(self.out, self.place, "?", value)
    }

    fn serialize_unit(self) -> Result<(), Refusal> {
        self.out.bytes.push(b'u');
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Refusal> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Refusal> {
        self.out.put_variant(variant);
        self.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        write_child(self.out, self.place, "0", value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        self.out.put_variant(variant);
        write_child(self.out, self.place, variant, value)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<SeqWriter<'a>, Refusal> {
        let order = Order::of(self.type_name);
        Ok(SeqWriter::new(self.out, self.place, order))
    }

    fn serialize_tuple(self, _len: usize) -> Result<SeqWriter<'a>, Refusal> {
        Ok(SeqWriter::new(self.out, self.place, Order::Given))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<SeqWriter<'a>, Refusal> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<SeqWriter<'a>, Refusal> {
        self.out.put_variant(variant);
        let place = self.place.step(variant);
        Ok(SeqWriter::new(self.out, place, Order::Given))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<MapWriter<'a>, Refusal> {
        Ok(MapWriter::new(self.out, self.place))
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _len: usize,
    ) -> Result<StructWriter<'a>, Refusal> {
        Ok(StructWriter::new(self.out, self.place, name))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<StructWriter<'a>, Refusal> {
        self.out.put_variant(variant);
        let place = self.place.step(variant);
        Ok(StructWriter::new(self.out, place, name))
    }
}

/// Why a value has no canonical form.
#[derive(Debug)]
pub(super) struct Refusal(String);

impl ser::Error for Refusal {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self(why.to_string())
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
