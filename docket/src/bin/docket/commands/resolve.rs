//! `docket resolve`

use std::fs;
use std::io::{self, Read as _};

use docket::store::{Admin, Filter, Resolution, RowStatus, RowView, Write};
use serde::de::IgnoredAny;
use serde_json::json;

use super::Session;
use super::find::find;
use crate::args::{Codec, Resolve};
use crate::confirm::confirm;
use crate::failure::Failure;
use crate::output::{age, codec_name, hex, is_in_doubt, plain, said, short_key, status};

pub(super) async fn run(
    session: &Session,
    store: &impl Admin,
    args: Resolve,
) -> Result<(), Failure> {
    let row = find(store, &args.key).await?;
    check_in_doubt(&row)?;
    let resolution = match &args.applied {
        Some(file) => applied(store, &row, file, &args).await?,
        None => Resolution::NotApplied {
            note: args.note.clone(),
        },
    };
    let what = format!(
        "1 row of {}: {} {}, {}, becomes {}",
        session.target,
        short_key(&row.key),
        plain(&row.step_name),
        status(&row),
        describe(&resolution),
    );
    confirm(&what, args.yes)?;
    if store.resolve(&row.key, row.fence, &resolution).await? == Write::Fenced {
        return Err(
            Failure::new("the row has changed in the meantime, and was left as it is").help(
                format!("look at it again: `docket show {}`", short_key(&row.key)),
            ),
        );
    }
    let text = format!(
        "{} is resolved: {}",
        short_key(&row.key),
        describe(&resolution)
    );
    said(
        session.output,
        &text,
        &json!({ "resolved": hex(&row.key.0) }),
    )
}

fn check_in_doubt(row: &RowView) -> Result<(), Failure> {
    if is_in_doubt(row) {
        return Ok(());
    }
    let key = short_key(&row.key);
    Err(match row.status {
        RowStatus::Running => Failure::new(format!(
            "{key} is not in doubt: it is held by {} for another {}",
            plain(&row.holder),
            age(row.lease.unwrap_or_default())
        ))
        .help("wait for its end, or until its lease has lapsed"),
        RowStatus::Failed => Failure::new(format!("{key} is not in doubt: it has failed"))
            .help("`docket retry` lets it run anew"),
        RowStatus::Succeeded | RowStatus::Unknown => {
            Failure::new(format!("{key} is not in doubt: it has {}", row.status))
        }
    })
}

async fn applied(
    store: &impl Admin,
    row: &RowView,
    file: &str,
    args: &Resolve,
) -> Result<Resolution, Failure> {
    let codec = match args.codec {
        Some(codec) => codec,
        None => check_json(store, row).await?,
    };
    let value = read(file)?;
    let json = match codec {
        Codec::Protobuf => None,
        Codec::Json => Some(as_json(&value, file)?),
    };
    Ok(Resolution::Applied {
        value: json.as_ref().map_or(value, |it| it.clone().into_bytes()),
        codec: number(codec),
        json,
        ttl: args.ttl,
        note: args.note.clone(),
    })
}

/// JSON, unless the results of this step are known to be stored otherwise: the step could not read it.
async fn check_json(store: &impl Admin, row: &RowView) -> Result<Codec, Failure> {
    let mut of_step = Filter::default();
    of_step.step = Some(row.step_name.clone());
    of_step.status = Some(RowStatus::Succeeded);
    let others = store.list(&of_step, 1).await?;
    match others.first().and_then(|it| it.codec) {
        Some(other) if other != number(Codec::Json) => Err(Failure::usage(format!(
            "the results of this step are stored as {}",
            codec_name(other)
        ))
        .help("say what the file holds: `--codec protobuf` or `--codec json`")),
        _ => Ok(Codec::Json),
    }
}

fn read(file: &str) -> Result<Vec<u8>, Failure> {
    let mut value = Vec::new();
    let read = match file {
        "-" => io::stdin().lock().read_to_end(&mut value).map(drop),
        path => fs::read(path).map(|it| value = it),
    };
    match read {
        Ok(()) => Ok(value),
        Err(error) => Err(Failure::new(format!("{file} can't be read: {error}"))),
    }
}

/// The text of a file that holds one JSON value, without the space around it.
fn as_json(value: &[u8], file: &str) -> Result<String, Failure> {
    let checked = serde_json::from_slice::<IgnoredAny>(value);
    let text = std::str::from_utf8(value);
    match (checked, text) {
        (Ok(_), Ok(text)) => Ok(text.trim().to_owned()),
        (Err(error), _) => Err(not_json(file, &error)),
        (_, Err(error)) => Err(not_json(file, &error)),
    }
}

/// The error says where, and nothing of the value.
fn not_json(file: &str, error: &dyn std::error::Error) -> Failure {
    Failure::new(format!("{file} is not JSON: {error}"))
        .help("give the result as its type is serialized, or `--codec protobuf`")
}

fn number(codec: Codec) -> i16 {
    match codec {
        Codec::Protobuf => 1,
        Codec::Json => 2,
    }
}

fn describe(resolution: &Resolution) -> String {
    match resolution {
        Resolution::Applied { value, ttl, .. } => {
            let ttl = ttl.map_or("for ever".to_owned(), |it| format!("for {}", age(it)));
            format!("succeeded {ttl}, with a value of {} bytes", value.len())
        }
        Resolution::NotApplied { .. } => "failed, and runs at its next call".to_owned(),
    }
}
