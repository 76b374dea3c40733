//! [`Frame`]: one coded unit on its way through the server.

use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::{self, PacketType, TagInfo, TagKind};

use crate::ring::Item;

/// The AMF0 string that a script with metadata starts with.
const ON_METADATA: &[u8] = b"\x02\x00\x0aonMetaData";

/// What a frame means to those who relay it, as a set of bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags(u8);

impl Flags {
    /// No property.
    pub const NONE: Flags = Flags(0);
    /// A picture that decoding can start at.
    pub const KEY: Flags = Flags(1);
    /// Decoder configuration (a sequence header) or metadata: replayed to every new cursor.
    pub const CONFIG: Flags = Flags(2);
    /// The publisher left: nothing of this publish follows. The body is empty, unless the publisher is still there and has
    /// nothing for this lane: then it tells why.
    pub const END: Flags = Flags(4);

    /// What a track says of itself beside its configuration, such as the colours of its pictures or the order of its
    /// channels (enhanced RTMP): also replayed to every new cursor.
    pub const NOTE: Flags = Flags(8);
    /// Of a track beside the first of its kind, which is the one with the lowest number. A key frame of such a track is
    /// no place for a player to start at.
    pub const SIDE: Flags = Flags(16);
    /// The body holds several tracks: see [`Frame::tracks`].
    pub const MANY: Flags = Flags(32);

    /// True for what is replayed to every new cursor.
    pub const fn is_kept(self) -> bool {
        self.has(Flags::CONFIG) || self.has(Flags::NOTE)
    }

    /// True for a picture that players start at.
    pub const fn is_start(self) -> bool {
        self.has(Flags::KEY) && !self.has(Flags::SIDE)
    }

    /// These and those of `other`.
    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// True when all bits of `other` are set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One coded unit (picture, audio frame, script). Immutable and shared: a clone is one reference count.
///
/// It carries the body of an FLV tag: the publisher's own bytes when it came by RTMP, so that RTMP to RTMP is byte-true.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Decoding time on the publisher's clock.
    pub dts: MediaTime,
    /// Presentation time less decoding time.
    pub cts: MediaTime,
    /// Audio, video or script.
    pub kind: TagKind,
    /// The codec of the payload.
    pub codec: Codec,
    /// The track within its kind; 0 unless the publisher sends several (enhanced RTMP v2). Of several tracks in the body,
    /// the first.
    pub track: u8,
    /// What it means to those who relay it.
    pub flags: Flags,
    payload_at: u32,
    /// Beyond the end of the body where it goes up to there.
    payload_len: u32,
    body: Bytes,
}

impl Item for Frame {
    fn bytes(&self) -> usize {
        self.body.len()
    }
}

impl Frame {
    /// From the body of an FLV tag or RTMP message. A body that cannot be read is still relayed, as SRS does:
    /// it has no codec and no flags.
    pub fn from_flv(kind: TagKind, dts: MediaTime, body: Bytes) -> Frame {
        let mut frame = Frame {
            dts,
            cts: MediaTime::ZERO,
            kind,
            codec: if kind == TagKind::Video { Codec::OtherVideo } else { Codec::OtherAudio },
            track: 0,
            flags: Flags::NONE,
            payload_at: 0,
            payload_len: u32::MAX,
            body,
        };
        if kind == TagKind::Script {
            frame.codec = Codec::Script;
            if frame.body.starts_with(ON_METADATA) {
                frame.flags = Flags::CONFIG;
            }
            return frame;
        }
        if let Ok(info) = tag::parse_body(kind, &frame.body) {
            // The specification keeps the offset below 1 ms; a larger one must not change the millisecond.
            frame.dts += MediaTime::from_nanos(i64::from(info.timestamp_nano.min(999_999)));
            frame.describe(&info);
            if info.many_tracks {
                frame.flags = frame.flags.and(Flags::MANY);
            }
        }
        frame
    }

    /// Takes over what the head of a track says.
    fn describe(&mut self, info: &TagInfo) {
        self.codec = info.codec;
        self.track = info.track;
        self.cts = MediaTime::from_millis(i64::from(info.composition_ms));
        self.payload_at = u32::try_from(info.header_len).unwrap_or(u32::MAX);
        self.payload_len = u32::try_from(info.payload_len).unwrap_or(u32::MAX);
        self.flags = match info.packet {
            _ if info.is_sequence_header() => Flags::CONFIG,
            PacketType::Metadata | PacketType::MultichannelConfig => Flags::NOTE,
            _ if info.is_key_frame() => Flags::KEY,
            _ => Flags::NONE,
        };
    }

    /// Bytes that were made of a stream for players that take them as they are, such as a piece of an MPEG transport stream.
    /// It counts as a picture, so that new cursors start at the newest one with [`Flags::KEY`].
    pub fn made(dts: MediaTime, flags: Flags, bytes: Bytes) -> Frame {
        Frame { codec: Codec::OtherVideo, kind: TagKind::Video, flags, ..Frame::end(dts, bytes) }
    }

    /// The mark that a publish ended at `dts`.
    pub(crate) fn end(dts: MediaTime, body: Bytes) -> Frame {
        Frame {
            dts,
            cts: MediaTime::ZERO,
            kind: TagKind::Script,
            codec: Codec::Script,
            track: 0,
            flags: Flags::END,
            payload_at: 0,
            payload_len: u32::MAX,
            body,
        }
    }

    /// The body of the FLV tag.
    pub fn flv(&self) -> &Bytes {
        &self.body
    }

    /// The elementary payload: what the codec made, without the FLV header; H.26x as length-prefixed NAL units. Of several
    /// tracks in the body, that of the first.
    pub fn payload(&self) -> &[u8] {
        let rest = self.body.get(self.payload_at as usize..).unwrap_or_default();
        rest.get(..self.payload_len as usize).unwrap_or(rest)
    }

    /// The elementary payload, as a share of the body.
    pub fn payload_bytes(&self) -> Bytes {
        self.body.slice_ref(self.payload())
    }

    /// One frame for each track: this one, unless its body holds several. Those share the body, which [`Frame::flv`] still
    /// gives whole; each has a codec, a composition time and a payload of its own. All but the first are
    /// [`Flags::SIDE`].
    pub fn tracks(&self) -> impl Iterator<Item = Frame> + '_ {
        let is_many = self.flags.has(Flags::MANY);
        let alone = (!is_many).then(|| self.clone());
        let several = is_many.then(|| tag::walk(self.kind, &self.body).enumerate());
        let several = several.into_iter().flatten().map(|(place, info)| {
            let mut frame = self.clone();
            frame.describe(&info);
            if place > 0 || self.flags.has(Flags::SIDE) {
                frame.flags = frame.flags.and(Flags::SIDE);
            }
            frame
        });
        alone.into_iter().chain(several)
    }

    /// The decoding time as RTMP writes it: milliseconds, modulo 2^32.
    pub fn timestamp(&self) -> u32 {
        self.dts.millis() as u32
    }

    /// The same frame at another time.
    pub(crate) fn at(&self, dts: MediaTime) -> Frame {
        Frame { dts, ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
