use std::time::{Duration, Instant};

use super::{Backlog, Loss};
use crate::fixture::{hub, play, publish, read, send_at};

#[tokio::test]
async fn a_player_tells_what_waits_for_it() {
    let hub = hub("");
    let mut player = play(&hub).await;
    assert_eq!(player.client().backlog(), None, "before the first report");
    let mut publisher = publish(&hub).await;
    let start = Instant::now();
    send_at(&mut publisher, "V0 K0 P40", start);
    let age = Duration::from_secs(2);
    player.report(100, start + age);
    // Three bodies of six bytes.
    assert_eq!(player.client().backlog(), Some(Backlog { frames: 3, bytes: 118, age }));
    assert_eq!(read(&mut player), "V0 K0 P40");
    player.report(0, start + age);
    assert_eq!(player.client().backlog(), Some(Backlog::default()));
    assert_eq!(publisher.client().backlog(), None);
}

/// A player with these limits that gets nothing until `seconds` later: what it is told to have missed.
async fn check(play_block: &str, seconds: u64, expect: &[(&str, u64, u64)]) {
    let hub = hub(play_block);
    let mut player = play(&hub).await;
    let mut publisher = publish(&hub).await;
    let start = Instant::now();
    for step in 0..2 {
        let now = start + Duration::from_secs(seconds * step);
        send_at(&mut publisher, "V0 K0 P40 P80 K120", now);
        player.cut_if_late(now + Duration::from_secs(seconds));
        read(&mut player);
    }
    let losses: Vec<_> =
        player.client().losses().iter().map(|Loss { limit, cuts, frames, .. }| (*limit, *cuts, *frames)).collect();
    assert_eq!(losses, expect, "{play_block}");
    let frames: u64 = expect.iter().map(|(_, _, frames)| frames).sum();
    assert_eq!((player.stream().skipped(), player.stream().vhost().skipped()), (frames, frames));
}

#[tokio::test]
async fn what_a_player_misses_is_told_by_the_limit_that_it_reached() {
    check("", 1, &[]).await;
    check("play { queue_length 10; }", 11, &[("play.queue_length", 2, 10)]).await;
    check("play { queue_bytes 16; }", 1, &[("play.queue_bytes", 2, 8)]).await;
}
