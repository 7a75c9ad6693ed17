//! The key that a step hands to its provider, so that the provider can tell a repeat.

use sha2::{Digest, Sha256};

use super::CacheKey;
use super::frame;

/// The idempotency key of a call: `dk1_` and 52 characters of `a-z2-7`, 56 in all.
///
/// It is made of nothing but the key and the generation, so it survives the loss of the store, and attempts of one
/// generation share it. The generation grows only when a failure that was definitely without effect is tried anew.
pub fn idempotency_key(key: &CacheKey, generation: u32) -> String {
    // All parts but the last have a fixed length, and so has the last: no framing is needed.
    let mut hash = Sha256::new();
    hash.update(b"docket.idem.v1");
    hash.update(key.0);
    hash.update(generation.to_le_bytes());
    spell(hash)
}

/// The same for a step that is not recorded: made of the execution id, the step's name and the place of the item among those
/// of its batch, of the same form, and never the key of a recorded call.
pub fn unrecorded_idempotency_key(
    execution_id: &str,
    step_name: &str,
    item: Option<usize>,
) -> String {
    let mut hash = Sha256::new();
    frame::put(&mut hash, frame::DOMAIN, b"docket.idem.unrecorded.v1");
    frame::put(&mut hash, frame::EXECUTION_ID, execution_id.as_bytes());
    frame::put(&mut hash, frame::STEP_NAME, step_name.as_bytes());
    if let Some(item) = item {
        frame::put(&mut hash, frame::ITEM, &(item as u64).to_le_bytes());
    }
    spell(hash)
}

fn spell(hash: Sha256) -> String {
    let digest: [u8; 32] = hash.finalize().into();
    let mut out = String::with_capacity(56);
    out.push_str("dk1_");
    push_base32(&mut out, &digest);
    out
}

/// RFC 4648 base 32 in lower case, without padding.
fn push_base32(out: &mut String, bytes: &[u8]) {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let (mut buffer, mut n_bits) = (0u16, 0);
    for byte in bytes {
        buffer = buffer << 8 | u16::from(*byte);
        n_bits += 8;
        while n_bits >= 5 {
            n_bits -= 5;
            out.push(char::from(ALPHABET[usize::from(buffer >> n_bits & 31)]));
        }
        buffer &= (1 << n_bits) - 1;
    }
    if n_bits > 0 {
        out.push(char::from(
            ALPHABET[usize::from(buffer << (5 - n_bits) & 31)],
        ));
    }
}
