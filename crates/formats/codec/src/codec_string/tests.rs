use super::codec_string;
use crate::Codec;

fn check(codec: Codec, config: &[u8], expect: &str) {
    assert_eq!(codec_string(codec, config).as_deref(), Some(expect).filter(|name| !name.is_empty()), "{codec:?}");
}

#[test]
fn h264() {
    check(Codec::H264, &[1, 0x64, 0x00, 0x1e, 0xff, 0xe0, 0], "avc1.64001e");
    check(Codec::H264, &[1, 0x42, 0xc0, 0x1f, 0xff, 0xe0, 0], "avc1.42c01f");
    check(Codec::H264, &[1, 0x42], "");
}

/// The first 13 bytes of `hvcC`.
fn hvcc(general: u8, compatibility: u32, constraints: [u8; 6], level: u8) -> Vec<u8> {
    [&[1, general][..], &compatibility.to_be_bytes(), &constraints, &[level]].concat()
}

#[test]
fn h265() {
    check(Codec::H265, include_bytes!("../../testdata/ffmpeg-x265.hvcc"), "hvc1.1.6.L30.90");
    // The examples of ISO/IEC 14496-15 clause E.3, which names them hev1.
    check(Codec::H265, &hvcc(0x01, 0x6000_0000, [0xb0, 0, 0, 0, 0, 0], 93), "hvc1.1.6.L93.B0");
    check(Codec::H265, &hvcc(0x44, 0x0800_0000, [0xb8, 0x08, 0, 0, 0, 0], 120), "hvc1.A4.10.L120.B8.8");
    check(Codec::H265, &hvcc(0x22, 0x2000_0000, [0; 6], 153), "hvc1.2.4.H153");
    check(Codec::H265, &hvcc(0x01, 0x6000_0000, [0; 6], 93)[..12], "");
    check(Codec::H265, &[2; 40], "");
}

#[test]
fn av1() {
    check(Codec::Av1, include_bytes!("../../testdata/ffmpeg-libaom.av1c"), "av01.0.00M.08");
    // 4:4:4 in the colours of HDR10, from ffmpeg.
    let hdr = [
        0x81, 0x20, 0x00, 0x00, 0x0a, 0x0d, 0x20, 0x00, 0x00, 0x03, 0x2c, 0x19, 0x4d, 0xaf, 0x92, 0x12, 0x20, 0x12,
        0x20,
    ];
    check(Codec::Av1, &hdr, "av01.1.00M.08.0.000.09.16.09.0");
    // Without a sequence header: level 5.1, high tier, 10 bits.
    check(Codec::Av1, &[0x81, 0x0d, 0xcc, 0x00], "av01.0.13H.10");
    check(Codec::Av1, &[0x80, 0, 0, 0], "");
}

#[test]
fn vp9_and_vp8() {
    check(Codec::Vp9, include_bytes!("../../testdata/ffmpeg-libvpx.vpcc"), "vp09.00.10.08");
    check(Codec::Vp9, &[1, 0, 0, 0, 3, 10, 0xa4, 2, 2, 2, 0, 0], "vp09.03.10.10.02.01.01.01.00");
    // The example of the binding: HDR10 at level 1.
    check(Codec::Vp9, &[1, 0, 0, 0, 2, 10, 0xa2, 9, 16, 9, 0, 0], "vp09.02.10.10.01.09.16.09.00");
    check(Codec::Vp9, &[1, 0, 0, 0, 0, 0, 0x80, 1, 1, 1, 0, 0], "vp09.00.10.08");
    check(Codec::Vp8, &[1, 0, 0, 0, 0, 41, 0x82, 2, 2, 2, 0, 0], "vp08.00.41.08");
    check(Codec::Vp8, &[], "vp8");
    check(Codec::Vp9, &[], "");
}

#[test]
fn aac() {
    check(Codec::Aac, &[0x12, 0x10], "mp4a.40.2");
    check(Codec::Aac, &[0x2b, 0x11, 0x88, 0x00], "mp4a.40.5");
    check(Codec::Aac, &[0xeb, 0x09, 0x88, 0x00], "mp4a.40.29");
    // SBR, and SBR with PS, behind a plain configuration.
    check(Codec::Aac, &[0x13, 0x10, 0x56, 0xe5, 0x98], "mp4a.40.5");
    check(Codec::Aac, &[0x13, 0x08, 0x56, 0xe5, 0x9d, 0x48, 0x80], "mp4a.40.29");
    check(Codec::Aac, &[0xf9, 0x46, 0x40, 0x00], "mp4a.40.42");
    check(Codec::Aac, &[], "");
}

#[test]
fn names_without_a_sequence_header() {
    check(Codec::Mp3, &[], "mp4a.40.34");
    check(Codec::Opus, &[], "opus");
    check(Codec::Flac, &[], "fLaC");
    check(Codec::Ac3, &[], "ac-3");
    check(Codec::Eac3, &[], "ec-3");
    check(Codec::G711a, &[], "");
    check(Codec::Vp6, &[], "");
    check(Codec::Script, &[], "");
}
