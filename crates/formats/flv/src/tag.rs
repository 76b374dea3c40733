//! The first bytes of a tag's body: codec, frame type, packet type, composition time.
//!
//! Legacy bodies follow annex E.4.2 and E.4.3 of the FLV specification and the codec ids that the field added to it
//! (HEVC 12, AV1 13); enhanced bodies follow Enhanced RTMP v2, clauses "Enhanced Audio" and "Enhanced Video".

mod enhanced;
mod legacy;

use crate::Error;
use weir_base::ByteReader;
use weir_codec::Codec;

pub(crate) use enhanced::has_composition_time;
pub use enhanced::{Tracks, fourcc_of};

/// What a tag carries; the number is the FLV tag type and the RTMP message type alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TagKind {
    /// Sound.
    Audio = 8,
    /// Pictures.
    Video = 9,
    /// AMF0 data.
    Script = 18,
}

impl TagKind {
    /// The kind of an FLV tag type (the five low bits of a tag's first byte) or of an RTMP message type.
    pub const fn from_type(number: u8) -> Option<TagKind> {
        match number {
            8 => Some(TagKind::Audio),
            9 => Some(TagKind::Video),
            18 => Some(TagKind::Script),
            _ => None,
        }
    }
}

/// What kind of picture a video body holds (annex E.4.3.1, FrameType).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameType {
    /// A picture from which decoding can start.
    Key,
    /// A picture that needs earlier ones.
    Inter,
    /// An H.263 picture that no other needs.
    DisposableInter,
    /// A key frame that a server made up.
    Generated,
    /// Not a picture: a command to the player.
    Command,
    /// Not video, or a number without a meaning.
    None,
}

impl FrameType {
    /// From the number in the body's first byte.
    const fn from_bits(bits: u8) -> FrameType {
        match bits {
            1 => FrameType::Key,
            2 => FrameType::Inter,
            3 => FrameType::DisposableInter,
            4 => FrameType::Generated,
            5 => FrameType::Command,
            _ => FrameType::None,
        }
    }
}

/// What the payload of a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PacketType {
    /// The decoder configuration: an `avcC`, `hvcC`, `av1C` or `vpcC` record, an AudioSpecificConfig, an OpusHead.
    SequenceHeader,
    /// One access unit or audio frame.
    Coded,
    /// The end of the sequence; no payload.
    EndOfSequence,
    /// One frame of a legacy codec without packet types, such as MP3 or VP6.
    Raw,
    /// AMF0: a script tag, or the colour description of an enhanced video track.
    Metadata,
    /// An AV1 decoder configuration as an MPEG-2 TS descriptor.
    Mpeg2TsSequenceStart,
    /// The channel order of an enhanced audio track.
    MultichannelConfig,
    /// A command to the player (start or end of a client-side seek).
    Command,
    /// The body is empty, as some encoders send to keep a session alive. SRS relays these.
    Empty,
    /// A packet type without a meaning in the specification.
    Unknown(u8),
}

/// What the first bytes of a tag's body say. Sizes and offsets are in bytes of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagInfo {
    /// How the payload is coded.
    pub codec: Codec,
    /// Which kind of picture.
    pub frame: FrameType,
    /// What the payload is.
    pub packet: PacketType,
    /// Presentation minus decoding time in milliseconds; 24 bits, signed.
    pub composition_ms: i32,
    /// To be added to the timestamp, in nanoseconds: below one millisecond by the specification, 24 bits on the wire.
    pub timestamp_nano: u32,
    /// Where the elementary payload starts; never past the body.
    pub header_len: usize,
    /// How long it is: up to the end of the body, except when several tracks share the body.
    pub payload_len: usize,
    /// The track of a multitrack body, else 0.
    pub track: u8,
    /// The body holds several tracks and this is one of them; [`tracks`] walks all.
    pub many_tracks: bool,
    /// The body names its codec by FourCC.
    pub fourcc: Option<[u8; 4]>,
    /// The body is of Enhanced RTMP.
    pub is_enhanced: bool,
    /// Audio, legacy: the rate of the two-bit table in Hz (5512, 11025, 22050, 44100); AAC always says 44100. Else 0.
    pub sound_rate: u32,
    /// Audio, legacy: bits a sample, 8 or 16. Else 0.
    pub sound_size: u8,
    /// Audio, legacy: 1 or 2. Else 0.
    pub sound_channels: u8,
}

impl TagInfo {
    /// True for the decoder configuration, which every late joiner needs.
    pub fn is_sequence_header(&self) -> bool {
        matches!(self.packet, PacketType::SequenceHeader | PacketType::Mpeg2TsSequenceStart)
    }

    /// True for a picture from which decoding can start.
    pub fn is_key_frame(&self) -> bool {
        matches!(self.frame, FrameType::Key | FrameType::Generated)
            && matches!(self.packet, PacketType::Coded | PacketType::Raw)
    }

    /// The elementary payload within the `body` this was parsed from.
    pub fn payload<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        let end = self.header_len.saturating_add(self.payload_len);
        body.get(self.header_len..end).unwrap_or_default()
    }

    /// A neutral value over the whole body.
    pub(crate) fn whole(codec: Codec, packet: PacketType, len: usize) -> TagInfo {
        TagInfo {
            codec,
            frame: FrameType::None,
            packet,
            composition_ms: 0,
            timestamp_nano: 0,
            header_len: 0,
            payload_len: len,
            track: 0,
            many_tracks: false,
            fourcc: None,
            is_enhanced: false,
            sound_rate: 0,
            sound_size: 0,
            sound_channels: 0,
        }
    }

    /// The payload is what `r` has left.
    fn rest_of(self, r: &ByteReader<'_>) -> TagInfo {
        TagInfo { header_len: r.position(), payload_len: r.left(), ..self }
    }
}

/// Reads the head of a body. Of several tracks in one body, the first.
///
/// An empty body is [`PacketType::Empty`], not an error. Fails when the head is cut short, or breaks the nesting rules
/// of Enhanced RTMP.
pub fn parse_body(kind: TagKind, body: &[u8]) -> Result<TagInfo, Error> {
    let first = body.first().copied();
    match (kind, first) {
        (TagKind::Script, _) => Ok(TagInfo::whole(Codec::Script, PacketType::Metadata, body.len())),
        (TagKind::Audio, None) => Ok(TagInfo::whole(Codec::OtherAudio, PacketType::Empty, 0)),
        (TagKind::Video, None) => Ok(TagInfo::whole(Codec::OtherVideo, PacketType::Empty, 0)),
        (_, Some(byte)) if enhanced::is_enhanced(kind, byte) => Tracks::parse(kind, body)?.first(),
        (TagKind::Audio, Some(_)) => legacy::parse_audio(body),
        (TagKind::Video, Some(_)) => legacy::parse_video(body),
    }
}

/// All tracks of an enhanced multitrack body; one track for any other enhanced body. [`None`] for the rest.
pub fn tracks(kind: TagKind, body: &[u8]) -> Result<Option<Tracks<'_>>, Error> {
    match body.first() {
        Some(byte) if enhanced::is_enhanced(kind, *byte) => Tracks::parse(kind, body).map(Some),
        _ => Ok(None),
    }
}

/// Every track of a body in wire order: the one that [`parse_body`] gives, and of a multitrack body the others too. Ends
/// before the first that cannot be read.
pub fn walk(kind: TagKind, body: &[u8]) -> impl Iterator<Item = TagInfo> + '_ {
    let several = tracks(kind, body);
    let one = if let Ok(None) = several { parse_body(kind, body).ok() } else { None };
    let several = several.ok().flatten().into_iter().flatten().map_while(Result::ok);
    several.chain(one)
}

#[cfg(test)]
mod tests;
