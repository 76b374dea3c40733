use super::DecoderConfig;
use crate::Error;

#[test]
fn a_record_of_libvpx() {
    let record = DecoderConfig::parse(include_bytes!("../../testdata/ffmpeg-libvpx.vpcc"));
    let expect = DecoderConfig { profile: 0, level: 10, bit_depth: 8, chroma_subsampling: 1, full_range: false };
    assert_eq!(record, Ok(expect));
    assert_eq!(DecoderConfig::parse(&[0; 12]), Err(Error::Unexpected { field: "version of vpcC", value: 0 }));
    assert!(DecoderConfig::parse(&[1, 0, 0, 0, 0, 10]).is_err());
}
