//! Fuzz bodies: what must hold for any bytes.

use crate::head::{Head, HeadError, HeadReader};
use crate::path;
use crate::query::Query;
use crate::site::Asked;

/// Longest input whose every split is tried; a longer one is split at some places only.
const EVERY_SPLIT: usize = 512;

/// A request head: any bytes never panic, every split gives the same head, and a path that passes has no way up.
pub fn http_request(data: &[u8]) {
    let whole = read([data, &[]]);
    let step = (data.len() / EVERY_SPLIT).max(1);
    for at in (0..data.len()).step_by(step) {
        let (first, second) = data.split_at(at);
        assert_eq!(read([first, second]), whole, "split at {at}");
    }
    let Ok(Some(head)) = whole else { return };
    let asked = Asked::new(head.method, &head.uri, head.headers, ([127, 0, 0, 1], 1).into(), false);
    let _ = (asked.host(), asked.vhost());
    if let Ok(decoded) = path::decode(&asked.path) {
        assert!(!decoded.contains("..") && !decoded.contains('\0'), "{decoded}");
    }
    let query = Query::parse(&asked.query);
    assert!(query.get("callback").is_none_or(|value| asked.query.contains(value)));
}

fn read(pieces: [&[u8]; 2]) -> Result<Option<Head>, HeadError> {
    let mut reader = HeadReader::default();
    for piece in pieces {
        reader.buffer().extend_from_slice(piece);
        if let Some(head) = reader.poll()? {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
