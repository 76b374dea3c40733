//! Bodies of Enhanced RTMP v1 and v2: FourCC, ModEx prefixes, multitrack.

use super::{FrameType, PacketType, TagInfo, TagKind};
use crate::Error;
use weir_base::ByteReader;
use weir_codec::Codec;

/// ModEx prefixes in one body. One subtype is defined, so one is the honest number; the rest is room for the future.
const MAX_MOD_EX: usize = 16;

/// The ModEx subtype that carries nanoseconds.
const TIMESTAMP_OFFSET_NANO: u8 = 0;

/// The packet type that announces a ModEx prefix.
const MOD_EX: u8 = 7;

/// Tracks in one body: their numbers have eight bits.
const MAX_TRACKS: usize = 256;

/// SoundFormat that announces an enhanced audio body.
const EX_AUDIO: u8 = 9;

/// True when `first`, the first byte of a body, announces Enhanced RTMP.
pub(super) fn is_enhanced(kind: TagKind, first: u8) -> bool {
    match kind {
        TagKind::Audio => first >> 4 == EX_AUDIO,
        TagKind::Video => first & 0x80 != 0,
        TagKind::Script => false,
    }
}

/// The tracks of one enhanced body, in wire order. Ends after the first error.
#[derive(Clone, Debug)]
pub struct Tracks<'a> {
    kind: TagKind,
    base: TagInfo,
    number: u8,
    layout: Layout,
    reader: ByteReader<'a>,
    count: usize,
    done: bool,
    behind_mod_ex: Option<(u8, usize)>,
}

/// How the tracks share the body (AvMultitrackType; `Single` is a body without multitrack).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Single,
    OneTrack,
    ManyTracks,
    ManyTracksManyCodecs,
}

impl<'a> Tracks<'a> {
    /// Reads what all tracks share. The caller has checked [`is_enhanced`].
    pub(super) fn parse(kind: TagKind, body: &'a [u8]) -> Result<Self, Error> {
        let mut r = ByteReader::new(body);
        let first = r.u8()?;
        let (codec, frame) = match kind {
            TagKind::Video => (Codec::OtherVideo, FrameType::from_bits(first >> 4 & 7)),
            _ => (Codec::OtherAudio, FrameType::None),
        };
        let (mut number, timestamp_nano) = read_mod_ex(&mut r, first & 0x0f)?;
        let behind_mod_ex = (first & 0x0f == MOD_EX).then_some((number, r.position()));
        let base = TagInfo { frame, timestamp_nano, is_enhanced: true, ..TagInfo::whole(codec, PacketType::Empty, 0) };
        let mut layout = Layout::Single;
        if number == multitrack_number(kind) && !is_command(frame, kind, number) {
            let at = r.position();
            let byte = r.u8()?;
            layout = match byte >> 4 {
                0 => Layout::OneTrack,
                1 => Layout::ManyTracks,
                _ => Layout::ManyTracksManyCodecs,
            };
            number = byte & 0x0f;
            if number == multitrack_number(kind) {
                return Err(Error::NestedMultitrack { at });
            }
        }
        let mut tracks = Tracks { kind, base, number, layout, reader: r, count: 0, done: false, behind_mod_ex };
        if layout != Layout::ManyTracksManyCodecs && !is_command(frame, kind, number) {
            tracks.read_fourcc()?;
        }
        Ok(tracks)
    }

    /// The first track.
    pub(super) fn first(mut self) -> Result<TagInfo, Error> {
        self.read_track()
    }

    /// The body names its tracks by number.
    pub(crate) fn is_multitrack(&self) -> bool {
        self.layout != Layout::Single
    }

    /// The body may hold more than one track.
    pub(crate) fn is_many(&self) -> bool {
        matches!(self.layout, Layout::ManyTracks | Layout::ManyTracksManyCodecs)
    }

    /// The packet type behind the ModEx prefixes and where what follows it starts; [`None`] without such prefixes.
    pub(crate) fn behind_mod_ex(&self) -> Option<(u8, usize)> {
        self.behind_mod_ex
    }

    /// Where the next track starts in the body, with all that is its own.
    pub(crate) fn position(&self) -> usize {
        self.reader.position()
    }

    fn read_fourcc(&mut self) -> Result<(), Error> {
        let fourcc = self.reader.array::<4>()?;
        self.base.fourcc = Some(fourcc);
        self.base.codec = codec_of(self.kind, fourcc);
        Ok(())
    }

    fn read_track(&mut self) -> Result<TagInfo, Error> {
        if self.count == MAX_TRACKS {
            return Err(Error::TooManyTracks { at: self.reader.position(), max: MAX_TRACKS });
        }
        self.count += 1;
        if is_command(self.base.frame, self.kind, self.number) {
            return Ok(TagInfo { packet: PacketType::Command, ..self.base }.rest_of(&self.reader));
        }
        if self.layout == Layout::ManyTracksManyCodecs {
            self.read_fourcc()?;
        }
        let track = if self.layout == Layout::Single { 0 } else { self.reader.u8()? };
        let many_tracks = self.is_many();
        let len = if many_tracks { self.reader.u24()? as usize } else { self.reader.left() };
        let start = self.reader.position();
        let mut r = ByteReader::new(self.reader.take(len)?);
        let (packet, composition_ms) = self.read_packet(&mut r)?;
        let (header_len, payload_len) = (start.saturating_add(r.position()), r.left());
        Ok(TagInfo { packet, composition_ms, track, many_tracks, header_len, payload_len, ..self.base })
    }

    /// The packet type, and the composition time where the codec has one.
    fn read_packet(&self, r: &mut ByteReader<'_>) -> Result<(PacketType, i32), Error> {
        let packet = match (self.kind, self.number) {
            (_, 0) => PacketType::SequenceHeader,
            (TagKind::Video, 1) if has_composition_time(self.base.fourcc) => return Ok((PacketType::Coded, r.i24()?)),
            (_, 1) => PacketType::Coded,
            (_, 2) => PacketType::EndOfSequence,
            // CodedFramesX: composition time 0 is left out.
            (TagKind::Video, 3) => PacketType::Coded,
            (TagKind::Video, 4) => PacketType::Metadata,
            (TagKind::Video, 5) => PacketType::Mpeg2TsSequenceStart,
            (TagKind::Audio, 4) => PacketType::MultichannelConfig,
            (_, other) => PacketType::Unknown(other),
        };
        Ok((packet, 0))
    }
}

impl Iterator for Tracks<'_> {
    type Item = Result<TagInfo, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let track = self.read_track();
        let last = matches!(self.layout, Layout::Single | Layout::OneTrack) || self.reader.is_empty();
        self.done = track.is_err() || last;
        Some(track)
    }
}

/// Walks the ModEx prefixes: returns the packet type behind them and the nanoseconds they carry.
fn read_mod_ex(r: &mut ByteReader<'_>, mut number: u8) -> Result<(u8, u32), Error> {
    let mut nanos = 0;
    for _ in 0..MAX_MOD_EX {
        if number != MOD_EX {
            return Ok((number, nanos));
        }
        let mut len = usize::from(r.u8()?) + 1;
        if len == 256 {
            len = usize::from(r.u16()?) + 1;
        }
        let data = r.take(len)?;
        let byte = r.u8()?;
        if byte >> 4 == TIMESTAMP_OFFSET_NANO {
            nanos = ByteReader::new(data).u24()?;
        }
        number = byte & 0x0f;
    }
    match number {
        MOD_EX => Err(Error::TooManyModEx { at: r.position(), max: MAX_MOD_EX }),
        _ => Ok((number, nanos)),
    }
}

/// A command frame has one byte instead of a FourCC and a payload, unless it is metadata.
fn is_command(frame: FrameType, kind: TagKind, number: u8) -> bool {
    const METADATA: u8 = 4;
    kind == TagKind::Video && frame == FrameType::Command && number != METADATA
}

fn multitrack_number(kind: TagKind) -> u8 {
    if kind == TagKind::Video { 6 } else { 5 }
}

/// True when coded frames of this FourCC begin with their composition time.
pub(crate) fn has_composition_time(fourcc: Option<[u8; 4]>) -> bool {
    matches!(fourcc.as_ref(), Some(b"avc1" | b"hvc1" | b"hev1" | b"vvc1"))
}

/// The FourCC by which a codec is announced and written; [`None`] for a codec without one.
pub const fn fourcc_of(codec: Codec) -> Option<&'static [u8; 4]> {
    Some(match codec {
        Codec::H264 => b"avc1",
        Codec::H265 => b"hvc1",
        Codec::Av1 => b"av01",
        Codec::Vp9 => b"vp09",
        Codec::Vp8 => b"vp08",
        Codec::Aac => b"mp4a",
        Codec::Mp3 => b".mp3",
        Codec::Opus => b"Opus",
        Codec::Flac => b"fLaC",
        Codec::Ac3 => b"ac-3",
        Codec::Eac3 => b"ec-3",
        _ => return None,
    })
}

fn codec_of(kind: TagKind, fourcc: [u8; 4]) -> Codec {
    match (kind, &fourcc) {
        (TagKind::Video, b"avc1") => Codec::H264,
        (TagKind::Video, b"hvc1" | b"hev1") => Codec::H265,
        (TagKind::Video, b"av01") => Codec::Av1,
        (TagKind::Video, b"vp09") => Codec::Vp9,
        (TagKind::Video, b"vp08") => Codec::Vp8,
        (TagKind::Video, _) => Codec::OtherVideo,
        (_, b"mp4a") => Codec::Aac,
        (_, b".mp3") => Codec::Mp3,
        (_, b"Opus") => Codec::Opus,
        (_, b"fLaC") => Codec::Flac,
        (_, b"ac-3") => Codec::Ac3,
        (_, b"ec-3") => Codec::Eac3,
        _ => Codec::OtherAudio,
    }
}
