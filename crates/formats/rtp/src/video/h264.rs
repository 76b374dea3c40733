//! H.264 (RFC 6184 clause 5).

use super::Peek;
use super::nal::Aggregate;
use weir_codec::avc::{NAL_AUD, NAL_IDR, NAL_PPS, NAL_SEI, NAL_SPS, Sps, nal_type};

const SLICE: u8 = 1;
const SLICE_PARTITION_A: u8 = 2;
const SUBSET_SPS: u8 = 15;
/// Aggregation packets (RFC 6184 clause 5.7).
const STAP_A: u8 = 24;
const STAP_B: u8 = 25;
const MTAP16: u8 = 26;
const MTAP24: u8 = 27;
/// Fragmentation units (RFC 6184 clause 5.8).
const FU_A: u8 = 28;
const FU_B: u8 = 29;
/// The bit of a FU header that says that the unit starts here.
const FU_START: u8 = 0x80;

pub(super) fn peek(payload: &[u8]) -> Peek {
    let fragment = |header: &u8, slice: Option<&u8>| match header & FU_START {
        0 => Peek::default(),
        _ => unit(header & 0x1f, slice),
    };
    match (nal_type(payload), payload) {
        (Some(FU_A), [_, header, rest @ ..]) => fragment(header, rest.first()),
        // A decoding order number stands in between.
        (Some(FU_B), [_, header, _, _, rest @ ..]) => fragment(header, rest.first()),
        _ => units(payload).fold(Peek::default(), |all, nal| all.or(unit(nal_type(nal).unwrap_or(0), nal.get(1)))),
    }
}

pub(super) fn size(payload: &[u8]) -> Option<(u32, u32)> {
    let sps = units(payload).find(|nal| nal_type(nal) == Some(NAL_SPS))?;
    Sps::parse(sps).ok().map(|sps| (sps.width, sps.height))
}

/// The units that are whole in this packet.
fn units(payload: &[u8]) -> impl Iterator<Item = &[u8]> {
    let aggregate = |order_bytes: usize, between| Some(Aggregate::new(payload.get(1 + order_bytes..)?, between));
    let (single, several) = match nal_type(payload) {
        Some(1..STAP_A) => (Some(payload), None),
        Some(STAP_A) => (None, aggregate(0, 0)),
        Some(STAP_B) => (None, aggregate(2, 0)),
        Some(MTAP16) => (None, aggregate(2, 3)),
        Some(MTAP24) => (None, aggregate(2, 4)),
        _ => (None, None),
    };
    single.into_iter().chain(several.into_iter().flatten())
}

/// What a NAL unit says by its type and, for a slice, by the first byte of its header: first_mb_in_slice is 0 when that
/// byte starts with a one.
fn unit(kind: u8, slice: Option<&u8>) -> Peek {
    let first_slice = slice.is_some_and(|byte| byte & 0x80 != 0);
    match kind {
        SLICE | SLICE_PARTITION_A => Peek { starts_frame: first_slice, ..Peek::default() },
        NAL_IDR => Peek { starts_frame: first_slice, key: first_slice, config: false },
        // Encoders that refresh the picture bit by bit have no IDR pictures, but send the set where one can start.
        NAL_SPS => Peek::WHOLE,
        NAL_PPS | SUBSET_SPS => Peek { starts_frame: true, key: false, config: true },
        NAL_SEI | NAL_AUD => Peek { starts_frame: true, ..Peek::default() },
        _ => Peek::default(),
    }
}
