//! The rules of low latency (draft-pantos-hls-rfc8216bis, appendix B, and Apple's authoring rules), on a stream that is
//! being pushed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use weir_codec::Codec;
use weir_e2e::clients::new_ffmpeg;
use weir_e2e::{Server, eventually, fixture, http};
use weir_playlist::{Finding, MediaPlaylist, check, check_update};

use super::{LIMIT, server};

/// How long the playlist is followed.
const FOLLOWED: Duration = Duration::from_secs(9);
/// What a busy machine may add to the age of a part: that of one answer, and of half of them.
const SLACK: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(2)];

/// One answer to a blocking request.
struct Answer {
    text: String,
    list: MediaPlaylist,
}

#[track_caller]
fn get(server: &Server, query: &str, before: Option<&MediaPlaylist>) -> Answer {
    let answer = http::get(server.port("http"), &format!("/live/cam.m3u8{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    let text = answer.text();
    let list = match before {
        Some(before) => MediaPlaylist::parse_after(&text, before),
        None => MediaPlaylist::parse(&text),
    };
    Answer { list: list.unwrap_or_else(|error| panic!("{query}: {error}: {text}")), text }
}

/// The next part: the one that the player asks for.
fn next(list: &MediaPlaylist) -> (u64, usize) {
    let (msn, parts) = (list.next_msn(), list.open.as_ref().map_or(0, |open| open.parts.len()));
    (msn, parts)
}

fn lists(list: &MediaPlaylist, (msn, part): (u64, usize)) -> bool {
    list.next_msn() > msn || list.next_msn() == msn && list.open.as_ref().is_some_and(|open| open.parts.len() > part)
}

#[test]
fn a_low_latency_playlist_keeps_the_rules_while_it_grows() {
    let server = server("hls_use_fmp4 on; hls_low_latency on; hls_part 0.25;");
    let file = fixture::pair(Codec::H264, Codec::Aac);
    let _push = new_ffmpeg::push_forever(&file, &[&server.rtmp("live/cam")]);
    let is_there = || http::get(server.port("http"), "/live/cam.m3u8").status == 200;
    assert!(eventually(LIMIT, is_there), "no playlist");
    let mut last = get(&server, "", None);
    let (mut found, mut ages): (Vec<Finding>, Vec<Duration>) = (Vec::new(), Vec::new());
    let (start, mut deltas) = (Instant::now(), 0);
    while start.elapsed() < FOLLOWED || deltas <= 3 && start.elapsed() < LIMIT {
        let awaited = next(&last.list);
        let query = format!("?_HLS_msn={}&_HLS_part={}", awaited.0, awaited.1);
        let full = get(&server, &query, None);
        ages.push(age(&full));
        assert!(lists(&full.list, awaited), "{awaited:?} was awaited: {}", full.text);
        found.extend(check(&full.text).expect("a playlist"));
        found.extend(check_update(&last.text, &full.text).expect("two playlists"));
        let delta = get(&server, &format!("{query}&_HLS_skip=YES"), Some(&full.list));
        if delta.text.contains("#EXT-X-SKIP") {
            deltas += 1;
            found.extend(check_update(&full.text, &delta.text).expect("two playlists"));
            // Nothing came in between: the same list.
            if next(&delta.list) == next(&full.list) {
                assert_eq!(delta.list.segments, full.list.segments, "{}", delta.text);
                assert_eq!(delta.list.open, full.list.open, "{}", delta.text);
            }
        }
        last = full;
    }
    assert!(found.is_empty(), "{} findings: {found:#?}\n{}", found.len(), last.text);
    assert!(deltas > 3, "{deltas} delta playlists in {} answers: {}", ages.len(), last.text);
    check_pace(&last, &mut ages);
    check_dates(&last);
}

/// How long ago the newest part ended when its answer came, by EXT-X-PROGRAM-DATE-TIME.
#[track_caller]
fn age(answer: &Answer) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    let last = answer.list.segments.back().expect("a segment");
    let date = last.start.program_date_time.and_then(|date| u64::try_from(date).ok()).expect("a date");
    let parts = answer.list.open.iter().flat_map(|open| &open.parts);
    let end = Duration::from_nanos(date) + last.duration + parts.map(|part| part.duration).sum::<Duration>();
    // A frame may come a little before its time.
    assert!(end < now + Duration::from_millis(500), "the newest part ends {:?} from now: {}", end - now, answer.text);
    now.saturating_sub(end)
}

/// Answers come when a part is there.
#[track_caller]
fn check_pace(last: &Answer, ages: &mut [Duration]) {
    let part = last.list.part_target.expect("PART-TARGET");
    ages.sort_unstable();
    let (oldest, middle) = (ages[ages.len() - 1], ages[ages.len() / 2]);
    assert!(oldest < part + SLACK[0] && middle < part + SLACK[1], "{ages:?}");
    let control = last.list.server_control.expect("EXT-X-SERVER-CONTROL");
    assert!(control.can_block_reload);
    assert!(control.part_hold_back.is_some_and(|hold_back| hold_back >= part * 3), "{control:?}");
    let target = Duration::from_secs(last.list.target_duration.into());
    assert!(control.hold_back.is_none_or(|hold_back| hold_back >= target * 3), "{control:?}");
    assert!(control.can_skip_until.is_some_and(|until| until >= target * 6), "{control:?}");
}

/// EXT-X-PROGRAM-DATE-TIME goes on as EXTINF does.
#[track_caller]
fn check_dates(last: &Answer) {
    let dated: Vec<_> = last.list.segments.iter().collect();
    for pair in dated.windows(2) {
        let [Some(before), Some(after)] = [pair[0], pair[1]].map(|segment| segment.start.program_date_time) else {
            panic!("a segment has no date: {}", last.text)
        };
        let off = (after - before).abs_diff(pair[0].duration.as_nanos() as i64) / 1_000_000;
        assert!(off <= 20 || pair[1].start.discontinuity, "{} ms from date to date: {}", off, last.text);
    }
}
