//! Nothing is allocated per frame, once the output and the scratch memory have grown.

use weir_base::MediaTime;
use weir_codec::Codec;
use weir_mpegts::Muxer;

const AVCC: &[u8] = &[1, 100, 0, 31, 0xff, 0xe1, 0, 4, 0x67, 100, 0, 31, 1, 0, 2, 0x68, 0xee];
const AV1C: &[u8] = &[0x81, 0x08, 0x0c, 0x00, 0x0a, 0x02, 0x55, 0x80];

/// Allocations of `frames` frames behind a warm-up.
fn count(video: (Codec, &[u8], &[u8]), audio: (Codec, &[u8])) -> u64 {
    let (mut muxer, mut out) = (Muxer::new(), Vec::new());
    muxer.set_video(video.0, video.1).expect("a codec with a mapping");
    muxer.set_audio(audio.0, audio.1).expect("a codec with a mapping");
    let mut at = 0;
    let mut segment = |out: &mut Vec<u8>| {
        out.clear();
        muxer.write_tables(out);
        for frame in 0..50 {
            let time = MediaTime::from_millis(at);
            muxer.write_video(time, MediaTime::ZERO, frame == 0, video.2, out).expect("a good picture");
            muxer.write_audio_frames(time, [&[7; 300][..]; 3], out).expect("good frames");
            at += 40;
        }
    };
    segment(&mut out);
    allocation_counter::measure(|| segment(&mut out)).count_total
}

#[test]
fn a_warm_muxer_allocates_nothing() {
    let slice = [&[0, 0, 0x13, 0x88, 0x41][..], &[1; 4_999]].concat();
    let frame = [&[0x30][..], &[0; 5_000]].concat();
    let head = b"OpusHead\x01\x02\0\0\0\0\0\0\0\0\0";
    assert_eq!(count((Codec::H264, AVCC, &slice), (Codec::Aac, &[0x11, 0x90])), 0);
    assert_eq!(count((Codec::Av1, AV1C, &frame), (Codec::Opus, head)), 0);
}
