use weir_hub::{Flags, Frame};
use weir_playlist::MasterPlaylist;

use super::*;

// A group with two members, one of which is not published.
const GROUP: &str = "hls_group show { streams one two; }";

#[tokio::test]
async fn a_group_offers_its_streams_as_renditions() {
    let server = server(&format!("hls_ctx off; {GROUP}"));
    let _one = server.publish("one").await;
    server.playlist("/live/one.m3u8", 3).await;
    let master = server.text("/live/show.m3u8?token=1").await.expect("a master playlist");
    let parsed = MasterPlaylist::parse(&master).expect("a master playlist");
    let [variant] = &parsed.variants[..] else { panic!("one is there: {master}") };
    assert_eq!(variant.uri, "one.m3u8?token=1");
    assert_eq!(variant.codecs, ["avc1.64000a", "mp4a.40.2"]);
    assert_eq!((variant.resolution, variant.frame_rate), (Some((64, 36)), Some(25.0)));
    let rate = |name: &str| body(&futures(&server, name)).len() as u64 * 8 / 2;
    let peak = (0..3).map(|number| rate(&format!("/live/one-{number}.ts"))).max().expect("three");
    assert_eq!(variant.bandwidth, peak);
    assert!(variant.average_bandwidth.expect("it is known") <= peak);
    let mut two = publish(&server.hub, "two").await;
    send(&mut two, frames(VIDEO));
    server.playlist("/live/two.m3u8", 1).await;
    let master = server.text("/live/show.m3u8").await.expect("a master playlist");
    assert_eq!(uris(&master), ["one.m3u8", "two.m3u8"]);
    assert!(check(&master).expect("a playlist").is_empty(), "{master}");
    assert!(master.starts_with("#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n"), "as its variants say: {master}");
    assert!(matches!(m3u8_rs::parse_playlist_res(master.as_bytes()), Ok(m3u8_rs::Playlist::MasterPlaylist(_))));
    let media = server.text("/live/one.m3u8").await.expect("a playlist");
    assert!(media.contains("#EXT-X-PROGRAM-DATE-TIME:") && media.contains("no desc"), "{media}");
    check_playlist(&media);
}

/// A reply that is there at once.
fn futures(server: &Server, target: &str) -> weir_httpd::Reply {
    let asked = asked(target);
    let mut answer = server.hls.answer(&asked);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match answer.as_mut().poll(&mut context) {
        std::task::Poll::Ready(reply) => reply.expect("a reply"),
        std::task::Poll::Pending => panic!("{target} waits"),
    }
}

#[tokio::test]
async fn one_session_is_for_all_renditions() {
    let server = server(GROUP);
    let (_one, _two) = (server.publish("one").await, server.publish("two").await);
    until("both", async || server.text("/live/show.m3u8?x=1").await.is_some_and(|text| uris(&text).len() == 2)).await;
    let master = server.text("/live/show.m3u8?x=1").await.expect("a master playlist");
    let names = uris(&master);
    let id = names[0].split(['=', '&']).nth(1).expect("an id").to_owned();
    assert_eq!(names, [format!("one.m3u8?hls_ctx={id}&x=1"), format!("two.m3u8?hls_ctx={id}&x=1")]);
    for name in &names {
        let playlist = server.text(&format!("/live/{name}")).await.expect("a playlist");
        assert!(playlist.contains(&format!("0.ts?hls_ctx={id}")), "no second master: {playlist}");
    }
    assert_eq!(server.hub.client(&id).expect("a client").key.to_string(), "/live/show");
    let again = server.text(&format!("/live/show.m3u8?hls_ctx={id}")).await.expect("a master playlist");
    assert_eq!(uris(&again)[0], format!("one.m3u8?hls_ctx={id}"));
}

#[tokio::test]
async fn a_group_is_there_while_one_of_its_streams_is() {
    let server = server(&format!("hls_ctx off; hls_dispose 1; {GROUP}"));
    assert!(server.text("/live/show.m3u8").await.is_none());
    drop(server.publish("two").await);
    until("the group", async || server.text("/live/show.m3u8").await.is_some()).await;
    until("its end", async || server.text("/live/show.m3u8").await.is_none()).await;
    until("the end of the stream", async || server.hls.shared.outputs().is_empty()).await;
    assert_eq!(server.hls.shared.catalogue.len(), 0);
}

#[tokio::test]
async fn a_stream_may_have_the_name_of_its_group() {
    let server = server("hls_ctx off; hls_group show { streams show low; }");
    let (_show, _low) = (server.publish("show").await, server.publish("low").await);
    until("both", async || server.text("/live/show.m3u8").await.is_some_and(|text| uris(&text).len() == 2)).await;
    let master = server.text("/live/show.m3u8").await.expect("a master playlist");
    assert_eq!(uris(&master), ["show.media.m3u8", "low.m3u8"]);
    check_playlist(&server.playlist("/live/show.media.m3u8", 3).await);
}

/// One that begins while the other runs, one that comes back, and one of another encoder.
#[tokio::test]
async fn members_end_their_segments_together() {
    let server = server("hls_ctx off; hls_window 60; hls_group show { streams one two odd; }");
    let from = |millis: i64, until: i64| -> Vec<Frame> {
        let is_in = |frame: &Frame| (millis..until).contains(&frame.dts.millis());
        let is_wanted = |frame: &Frame| is_in(frame) || (frame.flags.has(Flags::CONFIG) && frame.dts.millis() == 0);
        looped(VIDEO, 4, 4000).into_iter().filter(is_wanted).collect()
    };
    let (mut one, mut two) = (publish(&server.hub, "one").await, publish(&server.hub, "two").await);
    send(&mut one, from(0, 8_000));
    server.playlist("/live/one.m3u8", 3).await;
    send(&mut two, from(2_300, 8_000));
    server.playlist("/live/two.m3u8", 2).await;
    drop(two);
    server.playlist("/live/two.m3u8", 3).await;
    send(&mut one, from(8_000, 16_000));
    let mut two = publish(&server.hub, "two").await;
    send(&mut two, from(8_300, 16_000));
    let mut odd = publish(&server.hub, "odd").await;
    send(&mut odd, from(2_300, 16_000).into_iter().map(|frame| shifted(frame, 50_123_456)).collect());
    let starts = async |name: &str, segments: usize| -> (Vec<i64>, Vec<i64>) {
        let text = server.playlist(&format!("/live/{name}.m3u8"), segments).await;
        check_playlist(&text);
        let list = MediaPlaylist::parse(&text).expect("a playlist");
        let dates = list.segments.iter().map(|segment| segment.start.program_date_time.expect("a date") / 1_000_000);
        (dates.collect(), list.segments.iter().map(|segment| segment.duration.as_millis() as i64).collect())
    };
    let (dates, durations) = starts("one", 7).await;
    assert_eq!(durations, [2000; 7]);
    let (of_two, durations) = starts("two", 6).await;
    // From 3 s on, and again from 9 s on, at the key frame that comes first.
    assert_eq!(durations, [1000, 2000, 2000, 1000, 2000, 2000]);
    let since = |dates: &[i64], zero: i64| dates.iter().map(|date| date - zero).collect::<Vec<_>>();
    assert_eq!(since(&of_two[..3], dates[0]), [3000, 4000, 6000]);
    let (_, durations) = starts("odd", 6).await;
    assert_eq!(durations, [2000; 6], "nothing is known of its clock but that it is another");
}

fn shifted(mut frame: Frame, millis: i64) -> Frame {
    frame.dts += weir_base::MediaTime::from_millis(millis);
    frame
}
