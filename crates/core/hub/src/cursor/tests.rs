use std::time::{Duration, Instant};

use super::Limits;
use crate::fixture::{hub, play, publish, read, send, send_at};

const LIMITS: Limits = Limits { time: Duration::from_secs(30), bytes: 1 << 20 };

// row: protocols.md §1.5 queue_length
// row: config.md §11 queue_length
#[tokio::test]
async fn a_slow_player_goes_on_with_the_newest_key_frame() {
    let hub = hub("play { time_jitter off; }");
    let (mut slow, mut quick) = (play(&hub).await, play(&hub).await);
    let mut publisher = publish(&hub).await;
    let start = Instant::now();
    send_at(&mut publisher, "M0 V0 C0 K0 P40 P80", start);
    assert_eq!(read(&mut quick), "M0 V0 C0 K0 P40 P80");
    let later = start + Duration::from_secs(31);
    send_at(&mut publisher, "K31000 P31040", later);
    let stream = slow.stream().clone();
    assert_eq!(slow.cursor.overrun(stream.lane(), LIMITS, start + Duration::from_secs(30)), None, "within the limit");
    let skipped = slow.cursor.overrun(stream.lane(), LIMITS, later).expect("too far behind");
    assert_eq!(skipped.frames, 6);
    assert_eq!(read(&mut slow), "M31000 C31000 V31000 K31000 P31040");
    assert_eq!(read(&mut quick), "K31000 P31040", "others are not affected");
}

#[tokio::test]
async fn a_byte_budget_cuts_as_well() {
    let hub = hub("");
    let mut slow = play(&hub).await;
    let mut publisher = publish(&hub).await;
    send(&mut publisher, "V0 K0 P40 K80");
    let stream = slow.stream().clone();
    let limits = Limits { bytes: 20, ..LIMITS };
    let skipped = slow.cursor.overrun(stream.lane(), limits, Instant::now()).expect("more than 20 bytes wait");
    assert_eq!((skipped.frames, skipped.bytes), (3, 18));
}

#[tokio::test]
async fn without_a_fresh_key_frame_pictures_wait_for_the_next_one_and_audio_does_not() {
    let hub = hub("play { time_jitter off; }");
    let mut slow = play(&hub).await;
    let mut publisher = publish(&hub).await;
    let start = Instant::now();
    send_at(&mut publisher, "V0 K0 P40", start);
    let later = start + Duration::from_secs(60);
    let stream = slow.stream().clone();
    slow.cursor.overrun(stream.lane(), LIMITS, later).expect("too far behind");
    send_at(&mut publisher, "P60000 a60010 K60040 P60080", later);
    assert_eq!(read(&mut slow), "V40 a60010 K60040 P60080");
}

#[tokio::test]
async fn pure_audio_goes_on_at_the_end() {
    let hub = hub("play { time_jitter off; }");
    let mut slow = play(&hub).await;
    let mut publisher = publish(&hub).await;
    let start = Instant::now();
    send_at(&mut publisher, "C0 a0 a20", start);
    let later = start + Duration::from_secs(60);
    let stream = slow.stream().clone();
    assert_eq!(slow.cursor.overrun(stream.lane(), LIMITS, later).expect("too far behind").frames, 3);
    send_at(&mut publisher, "a60000", later);
    assert_eq!(read(&mut slow), "C20 a60000");
}

#[tokio::test]
async fn a_paused_player_resumes_at_the_newest_key_frame() {
    let hub = hub("play { time_jitter off; }");
    let mut player = play(&hub).await;
    let mut publisher = publish(&hub).await;
    send(&mut publisher, "V0 K0 P40");
    assert_eq!(read(&mut player), "V0 K0 P40");
    send(&mut publisher, "P80 K120 P160");
    let stream = player.stream().clone();
    player.cursor.resume(stream.lane(), Instant::now());
    assert_eq!(read(&mut player), "V120 K120 P160");
    send(&mut publisher, "P200");
    player.cursor.resume(stream.lane(), Instant::now());
    assert_eq!(read(&mut player), "P200", "no key frame came meanwhile");
}

#[tokio::test]
async fn a_lone_subscriber_is_woken() {
    let hub = hub("");
    let mut player = play(&hub).await;
    player.watch();
    let mut publisher = publish(&hub).await;
    let reader = tokio::spawn(async move {
        player.watch().clone().appended().await;
        read(&mut player)
    });
    tokio::task::yield_now().await;
    send(&mut publisher, "K0");
    assert_eq!(reader.await.expect("it ended"), "K0");
}

#[tokio::test]
async fn a_player_that_just_came_is_not_late_for_old_frames() {
    let hub = hub("");
    let mut publisher = publish(&hub).await;
    let long_ago = Instant::now();
    send_at(&mut publisher, "V0 K0 P40", long_ago);
    let now = long_ago + Duration::from_secs(60);
    let stream = publisher.stream().clone();
    let mut cursor = super::Cursor::new(stream.lane(), weir_conf::TimeJitter::Off, now);
    assert_eq!(cursor.overrun(stream.lane(), LIMITS, now + Duration::from_secs(29)), None);
    assert!(cursor.overrun(stream.lane(), LIMITS, now + Duration::from_secs(31)).is_some());
}

#[tokio::test]
async fn a_player_that_came_before_atc_was_asked_for_has_it_too() {
    let hub = hub("");
    let mut early = play(&hub).await;
    let mut publisher = publish(&hub).await;
    publisher.set_atc();
    send(&mut publisher, "K5000 P5040");
    assert_eq!(read(&mut early), "K5000 P5040");
}
