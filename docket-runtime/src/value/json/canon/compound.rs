//! Sequences, maps and structs.

use std::ops::Range;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use super::order::Order;
use super::{Place, Refusal, Written, write_child};

/// Writes the items of a sequence.
pub(in super::super) struct SeqWriter<'a> {
    out: &'a mut Written,
    place: Place,
    order: Order,
    /// Where the tag stands.
    start: usize,
    count: u64,
    /// Of the items, where they are to be sorted.
    ends: Vec<usize>,
}

const HEAD: usize = 9;

impl<'a> SeqWriter<'a> {
    pub(super) fn new(out: &'a mut Written, place: Place, order: Order) -> Self {
        let start = out.bytes.len();
        // The count is not known before the end.
        out.put_len(b'[', 0);
        let (count, ends) = (0, Vec::new());
        Self {
            out,
            place,
            order,
            start,
            count,
            ends,
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        write_child(self.out, self.place, "[]", value)?;
        self.count += 1;
        if self.order == Order::None {
            self.ends.push(self.out.bytes.len());
        }
        Ok(())
    }

    fn finish(self) {
        let Self {
            out,
            place,
            order,
            start,
            count,
            ends,
        } = self;
        out.bytes[start + 1..start + HEAD].copy_from_slice(&count.to_le_bytes());
        match order {
            Order::Given => {}
            Order::None => {
                let mut next = start + HEAD;
                let mut items: Vec<Range<usize>> = Vec::with_capacity(ends.len());
                for end in ends {
                    items.push(next..end);
                    next = end;
                }
                items.sort_by(|a, b| out.bytes[a.clone()].cmp(&out.bytes[b.clone()]));
                rearrange(&mut out.bytes, start + HEAD, &items);
            }
            Order::Unknown if count > 1 => out.unordered.push(place.hash),
            Order::Unknown => {}
        }
    }
}

/// Replaces all from `start` by the `parts` of it, in their order.
fn rearrange(bytes: &mut Vec<u8>, start: usize, parts: &[Range<usize>]) {
    let mut sorted = Vec::with_capacity(bytes.len() - start);
    for part in parts {
        sorted.extend_from_slice(&bytes[part.clone()]);
    }
    bytes.truncate(start);
    bytes.extend_from_slice(&sorted);
}

impl SerializeSeq for SeqWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.item(value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}

impl SerializeTuple for SeqWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.item(value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}

impl SerializeTupleStruct for SeqWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.item(value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}

impl SerializeTupleVariant for SeqWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        self.item(value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}

/// Writes the entries of a map, sorted by the bytes of their keys.
pub(in super::super) struct MapWriter<'a> {
    out: &'a mut Written,
    place: Place,
    start: usize,
    /// Where each entry, and where its value starts.
    entries: Vec<(usize, usize)>,
}

impl<'a> MapWriter<'a> {
    pub(super) fn new(out: &'a mut Written, place: Place) -> Self {
        let start = out.bytes.len();
        out.put_len(b'{', 0);
        let entries = Vec::new();
        Self {
            out,
            place,
            start,
            entries,
        }
    }

    fn begin_entry(&mut self) {
        let at = self.out.bytes.len();
        self.entries.push((at, at));
    }

    fn end_key(&mut self) {
        let at = self.out.bytes.len();
        if let Some(entry) = self.entries.last_mut() {
            entry.1 = at;
        }
    }

    fn finish(self) {
        let Self {
            out,
            place: _,
            start,
            entries,
        } = self;
        let count = entries.len() as u64;
        out.bytes[start + 1..start + HEAD].copy_from_slice(&count.to_le_bytes());

        let next_starts = entries.iter().skip(1).map(|entry| entry.0);
        let ends = next_starts.chain([out.bytes.len()]);
        let mut sorted: Vec<(Range<usize>, Range<usize>)> = entries
            .iter()
            .zip(ends)
            .map(|(&(start, value), end)| (start..value, start..end))
            .collect();
        let key = |it: &(Range<usize>, Range<usize>)| &out.bytes[it.0.clone()];
        if sorted.is_sorted_by(|a, b| key(a) <= key(b)) {
            return;
        }
        sorted.sort_by(|a, b| key(a).cmp(key(b)));
        let parts: Vec<_> = sorted.into_iter().map(|(_, whole)| whole).collect();
        rearrange(&mut out.bytes, start + HEAD, &parts);
    }
}

impl SerializeMap for MapWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refusal> {
        self.begin_entry();
        write_child(self.out, self.place, "{key}", key)?;
        self.end_key();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        write_child(self.out, self.place, "{}", value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}

/// Writes the fields of a struct as a map from their names.
pub(in super::super) enum StructWriter<'a> {
    Fields(MapWriter<'a>),
    /// One of the structs by which `serde_json` passes what serde has no word for.
    Json(JsonText<'a>),
}

/// With its feature `arbitrary_precision`, a number is a struct of this name and one field, its text.
const NUMBER: &str = "$serde_json::private::Number";
/// With its feature `raw_value`, so is a piece of JSON.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

pub(in super::super) struct JsonText<'a> {
    out: &'a mut Written,
    place: Place,
}

impl<'a> StructWriter<'a> {
    pub(super) fn new(out: &'a mut Written, place: Place, name: &'static str) -> Self {
        match name {
            NUMBER | RAW_VALUE => StructWriter::Json(JsonText { out, place }),
            _ => StructWriter::Fields(MapWriter::new(out, place)),
        }
    }

    fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        match self {
            StructWriter::Fields(map) => {
                map.begin_entry();
                map.out.put_str(name);
                map.end_key();
                write_child(map.out, map.place, name, value)
            }
            StructWriter::Json(json) => json.write(value),
        }
    }

    fn finish(self) {
        match self {
            StructWriter::Fields(map) => map.finish(),
            StructWriter::Json(_) => {}
        }
    }
}

impl JsonText<'_> {
    /// Writes the data that the text `value` stands for, so that keys don't change with the features of `serde_json`.
    fn write<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refusal> {
        let text = serde_json::to_value(value).map_err(ser::Error::custom)?;
        let text = text.as_str().unwrap_or_default();
        if let Ok(integer) = text.parse::<i128>() {
            self.out.put_signed(integer);
        } else if let Ok(integer) = text.parse::<u128>() {
            self.out.put_unsigned(b'+', integer);
        } else if let Ok(float) = text.parse::<f64>() {
            match serde_json::to_string(&float) {
                Ok(same) if same == text => self.out.put_float(float)?,
                _ => self.out.put_framed(b'#', text.as_bytes()),
            }
        } else {
            let data: serde_json::Value = serde_json::from_str(text).map_err(ser::Error::custom)?;
            write_child(self.out, self.place, "json", &data)?;
        }
        Ok(())
    }
}

impl SerializeStruct for StructWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}

impl SerializeStructVariant for StructWriter<'_> {
    type Ok = ();
    type Error = Refusal;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Refusal> {
        self.field(name, value)
    }

    fn end(self) -> Result<(), Refusal> {
        self.finish();
        Ok(())
    }
}
