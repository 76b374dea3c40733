use super::{AdtsHeader, AudioSpecificConfig, frame_span, profile_name};
use crate::{AudioInfo, Codec, Error, Span};

/// Object type, core type, rate, rate after SBR, channels, parametric stereo.
fn check(bytes: &[u8], expect: (u8, u8, u32, Option<u32>, Option<u8>, bool)) -> AudioSpecificConfig {
    let config = AudioSpecificConfig::parse(bytes).expect("a good configuration");
    let got = (
        config.object_type,
        config.core_type,
        config.sample_rate,
        config.extension_rate,
        config.channels(),
        config.parametric_stereo,
    );
    assert_eq!(got, expect, "{bytes:02x?}");
    config
}

#[test]
fn plain_configurations_round_trip() {
    for (bytes, expect) in [
        (&[0x12, 0x10][..], (2, 2, 44100, None, Some(2), false)),
        (&[0x11, 0x90], (2, 2, 48000, None, Some(2), false)),
        (&[0x0a, 0x08], (1, 1, 44100, None, Some(1), false)),
        (&[0x11, 0xb8], (2, 2, 48000, None, Some(8), false)),
        // 13 579 Hz needs the escape.
        (&[0x17, 0x80, 0x1a, 0x85, 0x90], (2, 2, 13579, None, Some(2), false)),
    ] {
        let mut out = Vec::new();
        check(bytes, expect).write_to(&mut out);
        assert_eq!(out, bytes);
    }
}

#[test]
fn sbr_and_ps() {
    // Announced first: SBR over LC, 24 000 to 48 000 Hz; PS over LC.
    check(&[0x2b, 0x11, 0x88, 0x00], (5, 2, 24000, Some(48000), Some(2), false));
    check(&[0xeb, 0x09, 0x88, 0x00], (29, 2, 24000, Some(48000), Some(1), true));
    // Announced behind an LC configuration: SBR; SBR and PS.
    check(&[0x13, 0x10, 0x56, 0xe5, 0x98], (2, 2, 24000, Some(48000), Some(2), false));
    check(&[0x13, 0x08, 0x56, 0xe5, 0x9d, 0x48, 0x80], (2, 2, 24000, Some(48000), Some(1), true));
    // The sync word of nothing known.
    check(&[0x12, 0x10, 0x56, 0x00], (2, 2, 44100, None, Some(2), false));
}

#[test]
fn broken_configurations_are_refused() {
    let check = |bytes: &[u8], expect: Error| assert_eq!(AudioSpecificConfig::parse(bytes), Err(expect));
    check(&[], Error::ShortBits { at: 0, wanted: 5 });
    check(&[0x12], Error::ShortBits { at: 5, wanted: 4 });
    check(&[0x16, 0x90], Error::Range { field: "samplingFrequencyIndex", value: 13, max: 12 });
}

#[test]
fn spans_of_frames() {
    let check = |config: &[u8], samples, rate| assert_eq!(frame_span(config), Ok(Span { samples, rate }));
    check(&[0x12, 0x10], 1024, 44_100);
    check(&[0x11, 0x94], 960, 48_000);
    // SBR and PS, announced first and behind: the core counts.
    check(&[0x2b, 0x11, 0x88, 0x00], 1024, 24_000);
    check(&[0x13, 0x08, 0x56, 0xe5, 0x9d, 0x48, 0x80], 1024, 24_000);
    // Low delay; enhanced low delay of 480 samples, whose object type has the escape.
    check(&[0xb9, 0x90, 0x00], 512, 48_000);
    check(&[0xf8, 0xe6, 0x50, 0x00], 480, 48_000);
    let usac = Error::Unexpected { field: "object type for a frame length", value: 42 };
    assert_eq!(frame_span(&[0xf9, 0x46, 0x40, 0x00]), Err(usac));
    assert_eq!(frame_span(&[0x12]), Err(Error::ShortBits { at: 5, wanted: 4 }));
}

#[test]
fn rates_that_are_heard() {
    let check = |config: &[u8], expect| {
        assert_eq!(AudioSpecificConfig::parse(config).map(|config| config.output_rate()), Ok(expect));
    };
    check(&[0x11, 0x90], 48_000);
    check(&[0x2b, 0x11, 0x88, 0x00], 48_000);
    check(&[0x13, 0x10, 0x56, 0xe5, 0x98], 48_000);
}

#[test]
fn words_of_the_api() {
    let check = |object_type, expect| assert_eq!(profile_name(object_type), expect);
    check(1, "Main");
    check(2, "LC");
    check(3, "SSR");
    check(5, "HE");
    check(29, "HEv2");
    check(4, "Other");
    let info = AudioSpecificConfig::parse(&[0x11, 0x90]).expect("48 kHz LC").info(44100, 2);
    let expect =
        AudioInfo { codec: Codec::Aac, sample_rate: 44100, coded_rate: Some(48000), channels: 2, profile: "LC" };
    assert_eq!(info, expect);
}

#[test]
fn adts_frames_of_ffmpeg() {
    let mut rest = &include_bytes!("../../testdata/ffmpeg-48000-stereo.aac")[..];
    let mut frames = 0;
    while !rest.is_empty() {
        let header = AdtsHeader::parse(rest).expect("a header");
        assert_eq!((header.object_type, header.sample_rate, header.channel_config), (2, 48000, 2));
        let again = AdtsHeader::for_frame(&header.config(), header.frame_len - header.header_len).expect("fits");
        let mut out = Vec::new();
        again.write_to(&mut out);
        assert_eq!(out, rest[..7]);
        rest = &rest[header.frame_len..];
        frames += 1;
    }
    assert_eq!(frames, 6);
}

#[test]
fn broken_adts_is_refused() {
    let check = |bytes: &[u8], expect: Error| assert_eq!(AdtsHeader::parse(bytes), Err(expect));
    check(b"ID3\x04\0\0\0", Error::Unexpected { field: "syncword of ADTS", value: 0x494 });
    // An MP3 frame has the same sync word.
    check(&[0xff, 0xfb, 0x90, 0, 0, 0, 0], Error::Unexpected { field: "layer of ADTS", value: 1 });
    let zero = Error::Range { field: "ADTS header bytes within aac_frame_length", value: 7, max: 0 };
    check(&[0xff, 0xf1, 0x50, 0x80, 0x00, 0x1f, 0xfc], zero);
    let config = AudioSpecificConfig::parse(&[0x12, 0x10]).expect("LC");
    let long = Error::Range { field: "ADTS frame bytes", value: 8185, max: 8184 };
    assert_eq!(AdtsHeader::for_frame(&config, 8185), Err(long));
}
