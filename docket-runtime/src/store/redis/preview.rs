//! Looking without claiming.

use std::str::FromStr;

use ::redis::{Value, cmd, from_redis_value, pipe};

use super::super::row::Row;
use super::super::seen::Seen;
use super::error::not_ours;
use super::{ClaimRequest, Inner, Preview, StoreError};
use crate::BoxError;
use crate::key::InputHash;
use crate::store::{ClaimId, RowStatus, Stored};

/// In the order in which [`seen`] reads them.
const NAMES: [&str; 16] = [
    "status",
    "claim_id",
    "fence",
    "attempt",
    "generation",
    "starts",
    "input_hash",
    "repeat_never",
    "is_rejected",
    "lease_until",
    "retry_at",
    "expires_at",
    "holder",
    "error",
    "codec",
    "value",
];

impl Inner {
    pub(super) async fn preview(&self, request: &ClaimRequest) -> Result<Preview, StoreError> {
        let name = self.prefix.name(&request.call.key);
        let mut commands = pipe();
        commands.add_command(cmd("HMGET").arg(&name).arg(&NAMES).take());
        // The clock comes last, so that the row does not count for longer than it does.
        commands.add_command(cmd("TIME"));
        let (fields, (seconds, micros)): (Vec<Value>, (i64, i64)) =
            self.claims.send(&commands).await?;
        let now = seconds * 1000 + micros / 1000;
        let found = seen(fields, now).map_err(not_ours)?;
        Ok(Preview::of(found, request))
    }
}

/// The row of these fields; `None` where there is none.
fn seen(fields: Vec<Value>, now: i64) -> Result<Option<Seen>, BoxError> {
    let fields: Result<Vec<Option<Vec<u8>>>, _> =
        fields.into_iter().map(from_redis_value).collect();
    let fields = fields?;
    let bytes = |name: &str| {
        let index = NAMES.iter().position(|it| *it == name)?;
        fields.get(index)?.as_deref()
    };
    let text = |name: &str| -> Result<Option<String>, BoxError> {
        let bytes = bytes(name).map(<[u8]>::to_vec);
        Ok(bytes.map(String::from_utf8).transpose()?)
    };
    let Some(status) = text("status")? else {
        return Ok(None);
    };
    let status =
        RowStatus::parse(&status).ok_or_else(|| format!("there is no status {status:?}"))?;
    Ok(Some(Seen {
        row: Row {
            status,
            claim_id: ClaimId::from(fixed(bytes("claim_id"))?),
            fence: number(text("fence")?)?.unwrap_or_default(),
            attempt: number(text("attempt")?)?.unwrap_or_default(),
            generation: number(text("generation")?)?.unwrap_or_default(),
            starts: number(text("starts")?)?.unwrap_or_default(),
            input_hash: InputHash(fixed(bytes("input_hash"))?),
            repeat_never: bytes("repeat_never") == Some(b"1"),
            is_rejected: bytes("is_rejected") == Some(b"1"),
            lease_until: number(text("lease_until")?)?,
            retry_at: number(text("retry_at")?)?,
            expires_at: number(text("expires_at")?)?,
            has_value: bytes("value").is_some(),
        },
        now,
        micros: 1000,
        holder: text("holder")?.unwrap_or_default(),
        stored: Some(Stored {
            bytes: bytes("value").map(Into::into),
            codec: number(text("codec")?)?.unwrap_or_default(),
            shared: None,
            expires_in: None,
        }),
        error: text("error")?.unwrap_or_default(),
    }))
}

fn number<T: FromStr<Err: Into<BoxError>>>(text: Option<String>) -> Result<Option<T>, BoxError> {
    text.map(|it| it.parse().map_err(Into::into)).transpose()
}

fn fixed<const N: usize>(bytes: Option<&[u8]>) -> Result<[u8; N], BoxError> {
    let bytes = bytes.unwrap_or_default();
    Ok(bytes
        .try_into()
        .map_err(|_| format!("an identity is not of {N} bytes"))?)
}
