//! Serde types as values: what their keys keep, what they ignore, and what is refused.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use docket_runtime::value::json::{canonical, decode, encode, to_json};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

fn key<T: docket_runtime::value::json::JsonValue>(value: &T) -> Vec<u8> {
    canonical(value).unwrap()
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Order {
    id: u32,
    lines: Vec<Line>,
    tags: HashSet<String>,
    notes: HashMap<String, Vec<u8>>,
    total: f64,
    status: Status,
    parent: Option<Box<Order>>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Line(String, i64);

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
enum Status {
    Open,
    Paid { at: u64, by: char },
    Sent(String),
    Back(i8, i8),
}

/// The same data in another release.
#[derive(Serialize, Deserialize)]
struct OrderLater {
    status: StatusLater,
    total: f64,
    notes: BTreeMap<String, Vec<u64>>,
    tags: BTreeSet<String>,
    lines: Vec<LineLater>,
    id: u64,
    parent: Option<Box<OrderLater>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    coupon: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct LineLater(String, i128);

#[derive(Serialize, Deserialize)]
enum StatusLater {
    Lost,
    Back(i64, i64),
    Sent(String),
    Paid { by: char, at: u128 },
    Open,
}

fn order() -> Order {
    Order {
        id: 7,
        lines: vec![Line("tea".into(), -2), Line("cup".into(), 1)],
        tags: ["a", "b", "c", "d"].map(String::from).into(),
        notes: [("x".to_owned(), vec![1, 2]), ("y".to_owned(), vec![])].into(),
        total: 1.5,
        status: Status::Paid { at: 9, by: 'm' },
        parent: None,
    }
}

#[test]
fn sets_and_maps_have_no_order() {
    let expected = key(&order());
    for _ in 0..50 {
        assert_eq!(key(&order()), expected);
    }
}

#[test]
fn fields_and_variants_may_be_reordered_and_integers_grow() {
    let mut order = order();
    order.parent = Some(Box::new(order.clone()));
    let json = encode(&order).unwrap();
    let later: OrderLater = decode(&json).unwrap();
    assert_eq!(key(&later), key(&order));
}

#[test]
fn zero_has_one_sign() {
    assert_eq!(key(&-0.0f64), key(&0.0f64));
    assert_eq!(key(&-0.0f32), key(&0.0f64));
    assert_ne!(key(&-1.0f64), key(&1.0f64));
    assert_ne!(key(&1.0f64), key(&1u8));
}

#[test]
fn what_json_cannot_hold_is_refused_when_stored_and_in_a_key() {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let values = (Some(float), None::<u8>);
        for error in [
            encode(&values).unwrap_err(),
            canonical(&values).unwrap_err(),
        ] {
            assert!(error.to_string().contains("JSON has no form"), "{error}");
        }
    }
    assert!(encode(&None::<f64>).is_ok());
    let keyed_by_pairs = BTreeMap::from([((1, 2), 3)]);
    assert!(encode(&keyed_by_pairs).is_err());
    assert!(canonical(&keyed_by_pairs).is_ok());
}

#[test]
fn integers_of_any_size_come_back() {
    let values = (u64::MAX, i64::MIN, u128::MAX, i128::MIN);
    let json = encode(&values).unwrap();
    assert_eq!(decode::<(u64, i64, u128, i128)>(&json).unwrap(), values);
    let all: Vec<i128> = vec![i128::MIN, -256, -255, -1, 0, 1, 255, 256, i128::MAX];
    let keys: HashSet<_> = all.iter().map(key).collect();
    assert_eq!(keys.len(), all.len());
    assert_eq!(key(&-1i8), key(&-1i128));
    assert_eq!(key(&255u8), key(&255i128));
}

#[test]
fn data_that_differ_have_keys_that_differ() {
    #[derive(Serialize, Deserialize)]
    struct Unit;
    #[derive(Serialize, Deserialize)]
    enum Form {
        Unit,
        Newtype(()),
        Tuple(u8, u8),
        Struct { a: u8 },
    }
    let keys = [
        key(&None::<u8>),
        key(&Some(None::<u8>)),
        key(&Some(1u8)),
        key(&1u8),
        key(&"1".to_owned()),
        key(&'1'),
        key(&true),
        key(&false),
        key(&vec![1u8]),
        key(&vec![vec![1u8]]),
        key(&vec![1u8, 1]),
        key(&Vec::<u8>::new()),
        key(&BTreeMap::<u8, u8>::new()),
        key(&BTreeMap::from([(1u8, 1u8)])),
        key(&vec!["ab".to_owned(), "c".to_owned()]),
        key(&vec!["a".to_owned(), "bc".to_owned()]),
        key(&Form::Tuple(1, 1)),
        key(&Form::Struct { a: 1 }),
        key(&Form::Newtype(())),
        key(&Form::Unit),
        key(&Unit),
    ];
    let distinct: HashSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
}

#[test]
fn a_hash_set_that_hides_is_refused() {
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Tags(HashSet<String>);
    #[derive(Serialize, Deserialize)]
    struct Post {
        tags: Tags,
    }
    for n in 0..6 {
        let tags: HashSet<_> = (0..n).map(|i: u32| i.to_string()).collect();
        for post in [
            canonical(&Post {
                tags: Tags(tags.clone()),
            }),
            canonical(&Tags(tags)),
        ] {
            assert_eq!(post.is_err(), n > 1);
            if let Err(error) = post {
                assert!(error.to_string().contains("BTreeSet"), "{error}");
            }
        }
    }
}

#[test]
fn a_list_that_hides_is_proven_once_and_each_place_for_itself() {
    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Mixed {
        List { list: Vec<u8> },
        Set { set: HashSet<u8> },
    }
    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Hidden<T>(T);
    let list = Hidden(Mixed::List {
        list: vec![3, 1, 2],
    });
    let set = Hidden(Mixed::Set {
        set: [1, 2, 3].into(),
    });
    assert!(canonical(&list).is_ok());
    let expected = key(&set);
    for _ in 0..20 {
        assert_eq!(
            key(&Hidden(Mixed::Set {
                set: [3, 2, 1].into()
            })),
            expected
        );
    }
    let lists = Hidden(Hidden(vec![2u8, 1]));
    for _ in 0..3 {
        assert_eq!(key(&lists), key(&vec![2u8, 1]));
    }
    assert!(canonical(&Hidden(Hidden(HashSet::from([1u8, 2])))).is_err());
}

#[test]
fn json_of_any_form_has_a_key() {
    let json: serde_json::Value =
        serde_json::from_str(r#"{"b":[1,2.5,-3,null,"x"],"a":{"c":true}}"#).unwrap();
    let same: serde_json::Value =
        serde_json::from_str(r#"{"a":{"c":true},"b":[1,2.5,-3,null,"x"]}"#).unwrap();
    assert_eq!(key(&json), key(&same));
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let mut json = serde_json::Value::Null;
    for _ in 0..600 {
        json = serde_json::Value::Array(vec![json]);
    }
    let error = canonical(&json).unwrap_err().to_string();
    assert!(error.contains("deeper than 512"), "{error}");
    std::mem::forget(json);
}

#[test]
fn an_error_says_where_and_not_what() {
    let error = decode::<u32>(b"\"s3cret\"").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
    assert_eq!(
        error.to_string(),
        "the stored JSON can't be read as a `u32`: it does not fit the type, at line 1 column 8"
    );
    let error = decode::<Line>(b"[\"x\"").unwrap_err().to_string();
    assert!(error.contains("it ends too early"), "{error}");
    let error = decode::<Order>(b"{}").unwrap_err().to_string();
    assert!(error.contains("it lacks the field `id`"), "{error}");
}

#[test]
fn the_view_is_the_stored_form() {
    assert_eq!(to_json(&Line("tea".into(), 2)).unwrap(), r#"["tea",2]"#);
    assert_eq!(to_json(&f64::NAN), None);
}

proptest! {
    #[test]
    fn floats_come_back_to_the_bit(float in any::<f64>().prop_filter("finite", |it| it.is_finite())) {
        let again: f64 = decode(&encode(&float).unwrap()).unwrap();
        prop_assert_eq!(again.to_bits(), float.to_bits());
    }

    #[test]
    fn equal_values_built_in_another_order_have_one_key(items: Vec<(String, i64)>) {
        let there: HashMap<_, _> = items.iter().cloned().collect();
        let mut back = HashMap::with_capacity(1000);
        for (name, _) in items.iter().rev() {
            back.insert(name.clone(), there[name]);
        }
        prop_assert_eq!(key(&there), key(&back));
        let there: HashSet<_> = items.iter().cloned().collect();
        let back: HashSet<_> = items.iter().rev().cloned().collect();
        prop_assert_eq!(key(&there), key(&back));
        prop_assert_eq!(key(&items), key(&items.clone()));
    }

    #[test]
    fn a_key_survives_being_stored(items: Vec<(String, Option<i64>, bool)>, map: HashMap<u16, String>) {
        fn check<T: docket_runtime::value::json::JsonValue>(value: &T) {
            let again: T = decode(&encode(value).unwrap()).unwrap();
            assert_eq!(key(&again), key(value));
        }
        check(&(items, map));
    }

    #[test]
    fn lists_have_one_key_each(a: Vec<Option<String>>, b: Vec<Option<String>>) {
        prop_assert_eq!(key(&a) == key(&b), a == b);
    }
}
