//! Texts put together in constants, for panics that `cargo check` shows.

/// Longer texts end in `…`: a constant has to say beforehand how long it is.
const CAPACITY: usize = 1024;

pub(super) struct Text {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            len: 0,
        }
    }

    pub(super) const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        if self.len + text.len() > CAPACITY - ELLIPSIS.len() {
            return self.cut();
        }
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    pub(super) const fn code(self, text: &str) -> Self {
        self.push("`").push(text).push("`")
    }

    const fn cut(mut self) -> Self {
        let already = self.len >= ELLIPSIS.len()
            && self.bytes[self.len - 1] == ELLIPSIS[2]
            && self.bytes[self.len - 2] == ELLIPSIS[1];
        let mut i = 0;
        while i < ELLIPSIS.len() && !already {
            self.bytes[self.len] = ELLIPSIS[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    pub(super) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => panic!("texts are made of whole strings"),
        }
    }
}

const ELLIPSIS: &[u8] = "…".as_bytes();

/// `==` for strings, in constants.
pub(super) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
