//! WebSocket (RFC 6455), as much of it as a player needs: the opening, and what the client sends.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{Method, StatusCode};
use weir_httpd::Asked;

/// Clause 1.3: every server appends this to the client's key.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The only version that was ever published.
const VERSION: &str = "13";
/// Clause 5.5: control frames carry no more.
const MAX_CONTROL: usize = 125;

/// A close frame with status 1000.
pub(crate) const CLOSE: [u8; 4] = [0x88, 2, 0x03, 0xe8];

/// Why a request that asks for a WebSocket cannot have one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// It wants another version.
    Version,
    /// It is not as clause 4.2.1 wants it.
    Malformed,
}

impl Refused {
    /// The status of the answer.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Refused::Version => StatusCode::UPGRADE_REQUIRED,
            Refused::Malformed => StatusCode::BAD_REQUEST,
        }
    }

    /// Its fields: the version that there is (clause 4.2.2), and how to ask for it (RFC 9110, clause 15.5.22).
    pub(crate) fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Refused::Version => {
                &[("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", VERSION)]
            }
            Refused::Malformed => &[],
        }
    }

    /// Its text.
    pub(crate) fn why(self) -> &'static str {
        match self {
            Refused::Version => "only version 13 of WebSocket is spoken here (RFC 6455, clause 4.2.2)",
            Refused::Malformed => "this is no opening of a WebSocket of version 13 (RFC 6455, clause 4.2.1)",
        }
    }
}

/// The value of `Sec-WebSocket-Accept` for a request that asks for a WebSocket; nothing for any other.
pub(crate) fn opening(asked: &Asked) -> Result<Option<String>, Refused> {
    if !is_asked(asked) {
        return Ok(None);
    }
    if asked.header(SEC_WEBSOCKET_VERSION).ok_or(Refused::Malformed)?.trim() != VERSION {
        return Err(Refused::Version);
    }
    accept(asked).map(Some).ok_or(Refused::Malformed)
}

fn is_asked(asked: &Asked) -> bool {
    let names = |name, word: &str| {
        asked.header(name).is_some_and(|value| value.split(',').any(|one| one.trim().eq_ignore_ascii_case(word)))
    };
    asked.method == Method::GET && names(UPGRADE, "websocket") && names(CONNECTION, "upgrade")
}

/// Nothing when the key is not as clause 4.2.1 wants it.
fn accept(asked: &Asked) -> Option<String> {
    let key = asked.header(SEC_WEBSOCKET_KEY)?.trim();
    STANDARD.decode(key).ok().filter(|bytes| bytes.len() == 16)?;
    let digest =
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{GUID}").as_bytes());
    Some(STANDARD.encode(digest))
}

/// What a client sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// To be answered with [`pong`].
    Ping(Vec<u8>),
    /// It leaves.
    Close,
}

/// Reads what a client sends: control frames are told, messages have no meaning here and are passed over.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    head: Vec<u8>,
    /// Payload that is still to come, and what of it is kept, unmasked, for a control frame.
    left: u64,
    kept: Option<Control>,
    mask: [u8; 4],
    at: usize,
}

#[derive(Debug)]
struct Control {
    opcode: u8,
    payload: Vec<u8>,
}

/// The client does not speak the protocol: what it did, for the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Broken(pub(crate) &'static str);

impl Reader {
    /// Takes bytes and yields what they tell.
    pub(crate) fn handle_input(&mut self, mut bytes: &[u8]) -> Result<Vec<Event>, Broken> {
        let mut events = Vec::new();
        loop {
            if self.left > 0 || self.kept.is_some() {
                let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                let (part, rest) = bytes.split_at(len);
                self.payload(part);
                bytes = rest;
                if self.left > 0 {
                    return Ok(events);
                }
                events.extend(self.kept.take().and_then(Control::event));
                continue;
            }
            let Some((byte, rest)) = bytes.split_first() else { return Ok(events) };
            self.head.push(*byte);
            bytes = rest;
            self.frame()?;
        }
    }

    fn payload(&mut self, part: &[u8]) {
        self.left -= part.len() as u64;
        if let Some(control) = &mut self.kept {
            let masks = self.mask.iter().cycle().skip(self.at % 4);
            control.payload.extend(part.iter().zip(masks).map(|(byte, mask)| byte ^ mask));
            self.at += part.len();
        }
    }

    /// Begins a frame once its head is whole.
    fn frame(&mut self) -> Result<(), Broken> {
        let [first, second, rest @ ..] = self.head.as_slice() else { return Ok(()) };
        if second & 0x80 == 0 {
            return Err(Broken("it sent a WebSocket frame that is not masked (RFC 6455, clause 5.1)"));
        }
        let (len, mask): (u64, &[u8]) = match (second & 0x7f, rest) {
            (126, [a, b, mask @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), mask),
            (127, [a, b, c, d, e, f, g, h, mask @ ..]) => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), mask),
            (126 | 127, _) => return Ok(()),
            (len, mask) => (u64::from(len), mask),
        };
        let Ok(mask) = <[u8; 4]>::try_from(mask) else { return Ok(()) };
        let opcode = first & 0x0f;
        let is_control = opcode >= 8;
        if is_control && (len > MAX_CONTROL as u64 || first & 0x80 == 0) {
            return Err(Broken(
                "it sent a WebSocket control frame in parts or of more than 125 bytes (RFC 6455, clause 5.5)",
            ));
        }
        self.kept = is_control.then(|| Control { opcode, payload: Vec::new() });
        (self.left, self.mask, self.at) = (len, mask, 0);
        self.head.clear();
        Ok(())
    }
}

impl Control {
    fn event(self) -> Option<Event> {
        match self.opcode {
            8 => Some(Event::Close),
            9 => Some(Event::Ping(self.payload)),
            _ => None,
        }
    }
}

/// The answer to a ping.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..MAX_CONTROL).unwrap_or(payload);
    [&[0x8a, payload.len() as u8], payload].concat()
}

#[cfg(test)]
mod tests;
