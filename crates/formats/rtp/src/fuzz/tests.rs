use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("rtp_datagram", super::datagram);
    replay("rtp_payload", super::payload);
}

proptest! {
    #[test]
    fn any_datagram(head in 0usize..5, data in proptest::collection::vec(any::<u8>(), 0..120)) {
        let heads: [&[u8]; 5] = [
            &[], &[0xb3], &[0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbe, 0xde, 0, 9], &[0xa0, 96],
            &[0, 1, 0, 40, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 8],
        ];
        super::datagram(&[heads[head], &data].concat());
    }

    #[test]
    fn any_payload(head: u8, data in proptest::collection::vec(any::<u8>(), 0..60)) {
        super::payload(&[&[head], &data[..]].concat());
        super::payload(&[]);
    }
}
