use proptest::prelude::*;
use std::path::Path;

#[test]
fn the_corpus_replays() {
    let replay = |name: &str, body: fn(&[u8])| {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/corpus").join(name);
        let Ok(entries) = std::fs::read_dir(dir) else { return };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            body(&std::fs::read(&path).expect("a readable corpus file"));
        }
    };
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
