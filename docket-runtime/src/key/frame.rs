//! The framing: `tag ‖ len ‖ bytes`, from which each part can be read back.

use sha2::{Digest, Sha256};

pub(super) const DOMAIN: u8 = 0x01;
pub(super) const NAMESPACE: u8 = 0x02;
pub(super) const SCOPE: u8 = 0x03;
pub(super) const EXECUTION_ID: u8 = 0x04;
pub(super) const STEP_NAME: u8 = 0x05;
pub(super) const STEP_VERSION: u8 = 0x06;
pub(super) const IDENTITY: u8 = 0x07;
pub(super) const ITEM: u8 = 0x08;
pub(super) const CODEC: u8 = 0x10;
pub(super) const INPUT: u8 = 0x11;
pub(super) const ABSENT: u8 = 0x12;
pub(super) const LIST: u8 = 0x13;

/// Where framed bytes go: into a hash, or into a `Vec` for the tests that read them back.
pub(super) trait Sink {
    fn write(&mut self, bytes: &[u8]);
}

impl Sink for Sha256 {
    fn write(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

pub(super) fn put(sink: &mut impl Sink, tag: u8, bytes: &[u8]) {
    let mut head = [tag; 9];
    head[1..].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
    sink.write(&head);
    sink.write(bytes);
}
