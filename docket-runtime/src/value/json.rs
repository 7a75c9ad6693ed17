//! Serde types as values: what `#[derive(docket::Value)]` calls.
//!
//! A value is stored as JSON. Its key is made of another form, [`canonical`], which is fixed by construction: see
//! there what it keeps of a type and what it ignores.

mod canon;

use std::any::{TypeId, type_name};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::ValueError;
use super::proven::Proven;
use canon::Written;

/// The [`Value::CODEC`](super::Value::CODEC) of JSON.
pub const CODEC: i16 = 2;

/// How often a value with a sequence of unknown order goes through JSON and back before it is believed.
const ROUNDS: usize = 64;

static PROVEN: Proven<u64> = Proven::new();

/// What `#[derive(docket::Value)]` asks of a type: both directions of serde, and that it owns its data.
///
/// It is there for every type that has them. It stands for them where one error is better than two: serde's traits are
/// not its supertraits, for then rustc would report each that is missing instead of this one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be stored as JSON: it does not implement both `serde::Serialize` and `serde::Deserialize`",
    label = "`#[derive(docket::Value)]` stores this type as JSON",
    note = "write `#[derive(serde::Serialize, serde::Deserialize, docket::Value)]` on it"
)]
pub trait JsonValue: Sized + Send + Sync + 'static {
    #[doc(hidden)]
    fn write_json(&self) -> serde_json::Result<Vec<u8>>;
    #[doc(hidden)]
    fn read_json(json: &[u8]) -> serde_json::Result<Self>;
    #[doc(hidden)]
    fn write_canonical(&self) -> Result<Written, ValueError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> JsonValue for T {
    fn write_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }

    fn read_json(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    fn write_canonical(&self) -> Result<Written, ValueError> {
        canon::write(self)
    }
}

/// The stored form of `value`: JSON.
///
/// # Errors
///
/// If JSON can't hold it: a `NaN` or an infinity, of which serde would silently make `null`; a map whose keys are
/// neither strings nor numbers; or an error of the type's own `Serialize`.
pub fn encode<T: JsonValue>(value: &T) -> Result<Vec<u8>, ValueError> {
    let json = value.write_json().map_err(|error| {
        ValueError::new(format!(
            "a value of type `{}` can't be written as JSON",
            type_name::<T>()
        ))
        .with_source(error)
    })?;
    // A number that is not finite has become `null` by now; only a walk over the value tells it from a `None`.
    if json.windows(4).any(|it| it == b"null") {
        value.write_canonical()?;
    }
    Ok(json)
}

/// The value of a stored form.
///
/// # Errors
///
/// If the JSON does not fit the type. The error says where, and not what stands there: it may be secret.
pub fn decode<T: JsonValue>(json: &[u8]) -> Result<T, ValueError> {
    T::read_json(json).map_err(|error| {
        let what = match error.classify() {
            Category::Data => {
                missing_field(&error).unwrap_or_else(|| "it does not fit the type".to_owned())
            }
            Category::Syntax => "it is not JSON".to_owned(),
            Category::Eof => "it ends too early".to_owned(),
            Category::Io => "it could not be read".to_owned(),
        };
        ValueError::new(format!(
            "the stored JSON can't be read as a `{}`: {what}, at line {} column {}",
            type_name::<T>(),
            error.line(),
            error.column(),
        ))
    })
}

/// The one message of serde that is worth repeating and holds nothing but the type's own words.
fn missing_field(error: &serde_json::Error) -> Option<String> {
    let text = error.to_string();
    let (name, _) = text.strip_prefix("missing field `")?.split_once('`')?;
    Some(format!("it lacks the field `{name}`"))
}

/// The form that keys are made of.
///
/// Two values of one type give equal bytes exactly if serde writes the same data for them, where
///
/// - a struct is a map from names to values, so its fields may be reordered, and the type be renamed;
/// - an enum's variant is its name, so variants may be reordered and added;
/// - maps and sets have no order: `HashMap`, `HashSet`, `IndexMap`, `IndexSet` and their like are sorted;
/// - integers have no width, and `f32` is widened, so a field may grow from `u32` to `u64`;
/// - `-0.0` is `0.0`;
/// - a `None` is not an absent field: to add an optional field without new keys, let serde skip it while it is `None`.
///
/// Everything is tagged and framed by its length, so no two data share their bytes.
///
/// # Errors
///
/// If a float in it is a `NaN` or an infinity, which JSON can't hold, or if it is nested deeper than 512 levels.
///
/// If a sequence in it has no fixed order and can't be seen to be a set, such as a hash set within a type of its own
/// that is `#[serde(transparent)]` or written by `serialize_with`. It is found by sending the value through JSON and
/// back 64 times, once for each place in a type; the error names `BTreeSet`.
pub fn canonical<T: JsonValue>(value: &T) -> Result<Vec<u8>, ValueError> {
    let written = value.write_canonical()?;
    let id = TypeId::of::<T>();
    if written.unordered.iter().all(|it| PROVEN.contains(id, it)) {
        return Ok(written.bytes);
    }
    let json = encode(value)?;
    for _ in 0..ROUNDS {
        let again: T = decode(&json)?;
        if again.write_canonical()?.bytes != written.bytes {
            return Err(unstable::<T>());
        }
    }
    for place in written.unordered {
        PROVEN.insert(id, place);
    }
    Ok(written.bytes)
}

/// How the values of one type are written as JSON and read back.
#[derive(Debug)]
pub struct Json<T> {
    /// See [`encode`].
    pub encode: fn(&T) -> Result<Vec<u8>, ValueError>,
    /// See [`decode`].
    pub decode: fn(&[u8]) -> Result<T, ValueError>,
    /// See [`canonical`].
    pub canonical: fn(&T) -> Result<Vec<u8>, ValueError>,
    /// See [`to_json`].
    pub to_json: fn(&T) -> Option<String>,
}

/// The above, for a type that can be.
pub const fn json<T: JsonValue>() -> Json<T> {
    Json {
        encode,
        decode,
        canonical,
        to_json,
    }
}

fn unstable<T>() -> ValueError {
    ValueError::new(format!(
        "a value of type `{}` can't be part of a key: a sequence in it does not come back from JSON in the same \
         order; if it is a hash set, make it a `BTreeSet`, or serialize it sorted",
        type_name::<T>()
    ))
}

/// The view for queries, which is the stored form itself; `None` if it can't be encoded.
pub fn to_json<T: JsonValue>(value: &T) -> Option<String> {
    String::from_utf8(encode(value).ok()?).ok()
}
