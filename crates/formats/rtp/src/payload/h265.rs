//! H.265 (RFC 7798), without decoding order numbers.

use super::nal::{Config, Form, Part, Syntax};
use weir_codec::hevc::{DecoderConfig, NAL_AUD, NAL_PPS, NAL_SPS, NAL_VPS, PARAMETER_SETS, nal_type};

/// Fills up a constant bit rate.
const FILLER: u8 = 38;
const PREFIX_SEI: u8 = 39;
const SUFFIX_SEI: u8 = 40;
/// Aggregation packet (RFC 7798 clause 4.4.2).
const AP: u8 = 48;
/// Fragmentation unit (RFC 7798 clause 4.4.3).
const FU: u8 = 49;
/// PACI packet (RFC 7798 clause 4.4.4).
const PACI: u8 = 50;
/// What an `hvcC` says ahead of its arrays when nothing is known of layers: one temporal layer, lengths of four bytes.
const RECORD_HEAD: [u8; 22] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0f];

pub(super) static SYNTAX: Syntax = Syntax {
    header_len: 2,
    first_set: NAL_SPS,
    form,
    part,
    aggregate_header,
    fragment_header: |unit, fu| {
        let [a, b] = head(unit);
        [a & 0x81 | FU << 1, b, fu | a >> 1 & 0x3f]
    },
    unit_header: |payload, fu| {
        let [a, b] = head(payload);
        [a & 0x81 | (fu & 0x3f) << 1, b]
    },
    read_config: |record| {
        let config = DecoderConfig::parse(record)?;
        let is_set = |unit: &&[u8]| nal_type(unit).is_some_and(|kind| PARAMETER_SETS.contains(&kind));
        Ok(Config { length_size: config.length_size, sets: config.units.into_iter().filter(is_set).collect() })
    },
    record,
};

fn form(payload: &[u8]) -> Form {
    match nal_type(payload).unwrap_or_default() {
        0..AP => Form::Single,
        AP => Form::Aggregate,
        FU => Form::Fragment,
        PACI => Form::Interleaved(PACI),
        _ => Form::Reserved,
    }
}

fn part(unit: &[u8]) -> Part {
    match nal_type(unit).unwrap_or_default() {
        // Of a layer above the lowest, which decoders of one layer pass over (ITU-T H.265 clause 7.4.2.2).
        _ if layer(unit) > 0 => Part::Needless,
        kind @ 0..=31 => Part::Picture { key: matches!(kind, 16..=23) },
        NAL_VPS | NAL_SPS | NAL_PPS => Part::Set,
        PREFIX_SEI | SUFFIX_SEI => Part::Message,
        // What is above has a meaning in payloads.
        NAL_AUD | FILLER | AP.. => Part::Needless,
        _ => Part::Other,
    }
}

/// Of the lowest temporal id among the units.
fn aggregate_header(units: &[&[u8]]) -> [u8; 2] {
    let heads = || units.iter().map(|unit| head(unit));
    let forbidden = heads().fold(0, |bits, [a, _]| bits | a & 0x80);
    let temporal = heads().map(|[_, b]| b & 7).min().unwrap_or(1);
    [forbidden | AP << 1, temporal]
}

/// nuh_layer_id.
fn layer(unit: &[u8]) -> u8 {
    let [a, b] = head(unit);
    (a & 1) << 5 | b >> 3
}

fn head(unit: &[u8]) -> [u8; 2] {
    unit.first_chunk().copied().unwrap_or_default()
}

fn record(sets: &[&[u8]]) -> Option<Vec<u8>> {
    let has = |kind| sets.iter().any(|set| nal_type(set) == Some(kind));
    let empty = DecoderConfig { profile: 0, level: 0, length_size: 4, units: Vec::new() };
    let is_complete = has(NAL_SPS) && has(NAL_PPS);
    is_complete.then(|| empty.with_sets(&RECORD_HEAD, sets).ok()).flatten()
}
