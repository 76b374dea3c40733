//! Bodies for the fuzzer; a plain test replays the corpora.

use crate::{Error, Muxer, PACKET_LEN};
use weir_base::{ByteReader, MediaTime, Short};
use weir_codec::Codec;

const CODECS: [Codec; 10] = [
    Codec::H264,
    Codec::H265,
    Codec::Av1,
    Codec::Vp9,
    Codec::Aac,
    Codec::Mp3,
    Codec::Ac3,
    Codec::Eac3,
    Codec::Opus,
    Codec::Flac,
];

/// Records for those who would not find one by chance: `avcC`, `hvcC` with lengths of two bytes, `av1C`,
/// AudioSpecificConfig, OpusHead.
const RECORDS: [&[u8]; 5] = [
    &[1, 100, 0, 31, 0xff, 0xe1, 0, 4, 0x67, 100, 0, 31, 1, 0, 2, 0x68, 0xee],
    &[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 93, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x20, 0, 1, 0, 2, 0x40, 1],
    &[0x81, 0x08, 0x0c, 0x00, 0x0a, 0x02, 0x55, 0x80],
    &[0x11, 0x90],
    b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0",
];

/// A session with a muxer, told by bytes: any configuration and payload, at any time. What comes out is whole packets
/// whose counters go on, and nothing when there was an error.
pub fn mpegts_mux(data: &[u8]) {
    let (mut r, mut muxer, mut out) = (ByteReader::new(data), Muxer::new(), Vec::new());
    let mut counters = [None; 0x2000];
    while let Ok(step) = r.u8() {
        out.clear();
        let Ok(outcome) = take_step(step, &mut r, &mut muxer, &mut out) else { return };
        assert!(outcome.is_ok() || out.is_empty(), "output in spite of {outcome:?}");
        check_packets(&out, &mut counters);
    }
}

/// One call of the muxer, with arguments from the input.
fn take_step(
    step: u8,
    r: &mut ByteReader<'_>,
    muxer: &mut Muxer,
    out: &mut Vec<u8>,
) -> Result<Result<(), Error>, Short> {
    let index = usize::from(step >> 3);
    Ok(match step & 7 {
        0 => muxer.set_video(any_codec(index), any_bytes(r)?).map(drop),
        1 => muxer.set_audio(any_codec(index), any_bytes(r)?).map(drop),
        2 => {
            let record = RECORDS.get(index % RECORDS.len()).copied().unwrap_or_default();
            let [video, audio] = [r.u8()?, r.u8()?].map(|byte| any_codec(usize::from(byte)));
            muxer.set_video(video, record).and(muxer.set_audio(audio, record)).map(drop)
        }
        3 if index & 1 == 0 => {
            muxer.clear_video();
            Ok(())
        }
        3 => {
            muxer.clear_audio();
            Ok(())
        }
        4 => {
            muxer.write_tables(out);
            Ok(())
        }
        5 => muxer.write_video(any_time(r)?, any_time(r)?, index & 1 == 0, any_bytes(r)?, out),
        6 => muxer.write_audio(any_time(r)?, any_bytes(r)?, out),
        _ => {
            let (pts, frame, other) = (any_time(r)?, any_bytes(r)?, any_bytes(r)?);
            muxer.write_audio_frames(pts, std::iter::repeat_n(frame, index).chain([other]), out)
        }
    })
}

fn any_codec(index: usize) -> Codec {
    CODECS.get(index % CODECS.len()).copied().unwrap_or(Codec::OtherVideo)
}

/// Up to 65 535 bytes: as many as there are, when fewer.
fn any_bytes<'a>(r: &mut ByteReader<'a>) -> Result<&'a [u8], Short> {
    let len = usize::from(r.u16()?);
    r.take(len.min(r.left()))
}

/// Near zero, near the wrap, or anywhere.
fn any_time(r: &mut ByteReader<'_>) -> Result<MediaTime, Short> {
    let millis = i64::from(r.i24()?);
    Ok(match millis & 3 {
        0 | 1 => MediaTime::from_millis(millis >> 6),
        2 => MediaTime::from_ticks((1 << 33) + (millis >> 6), 90_000),
        _ => MediaTime::from_nanos(millis << 40),
    })
}

fn check_packets(out: &[u8], counters: &mut [Option<u8>; 0x2000]) {
    assert_eq!(out.len() % PACKET_LEN, 0);
    for packet in out.chunks(PACKET_LEN) {
        let Some([sync, high, low, control]) = packet.first_chunk::<4>() else { panic!("a packet without a header") };
        assert_eq!(*sync, 0x47);
        let pid = usize::from(u16::from_be_bytes([*high, *low]) & 0x1fff);
        let step = control >> 4 & 1;
        let slot = counters.get_mut(pid).expect("13 bits");
        if let Some(last) = slot.replace(control & 15) {
            assert_eq!(control & 15, (last + step) & 15, "counter of PID {pid:#x}");
        }
        assert!(control & 0x20 == 0 || packet.get(4).is_some_and(|len| *len <= 183));
    }
}

#[cfg(test)]
mod tests;
