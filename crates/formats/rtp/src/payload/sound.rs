//! Sound: Opus (RFC 7587 clause 4.2) and G.711 (RFC 3551 clause 4.5.14), whose payloads are what the codec made.

use super::Payload;
use weir_codec::Error;

/// A byte of G.711 is a tick, so each piece has a time of its own. The marker is for the first packet behind a silence,
/// which nobody tells here.
pub(super) fn cut(unit: &[u8], max: usize, out: &mut dyn FnMut(Payload)) -> Result<(), Error> {
    let mut ticks = 0_u32;
    for piece in unit.chunks(max.max(1)) {
        out(Payload { bytes: piece.into(), marker: false, ticks });
        ticks = ticks.wrapping_add(piece.len() as u32);
    }
    Ok(())
}
