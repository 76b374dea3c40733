use std::time::Duration;

use super::{Cadence, Gop};
use crate::fixture::{frame, hub, publish, send};

/// The last group that these frames tell of: its pictures and milliseconds.
fn check(words: &str, expect: Option<(u64, u64)>) {
    let mut cadence = Cadence::default();
    let last = words.split_whitespace().filter_map(|word| cadence.read(&frame(word))).last();
    assert_eq!(last, expect.map(|(frames, ms)| Gop { frames, time: Duration::from_millis(ms) }), "{words}");
}

#[test]
fn a_group_reaches_from_key_frame_to_key_frame() {
    check("V0 C0 K0 a10 P40 a30 P80", None);
    check("V0 K0 a10 P40 a30 P80 K120", Some((3, 120)));
    check("K0 P40 K80 P120 P160 P200 K240 P280", Some((4, 160)));
    check("P0 P40 K80 P120", None);
    check("a0 a20 a40", None);
    check("K500 P540 K0", None);
    check("K0 K0", None);
}

#[tokio::test]
async fn a_stream_forgets_its_groups_when_its_publisher_leaves() {
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    let stream = publisher.stream().clone();
    send(&mut publisher, "V0 K0 P40 K80");
    assert_eq!(stream.gop(), Some(Gop { frames: 2, time: Duration::from_millis(80) }));
    drop(publisher);
    assert_eq!(stream.gop(), None);
}
