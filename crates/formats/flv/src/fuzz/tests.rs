use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpora_replay() {
    replay("flv_tag", super::flv_tag);
    replay("flv_stream", super::flv_stream);
    replay("flv_fit", super::flv_fit);
}

#[test]
fn files_of_ffmpeg_survive_every_cut() {
    super::flv_stream(include_bytes!("../../testdata/ffmpeg-h264-aac.flv"));
    super::flv_stream(include_bytes!("../../testdata/ffmpeg-h264-mp3.flv"));
}

proptest! {
    #[test]
    fn any_tag_body(data in proptest::collection::vec(any::<u8>(), 0..80)) {
        super::flv_tag(&data);
    }

    #[test]
    fn any_body_for_any_reader(
        who in any::<[u8; 5]>(),
        first in prop_oneof![0x90u8..0x98, 0xa0u8..0xa8, Just(0x17), Just(0x1c), Just(0x1d), Just(0xaf), Just(0x2f)],
        multitrack in 0u8..0x30,
        fourcc in prop_oneof![Just(b"avc1"), Just(b"hvc1"), Just(b"av01"), Just(b"mp4a"), Just(b".mp3"), Just(b"what")],
        rest in proptest::collection::vec(0u8..9, 0..40),
        several in any::<bool>(),
    ) {
        let multitrack = if several { &[multitrack][..] } else { &[] };
        super::flv_fit(&[&who[..], &[first], multitrack, fourcc, &rest].concat());
    }

    #[test]
    fn any_stream_behind_a_header(data in proptest::collection::vec(0u8..20, 0..200)) {
        super::flv_stream(&[&b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"[..], &data].concat());
    }
}
