use weir_flv::tag::TagKind;
use weir_hub::Frame;
use weir_playlist::MasterPlaylist;

use super::*;

const ON: &str = "hls_tracks on; hls_window 60; hls_use_fmp4 on;";

/// The same frame as that of a further track, as Enhanced RTMP has it.
fn on_track(frame: &Frame, number: u8) -> Frame {
    let body = frame.flv();
    let mut out = match frame.kind {
        TagKind::Video => vec![0x80 | (body[0] & 0x70) | 6, body[1], b'a', b'v', b'c', b'1', number],
        _ => vec![0x95, body[1], b'm', b'p', b'4', b'a', number],
    };
    let payload_at = match (frame.kind, body[1]) {
        (TagKind::Video, 0) => 5,
        _ => 2,
    };
    out.extend_from_slice(&body[payload_at..]);
    Frame::from_flv(frame.kind, frame.dts, out.into())
}

fn of(kind: TagKind, frames: Vec<Frame>) -> impl Iterator<Item = Frame> {
    frames.into_iter().filter(move |frame| frame.kind == kind)
}

/// Eight seconds: 64x36 and sound, other pictures as track 1, the sound again as track 1.
fn tracks(millis: i64) -> Vec<Frame> {
    let mut all = frames_at(AV, millis);
    let pictures = frames_at(VIDEO, millis).into_iter().chain(frames_at(VIDEO, millis + 4000));
    all.extend(of(TagKind::Video, pictures.collect()).map(|frame| on_track(&frame, 1)));
    all.extend(of(TagKind::Audio, frames_at(AV, millis)).map(|frame| on_track(&frame, 1)));
    all.sort_by_key(|frame| frame.dts);
    all
}

impl Server {
    async fn master(&self, target: &str) -> MasterPlaylist {
        let mut found = String::new();
        until(target, async || {
            found = self.text(target).await.unwrap_or_default();
            found.contains("RESOLUTION")
        })
        .await;
        let findings = check(&found).expect("a playlist");
        assert!(findings.is_empty(), "{findings:?}\n{found}");
        assert!(matches!(m3u8_rs::parse_playlist_res(found.as_bytes()), Ok(m3u8_rs::Playlist::MasterPlaylist(_))));
        MasterPlaylist::parse(&found).expect("a master playlist")
    }

    /// Everything that a playlist lists, in one piece.
    async fn media(&self, playlist: &MediaPlaylist) -> Vec<u8> {
        let maps = playlist.segments.front().and_then(|first| first.start.map.as_ref()).map(|map| map.uri.clone());
        let mut media = Vec::new();
        for uri in maps.into_iter().chain(playlist.segments.iter().map(|segment| segment.uri.clone())) {
            media.extend(body(&get(&*self.hls, &format!("/live/{uri}")).await.expect("it is there")));
        }
        media
    }

    /// The playlists of a master playlist, once each has so many segments.
    async fn renditions(&self, master: &MasterPlaylist, segments: usize) -> Vec<MediaPlaylist> {
        let sounds = master.renditions.iter().filter_map(|rendition| rendition.uri.clone());
        let mut found = Vec::new();
        for uri in master.variants.iter().map(|variant| variant.uri.clone()).chain(sounds) {
            let text = self.playlist(&format!("/live/{uri}"), segments).await;
            // A stream that ended hints at nothing, and the rest of its sound makes its last part longer than the others.
            let findings = check(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert!(
                findings.iter().all(|finding| matches!(finding.rule, "part-hint" | "part-short")),
                "{findings:?}\n{text}"
            );
            found.push(MediaPlaylist::parse(&text).expect("a playlist"));
        }
        found
    }
}

fn names(master: &MasterPlaylist) -> Vec<&str> {
    let sounds = master.renditions.iter().filter_map(|rendition| rendition.uri.as_deref());
    master.variants.iter().map(|variant| variant.uri.as_str()).chain(sounds).collect()
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).expect("it is short")
}

#[tokio::test]
async fn further_tracks_are_renditions_beside_the_first() {
    for settings in ["", "hls_use_fmp4 off;", "hls_low_latency on;"] {
        let server = server(&format!("hls_ctx off; {settings} {ON}"));
        let mut publisher = publish(&server.hub, "cam").await;
        send(&mut publisher, tracks(0));
        drop(publisher);
        let master = server.master("/live/cam.m3u8").await;
        assert_eq!(names(&master), ["cam.media.m3u8", "cam.video1.m3u8", "cam.audio1.m3u8"]);
        let sizes: Vec<_> = master.variants.iter().map(|variant| variant.resolution.expect("a size")).collect();
        assert_eq!(sizes, [(64, 36), (96, 54)]);
        let [first, second] = &master.variants[..] else { panic!("two sizes") };
        assert_eq!(first.codecs, ["avc1.64000a", "mp4a.40.2"]);
        assert!((first.frame_rate.expect("a rate") - 25.0).abs() < 0.1 && second.audio.is_some());
        let [own, other] = &master.renditions[..] else { panic!("two sounds") };
        assert_eq!((own.uri.as_deref(), own.default, other.default), (None, true, false));
        assert_eq!((own.name.as_str(), other.name.as_str(), other.channels), ("Audio 1", "Audio 2", own.channels));
        // The end of the stream ends the last one.
        let lists = server.renditions(&master, 4).await;
        for list in &lists {
            let durations: Vec<i64> = list.segments.iter().take(4).map(|segment| millis(segment.duration)).collect();
            assert!(durations.iter().all(|length| (length - 2000).abs() < 110), "{durations:?}");
            let began = |list: &MediaPlaylist| -> Vec<i64> {
                list.segments
                    .iter()
                    .map(|segment| segment.start.program_date_time.expect("a date") / 1_000_000)
                    .collect()
            };
            let apart = began(list).into_iter().zip(began(&lists[0])).map(|(own, first)| (own - first).abs());
            // Sound begins a little later.
            assert!(apart.skip(1).max().is_some_and(|most| most <= 25), "{:?} {:?}", began(list), began(&lists[0]));
        }
        let twice = [decoded(VIDEO, "v"), decoded(VIDEO, "v")].concat();
        assert_eq!(decoded(&server.media(&lists[0]).await, "v"), decoded(AV, "v"));
        assert_eq!(decoded(&server.media(&lists[1]).await, "v"), twice);
        let [pictures, sounds] =
            ["video", "audio"].map(|kind| packets(AV).iter().filter(|one| one.starts_with(kind)).count());
        for (place, expect) in [(0, pictures + sounds), (1, twice.len() + sounds), (2, sounds)] {
            // What sound there is alone behind the last whole segment is too short for one more.
            let found = packets(&server.media(&lists[place]).await).len();
            assert!((expect - 4..=expect).contains(&found), "{place}: {found} of {expect}");
        }
        // The peak of what is played together.
        let rates = |list: &MediaPlaylist| list.segments.iter().map(|one| one.duration.as_secs_f64()).sum::<f64>();
        let bits = server.media(&lists[2]).await.len() as f64 * 8.0 / rates(&lists[2]);
        assert!(second.bandwidth as f64 > bits, "{} {bits}", second.bandwidth);
        for name in ["cam.media", "cam.video1", "cam.audio1"] {
            let text = server.file(&format!("live/{name}.m3u8"), |text| uris(text).len() >= 4).await;
            assert!(!text.contains("PART"), "{text}");
            assert!(uris(&text).iter().all(|uri| server.path("live").join(uri).exists()), "{text}");
        }
    }
}

#[tokio::test]
async fn a_stream_of_first_tracks_is_as_it_was() {
    for settings in ["", "hls_use_fmp4 on;", "hls_low_latency on;"] {
        let mut texts = Vec::new();
        for tracks in ["", "hls_tracks on;"] {
            let server = server(&format!("hls_ctx off; hls_window 60; {settings} {tracks}"));
            drop(server.publish("cam").await);
            let text = server.playlist("/live/cam.m3u8", 4).await;
            texts.push(text.lines().filter(|line| !line.contains("DATE-TIME")).collect::<Vec<_>>().join("\n"));
            assert_eq!(server.hls.shared.outputs().len(), 1);
        }
        assert_eq!(texts[0], texts[1]);
    }
}

#[tokio::test]
async fn without_the_directive_further_tracks_are_left_out() {
    let server = server("hls_ctx off;");
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, tracks(0));
    server.playlist("/live/cam.m3u8", 3).await;
    assert_eq!(server.hls.shared.outputs().len(), 1);
    let faults: Vec<String> = publisher.stream().faults().into_iter().map(|fault| fault.what).collect();
    assert!(faults.iter().any(|fault| fault.contains("only the first track of pictures")), "{faults:?}");
}

#[tokio::test]
async fn a_track_may_come_late_but_not_after_the_first_segment() {
    let late = |from: i64| -> Vec<Frame> {
        let config = |frame: &Frame| frame.flags.has(weir_hub::Flags::CONFIG);
        let mut all: Vec<Frame> =
            tracks(0).into_iter().filter(|frame| frame.track == 0 || frame.dts.millis() >= from).collect();
        for mut frame in tracks(0).into_iter().filter(|frame| frame.track != 0 && config(frame)) {
            frame.dts = weir_base::MediaTime::from_millis(from);
            all.push(frame);
        }
        all.sort_by_key(|frame| (frame.dts, !config(frame)));
        all
    };
    let server = server(&format!("hls_ctx off; {ON}"));
    let mut publisher = publish(&server.hub, "cam").await;
    // In pieces, as they come.
    for chunk in late(700).chunks(40) {
        send(&mut publisher, chunk.to_vec());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    drop(publisher);
    let master = server.master("/live/cam.m3u8").await;
    assert_eq!(names(&master), ["cam.media.m3u8", "cam.video1.m3u8", "cam.audio1.m3u8"]);
    let lists = server.renditions(&master, 4).await;
    let ends = |list: &MediaPlaylist| -> Vec<i64> {
        list.segments
            .iter()
            .skip(1)
            .map(|segment| segment.start.program_date_time.expect("a date") / 1_000_000)
            .collect()
    };
    assert!(ends(&lists[1]).iter().zip(ends(&lists[0])).all(|(a, b)| (a - b).abs() <= 25), "they end together");
    assert_eq!(decoded(&server.media(&lists[0]).await, "v"), decoded(AV, "v"), "nothing of the first is lost");

    let mut publisher = publish(&server.hub, "dog").await;
    send(&mut publisher, late(2500));
    let playlist = server.playlist("/live/dog.m3u8", 3).await;
    assert!(playlist.contains("dog-0.m4s"), "{playlist}");
    let faults: Vec<String> = publisher.stream().faults().into_iter().map(|fault| fault.what).collect();
    assert!(faults.iter().any(|fault| fault.starts_with("video track 1 is left out: it came")), "{faults:?}");
}

#[tokio::test]
async fn who_has_the_name_of_a_rendition_keeps_it() {
    let server = server(&format!("hls_ctx off; {ON}"));
    let _other = server.publish("cam.video1").await;
    let theirs = server.playlist("/live/cam.video1.m3u8", 3).await;
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, tracks(0));
    let master = server.master("/live/cam.m3u8").await;
    assert_eq!(names(&master), ["cam.media.m3u8", "cam.audio1.m3u8"]);
    assert_eq!(server.text("/live/cam.video1.m3u8").await.expect("a playlist"), theirs);
    let faults: Vec<String> = publisher.stream().faults().into_iter().map(|fault| fault.what).collect();
    assert!(faults.iter().any(|fault| fault.starts_with("/live/cam.video1 writes ")), "{faults:?}");
    // And the other way round.
    let mut dog = publish(&server.hub, "dog").await;
    send(&mut dog, tracks(0));
    server.master("/live/dog.m3u8").await;
    let media = publish(&server.hub, "dog.media").await;
    let stream = media.stream().clone();
    until("a refusal", async || stream.faults().iter().any(|fault| fault.what.starts_with("/live/dog writes "))).await;
    // Nor does a group give up its name.
    let grouped = self::server(&format!("hls_ctx off; {ON} hls_group cam {{ streams cam low; }}"));
    let mut publisher = publish(&grouped.hub, "cam").await;
    send(&mut publisher, tracks(0));
    assert_eq!(names(&grouped.master("/live/cam.m3u8").await), ["cam.media.m3u8"]);
}

#[tokio::test]
async fn a_publisher_with_tracks_goes_on_with_its_playlists() {
    let server = server(&format!("hls_ctx off; {ON}"));
    for round in 0..2 {
        let mut publisher = publish(&server.hub, "cam").await;
        send(&mut publisher, tracks(round * 8000));
        drop(publisher);
    }
    let master = server.master("/live/cam.m3u8").await;
    for list in server.renditions(&master, 8).await {
        let seams: Vec<bool> = list.segments.iter().map(|segment| segment.start.discontinuity).collect();
        assert_eq!(seams, [false, false, false, false, true, false, false, false]);
    }
    // Then with one track: its playlist is the stream's again, and nothing is left of the others.
    drop(server.publish("cam").await);
    let playlist = server.playlist("/live/cam.m3u8", 4).await;
    assert!(playlist.contains("#EXT-X-MEDIA-SEQUENCE:8\n") && playlist.contains("cam-8.m4s"), "{playlist}");
    until("the others", async || server.hls.shared.outputs().len() == 1).await;
    assert!(server.text("/live/cam.video1.m3u8").await.is_none());
    // And again with several.
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, tracks(0));
    assert_eq!(server.master("/live/cam.m3u8").await.variants.len(), 2);
    drop(publisher);
    until("the end", async || server.hls.shared.outputs().iter().all(|output| !output.is_written())).await;
}

#[tokio::test]
async fn a_track_that_was_announced_and_stays_away_is_left_out() {
    let server = server(&format!("hls_ctx off; {ON}"));
    let mut publisher = publish(&server.hub, "cam").await;
    let has_more = |frame: &Frame| frame.kind != TagKind::Video || frame.flags.has(weir_hub::Flags::CONFIG);
    send(&mut publisher, tracks(0).into_iter().filter(|frame| frame.track == 0 || has_more(frame)).collect());
    let master = server.master("/live/cam.m3u8").await;
    assert_eq!(names(&master), ["cam.media.m3u8", "cam.audio1.m3u8"]);
    assert_eq!(server.hls.shared.outputs().len(), 2);
}

#[tokio::test]
async fn the_number_of_renditions_is_limited() {
    let server = server(&format!("hls_ctx off; {ON}"));
    let mut publisher = publish(&server.hub, "cam").await;
    let sound: Vec<Frame> = of(TagKind::Audio, frames(AV)).collect();
    let further = (1..=40).flat_map(|number| sound.iter().map(move |frame| on_track(frame, number)));
    let mut all: Vec<Frame> = frames(AV).into_iter().chain(further).collect();
    all.sort_by_key(|frame| frame.dts);
    send(&mut publisher, all);
    let master = server.master("/live/cam.m3u8").await;
    assert_eq!((master.variants.len(), master.renditions.len()), (1, 16), "the first sound among them");
    let faults: Vec<String> = publisher.stream().faults().into_iter().map(|fault| fault.what).collect();
    assert!(faults.iter().any(|fault| fault.contains("16 renditions at most")), "{faults:?}");
}

/// Several tracks in one body.
#[tokio::test]
async fn tracks_that_share_a_body_are_told_apart() {
    let server = server(&format!("hls_ctx off; {ON}"));
    let mut publisher = publish(&server.hub, "cam").await;
    let together = |frame: Frame| {
        let legacy = frame.flv();
        let mut body = vec![0x95, 0x10 | legacy[1], b'm', b'p', b'4', b'a'];
        for number in [0, 1] {
            let len = u32::try_from(legacy.len() - 2).expect("it is short").to_be_bytes();
            body.push(number);
            body.extend_from_slice(&len[1..]);
            body.extend_from_slice(&legacy[2..]);
        }
        Frame::from_flv(frame.kind, frame.dts, body.into())
    };
    let both = |frame: Frame| if frame.kind == TagKind::Audio { together(frame) } else { frame };
    send(&mut publisher, frames(AV).into_iter().map(both).collect());
    drop(publisher);
    let master = server.master("/live/cam.m3u8").await;
    assert_eq!(names(&master), ["cam.media.m3u8", "cam.audio1.m3u8"]);
    let lists = server.renditions(&master, 4).await;
    let sounds = packets(AV).iter().filter(|one| one.starts_with("audio")).count();
    assert_eq!(packets(&server.media(&lists[1]).await).len(), sounds - 4, "but the last tenth of a second");
    assert_eq!(packets(&server.media(&lists[0]).await).len(), packets(AV).len());
}

#[tokio::test]
async fn one_session_is_for_all_tracks() {
    let server = server(&format!("{ON} hls_low_latency on;"));
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, tracks(0));
    let master = server.master("/live/cam.m3u8?x=1&hls_ctx=abcdefgh").await;
    assert_eq!(names(&master)[1], "cam.video1.m3u8?hls_ctx=abcdefgh&x=1");
    assert_eq!(server.hub.client("abcdefgh").expect("a client").key.to_string(), "/live/cam");
    for (place, list) in server.renditions(&master, 3).await.into_iter().enumerate() {
        assert_eq!(list.reports.len(), 2, "{place}: {:?}", list.reports);
        assert!(list.reports.iter().all(|report| report.uri.ends_with(".m3u8?hls_ctx=abcdefgh")), "{:?}", list.reports);
        assert!(list.part_target.is_some());
    }
    assert_eq!(server.hub.clients().len(), 2);
}

#[tokio::test]
async fn tracks_leave_nothing_behind() {
    let server = server(&format!("hls_ctx off; hls_dispose 1; {ON} hls_low_latency on;"));
    let mut publisher = publish(&server.hub, "cam").await;
    send(&mut publisher, tracks(0));
    server.master("/live/cam.m3u8").await;
    drop(publisher);
    until("everything", async || server.hls.shared.outputs().is_empty()).await;
    assert_eq!(server.hls.shared.catalogue.len(), 0);
    until("the memory", async || server.hls.shared.budget.used() == 0).await;
    until("the files", async || files(&server.path("live")).is_empty()).await;
}
