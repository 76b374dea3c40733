use std::time::Instant;

use proptest::prelude::*;

use crate::answer::tests::fixture;

use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpora_replay() {
    replay("rtc_offer", super::rtc_offer);
    replay("rtc_answer", super::rtc_answer);
    replay("rtc_srtp", super::rtc_srtp);
    replay("rtc_peer", |data| super::rtc_peer(data, Instant::now()));
}

const OFFERS: [&str; 4] =
    ["chromium-simulcast.sdp", "chromium-datachannel-beside.sdp", "aiortc-publish.sdp", "firefox-by-hand-sendonly.sdp"];

proptest! {
    /// Lines of real offers, some left out, some twice, some changed.
    #[test]
    fn any_offer(which in 0..OFFERS.len(), edits in proptest::collection::vec((0usize..300, 0u8..3, "[ -~]{0,4}"), 0..12)) {
        let text = fixture(OFFERS[which]);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, kind, word) in edits {
            let at = at % lines.len();
            match kind {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, lines[at].clone()),
                _ => lines[at].push_str(&word),
            }
        }
        let text = lines.join("\r\n");
        super::rtc_offer(text.as_bytes());
        super::rtc_answer(text.as_bytes());
    }
}
