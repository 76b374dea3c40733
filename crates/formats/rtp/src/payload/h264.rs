//! H.264 (RFC 6184).

use super::nal::{Config, Form, Part, Syntax};
use weir_codec::avc::{DecoderConfig, NAL_AUD, NAL_IDR, NAL_PPS, NAL_SEI, NAL_SPS, nal_type};

/// Fills up a constant bit rate.
const FILLER: u8 = 12;
/// Single-time aggregation packet (RFC 6184 clause 5.7.1).
const STAP_A: u8 = 24;
/// Fragmentation unit (RFC 6184 clause 5.8).
const FU_A: u8 = 28;
/// Importance and the forbidden bit in the header of a NAL unit.
const IMPORTANCE: u8 = 0x60;
const FORBIDDEN: u8 = 0x80;

pub(super) static SYNTAX: Syntax = Syntax {
    header_len: 1,
    first_set: NAL_SPS,
    form,
    part,
    aggregate_header,
    fragment_header: |unit, fu| {
        let byte = unit.first().copied().unwrap_or_default();
        [byte & !0x1f | FU_A, fu | byte & 0x1f, 0]
    },
    unit_header: |head, fu| [head.first().copied().unwrap_or_default() & !0x1f | fu & 0x1f, 0],
    read_config: |record| {
        let config = DecoderConfig::parse(record)?;
        let sets = config.sps.into_iter().chain(config.pps).collect();
        Ok(Config { length_size: config.length_size, sets })
    },
    record,
};

fn form(payload: &[u8]) -> Form {
    match nal_type(payload).unwrap_or_default() {
        0 => Form::Reserved,
        1..STAP_A => Form::Single,
        STAP_A => Form::Aggregate,
        FU_A => Form::Fragment,
        kind @ (25..=27 | 29) => Form::Interleaved(kind),
        _ => Form::Reserved,
    }
}

fn part(unit: &[u8]) -> Part {
    match nal_type(unit).unwrap_or_default() {
        kind @ 1..=5 => Part::Picture { key: kind == NAL_IDR },
        NAL_SEI => Part::Message,
        NAL_SPS | NAL_PPS => Part::Set,
        // What is above has a meaning in payloads.
        0 | NAL_AUD | FILLER | STAP_A.. => Part::Needless,
        _ => Part::Other,
    }
}

/// As important as the most important of the units.
fn aggregate_header(units: &[&[u8]]) -> [u8; 2] {
    let heads = || units.iter().filter_map(|unit| unit.first());
    let forbidden = heads().fold(0, |bits, byte| bits | byte & FORBIDDEN);
    let importance = heads().map(|byte| byte & IMPORTANCE).max().unwrap_or_default();
    [forbidden | importance | STAP_A, 0]
}

fn record(sets: &[&[u8]]) -> Option<Vec<u8>> {
    let of = |kind| sets.iter().copied().filter(|set| nal_type(set) == Some(kind)).collect::<Vec<_>>();
    let (sps, pps) = (of(NAL_SPS), of(NAL_PPS));
    let [_, profile, compatibility, level, ..] = **sps.first()? else { return None };
    pps.first()?;
    let mut record = Vec::new();
    DecoderConfig { profile, compatibility, level, length_size: 4, sps, pps }.write_to(&mut record);
    Some(record)
}
