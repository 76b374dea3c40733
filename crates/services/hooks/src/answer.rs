//! What the answer of a callback's server means (hooks.md §1).

use serde_json::Value;
use weir_fetch::{Answer, StatusCode};
use weir_hub::Denial;

/// Why a callback failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// There is no answer.
    #[error("{0}")]
    NotAsked(#[from] weir_fetch::Error),
    /// Another status than 200 and 201; a redirect is not followed.
    #[error("it answered with status {0}")]
    Status(u16),
    /// The body is empty or no JSON.
    #[error("it answered with {0} bytes that are no JSON")]
    NotJson(usize),
    /// JSON that is neither 0 nor has an integer as its code.
    #[error("it answered without an integer as its code")]
    NoCode,
    /// It says no.
    #[error("it answered with code {0}")]
    Code(i64),
}

impl Fault {
    /// SRS's number for it; those of [`weir_fetch::Error`] are the nearest ones.
    pub(crate) fn code(&self) -> u16 {
        use weir_fetch::Error::{Broken, Busy, Connect, Late, Tls, TooLong, Unwanted, Url};
        match self {
            Fault::Status(_) => 4005,
            Fault::NotJson(_) | Fault::NotAsked(TooLong(_)) => 3008,
            Fault::NoCode | Fault::Code(_) => 3064,
            Fault::NotAsked(Url(_)) => 3007,
            Fault::NotAsked(Busy(_) | Late(_)) => 1011,
            Fault::NotAsked(Connect(_) | Broken(_) | Unwanted) => 1007,
            Fault::NotAsked(Tls(_)) => 4042,
        }
    }

    /// A server that answers, whatever it says, forbids; one that does not is not there.
    pub(crate) fn denial(&self) -> Denial {
        if matches!(self, Fault::NotAsked(_)) { Denial::Unanswered } else { Denial::Forbidden }
    }
}

/// Whether an answer is a yes. Returns the JSON of it.
pub(crate) fn judge(answer: &Answer) -> Result<Value, Fault> {
    if !matches!(answer.status, StatusCode::OK | StatusCode::CREATED) {
        return Err(Fault::Status(answer.status.as_u16()));
    }
    let json: Value = serde_json::from_slice(&answer.body).map_err(|_| Fault::NotJson(answer.body.len()))?;
    let code = match &json {
        Value::Object(members) => members.get("code").and_then(Value::as_i64),
        number => number.as_i64(),
    };
    match code {
        Some(0) => Ok(json),
        Some(code) => Err(Fault::Code(code)),
        None => Err(Fault::NoCode),
    }
}

#[cfg(test)]
mod tests;
