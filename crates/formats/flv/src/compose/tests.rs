use weir_codec::Codec;

use super::{Unit, compose};
use crate::tag::{FrameType, PacketType, TagKind, parse_body};

#[test]
fn what_is_composed_is_read_again() {
    let check = |codec: Codec, unit: Unit, expect: (FrameType, PacketType)| {
        let kind = if codec.is_video() { TagKind::Video } else { TagKind::Audio };
        let body = compose(codec, unit, b"payload").expect("a body");
        let info = parse_body(kind, &body).expect("a head");
        assert_eq!((info.codec, info.composition_ms, info.payload(&body)), (codec, 0, &b"payload"[..]));
        assert_eq!((info.frame, info.packet), expect, "{codec:?}");
        assert_eq!(info.is_enhanced, !matches!(codec, Codec::H264 | Codec::Aac), "{codec:?}");
    };
    for codec in [Codec::H264, Codec::H265, Codec::Av1, Codec::Vp9, Codec::Vp8] {
        check(codec, Unit::Config, (FrameType::Key, PacketType::SequenceHeader));
        check(codec, Unit::Key, (FrameType::Key, PacketType::Coded));
        check(codec, Unit::Inter, (FrameType::Inter, PacketType::Coded));
    }
    for codec in [Codec::Aac, Codec::Opus] {
        check(codec, Unit::Config, (FrameType::None, PacketType::SequenceHeader));
        check(codec, Unit::Key, (FrameType::None, PacketType::Coded));
    }
}

#[test]
fn a_codec_without_a_place_is_not_composed() {
    assert_eq!(compose(Codec::G711a, Unit::Key, b"payload"), None);
}
