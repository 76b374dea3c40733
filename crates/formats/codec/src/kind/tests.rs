use super::Codec;

fn check(codec: Codec, name: &str, video: bool, audio: bool) {
    assert_eq!((codec.name(), codec.is_video(), codec.is_audio()), (name, video, audio), "{codec:?}");
}

#[test]
fn the_api_knows_eight_names() {
    check(Codec::H264, "H264", true, false);
    check(Codec::H265, "HEVC", true, false);
    check(Codec::Av1, "AV1", true, false);
    check(Codec::Vp6, "VP6", true, false);
    check(Codec::Vp9, "Other", true, false);
    check(Codec::Aac, "AAC", false, true);
    check(Codec::Mp3, "MP3", false, true);
    check(Codec::Opus, "Opus", false, true);
    check(Codec::G711a, "Other", false, true);
    check(Codec::Script, "Other", false, false);
}
