use super::{SegmentType, write_styp};
use mp4_atom::{Decode, Styp};

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
    check(SegmentType::Muxed, &[b"msdh"]);
}
