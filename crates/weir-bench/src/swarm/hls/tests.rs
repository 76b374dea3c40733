use std::time::{Duration, Instant};

use super::HlsPlayer;

fn answer(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Feeds an answer; returns the path that is asked for next and what was told of pieces.
fn turn(player: &mut HlsPlayer, now: Instant, status: u16, body: &str) -> (String, Vec<Option<i128>>) {
    let mut told = Vec::new();
    for byte in answer(status, body) {
        player.handle_input(now, &[byte], |made| told.push(made)).expect("an answer");
    }
    (asked(player), told)
}

fn asked(player: &mut HlsPlayer) -> String {
    let out = String::from_utf8(player.take_output()).expect("text");
    out.split_whitespace().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_player_follows_the_master_and_takes_every_segment_once() {
    let now = Instant::now();
    let mut player = HlsPlayer::new("h", "/live/cam.m3u8?k=v");
    assert_eq!(asked(&mut player), "/live/cam.m3u8?k=v");
    let master = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n/live/cam.m3u8?hls_ctx=x&k=v\n";
    assert_eq!(turn(&mut player, now, 200, master).0, "/live/cam.m3u8?hls_ctx=x&k=v");
    let list = |from: u64, to: u64| {
        let items: String = (from..to).map(|n| format!("#EXTINF:2.0, no desc\ncam-{n}.ts?hls_ctx=x\n")).collect();
        format!("#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:{from}\n#EXT-X-TARGETDURATION:4\n{items}")
    };
    assert_eq!(turn(&mut player, now, 200, &list(3, 8)).0, "/live/cam-5.ts?hls_ctx=x", "three before the end");
    assert_eq!(turn(&mut player, now, 200, "ts"), ("/live/cam-6.ts?hls_ctx=x".to_owned(), vec![None]));
    assert_eq!(turn(&mut player, now, 200, "ts").0, "/live/cam-7.ts?hls_ctx=x");
    assert_eq!(turn(&mut player, now, 200, "ts").0, "", "nothing to ask for");
    assert_eq!(player.wake_at(), Some(now + Duration::from_secs(2)));
    player.handle_timeout(now + Duration::from_secs(2));
    assert_eq!(asked(&mut player), "/live/cam.m3u8?hls_ctx=x&k=v");
    assert_eq!(turn(&mut player, now, 200, &list(5, 9)).0, "/live/cam-8.ts?hls_ctx=x");
}

#[test]
fn a_low_latency_player_takes_parts_and_asks_for_the_next_before_it_is_there() {
    let now = Instant::now();
    let mut player = HlsPlayer::new("h", "/l.m3u8");
    asked(&mut player);
    let head = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.75\n\
        #EXT-X-MEDIA-SEQUENCE:4\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T00:00:00.000Z\n#EXTINF:2.00000,\na-4.m4s\n";
    let parts = |to: u64| {
        (0..to).map(|n| format!("#EXT-X-PART:DURATION=0.25,URI=\"a-5.{n}.m4s\",INDEPENDENT=YES\n")).collect::<String>()
    };
    assert_eq!(turn(&mut player, now, 200, &format!("{head}{}", parts(2))).0, "/a-5.1.m4s", "the newest part");
    let second = 1_000_000_000_i128;
    let midnight = "2026-11-21T00:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_nanosecond();
    let (next, told) = turn(&mut player, now, 200, "part");
    assert_eq!(next, "/l.m3u8?_HLS_msn=5&_HLS_part=2");
    assert_eq!(told, [Some(midnight + 2 * second + second / 4)], "a segment of two seconds, and a part before it");
    assert_eq!(turn(&mut player, now, 200, &format!("{head}{}", parts(3))).0, "/a-5.2.m4s");
}

#[test]
fn a_playlist_that_is_not_there_yet_is_waited_for_and_other_refusals_end_it() {
    let now = Instant::now();
    let mut player = HlsPlayer::new("h", "/l.m3u8");
    assert_eq!(turn(&mut player, now, 404, "Not Found").0, "/l.m3u8", "the first request");
    for body in ["", "Not Found"] {
        let at = player.wake_at().expect("it asks again");
        player.handle_timeout(at);
        assert_eq!(turn(&mut player, at, 404, body).0, "/l.m3u8");
    }
    assert!(player.handle_input(now, &answer(403, "no"), |_| ()).is_err());
}
