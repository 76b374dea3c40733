use super::{ProducerTime, SegmentType, TimeMeaning, write_prft, write_styp};
use mp4_atom::{Decode, Prft, ReferenceTime, Styp};
use std::time::Duration;

#[test]
fn a_segment_says_what_it_is() {
    let check = |segment, brands: &[&[u8; 4]]| {
        let mut out = Vec::new();
        write_styp(segment, &mut out);
        let styp = Styp::decode(&mut &out[..]).expect("a segment type");
        assert_eq!(styp.major_brand, b"msdh".into());
        assert_eq!(styp.compatible_brands, brands.iter().map(|brand| (*brand).into()).collect::<Vec<_>>());
    };
    check(SegmentType::Segment, &[b"msdh", b"cmfs"]);
    check(SegmentType::Fragment, &[b"msdh", b"cmff"]);
    check(SegmentType::Chunk, &[b"msdh", b"cmfl"]);
    check(SegmentType::Muxed, &[b"msdh"]);
}

#[test]
fn a_producer_time_counts_from_1900() {
    let check = |utc, meaning, ntp_timestamp, utc_time_semantics| {
        let mut out = Vec::new();
        write_prft(&ProducerTime { track: 7, utc, media_time: 1 << 40, meaning }, &mut out);
        let expect = Prft { reference_track_id: 7, ntp_timestamp, media_time: 1 << 40, utc_time_semantics };
        assert_eq!(Prft::decode(&mut &out[..]).expect("a producer time"), expect);
    };
    check(Duration::ZERO, TimeMeaning::EncoderInput, 0x83aa_7e80 << 32, ReferenceTime::Input);
    let half = Duration::from_millis(500);
    check(half, TimeMeaning::EncoderOutput, 0x83aa_7e80 << 32 | 1 << 31, ReferenceTime::Output);
    check(Duration::from_secs(1), TimeMeaning::Finished, 0x83aa_7e81 << 32, ReferenceTime::Finalised);
    // 2036-02-07 06:28:16, when the seconds of NTP wrap.
    let wrap = Duration::from_secs(2_085_978_496);
    check(wrap, TimeMeaning::Written, 0, ReferenceTime::Written);
    check(wrap, TimeMeaning::Consistent, 0, ReferenceTime::Consistent);
    // The seconds of the last duration are all ones, too; the least fraction below one is left.
    let fraction = (999_999_999 << 32) / 1_000_000_000;
    check(Duration::MAX, TimeMeaning::Capture, 0xffff_ffff << 32 | fraction, ReferenceTime::RealTime);
}
