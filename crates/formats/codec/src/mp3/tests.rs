use super::FrameHeader;
use crate::{AudioInfo, Codec, Error};

/// Layer, bit rate, sample rate, channels, samples, length.
fn check(bytes: [u8; 4], expect: (u8, u32, u32, u8, u32, usize)) {
    let h = FrameHeader::parse(&bytes).expect("a good header");
    assert_eq!((h.layer, h.bit_rate, h.sample_rate, h.channels, h.samples, h.frame_len), expect, "{bytes:02x?}");
}

#[test]
fn headers() {
    check([0xff, 0xfb, 0x90, 0x00], (3, 128_000, 44_100, 2, 1152, 417));
    check([0xff, 0xfb, 0x92, 0x00], (3, 128_000, 44_100, 2, 1152, 418));
    check([0xff, 0xfb, 0xe4, 0xc0], (3, 320_000, 48_000, 1, 1152, 960));
    check([0xff, 0xf3, 0x84, 0xc0], (3, 64_000, 24_000, 1, 576, 192));
    check([0xff, 0xe3, 0x18, 0xc0], (3, 8_000, 8_000, 1, 576, 72));
    check([0xff, 0xfd, 0x84, 0x00], (2, 128_000, 48_000, 2, 1152, 384));
    check([0xff, 0xff, 0x46, 0x00], (1, 128_000, 48_000, 2, 384, 132));
}

#[test]
fn a_stream_of_lame() {
    let mut rest = &include_bytes!("../../testdata/lame-44100-stereo.mp3")[..];
    let mut frames = 0;
    while !rest.is_empty() {
        let header = FrameHeader::parse(rest).expect("a header");
        let info = AudioInfo { coded_rate: Some(44_100), ..AudioInfo::of(Codec::Mp3, 44_100, 2) };
        assert_eq!(header.info(), info);
        assert_eq!((header.layer, header.sample_rate, header.channels, header.samples), (3, 44_100, 2, 1152));
        rest = &rest[header.frame_len..];
        frames += 1;
    }
    assert_eq!(frames, 9);
}

#[test]
fn what_is_no_header() {
    let check = |bytes: &[u8], field: &'static str, value: u64| {
        assert_eq!(FrameHeader::parse(bytes), Err(Error::Unexpected { field, value }));
    };
    check(b"ID3\x04", "syncword of an MPEG audio frame", 0x24a);
    check(&[0xff, 0xeb, 0x90, 0], "ID and layer of an MPEG audio frame", 0);
    check(&[0xff, 0xf1, 0x90, 0], "ID and layer of an MPEG audio frame", 0);
    check(&[0xff, 0xfb, 0x00, 0], "bitrate_index of an MPEG audio frame", 0);
    check(&[0xff, 0xfb, 0xf0, 0], "bitrate_index of an MPEG audio frame", 15);
    check(&[0xff, 0xfb, 0x9c, 0], "sampling_frequency of an MPEG audio frame", 3);
    assert_eq!(FrameHeader::parse(&[0xff]), Err(Error::ShortBits { at: 0, wanted: 11 }));
}
