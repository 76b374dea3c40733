//! Bodies for the fuzzer; a plain test replays the corpora.

mod peer;
mod srtp;

use weir_codec::Codec;
use weir_sdp::{Session, Setup};

use crate::plan::{DtlsRole, Plan, Role};
use crate::{AnswerParts, Ask, AskParts, Offer, PlayRules, PublishRules, TrackFormat, play, publish};

pub use peer::rtc_peer;
pub use srtp::rtc_srtp;

/// Offers: any text. What is answered is a description with the same sections, of which no id means two things.
pub fn rtc_offer(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(offer) = Offer::parse(text) else { return };
    let mut seed = 0u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed
    };
    let rules = PublishRules { codec: None, nack: true, twcc: true, dtls_role: DtlsRole::Passive };
    if let Ok(plan) = publish(&offer, &rules, &mut random) {
        assert!(plan.media().all(|media| media.formats.len() == 1));
        answered(&offer, &plan);
    }
    let tracks =
        [TrackFormat { codec: Codec::H264, parameters: "profile-level-id=64001f;packetization-mode=1".to_owned() }];
    for tracks in [&tracks[..], &[]] {
        let rules = PlayRules { tracks, codec: None, nack: true, twcc: true, dtls_role: DtlsRole::Active };
        if let Ok(plan) = play(&offer, &rules, &mut random) {
            assert!(plan.media().all(|media| !media.formats.is_empty() && media.ours.len() == 1));
            answered(&offer, &plan);
        }
    }
}

fn answered(offer: &Offer, plan: &Plan) {
    let parts = AnswerParts {
        ice_ufrag: "ufrag",
        ice_pwd: "0123456789012345678901",
        fingerprint: [7; 32],
        candidates: &[],
        app: "live",
        stream: "s",
        session_id: 1,
    };
    let answer = Session::parse(&plan.answer(&parts)).expect("what was written parses");
    assert_eq!(answer.media.len(), offer.session().media.len());
    let mut ids: Vec<_> = plan.media().flat_map(|media| media.extensions.iter().copied()).collect();
    ids.sort_by_key(|entry| entry.0);
    ids.dedup();
    assert!(ids.windows(2).all(|pair| pair[0].0 != pair[1].0), "an id means one thing: {ids:?}");
}

/// Answers to our own offers: any text.
pub fn rtc_answer(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parts = AskParts {
        ice_ufrag: "ufrag",
        ice_pwd: "0123456789012345678901",
        fingerprint: [7; 32],
        candidates: &[],
        setup: Setup::Actpass,
    };
    for role in [Role::Publish, Role::Play] {
        let ask =
            Ask { role, audio: &[Codec::Opus], video: &[Codec::H264, Codec::Vp8], videos: 1, layers: &["q", "f"] };
        let mut seed = 0u32;
        let asked = ask.offer(&parts, &mut || {
            seed = seed.wrapping_add(1);
            seed
        });
        if let Ok(plan) = asked.read_answer(text) {
            assert!(plan.media().all(|media| !media.formats.is_empty()));
        }
    }
}

#[cfg(test)]
mod tests;
