//! What a player makes of the bytes it gets: the way to its first frame, and every frame if it is to parse.

use std::time::Instant;
use weir_flv::tag::TagKind;

use weir_flv::TagReader;
use weir_proto_rtmp::ClientSession;
use weir_proto_rtmp::client::Event;

use super::clock_nanos;
use super::hls::HlsPlayer;
use crate::media::read_mark;

/// A response head longer than this is none.
const MAX_HEAD: usize = 16 << 10;

/// A player's end of a connection.
#[derive(Debug)]
pub(super) enum Player {
    Rtmp(Box<ClientSession>),
    Http(Box<HttpPlayer>),
    Hls(Box<HlsPlayer>),
}

impl Player {
    /// Eats bytes. Calls `on_mark` with the time in each marked frame. Returns how many frames came, or why it is over.
    pub(super) fn handle_input(
        &mut self,
        now: Instant,
        bytes: &[u8],
        on_mark: &mut impl FnMut(u64),
    ) -> Result<usize, String> {
        let mut frames = 0;
        if let Player::Hls(player) = self {
            player.handle_input(now, bytes, |made| {
                frames += 1;
                if let Some(made) = made {
                    let age = jiff::Timestamp::now().as_nanosecond() - made;
                    on_mark(clock_nanos().saturating_sub(u64::try_from(age).unwrap_or(0)));
                }
            })?;
            return Ok(frames);
        }
        let mut media = |kind, body: &[u8]| {
            if kind != TagKind::Script {
                frames += 1;
            }
            if let Some(sent_at) = read_mark(kind, body) {
                on_mark(sent_at);
            }
        };
        match self {
            Player::Hls(_) => {}
            Player::Rtmp(session) => {
                session.handle_input(now, bytes).map_err(|e| e.to_string())?;
                while let Some(event) = session.poll_event() {
                    match event {
                        Event::Media { kind, payload, .. } => media(kind, &payload),
                        Event::Refused { code, .. } => return Err(code),
                        _ => {}
                    }
                }
            }
            Player::Http(player) => {
                if player.handle_input(bytes, media)? {
                    frames += 1;
                }
            }
        }
        Ok(frames)
    }
}

/// An endless response, chunked or not.
#[derive(Debug)]
pub(super) struct HttpPlayer {
    head: Vec<u8>,
    body: Option<Body>,
    /// Reads an FLV body; nothing for a body that is only counted.
    tags: Option<TagReader>,
}

#[derive(Debug, PartialEq)]
enum Body {
    Plain,
    Chunked(Chunk),
}

/// Where the next byte of a chunked body stands (RFC 9112, clause 7.1).
#[derive(Debug, PartialEq)]
enum Chunk {
    /// In the line before a chunk; what it says so far.
    Size(Vec<u8>),
    /// So many bytes before the end of a chunk.
    Data(usize),
    /// So many bytes of the line end behind it.
    End(usize),
}

impl HttpPlayer {
    pub(super) fn new(reads_flv: bool) -> HttpPlayer {
        HttpPlayer { head: Vec::new(), body: None, tags: reads_flv.then(TagReader::default) }
    }

    /// True when bytes came of a body that is only counted.
    fn handle_input(&mut self, bytes: &[u8], mut media: impl FnMut(TagKind, &[u8])) -> Result<bool, String> {
        let mut input = bytes;
        if self.body.is_none() {
            let before = self.head.len();
            self.head.extend_from_slice(bytes);
            let Some(end) = self.head.windows(4).position(|four| four == b"\r\n\r\n") else {
                return if self.head.len() > MAX_HEAD { Err("no response head".to_owned()) } else { Ok(false) };
            };
            self.body = Some(read_head(self.head.get(..end).unwrap_or_default())?);
            input = bytes.get((end + 4).saturating_sub(before)..).unwrap_or_default();
            self.head = Vec::new();
        }
        let (tags, mut counted) = (&mut self.tags, false);
        let mut push = |data: &[u8]| match tags {
            Some(tags) => tags.push(data),
            None => counted |= !data.is_empty(),
        };
        match &mut self.body {
            Some(Body::Chunked(chunk)) => dechunk(chunk, input, push)?,
            _ => push(input),
        }
        while let Some(tag) = self.tags.as_mut().map_or(Ok(None), TagReader::poll_tag).map_err(|e| e.to_string())? {
            media(tag.kind, &tag.body);
        }
        Ok(counted)
    }
}

fn read_head(head: &[u8]) -> Result<Body, String> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if status != "200" {
        return Err(format!("status {status}"));
    }
    let chunked = head.lines().any(|line| line.starts_with("transfer-encoding:") && line.contains("chunked"));
    Ok(if chunked { Body::Chunked(Chunk::Size(Vec::new())) } else { Body::Plain })
}

fn dechunk(state: &mut Chunk, mut input: &[u8], mut data: impl FnMut(&[u8])) -> Result<(), String> {
    while let Some((first, rest)) = input.split_first() {
        match state {
            Chunk::Size(line) if *first == b'\n' => {
                let text = String::from_utf8_lossy(line);
                let digits = text.split(';').next().unwrap_or_default().trim();
                let size = usize::from_str_radix(digits, 16).map_err(|_| "a chunk without a size".to_owned())?;
                if size == 0 {
                    return Err("end of the response".to_owned());
                }
                *state = Chunk::Data(size);
                input = rest;
            }
            Chunk::Size(line) => {
                if line.len() > 256 {
                    return Err("a chunk without a size".to_owned());
                }
                line.push(*first);
                input = rest;
            }
            Chunk::Data(left) => {
                let (now, later) = input.split_at(input.len().min(*left));
                data(now);
                input = later;
                *left -= now.len();
                if *left == 0 {
                    *state = Chunk::End(2);
                }
            }
            Chunk::End(left) => {
                *left -= 1;
                input = rest;
                if *left == 0 {
                    *state = Chunk::Size(Vec::new());
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
