//! A fragment costs no memory once its buffer has grown, however many samples it has.

use bytes::Bytes;
use weir_codec::Codec;
use weir_mp4::{Media, Run, Sample, Track, write_fragment, write_styp};

#[test]
fn a_fragment_allocates_nothing_once_its_buffer_has_grown() {
    let media = Media::video(1280, 720);
    let track = Track { id: 1, codec: Codec::H264, config: Bytes::new(), timescale: 90_000, media };
    let payload = vec![7; 4000];
    let samples: Vec<Sample<'_>> = (0..50)
        .map(|index| Sample { duration: 3600, cts: index, key: index == 0, data: &payload[index as usize..] })
        .collect();
    let runs = [Run { track: &track, base_dts: 0, samples: &samples }];
    let mut out = Vec::new();
    let mut write = || {
        out.clear();
        write_styp(weir_mp4::SegmentType::Segment, &mut out);
        write_fragment(1, &runs, &mut out);
    };
    write();
    assert_eq!(allocation_counter::measure(write).count_total, 0);
}
