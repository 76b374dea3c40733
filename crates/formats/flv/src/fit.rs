//! [`fit`]: a body in a form that a reader can take, without a copy of what is in it.
//!
//! A codec that a reader does not take in the form in which it came is brought into the other, when that is only another
//! head: `avc1`, `hvc1`, `av01`, `mp4a` and `.mp3` have ids too. What is left over is left out.

mod takes;

use crate::tag::{PacketType, TagInfo, TagKind, Tracks, fourcc_of, has_composition_time, parse_body, tracks};
use std::ops::Range;
use weir_codec::{Codec, mp3};

pub use takes::{Form, Takes};

/// The longest head: one byte, a ModEx prefix of nanoseconds, FourCC, composition time.
const MAX_HEAD: usize = 1 + 5 + 4 + 3;

/// What a reader gets of a body.
#[derive(Clone, Debug)]
pub enum Fit<'a> {
    /// The body as it is.
    Whole,
    /// Another head, and parts of the body.
    Parts(Parts<'a>),
    /// Nothing.
    Nothing,
}

/// Another head, and what follows it.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    head: Head,
    first: Range<usize>,
    kept: Option<Kept<'a>>,
}

impl<'a> Parts<'a> {
    /// Goes before all.
    pub fn head(&self) -> &[u8] {
        self.head.bytes()
    }

    /// What follows, as ranges of the body in their order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> + Clone + use<'a> {
        std::iter::once(self.first.clone()).chain(self.kept.clone().into_iter().flatten())
    }

    /// Bytes of the head and of all ranges.
    pub fn total(&self) -> usize {
        self.ranges().fold(self.head().len(), |len, range| len.saturating_add(range.len()))
    }

    fn new(head: Head, first: Range<usize>) -> Parts<'a> {
        Parts { head, first, kept: None }
    }
}

/// The tracks of a body that a reader takes, each with all that is its own.
#[derive(Clone, Debug)]
struct Kept<'a> {
    tracks: Tracks<'a>,
    takes: Takes,
}

impl Iterator for Kept<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        loop {
            let from = self.tracks.position();
            let track = self.tracks.next()?.ok()?;
            if self.takes.has(Form::Enhanced, track.codec) {
                return Some(from..self.tracks.position());
            }
        }
    }
}

/// A head in the making.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head {
    bytes: [u8; MAX_HEAD],
    len: usize,
}

impl Head {
    fn of(bytes: &[u8]) -> Head {
        Head::default().and(bytes)
    }

    fn and(mut self, bytes: &[u8]) -> Head {
        for (place, byte) in self.bytes.iter_mut().skip(self.len).zip(bytes) {
            *place = *byte;
        }
        self.len = self.len.saturating_add(bytes.len()).min(MAX_HEAD);
        self
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// What a reader gets of a body. `side`: the body is of a track beside the first of its kind, which a reader without
/// multitrack does not get.
///
/// Of several tracks in a body, a reader without multitrack gets the first that it takes, alone. A body that cannot be read
/// is for readers that take everything.
pub fn fit(kind: TagKind, body: &[u8], side: bool, takes: Takes) -> Fit<'_> {
    if takes.is_everything() || kind == TagKind::Script || body.is_empty() {
        return Fit::Whole;
    }
    match tracks(kind, body) {
        Ok(Some(tracks)) => fit_enhanced(kind, body, side, takes, tracks),
        Ok(None) => fit_legacy(kind, body, side, takes),
        Err(_) => Fit::Nothing,
    }
}

fn fit_legacy(kind: TagKind, body: &[u8], side: bool, takes: Takes) -> Fit<'_> {
    let Ok(info) = parse_body(kind, body) else { return Fit::Nothing };
    if side && !takes.has_multitrack() {
        Fit::Nothing
    } else if takes.has(Form::Legacy, info.codec) {
        Fit::Whole
    } else {
        alone(kind, body, takes, &info)
    }
}

fn fit_enhanced<'a>(kind: TagKind, body: &'a [u8], side: bool, takes: Takes, tracks: Tracks<'a>) -> Fit<'a> {
    let mut taken = tracks.clone().map_while(Result::ok).filter(|track| takes.has_codec(track.codec));
    if side && !takes.has_multitrack() {
        return Fit::Nothing;
    }
    if takes.has_multitrack() || !tracks.is_multitrack() {
        let is_taken = |track: &TagInfo| takes.has(Form::Enhanced, track.codec);
        let (mut some, mut all) = (false, true);
        for track in tracks.clone() {
            let is_taken = track.is_ok_and(|track| is_taken(&track));
            (some, all) = (some || is_taken, all && is_taken);
        }
        if some {
            return with_tracks(body, takes, tracks, all);
        }
    }
    match taken.next() {
        // In the form of an id, a track beside the first could not be told from it.
        Some(track) if !side => alone(kind, body, takes, &track),
        _ => Fit::Nothing,
    }
}

/// The tracks that are taken, in the layout of the body; without its ModEx prefixes for a reader that does not know them.
fn with_tracks<'a>(body: &'a [u8], takes: Takes, tracks: Tracks<'a>, all: bool) -> Fit<'a> {
    let (head, from) = match (tracks.behind_mod_ex(), body.first()) {
        (Some((packet, from)), Some(first)) if !takes.has_mod_ex() => (Head::of(&[first & 0xf0 | packet]), from),
        _ if all => return Fit::Whole,
        _ => (Head::default(), 0),
    };
    if all {
        return Fit::Parts(Parts::new(head, from..body.len()));
    }
    let first = from..tracks.position();
    Fit::Parts(Parts { kept: Some(Kept { tracks, takes }), ..Parts::new(head, first) })
}

/// One track by itself, in a form that is taken.
fn alone<'a>(kind: TagKind, body: &'a [u8], takes: Takes, track: &TagInfo) -> Fit<'a> {
    let (payload, from) = (track.payload(body), track.header_len);
    // The frame type is the same in both forms, but for the bit that tells the one from the other.
    let frame = body.first().map_or(0, |first| first & 0x70);
    let head = if takes.has(Form::Enhanced, track.codec) {
        enhanced_head(kind, frame, takes, track)
    } else if takes.has(Form::Legacy, track.codec) {
        legacy_head(kind, frame, track, payload)
    } else {
        None
    };
    let range = from..from.saturating_add(payload.len());
    head.map_or(Fit::Nothing, |head| Fit::Parts(Parts::new(head, range)))
}

/// The head of an enhanced body with one track (Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader).
pub(crate) fn enhanced_head(kind: TagKind, frame: u8, takes: Takes, track: &TagInfo) -> Option<Head> {
    const CODED_FRAMES_X: u8 = 3;
    const MOD_EX: u8 = 7;
    let fourcc = track.fourcc.or_else(|| fourcc_of(track.codec).copied())?;
    let timed = kind == TagKind::Video && has_composition_time(Some(fourcc));
    let packet = match track.packet {
        PacketType::SequenceHeader => 0,
        PacketType::Coded | PacketType::Raw if timed && track.composition_ms == 0 => CODED_FRAMES_X,
        PacketType::Coded | PacketType::Raw => 1,
        PacketType::EndOfSequence => 2,
        PacketType::Metadata | PacketType::MultichannelConfig => 4,
        PacketType::Mpeg2TsSequenceStart => 5,
        // Behind a multitrack head a 7 is only a number; at the front it would announce a prefix.
        PacketType::Unknown(number) if track.is_enhanced && number != MOD_EX => number,
        _ => return None,
    };
    let first = if kind == TagKind::Video { 0x80 | frame } else { 0x90 };
    let head = match track.timestamp_nano.to_be_bytes() {
        // ModEx: three bytes, of the subtype for nanoseconds.
        [_, n2, n1, n0] if track.timestamp_nano > 0 && takes.has_mod_ex() => {
            Head::of(&[first | MOD_EX, 2, n2, n1, n0, packet])
        }
        _ => Head::of(&[first | packet]),
    };
    let [_, composition @ ..] = track.composition_ms.to_be_bytes();
    let head = head.and(&fourcc);
    Some(if timed && packet == 1 { head.and(&composition) } else { head })
}

/// The head of a body with an id (FLV, annex E.4.2.1 and E.4.3.1).
pub(crate) fn legacy_head(kind: TagKind, frame: u8, track: &TagInfo, payload: &[u8]) -> Option<Head> {
    let packet = match track.packet {
        PacketType::SequenceHeader => 0,
        PacketType::Coded => 1,
        PacketType::EndOfSequence if kind == TagKind::Video => 2,
        _ => return None,
    };
    let [_, c2, c1, c0] = track.composition_ms.to_be_bytes();
    Some(match track.codec {
        Codec::H264 => Head::of(&[frame | 7, packet, c2, c1, c0]),
        Codec::H265 => Head::of(&[frame | 12, packet, c2, c1, c0]),
        Codec::Av1 => Head::of(&[frame | 13, packet, c2, c1, c0]),
        // AAC says 44.1 kHz and stereo, whatever is in it.
        Codec::Aac => Head::of(&[0xaf, packet]),
        Codec::Mp3 if packet == 1 => Head::of(&[0x22 | mp3_sound(payload)]),
        _ => return None,
    })
}

/// Rate and channels of MP3 in a legacy head: the rate of the table that is nearest.
fn mp3_sound(payload: &[u8]) -> u8 {
    let Ok(header) = mp3::FrameHeader::parse(payload) else { return 3 << 2 | 1 };
    let rate = match header.sample_rate {
        32_000.. => 3,
        16_001.. => 2,
        8001.. => 1,
        _ => 0,
    };
    rate << 2 | u8::from(header.channels == 2)
}

#[cfg(test)]
mod tests;
