//! [`Wish`]: how the client wants it, by the query of the call.

use http::StatusCode;
use weir_codec::Codec;
use weir_httpd::query::Query;
use weir_proto_rtc::Credentials;

use super::refused::{ICE, PARAMETERS, Refused};
use crate::candidates::Host;
use crate::random;

/// Characters of a name and of a password that are made up, as many as SRS's have.
const UFRAG: usize = 8;
const PWD: usize = 32;
/// And of those that a client may choose (errors.md §2, 5037).
const UFRAGS: std::ops::RangeInclusive<usize> = 4..=32;
const PWDS: std::ops::RangeInclusive<usize> = 22..=32;

/// What the query says of a session.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) codec: Option<Codec>,
    /// The address that the client wants to be told.
    pub(crate) eip: Option<Host>,
    pub(crate) encrypt: bool,
    pub(crate) dtls: bool,
    /// The ICE agent of this side.
    pub(crate) own: Credentials,
}

impl Wish {
    /// `encrypt` is what holds when the query does not say.
    pub(crate) fn read(pairs: &Query, encrypt: bool) -> Result<Wish, Refused> {
        let get = |name| pairs.get(name).filter(|value| !value.is_empty());
        let eip = match eip(pairs) {
            Some(text) => Some(Host::parse(text).ok_or_else(|| no_address(text))?),
            None => None,
        };
        let own = Credentials {
            ufrag: ice("ice-ufrag", get("ice-ufrag"), UFRAGS, UFRAG)?,
            pwd: ice("ice-pwd", get("ice-pwd"), PWDS, PWD)?,
        };
        let dtls = get("dtls") != Some("false");
        let encrypt = dtls && get("encrypt").map_or(encrypt, |word| word != "false");
        Ok(Wish { codec: get("codec").and_then(codec), eip, encrypt, dtls, own })
    }
}

/// The address that the client wants to be told, as written.
pub(crate) fn eip(pairs: &Query) -> Option<&str> {
    pairs.get("eip").or_else(|| pairs.get("candidate")).filter(|text| !text.is_empty())
}

fn no_address(text: &str) -> Refused {
    let why = format!("eip={text} is no address: needed is one as 203.0.113.7 or 203.0.113.7:8000");
    Refused::new(StatusCode::BAD_REQUEST, PARAMETERS, why)
}

/// SRS: another word asks for nothing.
fn codec(word: &str) -> Option<Codec> {
    match word.to_ascii_lowercase().as_str() {
        "h264" | "avc" => Some(Codec::H264),
        "hevc" | "h265" => Some(Codec::H265),
        "av1" => Some(Codec::Av1),
        "vp9" => Some(Codec::Vp9),
        "vp8" => Some(Codec::Vp8),
        _ => None,
    }
}

/// What the client chose, or something that nobody can guess.
fn ice(name: &str, chosen: Option<&str>, lens: std::ops::RangeInclusive<usize>, len: usize) -> Result<String, Refused> {
    let Some(text) = chosen else { return Ok(random::word(len)) };
    // RFC 8839 clause 5.4.
    let is_ice = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    if lens.contains(&text.len()) && is_ice {
        return Ok(text.to_owned());
    }
    let (least, most) = (lens.start(), lens.end());
    let why = format!("{name} has {} bytes, needed are {least} to {most} of letters, digits, + and /", text.len());
    Err(Refused::new(StatusCode::BAD_REQUEST, ICE, why))
}
