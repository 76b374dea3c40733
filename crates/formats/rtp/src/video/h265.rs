//! H.265 (RFC 7798 clause 4.4). Streams whose session announces decoding order numbers (`sprop-max-don-diff` above 0)
//! have two more bytes in each payload; browsers do not send them, and a payload does not tell, so they are not looked
//! for.

use super::Peek;
use super::nal::Aggregate;
use weir_codec::hevc::{NAL_AUD, NAL_PPS, NAL_SPS, NAL_VPS, Sps, nal_type};

const PREFIX_SEI: u8 = 39;
/// Aggregation packet (RFC 7798 clause 4.4.2).
const AP: u8 = 48;
/// Fragmentation unit (RFC 7798 clause 4.4.3).
const FU: u8 = 49;
/// The bit of a FU header that says that the unit starts here.
const FU_START: u8 = 0x80;
/// Bytes of the header of a payload and of a NAL unit.
const HEADER_LEN: usize = 2;

pub(super) fn peek(payload: &[u8]) -> Peek {
    match (nal_type(payload), payload) {
        (Some(FU), [a, b, header, rest @ ..]) if header & FU_START != 0 && layer(*a, *b) == 0 => {
            unit(header & 0x3f, rest.first())
        }
        _ => units(payload).map(whole).fold(Peek::default(), Peek::or),
    }
}

pub(super) fn size(payload: &[u8]) -> Option<(u32, u32)> {
    let sps = units(payload).find(|nal| nal_type(nal) == Some(NAL_SPS))?;
    Sps::parse(sps).ok().map(|sps| (sps.width, sps.height))
}

/// The units that are whole in this packet.
fn units(payload: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (single, several) = match nal_type(payload) {
        Some(0..AP) => (Some(payload), None),
        Some(AP) => (None, payload.get(HEADER_LEN..).map(|bytes| Aggregate::new(bytes, 0))),
        _ => (None, None),
    };
    single.into_iter().chain(several.into_iter().flatten())
}

fn whole(nal: &[u8]) -> Peek {
    match nal {
        [a, b, rest @ ..] if layer(*a, *b) == 0 => unit(a >> 1 & 0x3f, rest.first()),
        _ => Peek::default(),
    }
}

/// nuh_layer_id: pictures of other layers than 0 do not start an access unit.
fn layer(a: u8, b: u8) -> u8 {
    (a & 1) << 5 | b >> 3
}

/// What a NAL unit says by its type and, for a slice, by the first byte of its header, which starts with
/// first_slice_segment_in_pic_flag.
fn unit(kind: u8, slice: Option<&u8>) -> Peek {
    let first_slice = slice.is_some_and(|byte| byte & 0x80 != 0);
    match kind {
        // Pictures to decode from (IRAP) are 16 to 23.
        0..=31 => Peek { starts_frame: first_slice, key: first_slice && matches!(kind, 16..=23), config: false },
        NAL_VPS | NAL_SPS => Peek::WHOLE,
        NAL_PPS => Peek { starts_frame: true, key: false, config: true },
        NAL_AUD | PREFIX_SEI => Peek { starts_frame: true, ..Peek::default() },
        _ => Peek::default(),
    }
}
