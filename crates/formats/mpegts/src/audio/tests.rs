use super::AudioTrack;
use crate::Error;
use weir_codec::Codec;
use weir_codec::aac::AdtsHeader;

fn write(codec: Codec, config: &[u8], frames: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    AudioTrack::new(codec, config)?.parts(frames.iter().copied(), |part| out.extend_from_slice(part))?;
    Ok(out)
}

#[test]
fn adts_before_aac() {
    let check = |config: &[u8], rate, channels| {
        let out = write(Codec::Aac, config, &[&[1, 2, 3], &[], &[4]]).expect("good frames");
        let header = AdtsHeader::parse(&out).expect("a header");
        assert_eq!((header.object_type, header.sample_rate, header.channel_config), (2, rate, channels));
        assert_eq!((header.frame_len, &out[7..10]), (10, &[1, 2, 3][..]));
        let second = AdtsHeader::parse(&out[10..]).expect("a second header");
        assert_eq!((second.frame_len, &out[17..]), (8, &[4][..]));
    };
    check(&[0x11, 0x90], 48000, 2);
    check(&[0x12, 0x08], 44100, 1);
    // SBR and PS, in both forms: ADTS tells the rate of the core, and decoders find the rest.
    check(&[0x2b, 0x11, 0x88, 0x00], 24000, 2);
    check(&[0xeb, 0x09, 0x88, 0x00], 24000, 1);
    check(&[0x13, 0x10, 0x56, 0xe5, 0x98], 24000, 2);
}

#[test]
fn aac_that_adts_cannot_carry() {
    let check = |config: &[u8], expect: Error| assert_eq!(write(Codec::Aac, config, &[]), Err(expect), "{config:02x?}");
    // USAC, and low delay.
    check(&[0xf9, 0x46, 0x40], Error::NoAdts { object_type: 42 });
    check(&[0xb9, 0x90], Error::NoAdts { object_type: 23 });
    let rate = weir_codec::Error::Unexpected { field: "sampling rate for ADTS", value: 13579 };
    check(&[0x17, 0x80, 0x1a, 0x85, 0x90], rate.into());
    let channels = weir_codec::Error::Range { field: "channel_configuration of ADTS", value: 12, max: 7 };
    check(&[0x11, 0xe0], channels.into());
    let long = weir_codec::Error::Range { field: "ADTS frame bytes", value: 8185, max: 8184 };
    assert_eq!(write(Codec::Aac, &[0x11, 0x90], &[&[0; 8185]]), Err(long.into()));
}

#[test]
fn frames_with_headers_stay_as_they_are() {
    for codec in [Codec::Mp3, Codec::Ac3, Codec::Eac3] {
        assert_eq!(write(codec, &[], &[&[1, 2], &[], &[3]]), Ok(vec![1, 2, 3]));
    }
}

#[test]
fn control_headers_before_opus() {
    let check = |len: usize, expect: &[u8]| {
        let out = write(Codec::Opus, b"OpusHead\x01\x02\0\0\0\0\0\0\0\0\0", &[&vec![7; len]]).expect("a good packet");
        assert_eq!(out, [&[0x7f, 0xe0], expect, &vec![7; len][..]].concat());
    };
    check(1, &[1]);
    check(254, &[254]);
    check(255, &[255, 0]);
    check(600, &[255, 255, 90]);
}

#[test]
fn stream_types() {
    let check = |codec, config: &[u8], stream_type, pid, stream_id, descriptors: &[u8]| {
        let track = AudioTrack::new(codec, config).expect("a codec with a mapping");
        let entry = (track.entry.stream_type, track.entry.pid, &track.entry.descriptors[..], track.stream_id);
        assert_eq!(entry, (stream_type, pid, descriptors, stream_id), "{codec:?}");
    };
    check(Codec::Aac, &[0x11, 0x90], 0x0f, 0x101, 0xc0, &[]);
    check(Codec::Mp3, &[0xff, 0xfb, 0x90, 0], 0x03, 0x102, 0xc0, &[]);
    check(Codec::Mp3, &[0xff, 0xf3, 0x40, 0xc4], 0x04, 0x102, 0xc0, &[]);
    // Without a header that can be read, the type that includes the other.
    check(Codec::Mp3, &[], 0x04, 0x102, 0xc0, &[]);
    check(Codec::Mp3, b"junk", 0x04, 0x102, 0xc0, &[]);
    check(Codec::Ac3, &[], 0x81, 0x101, 0xbd, b"\x05\x04AC-3");
    check(Codec::Eac3, &[], 0x87, 0x101, 0xbd, b"\x05\x04EAC3");
    let stereo = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0";
    check(Codec::Opus, stereo, 0x06, 0x101, 0xbd, b"\x05\x04Opus\x7f\x02\x80\x02");
}

#[test]
fn channels_of_opus() {
    let check = |channels: u8, family: u8, table: &[u8], expect: Option<u8>| {
        let head = [b"OpusHead\x01", &[channels][..], &[0; 8], &[family], table].concat();
        let expect = expect.ok_or(Error::OpusChannels { family, channels });
        assert_eq!(super::opus_channel_code(&head), expect, "{channels} of family {family}: {table:?}");
    };
    check(1, 0, &[], Some(1));
    check(2, 0, &[], Some(2));
    check(3, 0, &[], None);
    check(2, 1, &[1, 1, 0, 1], Some(2));
    check(6, 1, &[4, 2, 0, 4, 1, 2, 3, 5], Some(6));
    check(8, 1, &[5, 3, 0, 6, 1, 2, 3, 4, 5, 7], Some(8));
    check(2, 1, &[2, 0, 0, 1], Some(0x82));
    check(6, 1, &[6, 0, 0, 1, 2, 3, 4, 5], Some(0x86));
    check(6, 1, &[4, 2, 0, 1, 2, 3, 4, 5], None);
    check(6, 1, &[4, 2, 0], None);
    check(9, 1, &[9, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8], None);
    check(2, 255, &[2, 0, 0, 1], None);
    assert!(matches!(super::opus_channel_code(b"OpusTags"), Err(Error::Codec(_))));
}

#[test]
fn codecs_without_a_mapping() {
    for codec in [Codec::Flac, Codec::Speex, Codec::G711a, Codec::Nellymoser, Codec::H264, Codec::Script] {
        assert_eq!(write(codec, &[], &[]), Err(Error::NoMapping { codec }));
    }
}
