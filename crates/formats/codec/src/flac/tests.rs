use super::{FrameHeader, StreamInfo};
use crate::{AudioInfo, Codec, Error};

const STREAM: &[u8] = include_bytes!("../../testdata/ffmpeg-44100-stereo.flac");

#[test]
fn stream_info_of_ffmpeg() {
    let info = StreamInfo::parse(STREAM).expect("a stream");
    assert_eq!((info.min_block, info.max_block, info.min_frame, info.max_frame), (4608, 4608, 14, 16));
    assert_eq!((info.sample_rate, info.channels, info.bits, info.total_samples), (44_100, 2, 16, 13_230));
    let expect = AudioInfo { coded_rate: Some(44_100), ..AudioInfo::of(Codec::Flac, 44_100, 2) };
    assert_eq!(info.info(), expect);
    let mut out = Vec::new();
    info.write_to(&mut out);
    assert_eq!(out, STREAM[4..42]);
}

#[test]
fn all_wrappings_are_the_same() {
    let expect = StreamInfo::parse(STREAM);
    let check = |bytes: &[u8]| assert_eq!(StreamInfo::parse(bytes), expect);
    check(&STREAM[4..]);
    check(&STREAM[8..42]);
    check(&[&[0; 4], &STREAM[4..42]].concat());
}

#[test]
fn broken_stream_info_is_refused() {
    let check = |bytes: &[u8], field: &'static str, value: u64| {
        assert_eq!(StreamInfo::parse(bytes), Err(Error::Unexpected { field, value }));
    };
    check(b"fLaC\x84\0\0\x22", "type of the first FLAC metadata block", 4);
    check(b"fLaC\x80\0\0\x21", "bytes of STREAMINFO", 33);
    check(&[0; 34], "sample rate of STREAMINFO", 0);
    assert!((0..42).all(|end| StreamInfo::parse(&STREAM[..end]).is_err()));
    let mut swapped = STREAM[8..42].to_vec();
    swapped[0] = 0xff;
    let range = Error::Range { field: "minimum block size of STREAMINFO", value: 0xff00, max: 0x1200 };
    assert_eq!(StreamInfo::parse(&swapped), Err(range));
}

#[test]
fn frames_of_ffmpeg() {
    let check = |bytes: &[u8], samples: u32, sample_rate: u32, channels: u8| {
        let expect = FrameHeader { samples, sample_rate: Some(sample_rate), channels };
        assert_eq!(FrameHeader::parse(bytes), Ok(expect), "{bytes:02x?}");
    };
    check(&STREAM[42..], 4608, 44_100, 2);
    // The last one is shorter.
    check(&STREAM[70..], 4014, 44_100, 2);
    // 96 kHz, mono, 24 bits.
    check(&[0xff, 0xf8, 0xdb, 0x0c, 0x00, 0xb5], 8192, 96_000, 1);
}

#[test]
fn frame_heads() {
    let check = |bytes: &[u8], expect: Option<(u32, Option<u32>, u8)>| {
        let got = FrameHeader::parse(bytes).ok().map(|head| (head.samples, head.sample_rate, head.channels));
        assert_eq!(got, expect, "{bytes:02x?}");
    };
    // 192 samples, the rate in STREAMINFO; block sizes of a byte and of two; rates in kHz, Hz and tens of Hz.
    check(&[0xff, 0xf8, 0x10, 0x18, 0x00], Some((192, None, 2)));
    check(&[0xff, 0xf9, 0x6c, 0x78, 0xc2, 0x80, 15, 12], Some((16, Some(12_000), 8)));
    check(&[0xff, 0xf8, 0x7d, 0xa8, 0x00, 0xff, 0xff, 0x1f, 0x40], Some((65_536, Some(8000), 2)));
    check(
        &[0xff, 0xf8, 0x8e, 0x08, 0xfe, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x11, 0x3a],
        Some((256, Some(44_100), 1)),
    );
    // Reserved: block size 0, rate 15, channels 11, a coded number that starts in its middle, no sync code.
    check(&[0xff, 0xf8, 0x00, 0x08, 0x00], None);
    check(&[0xff, 0xf8, 0x1f, 0x08, 0x00], None);
    check(&[0xff, 0xf8, 0x19, 0xb8, 0x00], None);
    check(&[0xff, 0xf8, 0x19, 0x08, 0x80], None);
    check(&[0xff, 0xfb, 0x90, 0x00, 0x00], None);
    check(&[0xff, 0xf8, 0x6c, 0x78, 0x00], None);
}
