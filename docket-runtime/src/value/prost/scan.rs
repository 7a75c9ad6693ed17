//! Finds the places in an encoded message that may be maps, without knowing its schema.

/// prost decodes no deeper than this.
const MAX_DEPTH: usize = 100;

/// The wire types of a tag.
const VARINT: u8 = 0;
const FIXED64: u8 = 1;
const LEN: u8 = 2;
const START_GROUP: u8 = 3;
const END_GROUP: u8 = 4;
const FIXED32: u8 = 5;

/// The places that may be maps of two entries or more.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    paths: Vec<Box<[u32]>>,
    too_deep: bool,
}

impl Suspects {
    pub(super) fn is_none(&self) -> bool {
        self.paths.is_empty() && !self.too_deep
    }

    /// Their paths of field numbers.
    pub(super) fn paths(&self) -> &[Box<[u32]>] {
        &self.paths
    }

    pub(super) fn into_paths(self) -> Vec<Box<[u32]>> {
        self.paths
    }

    /// Whether something was nested deeper than was looked.
    pub(super) fn too_deep(&self) -> bool {
        self.too_deep
    }
}

/// All suspects in `bytes`, which may hold any nonsense: what does not parse as a message has no suspects.
pub(super) fn suspects(bytes: &[u8]) -> Suspects {
    let mut cx = Scan {
        found: Suspects::default(),
        path: Vec::new(),
    };
    cx.message(bytes);
    cx.found.paths.sort_unstable();
    cx.found.paths.dedup();
    cx.found
}

struct Scan {
    found: Suspects,
    /// The field numbers from the root to the message that is looked at.
    path: Vec<u32>,
}

impl Scan {
    /// Looks into a whole payload; one that is no message is opaque, and leaves no trace.
    fn message(&mut self, bytes: &[u8]) {
        let n_before = self.found.paths.len();
        if self.fields(&mut Reader(bytes), None).is_none() {
            self.found.paths.truncate(n_before);
        }
    }

    /// Reads the fields of one message, to the end of `reader` or of the group it is.
    fn fields(&mut self, reader: &mut Reader<'_>, group: Option<u32>) -> Option<()> {
        if self.path.len() > MAX_DEPTH {
            self.found.too_deep = true;
            return None;
        }
        let mut entry_like = Vec::new();
        loop {
            if reader.is_empty() {
                match group {
                    None => break,
                    Some(_) => return None,
                }
            }
            let (number, wire) = reader.tag()?;
            match wire {
                LEN => {
                    let payload = reader.payload()?;
                    if is_entry_like(payload) {
                        entry_like.push(number);
                    }
                    self.path.push(number);
                    self.message(payload);
                    self.path.pop();
                }
                START_GROUP => {
                    self.path.push(number);
                    let inner = self.fields(reader, Some(number));
                    self.path.pop();
                    inner?;
                }
                END_GROUP if group == Some(number) => break,
                _ => reader.skip_scalar(wire)?,
            }
        }
        self.note_repeated(entry_like);
        Some(())
    }

    fn note_repeated(&mut self, mut numbers: Vec<u32>) {
        numbers.sort_unstable();
        let repeated = numbers.chunk_by(|a, b| a == b).filter(|it| it.len() > 1);
        for chunk in repeated {
            let path = self.path.iter().chain(&chunk[..1]).copied().collect();
            self.found.paths.push(path);
        }
    }
}

/// Whether `payload` can be the entry of a map: a key and a value, each at most once, as prost omits defaults.
fn is_entry_like(payload: &[u8]) -> bool {
    let mut reader = Reader(payload);
    let mut seen = [false; 2];
    while !reader.is_empty() {
        let Some((number @ 1..=2, wire)) = reader.tag() else {
            return false;
        };
        if std::mem::replace(&mut seen[number as usize - 1], true) {
            return false;
        }
        let skipped = match wire {
            LEN => reader.payload().map(drop),
            _ => reader.skip_scalar(wire),
        };
        if skipped.is_none() {
            return false;
        }
    }
    true
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A field number from 1 and a wire type.
    fn tag(&mut self) -> Option<(u32, u8)> {
        let tag = u32::try_from(self.varint()?).ok()?;
        let (number, wire) = (tag >> 3, (tag & 7) as u8);
        (number > 0).then_some((number, wire))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for (i, byte) in self.0.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte & 0x80 == 0 {
                self.0 = &self.0[i + 1..];
                return Some(value);
            }
        }
        None
    }

    fn payload(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.varint()?).ok()?;
        self.bytes(len)
    }

    fn skip_scalar(&mut self, wire: u8) -> Option<()> {
        match wire {
            VARINT => self.varint().map(drop),
            FIXED64 => self.bytes(8).map(drop),
            FIXED32 => self.bytes(4).map(drop),
            _ => None,
        }
    }

    fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }
}
