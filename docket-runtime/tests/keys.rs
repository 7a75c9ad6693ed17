//! Keys: their published examples, and that each call has its own.

use docket_runtime::key::{
    CacheKey, InputHash, InputsHasher, KeyParts, Scope, idempotency_key, unrecorded_idempotency_key,
};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    why: String,
    namespace: String,
    scope: String,
    execution_id: String,
    step_name: String,
    step_version: u32,
    inputs: Vec<Option<Input>>,
    generation: u32,
    input_hash: String,
    cache_key: String,
    idempotency_key: String,
}

#[derive(Deserialize)]
struct Input {
    codec: i16,
    canonical: String,
}

#[test]
fn published_keys_never_change() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors/keys.json")).unwrap();
    assert!(vectors.len() > 10);
    for vector in vectors {
        let mut hasher = InputsHasher::new();
        for input in &vector.inputs {
            match input {
                Some(Input { codec, canonical }) => hasher.add(&unhex(canonical), *codec),
                None => hasher.add_missing(),
            }
        }
        let identity = hasher.finish();
        let key = CacheKey::new(&KeyParts {
            namespace: &vector.namespace,
            scope: match &*vector.scope {
                "global" => Scope::Global,
                _ => Scope::Workflow,
            },
            execution_id: &vector.execution_id,
            step_name: &vector.step_name,
            step_version: vector.step_version,
            identity: &identity,
        });
        assert_eq!(hex(&identity.0), vector.input_hash, "{}", vector.why);
        assert_eq!(hex(&key.0), vector.cache_key, "{}", vector.why);
        let idempotency_key = idempotency_key(&key, vector.generation);
        assert_eq!(idempotency_key, vector.idempotency_key, "{}", vector.why);
        assert_eq!(idempotency_key.len(), 56);
    }
}

#[test]
fn an_unrecorded_step_has_keys_of_its_own() {
    let of = |execution, step| unrecorded_idempotency_key(execution, step, None);
    let of_item = |item| unrecorded_idempotency_key("a", "b", Some(item));
    assert_ne!(of_item(0), of_item(1));
    assert_ne!(of_item(0), of("a", "b"));
    assert_eq!(of("a", "b"), of("a", "b"));
    assert_ne!(of("a:b", "c"), of("a", "b:c"));
    assert_ne!(of("ab", "c"), of("a", "bc"));
    assert_eq!(of("", "").len(), 56);
}

#[test]
fn a_key_is_printed_by_eight_digits() {
    assert_eq!(format!("{:?}", CacheKey([0xab; 32])), "abababab…");
}

/// What makes a key, as read back from the bytes that are hashed.
#[derive(Clone, Debug, PartialEq)]
struct Parts {
    namespace: String,
    execution_id: Option<String>,
    step_name: String,
    step_version: u32,
    identity: [u8; 32],
}

type Inputs = Vec<Option<(Vec<u8>, i16)>>;

/// Reads `tag ‖ len ‖ bytes` parts; knows nothing of what they mean.
fn split(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut parts = Vec::new();
    while let Some((tag, rest)) = bytes.split_first() {
        let (len, rest) = rest.split_first_chunk().unwrap();
        let (part, rest) = rest.split_at(u64::from_le_bytes(*len) as usize);
        parts.push((*tag, part.to_vec()));
        bytes = rest;
    }
    parts
}

fn read_parts(bytes: &[u8]) -> Parts {
    let mut parts = split(bytes).into_iter();
    let mut next = |tag| {
        let (found, bytes) = parts.next().unwrap();
        assert_eq!(found, tag);
        bytes
    };
    let text = |bytes| String::from_utf8(bytes).unwrap();
    assert_eq!(next(1), b"docket.key.v1");
    let namespace = text(next(2));
    let execution_id = match &*next(3) {
        b"workflow" => Some(text(next(4))),
        b"global" => None,
        other => panic!("{other:?}"),
    };
    Parts {
        namespace,
        execution_id,
        step_name: text(next(5)),
        step_version: u32::from_le_bytes(next(6).try_into().unwrap()),
        identity: next(7).try_into().unwrap(),
    }
}

fn read_inputs(bytes: &[u8]) -> Inputs {
    let parts = split(bytes);
    assert_eq!(parts[0], (1, b"docket.input.v1".to_vec()));
    let mut inputs = Vec::new();
    let mut rest = &parts[1..];
    while !rest.is_empty() {
        match rest {
            [(0x12, none), tail @ ..] if none.is_empty() => {
                inputs.push(None);
                rest = tail;
            }
            [(0x10, codec), (0x11, bytes), tail @ ..] => {
                let codec = i16::from_le_bytes(codec[..].try_into().unwrap());
                inputs.push(Some((bytes.clone(), codec)));
                rest = tail;
            }
            other => panic!("{other:?}"),
        }
    }
    inputs
}

fn preimage(parts: &Parts) -> Vec<u8> {
    CacheKey::preimage(&KeyParts {
        namespace: &parts.namespace,
        scope: parts
            .execution_id
            .as_ref()
            .map_or(Scope::Global, |_| Scope::Workflow),
        execution_id: parts.execution_id.as_deref().unwrap_or_default(),
        step_name: &parts.step_name,
        step_version: parts.step_version,
        identity: &InputHash(parts.identity),
    })
}

/// Short texts of few characters, where framing mistakes are likely to show.
fn text() -> impl Strategy<Value = String> {
    "[a:|\u{1}\u{5}\u{0}]{0,6}"
}

fn parts() -> impl Strategy<Value = Parts> {
    (
        text(),
        proptest::option::of(text()),
        text(),
        any::<u32>(),
        any::<[u8; 32]>(),
    )
        .prop_map(
            |(namespace, execution_id, step_name, step_version, identity)| Parts {
                namespace,
                execution_id,
                step_name,
                step_version,
                identity,
            },
        )
}

fn inputs() -> impl Strategy<Value = Inputs> {
    let bytes = proptest::collection::vec(prop_oneof![Just(0u8), 0x10u8..0x13, any::<u8>()], 0..12);
    proptest::collection::vec(proptest::option::of((bytes, any::<i16>())), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// What can be read back can't be the same for two.
    #[test]
    fn no_two_calls_hash_the_same_bytes(parts in parts()) {
        prop_assert_eq!(read_parts(&preimage(&parts)), parts);
    }

    #[test]
    fn no_two_lists_of_inputs_hash_the_same_bytes(inputs in inputs()) {
        let borrowed: Vec<_> = inputs
            .iter()
            .map(|it| it.as_ref().map(|(bytes, codec)| (&bytes[..], *codec)))
            .collect();
        prop_assert_eq!(read_inputs(&InputsHasher::preimage(&borrowed)), inputs);
    }

    #[test]
    fn what_is_hashed_is_what_is_read_back(parts in parts(), inputs in inputs()) {
        use sha2::{Digest, Sha256};
        let key = CacheKey::new(&KeyParts {
            namespace: &parts.namespace,
            scope: parts.execution_id.as_ref().map_or(Scope::Global, |_| Scope::Workflow),
            execution_id: parts.execution_id.as_deref().unwrap_or_default(),
            step_name: &parts.step_name,
            step_version: parts.step_version,
            identity: &InputHash(parts.identity),
        });
        let expected: [u8; 32] = Sha256::digest(preimage(&parts)).into();
        prop_assert_eq!(key.0, expected);

        let mut hasher = InputsHasher::new();
        let mut borrowed = Vec::new();
        for input in &inputs {
            match input {
                Some((bytes, codec)) => hasher.add(bytes, *codec),
                None => hasher.add_missing(),
            }
            borrowed.push(input.as_ref().map(|(bytes, codec)| (&bytes[..], *codec)));
        }
        let expected: [u8; 32] = Sha256::digest(InputsHasher::preimage(&borrowed)).into();
        prop_assert_eq!(hasher.finish().0, expected);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
        .collect()
}
