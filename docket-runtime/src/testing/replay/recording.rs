//! [`Recording`]: what steps came to in a run.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::BoxError;
use crate::step::Step;
use crate::value::{Value, ValueError, json};

/// The version of the form that is written, and the newest that is read.
const VERSION: u32 = 1;

/// What steps came to in a run, by the names of the steps. Made by a [`Recorder`](super::Recorder).
///
/// As JSON it is a file for people, too: a value of a serde type stands there as it is and may be changed, one of a protobuf
/// message in hexadecimal digits. The first field, `docket_recording`, is the version of the form.
///
/// ```json
/// {
///   "docket_recording": 1,
///   "steps": {
///     "fetch_profile": { "codec": 2, "values": [{ "name": "Ada" }] }
///   }
/// }
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recording {
    docket_recording: u32,
    steps: BTreeMap<String, Values>,
}

/// One, or one for each item of a batch, in the order in which they came.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Values {
    codec: i16,
    values: Vec<Box<RawValue>>,
}

/// A value in its stored form.
pub(super) struct Taken {
    codec: i16,
    value: Box<RawValue>,
}

impl Taken {
    pub(super) fn of<T: Value>(value: &T) -> Result<Self, ValueError> {
        let bytes = value.encode()?;
        let text = if T::CODEC == json::CODEC {
            String::from_utf8(bytes)
                .map_err(|error| ValueError::new("JSON is not UTF-8").with_source(error))?
        } else {
            format!("\"{}\"", hex(&bytes))
        };
        let value = RawValue::from_string(text)
            .map_err(|error| ValueError::new("the stored form is no JSON").with_source(error))?;
        Ok(Self {
            codec: T::CODEC,
            value,
        })
    }
}

impl Recording {
    /// From what [`to_json`](Recording::to_json) wrote.
    ///
    /// # Errors
    ///
    /// Where it is no JSON, is no recording, or was written by a version of Docket whose form is not known here.
    pub fn from_json(text: &str) -> Result<Self, RecordingError> {
        let recording: Self = serde_json::from_str(text)
            .map_err(|error| RecordingError::of("it is no recording", error))?;
        if recording.docket_recording > VERSION {
            return Err(RecordingError::new(format!(
                "it is a recording of form {}, and this version of Docket reads {VERSION} at most",
                recording.docket_recording
            )));
        }
        Ok(recording)
    }

    /// As JSON, with a line break at its end.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("it is made of texts and JSON");
        json.push('\n');
        json
    }

    /// The names of the steps that it has values of.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.keys().map(String::as_str)
    }

    /// What the step `S` came to.
    ///
    /// # Errors
    ///
    /// If there is no value of the step, or there are several, as of a batch, or it can't be decoded.
    pub fn get<S: Step>(&self) -> Result<S::Output, RecordingError>
    where
        S::Output: Value,
    {
        let bytes = self.bytes::<S>()?;
        S::Output::decode(&bytes).map_err(|error| RecordingError::undecodable(S::NAME, error))
    }

    /// The stored form of what the step `S` came to.
    pub(super) fn bytes<S: Step>(&self) -> Result<Vec<u8>, RecordingError>
    where
        S::Output: Value,
    {
        let (step, codec) = (S::NAME, S::Output::CODEC);
        let Some(found) = self.steps.get(step) else {
            return Err(RecordingError::new(format!(
                "it has no value of the step `{step}`, but of {}",
                Names(self)
            )));
        };
        let [value] = &found.values[..] else {
            return Err(RecordingError::new(format!(
                "it has {} values of the step `{step}`: those of a batch are not given back",
                found.values.len()
            )));
        };
        if found.codec != codec {
            return Err(RecordingError::new(format!(
                "the value of the step `{step}` was written with codec {} and is read with codec {codec}",
                found.codec
            )));
        }
        if codec == json::CODEC {
            return Ok(value.get().as_bytes().to_vec());
        }
        let digits: String = serde_json::from_str(value.get())
            .map_err(|error| RecordingError::undecodable(step, error))?;
        unhex(&digits).ok_or_else(|| {
            RecordingError::undecodable(step, "it is not written in hexadecimal digits")
        })
    }

    /// Adds what a step came to. What can't be encoded is not there afterwards, as of a step that did not run.
    pub(super) fn add(&mut self, step: &str, taken: Result<Taken, ValueError>) {
        let Ok(Taken { codec, value }) = taken else {
            return;
        };
        let steps = self.steps.entry(step.to_owned());
        let values = steps.or_insert_with(|| Values {
            codec,
            values: Vec::new(),
        });
        values.values.push(value);
    }
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            docket_recording: VERSION,
            steps: BTreeMap::new(),
        }
    }
}

/// The steps of a recording, in words.
struct Names<'a>(&'a Recording);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.0.steps().map(|it| format!("`{it}`")).collect();
        if names.is_empty() {
            f.write_str("none")
        } else {
            f.write_str(&names.join(", "))
        }
    }
}

/// Why a recording can't be read, or not given back.
#[derive(Debug)]
pub struct RecordingError {
    message: String,
    source: Option<BoxError>,
}

impl RecordingError {
    fn new(message: String) -> Self {
        Self {
            message,
            source: None,
        }
    }

    fn of(message: &str, source: impl Into<BoxError>) -> Self {
        Self {
            message: message.to_owned(),
            source: Some(source.into()),
        }
    }

    pub(super) fn undecodable(step: &str, source: impl Into<BoxError>) -> Self {
        Self::of(
            &format!("the value of the step `{step}` can't be decoded"),
            source,
        )
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RecordingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|it| it as &(dyn std::error::Error + 'static))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok().filter(|it| it.len() == 2)?;
        u8::from_str_radix(text, 16).ok()
    });
    pairs.collect()
}
