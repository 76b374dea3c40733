//! [`compose`]: the body of a tag, made of what a codec made.

use weir_codec::Codec;

use crate::fit::{Takes, enhanced_head, legacy_head};
use crate::tag::{PacketType, TagInfo, TagKind};

/// What a body is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// The decoder configuration: an `avcC`, `hvcC`, `av1C` or `vpcC` record, an AudioSpecificConfig, an OpusHead.
    Config,
    /// A picture that decoding can start at, or sound.
    Key,
    /// A picture that needs earlier ones.
    Inter,
}

/// The body of a tag: H.264 and AAC as every player knows them, all others in the form of Enhanced RTMP. It is shown when it
/// is decoded. Nothing for a codec that no tag has a place for.
pub fn compose(codec: Codec, unit: Unit, payload: &[u8]) -> Option<Vec<u8>> {
    let kind = if codec.is_video() { TagKind::Video } else { TagKind::Audio };
    let packet = if unit == Unit::Config { PacketType::SequenceHeader } else { PacketType::Coded };
    let frame = if unit == Unit::Inter { 0x20 } else { 0x10 };
    let info = TagInfo::whole(codec, packet, payload.len());
    let head = match codec {
        Codec::H264 | Codec::Aac => legacy_head(kind, frame, &info, payload),
        _ => enhanced_head(kind, frame, Takes::EVERYTHING, &info),
    };
    let head = head?;
    let mut body = Vec::with_capacity(head.bytes().len() + payload.len());
    body.extend_from_slice(head.bytes());
    body.extend_from_slice(payload);
    Some(body)
}

#[cfg(test)]
mod tests;
