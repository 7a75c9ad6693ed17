//! Protobuf messages as values: which have a key, and which are refused.

use std::collections::{BTreeMap, HashMap};

use docket_runtime::value::Value;
use proptest::prelude::*;
use prost::Message;

#[derive(Clone, PartialEq, Message)]
struct Hashed {
    #[prost(map = "string, uint32", tag = "1")]
    counts: HashMap<String, u32>,
    #[prost(string, tag = "2")]
    name: String,
}

#[derive(Clone, PartialEq, Message)]
struct Sorted {
    #[prost(btree_map = "string, uint32", tag = "1")]
    counts: BTreeMap<String, u32>,
    #[prost(string, tag = "2")]
    name: String,
}

/// What a map entry looks like, but isn't.
#[derive(Clone, PartialEq, Message)]
struct Pair {
    #[prost(string, tag = "1")]
    left: String,
    #[prost(uint32, tag = "2")]
    right: u32,
}

#[derive(Clone, PartialEq, Message)]
struct Pairs {
    #[prost(message, repeated, tag = "1")]
    pairs: Vec<Pair>,
    #[prost(string, repeated, tag = "2")]
    texts: Vec<String>,
    #[prost(bytes, repeated, tag = "3")]
    blobs: Vec<Vec<u8>>,
    #[prost(uint32, repeated, tag = "4")]
    numbers: Vec<u32>,
}

#[derive(Clone, PartialEq, Message)]
struct Nested {
    #[prost(message, optional, tag = "1")]
    sorted: Option<Sorted>,
    #[prost(message, optional, boxed, tag = "2")]
    inner: Option<Box<Nested>>,
    #[prost(message, repeated, tag = "3")]
    hashed: Vec<Hashed>,
    #[prost(btree_map = "uint32, message", tag = "4")]
    by_id: BTreeMap<u32, Hashed>,
    #[prost(oneof = "Choice", tags = "5, 6")]
    choice: Option<Choice>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Choice {
    #[prost(message, tag = "5")]
    Pairs(Pairs),
    #[prost(message, tag = "6")]
    Hashed(Hashed),
}

fn hashed(keys: &[&str]) -> Hashed {
    let counts = keys
        .iter()
        .enumerate()
        .map(|(i, key)| ((*key).to_owned(), i as u32));
    Hashed {
        counts: counts.collect(),
        name: "x".to_owned(),
    }
}

fn check_refused(message: &impl Value, path: &str) {
    let error = message.canonical().unwrap_err().to_string();
    assert!(
        error.contains("prost_build::Config::btree_map([\".\"])"),
        "{error}"
    );
    assert!(error.contains(path), "{error}");
}

#[test]
fn a_hash_map_of_two_entries_is_refused() {
    for _ in 0..200 {
        check_refused(&hashed(&["a", "b"]), "field number 1)");
    }
    check_refused(&hashed(&["a", "b", "c", "d"]), "field number 1)");
    // The default key and the default value are not written, so this entry has no bytes.
    check_refused(&hashed(&["", "b"]), "field number 1)");
}

#[test]
fn a_hash_map_of_one_entry_has_one_order() {
    assert!(hashed(&[]).canonical().is_ok());
    assert!(hashed(&["a"]).canonical().is_ok());
}

#[test]
fn a_hash_map_is_found_at_any_depth() {
    let two = || hashed(&["a", "b"]);
    let in_list = Nested {
        hashed: vec![hashed(&["a"]), two()],
        ..Nested::default()
    };
    check_refused(&in_list, "3.1");
    let in_map = Nested {
        by_id: BTreeMap::from([(7, two())]),
        ..Nested::default()
    };
    check_refused(&in_map, "4.2.1");
    let in_choice = Nested {
        choice: Some(Choice::Hashed(two())),
        ..Nested::default()
    };
    check_refused(&in_choice, "6.1");
    let mut deep = in_list;
    for _ in 0..20 {
        deep = Nested {
            inner: Some(Box::new(deep)),
            ..Nested::default()
        };
    }
    check_refused(&deep, "2.2.2.3.1");
}

#[test]
fn what_was_proven_of_one_place_is_not_believed_of_another() {
    let pairs = Pairs {
        pairs: vec![Pair::default(), Pair::default()],
        ..Pairs::default()
    };
    let good = Nested {
        choice: Some(Choice::Pairs(pairs)),
        by_id: BTreeMap::from([(1, hashed(&["a"])), (2, hashed(&["a"]))]),
        ..Nested::default()
    };
    for _ in 0..3 {
        assert_eq!(good.canonical().unwrap(), good.encode_to_vec());
    }
    let bad = Nested {
        by_id: BTreeMap::from([(1, hashed(&["a", "b"])), (2, hashed(&["a"]))]),
        ..good.clone()
    };
    check_refused(&bad, "4.2.1");
}

#[test]
fn what_is_too_deep_to_read_is_refused() {
    let mut deep = Nested {
        hashed: vec![hashed(&["a", "b"])],
        ..Nested::default()
    };
    for _ in 0..150 {
        deep = Nested {
            inner: Some(Box::new(deep)),
            ..Nested::default()
        };
    }
    assert!(deep.canonical().is_err());
}

#[test]
fn bytes_of_another_type_are_not_decoded() {
    let error = <Pair as Value>::decode(&[0xff]).unwrap_err().to_string();
    assert!(error.contains("Pair"), "{error}");
}

proptest! {
    #[test]
    fn a_btree_map_is_never_refused(counts: BTreeMap<String, u32>, name: String) {
        let message = Sorted { counts, name };
        prop_assert_eq!(message.canonical().unwrap(), message.encode_to_vec());
    }

    #[test]
    fn a_hash_map_is_refused_from_two_entries(counts in proptest::collection::hash_map(any::<String>(), any::<u32>(), 0..6)) {
        let message = Hashed { counts, name: String::new() };
        prop_assert_eq!(message.canonical().is_err(), message.counts.len() > 1);
    }

    #[test]
    fn what_looks_like_a_map_and_is_none_is_never_refused(
        pairs: Vec<(String, u32)>,
        texts: Vec<String>,
        blobs: Vec<Vec<u8>>,
        numbers: Vec<u32>,
    ) {
        let pairs = pairs.into_iter().map(|(left, right)| Pair { left, right }).collect();
        // Blobs that are messages are the hardest to tell.
        let mut blobs = blobs;
        blobs.push(hashed(&["a", "b"]).encode_to_vec());
        let message = Pairs { pairs, texts, blobs, numbers };
        let bytes = message.encode_to_vec();
        prop_assert_eq!(&message.canonical().unwrap(), &bytes);
        prop_assert_eq!(<Pairs as Value>::decode(&bytes).unwrap(), message);
    }

    /// The scan reads whatever it is given.
    #[test]
    fn any_bytes_have_a_key(blobs: Vec<Vec<u8>>) {
        let message = Pairs { blobs, ..Pairs::default() };
        prop_assert!(message.canonical().is_ok());
    }
}
