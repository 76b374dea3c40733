use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("mpegts_mux", super::mpegts_mux);
}

proptest! {
    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        super::mpegts_mux(&data);
    }

    /// Tracks that are accepted, then frames of all kinds.
    #[test]
    fn any_frames(
        track in 0u8..5,
        frames in proptest::collection::vec((5u8..8, any::<[u8; 6]>(), proptest::collection::vec(0u8..9, 0..300)), 0..20),
    ) {
        let codecs = [[0, 5], [1, 6], [2, 7], [0, 4], [1, 8]];
        let mut data = vec![track << 3 | 2, codecs[usize::from(track)][0], codecs[usize::from(track)][1], 4];
        for (step, times, payload) in frames {
            data.push(step);
            data.extend_from_slice(if step == 5 { &times } else { &times[..3] });
            data.extend_from_slice(&(payload.len() as u16).to_be_bytes());
            data.extend_from_slice(&payload);
            if step == 7 {
                data.extend_from_slice(&[0, 0]);
            }
        }
        super::mpegts_mux(&data);
    }
}
