//! [`HlsPlayer`]: what a player of HLS asks for, one request after the other on one connection.
//!
//! It follows a master playlist to its first variant, starts three segments before the end, and takes every segment that
//! comes. Where the server can block (low latency) it takes every part, and asks for the next before it is there.

use std::time::{Duration, Instant};

/// A response head, or a playlist, longer than this is none.
const MAX_TEXT: usize = 1 << 20;
/// A playlist that did not change is asked for again after this share of its target duration (RFC 8216, clause 6.3.4).
const RELOAD: f64 = 0.5;
/// Segments between the start and the end of the playlist (clause 6.3.3).
const START_BACK: usize = 3;

/// A player's end of a connection.
#[derive(Debug)]
pub(super) struct HlsPlayer {
    host: String,
    /// The playlist that is asked for again and again.
    playlist: String,
    out: Vec<u8>,
    head: Vec<u8>,
    /// Bytes of the body that are still to come; nothing while in the head.
    left: Option<u64>,
    asked: Asked,
    /// The text of a playlist, as far as it came.
    text: Vec<u8>,
    /// What was listed and not fetched yet.
    wanted: Vec<Piece>,
    /// The newest that was listed: segment, part.
    newest: Option<(u64, u64)>,
    blocking: bool,
    reload_at: Option<Instant>,
    reload_after: Duration,
}

#[derive(Clone, Debug, PartialEq)]
enum Asked {
    Playlist,
    Piece(Piece),
}

/// A segment or a part.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    uri: String,
    at: (u64, u64),
    /// When its first frame was made, in nanoseconds of the Unix epoch, where the playlist tells.
    made: Option<i128>,
}

impl HlsPlayer {
    pub(super) fn new(host: &str, path: &str) -> HlsPlayer {
        let mut player = HlsPlayer {
            host: host.to_owned(),
            playlist: path.to_owned(),
            out: Vec::new(),
            head: Vec::new(),
            left: None,
            asked: Asked::Playlist,
            text: Vec::new(),
            wanted: Vec::new(),
            newest: None,
            blocking: false,
            reload_at: None,
            reload_after: Duration::from_secs(1),
        };
        player.ask(path.to_owned(), Asked::Playlist);
        player
    }

    /// Bytes to send.
    pub(super) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// When to be called without input.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        self.reload_at
    }

    /// Asks for the playlist again if it is time.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.reload_at.is_some_and(|at| at <= now) {
            self.reload_at = None;
            self.ask(self.playlist.clone(), Asked::Playlist);
        }
    }

    /// Eats bytes. Calls `on_piece` with the time at which the first frame of a finished segment or part was made.
    pub(super) fn handle_input(
        &mut self,
        now: Instant,
        mut bytes: &[u8],
        mut on_piece: impl FnMut(Option<i128>),
    ) -> Result<(), String> {
        while !bytes.is_empty() {
            let Some(left) = self.left else {
                bytes = self.read_head(bytes)?;
                if self.left == Some(0) {
                    self.left = None;
                    self.finished(now, &mut on_piece)?;
                }
                continue;
            };
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
            let (part, rest) = bytes.split_at(len);
            if self.asked == Asked::Playlist {
                self.text.extend_from_slice(part);
                if self.text.len() > MAX_TEXT {
                    return Err("an endless playlist".to_owned());
                }
            }
            bytes = rest;
            self.left = Some(left - len as u64);
            if self.left == Some(0) {
                self.left = None;
                self.finished(now, &mut on_piece)?;
            }
        }
        Ok(())
    }

    fn read_head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], String> {
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(end) = self.head.windows(4).position(|four| four == b"\r\n\r\n") else {
            return if self.head.len() > MAX_TEXT { Err("no response head".to_owned()) } else { Ok(&[]) };
        };
        let head = String::from_utf8_lossy(self.head.get(..end).unwrap_or_default()).to_ascii_lowercase();
        let status = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        self.head.clear();
        // A playlist that is not there yet may come.
        if status != "200" && !(status == "404" && self.newest.is_none()) {
            return Err(format!("status {status}"));
        }
        self.left = Some(length.ok_or("a response without a length")?);
        if status == "404" {
            self.asked = Asked::Playlist;
        }
        Ok(bytes.get((end + 4).saturating_sub(before)..).unwrap_or_default())
    }

    /// A body is whole.
    fn finished(&mut self, now: Instant, on_piece: &mut impl FnMut(Option<i128>)) -> Result<(), String> {
        match &self.asked {
            Asked::Piece(piece) => on_piece(piece.made),
            Asked::Playlist => {
                let text = String::from_utf8_lossy(&std::mem::take(&mut self.text)).into_owned();
                if let Some(variant) = master(&text) {
                    self.playlist = resolve(&self.playlist, variant);
                    self.ask(self.playlist.clone(), Asked::Playlist);
                    return Ok(());
                }
                if text.starts_with("#EXTM3U") {
                    self.read_playlist(&text);
                }
            }
        }
        self.ask_next(now);
        Ok(())
    }

    fn ask_next(&mut self, now: Instant) {
        if !self.wanted.is_empty() {
            let piece = self.wanted.remove(0);
            return self.ask(resolve(&self.playlist, &piece.uri), Asked::Piece(piece));
        }
        match (self.newest, self.blocking) {
            (Some((segment, part)), true) => {
                let separator = if self.playlist.contains('?') { '&' } else { '?' };
                let next = format!("{}{separator}_HLS_msn={segment}&_HLS_part={}", self.playlist, part + 1);
                self.ask(next, Asked::Playlist);
            }
            _ => self.reload_at = Some(now + self.reload_after),
        }
    }

    fn ask(&mut self, path: String, asked: Asked) {
        self.asked = asked;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: weir-bench\r\n\r\n", self.host);
        self.out.extend_from_slice(request.as_bytes());
    }

    fn read_playlist(&mut self, text: &str) {
        let listed = Listed::read(text);
        self.blocking = listed.blocking;
        self.reload_after = Duration::from_secs_f64((listed.target * RELOAD).clamp(0.1, 10.0));
        let mut fresh: Vec<Piece> = listed.pieces.into_iter().filter(|piece| Some(piece.at) > self.newest).collect();
        if self.newest.is_none() && !self.blocking {
            fresh.drain(..fresh.len().saturating_sub(START_BACK));
        } else if self.newest.is_none() {
            // The newest part is the start of a low-latency player that waits for nothing.
            fresh.drain(..fresh.len().saturating_sub(1));
        }
        if let Some(last) = fresh.last() {
            self.newest = Some(last.at);
        }
        self.wanted.extend(fresh);
    }
}

/// What a media playlist lists: its parts where the server can block, else its segments.
struct Listed {
    pieces: Vec<Piece>,
    target: f64,
    blocking: bool,
}

impl Listed {
    fn read(text: &str) -> Listed {
        let blocking =
            text.lines().any(|line| line.starts_with("#EXT-X-SERVER-CONTROL") && line.contains("CAN-BLOCK-RELOAD=YES"));
        let mut listed = Listed { pieces: Vec::new(), target: 1.0, blocking };
        let (mut segment, mut part, mut made) = (0, 0, None);
        let mut length = 0.0;
        for line in text.lines() {
            if let Some(target) = line.strip_prefix("#EXT-X-TARGETDURATION:") {
                listed.target = target.trim().parse().unwrap_or(1.0);
            } else if let Some(first) = line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:") {
                segment = first.trim().parse().unwrap_or(0);
            } else if let Some(skipped) = line.strip_prefix("#EXT-X-SKIP:SKIPPED-SEGMENTS=") {
                segment += skipped.split(',').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
            } else if let Some(time) = line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:") {
                made = time.trim().parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_nanosecond);
            } else if let Some(attributes) = line.strip_prefix("#EXT-X-PART:") {
                if blocking && let Some(uri) = attribute(attributes, "URI=\"") {
                    listed.pieces.push(Piece { uri: uri.to_owned(), at: (segment, part), made });
                }
                part += 1;
                made = later(made, attribute(attributes, "DURATION="));
            } else if let Some(info) = line.strip_prefix("#EXTINF:") {
                length = info.split(',').next().and_then(|seconds| seconds.trim().parse().ok()).unwrap_or(0.0);
            } else if !line.starts_with('#') && !line.trim().is_empty() {
                if !blocking {
                    listed.pieces.push(Piece { uri: line.trim().to_owned(), at: (segment, 0), made });
                    made = later(made, Some(&length.to_string()));
                } else if part == 0 {
                    made = later(made, Some(&length.to_string()));
                }
                (segment, part) = (segment + 1, 0);
            }
        }
        listed
    }
}

fn later(made: Option<i128>, seconds: Option<&str>) -> Option<i128> {
    let seconds: f64 = seconds?.parse().ok()?;
    Some(made? + (seconds * 1e9) as i128)
}

/// The value behind `name` in an attribute list, up to its closing quotation mark or comma.
fn attribute<'a>(list: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = list.split_once(name)?;
    rest.split(if name.ends_with('"') { '"' } else { ',' }).next()
}

/// The first variant of a master playlist.
fn master(text: &str) -> Option<&str> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("#EXT-X-STREAM-INF"));
    lines.next()?;
    lines.find(|line| !line.starts_with('#') && !line.trim().is_empty()).map(str::trim)
}

/// A URI of a playlist as a path.
pub(crate) fn resolve(playlist: &str, uri: &str) -> String {
    if let Some((_, rest)) = uri.split_once("://") {
        return rest.split_once('/').map_or_else(|| "/".to_owned(), |(_, path)| format!("/{path}"));
    }
    if uri.starts_with('/') {
        return uri.to_owned();
    }
    let path = playlist.split('?').next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/{uri}")
}

#[cfg(test)]
mod tests;
