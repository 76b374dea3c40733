use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("rtp_datagram", super::datagram);
    replay("rtp_payload", super::payload);
    replay("rtp_h264", super::h264);
    replay("rtp_h265", super::h265);
    replay("rtp_av1", super::av1);
    replay("rtp_vp8", super::vp8);
    replay("rtp_vp9", super::vp9);
    replay("rtp_jitter", super::jitter);
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

    #[test]
    fn any_packets(data in proptest::collection::vec(any::<u8>(), 0..400)) {
        for body in [super::h264, super::h265, super::av1, super::vp8, super::vp9, super::jitter] {
            body(&data);
        }
    }
}
