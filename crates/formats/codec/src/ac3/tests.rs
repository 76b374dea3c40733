use super::{StreamType, SyncFrame, dac3, dec3, samples_of};
use crate::{AudioInfo, Codec, Error};

const MONO: &[u8] = include_bytes!("../../testdata/ffmpeg-44100-mono.ac3");
const SURROUND: &[u8] = include_bytes!("../../testdata/ffmpeg-48000-51.eac3");
/// The first frame of AC-3 5.1 at 384 kbit/s from ffmpeg.
const AC3_51: &[u8] = &[0x0b, 0x77, 0x94, 0x12, 0x1c, 0x40, 0xeb, 0xf8];

/// Codec, rate, channels, samples, length.
fn check(bytes: &[u8], expect: (Codec, u32, u8, u32, usize)) -> SyncFrame {
    let frame = SyncFrame::parse(bytes).expect("a frame");
    let got = (frame.codec(), frame.sample_rate, frame.channels(), frame.samples(), frame.frame_len);
    assert_eq!(got, expect);
    frame
}

#[test]
fn frames_of_ffmpeg() {
    check(AC3_51, (Codec::Ac3, 48_000, 6, 1536, 1536));
    let frame = check(MONO, (Codec::Ac3, 44_100, 1, 1536, 278));
    let expect = AudioInfo { coded_rate: Some(44_100), ..AudioInfo::of(Codec::Ac3, 44_100, 1) };
    assert_eq!(frame.info(), expect);
    check(SURROUND, (Codec::Eac3, 48_000, 6, 1536, 384));
    // Frames follow each other without a gap; at 44.1 kHz some are a word longer.
    let lengths = |unit| SyncFrame::all(unit).map(|frame| frame.frame_len).collect::<Vec<_>>();
    assert_eq!(lengths(MONO).iter().sum::<usize>(), MONO.len());
    assert_eq!(lengths(MONO), [278, 280, 278, 278, 280, 278]);
    assert_eq!(lengths(SURROUND), [384; 4]);
    assert_eq!(samples_of(&SURROUND[..384]), Some((1536, 48_000)));
    assert_eq!(samples_of(MONO), Some((6 * 1536, 44_100)));
    assert_eq!(samples_of(b"AC-3"), None);
}

#[test]
fn boxes_as_ffmpeg_writes_them() {
    let dac3_of = |bytes| dac3(&SyncFrame::parse(bytes).expect("a frame"));
    assert_eq!(dac3_of(AC3_51), Some([0x10, 0x3d, 0xc0]));
    assert_eq!(dac3_of(MONO), Some([0x50, 0x08, 0x80]));
    assert_eq!(dac3_of(SURROUND), None);
    let expect = vec![0x03, 0x00, 0x20, 0x0f, 0x00];
    assert_eq!(dec3(&SURROUND[..384]), Ok(expect.clone()));
    assert_eq!(dec3(SURROUND), Ok(expect));
    assert_eq!(dec3(MONO), Err(Error::Unexpected { field: "bsid for dec3", value: 8 }));
    assert_eq!(dec3(b"FLAC"), Err(Error::Unexpected { field: "syncword of AC-3", value: 0x464c }));
}

/// An E-AC-3 frame of 64 bytes from the bits behind its sync word.
fn frame_of(fields: &[&str]) -> Vec<u8> {
    let bits = format!("{:016b}{}", 0x0b77, fields.concat());
    let bits = format!("{bits:0<512}");
    bits.as_bytes().chunks(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | (bit - b'0'))).collect()
}

/// Type, substream, 64 bytes; rate, blocks; channels; bsid 16; dialogue level, no compression.
fn head(
    kind: &'static str,
    substream: &'static str,
    rate_blocks: &'static str,
    channels: &'static str,
) -> [&'static str; 8] {
    [kind, substream, "00000011111", rate_blocks, channels, "10000", "00000", "0"]
}

#[test]
fn more_channels_in_a_dependent_frame() {
    // 5.1 with six blocks; two channels more, mapped to Lrs/Rrs.
    let independent = frame_of(&head("00", "000", "0011", "1111"));
    let dependent = frame_of(&[&head("01", "000", "0011", "0100")[..], &["1", "0000001000000000"]].concat());
    let unit = [independent.clone(), dependent.clone()].concat();
    let frame = SyncFrame::parse(&dependent).expect("a frame");
    assert_eq!((frame.stream, frame.channel_map), (Some(StreamType::Dependent), Some(0x0200)));
    assert_eq!(samples_of(&unit), Some((1536, 48_000)));
    // 128 bytes in 32 ms are 32 kbit/s; bit 1 of chan_loc.
    let expect = vec![0x01, 0x00, 0x20, 0x0f, 0x02, 0x02];
    assert_eq!(dec3(&unit), Ok(expect.clone()));
    assert_eq!(dec3(&[unit.clone(), unit].concat()), Ok(expect));
    assert_eq!(dec3(&dependent), Err(Error::Unexpected { field: "first strmtyp of E-AC-3", value: 1 }));
}

#[test]
fn programmes_and_short_frames() {
    let first = frame_of(&head("00", "000", "0000", "0100"));
    let second = frame_of(&head("00", "001", "0000", "0010"));
    let unit = [first, second].concat();
    // A block of each: 128 bytes in 5.33 ms.
    assert_eq!(samples_of(&unit), Some((256, 48_000)));
    assert_eq!(dec3(&unit).map(|payload| payload.len()), Ok(2 + 3 + 3));
    assert_eq!(dec3(&unit).map(|payload| payload[..2].to_vec()), Ok((192_u16 << 3 | 1).to_be_bytes().to_vec()));
    assert_eq!(samples_of(&unit.repeat(6)), Some((1536, 48_000)));
    // Half of 44.1 kHz.
    let half = SyncFrame::parse(&frame_of(&head("00", "000", "1101", "0100"))).expect("a frame");
    assert_eq!((half.sample_rate, half.samples()), (22_050, 1536));
}

#[test]
fn the_service_stands_behind_all_mixing() {
    let check = |rate_blocks, channels, mixing: &[&str], expect: u8| {
        let head = head("00", "000", rate_blocks, channels);
        let frame = frame_of(&[&head[..], mixing, &["1", "101"]].concat());
        assert_eq!(SyncFrame::parse(&frame).map(|frame| frame.bsmod), Ok(expect));
    };
    check("0011", "0100", &["0"], 5);
    // 5.1: downmix, levels, low frequencies; scales; mixing data of four bytes; a configuration of each block.
    let mixing = ["1", "01", "111111", "111111", "1", "11111", "1", "111111", "1", "111111", "11", "00010"];
    let blocks = ["1", "1", "11111", "0", "0", "0", "0", "1", "11111"];
    check("0011", "1111", &[&mixing[..], &["1"; 32], &blocks].concat(), 5);
    // One channel in one block: no scales, five bits of mixing data, a panning.
    check("0000", "0010", &["1", "0", "0", "01", "11111", "1", "11111111111111", "1", "11111"], 5);
    check("0000", "0010", &["1", "0", "0", "10", "111111111111", "0", "0"], 5);
    // No informational metadata; cut off.
    let plain = frame_of(&head("00", "000", "0011", "0100"));
    assert_eq!(SyncFrame::parse(&plain).map(|frame| frame.bsmod), Ok(0));
    assert_eq!(SyncFrame::parse(&plain[..8]).map(|frame| frame.bsmod), Ok(0));
}

#[test]
fn what_is_no_frame() {
    let check = |bytes: &[u8], field: &'static str, value: u64| {
        assert_eq!(SyncFrame::parse(bytes), Err(Error::Unexpected { field, value }));
    };
    check(&[0xff, 0xfb, 0x90, 0, 0, 0, 0, 0], "syncword of AC-3", 0xfffb);
    check(&[0x0b, 0x77, 0, 0, 0, 0x48, 0, 0], "bsid of AC-3", 9);
    check(&[0x0b, 0x77, 0, 0, 0xc0, 0x40, 0, 0], "fscod of AC-3", 3);
    check(&[0x0b, 0x77, 0xc0, 0, 0, 0x80, 0, 0], "strmtyp of E-AC-3", 3);
    check(&[0x0b, 0x77, 0, 0, 0xf0, 0x80, 0, 0], "fscod of AC-3", 3);
    let range = Error::Range { field: "frmsizecod", value: 38, max: 37 };
    assert_eq!(SyncFrame::parse(&[0x0b, 0x77, 0, 0, 38, 0x40, 0, 0]), Err(range));
    assert!((0..7).all(|end| SyncFrame::parse(&AC3_51[..end]).is_err()));
}
