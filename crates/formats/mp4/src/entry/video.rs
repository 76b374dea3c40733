//! Sample entries of pictures.

use super::{Entry, Head};
use crate::Error;
use crate::track::Track;
use weir_codec::{Codec, av1, avc, hevc, vp9};

/// Set in the first byte of an array of `hvcC`: all units of its type stand in the record, none in samples.
const ARRAY_COMPLETE: u8 = 0x80;

/// Where the arrays of `hvcC` begin: behind the fixed part, whose last byte is their number.
const HVCC_ARRAYS: usize = 23;

/// Version and flags of `vpcC`.
const VPCC_HEAD: [u8; 4] = [1, 0, 0, 0];

pub(super) fn entry(track: &Track, head: Head) -> Result<Entry, Error> {
    let (codec, config) = (track.codec, &track.config[..]);
    let (kind, record_kind, record) = match codec {
        Codec::H264 => (b"avc1", b"avcC", avc::DecoderConfig::parse(config).map(|_| config.to_vec())),
        Codec::H265 => (b"hvc1", b"hvcC", complete_hvcc(config)),
        Codec::Av1 => (b"av01", b"av1C", av1::DecoderConfig::parse(config).map(|_| config.to_vec())),
        Codec::Vp9 => (b"vp09", b"vpcC", full_vpcc(config)),
        Codec::Vp8 => (b"vp08", b"vpcC", full_vpcc(config)),
        _ => return Err(Error::NoMapping { codec }),
    };
    let record = record.map_err(|source| Error::Config { codec, source })?;
    Ok(Entry { kind, head, record_kind, record })
}

/// The record as `hvc1` wants it (ISO/IEC 14496-15 clause 8.4.1.1): arrays of parameter sets are complete, whatever
/// the encoder says; who writes samples leaves those sets out of them. The version is 1, where drafts had 0.
fn complete_hvcc(config: &[u8]) -> Result<Vec<u8>, weir_codec::Error> {
    let units = hevc::DecoderConfig::parse(config)?.units;
    let mut record = config.to_vec();
    if let Some(version) = record.first_mut() {
        *version = 1;
    }
    let arrays = record.get(HVCC_ARRAYS - 1).copied().unwrap_or(0);
    let mut at = HVCC_ARRAYS;
    let mut units = units.iter();
    for _ in 0..arrays {
        let Some([first, high, low]) = record.get_mut(at..).and_then(|array| array.first_chunk_mut()) else { break };
        if matches!(*first & 0x3f, hevc::NAL_VPS | hevc::NAL_SPS | hevc::NAL_PPS) {
            *first |= ARRAY_COMPLETE;
        }
        let count = usize::from(u16::from_be_bytes([*high, *low]));
        let len: usize = units.by_ref().take(count).map(|unit| unit.len() + 2).sum();
        at = at.saturating_add(3).saturating_add(len);
    }
    Ok(record)
}

/// The record behind version and flags. Some send the record alone, whose first byte is the profile.
fn full_vpcc(config: &[u8]) -> Result<Vec<u8>, weir_codec::Error> {
    let head: &[u8] = if config.starts_with(&VPCC_HEAD) { &[] } else { &VPCC_HEAD };
    let record = [head, config].concat();
    vp9::DecoderConfig::parse(&record)?;
    Ok(record)
}
