use std::sync::{Arc, Mutex};
use std::time::Instant;

use weir_base::MediaTime;

use super::Follower;
use crate::Flags;
use crate::fixture::{hub, play, publish, send, word};
use crate::frame::Frame;
use crate::lane::Lane;

/// What is pending, which is then passed.
fn read(follower: &mut Follower) -> String {
    let words: Vec<String> = follower.pending().map(|frame| word(frame, frame.timestamp())).collect();
    follower.advance(words.len());
    words.join(" ")
}

#[tokio::test]
async fn a_follower_misses_nothing_and_is_nobodys_client() {
    let hub = hub("");
    let followers: Arc<Mutex<Vec<Follower>>> = Arc::default();
    let found = followers.clone();
    hub.on_publish(Box::new(move |stream, _| found.lock().expect("one thread").push(stream.follow())));
    for round in 0..2 {
        let mut publisher = publish(&hub).await;
        assert_eq!(publisher.stream().clients(), 1, "the publisher alone");
        send(&mut publisher, "V0 K0 P40");
        drop(publisher);
        let mut followers = followers.lock().expect("one thread");
        assert_eq!(followers.len(), round + 1, "told at each publish");
        assert_eq!(read(followers.last_mut().expect("there is one")), "V0 K0 P40 E40");
    }
}

#[tokio::test]
async fn a_player_can_be_served_from_another_lane() {
    let hub = hub("play { time_jitter off; }");
    let mut player = play(&hub).await;
    let mut publisher = publish(&hub).await;
    send(&mut publisher, "V0 K0");
    let (lane, conf) = (Lane::new(true), publisher.stream().conf.load().clone());
    let made = |at, flags| Frame::made(MediaTime::from_millis(at), flags, "made".into());
    lane.append(made(5, Flags::CONFIG), Instant::now(), &conf.play);
    lane.append(made(7, Flags::KEY), Instant::now(), &conf.play);
    player.switch(lane.clone());
    let sizes: Vec<(i64, usize)> = player.cursor.pending().map(|f| (f.dts.millis(), f.flv().len())).collect();
    assert_eq!(sizes, [(7, 4), (7, 4)], "its configuration, at the time of its newest key frame, then that");
    assert_eq!(lane.frames(), 1);
}
