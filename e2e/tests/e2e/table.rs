//! The cells of docs/codecs.md: every codec by every way out, alone and with every codec of the other kind.

mod players;
mod pushed;

use std::time::Duration;

use weir_codec::Codec;
use weir_e2e::clients::{librtmp, new_ffmpeg};
use weir_e2e::http::{self, Download};
use weir_e2e::{Server, TagPublisher, eventually, fixture, tags};
use weir_flv::TagReader;
use weir_flv::tag::{PacketType, TagKind, parse_body};

use pushed::{Pushed, vp8_and};

/// A push of seconds of media at full speed, on a busy machine, and what waits for it.
const LIMIT: Duration = Duration::from_secs(60);

const AUDIO: [Codec; 6] = [Codec::Aac, Codec::Mp3, Codec::Opus, Codec::Flac, Codec::Ac3, Codec::Eac3];

/// Every way out. A player can wait at one kind of mount in each vhost, and HLS is of one kind in each: streams are pushed
/// to all of them.
fn server() -> Server {
    const HLS: &str = "enabled on; hls_ctx off; hls_fragment 1; hls_window 60; hls_aof_ratio 1.5; hls_disk off;";
    let mp4 = format!("{HLS} hls_use_fmp4 on; hls_low_latency on;");
    let vhosts = [("flv", HLS), ("ts", ""), ("mp4", ""), ("aac", &mp4), ("mp3", "")].map(|(name, hls)| {
        format!(
            "vhost {name}.test {{
                http_remux {{ enabled on; mount [vhost]/[app]/[stream].{name}; }}
                hls {{ hls_path {{dir}}/{name}; {hls} }}
            }}"
        )
    });
    Server::start(&format!(
        "listen {{rtmp}}; http_api {{ enabled on; listen {{api}}; }}
        http_server {{ enabled on; listen {{http}}; dir {{dir}}/html; }} {}",
        vhosts.join("\n")
    ))
}

/// Pictures of one codec, or none, with sound of every codec and with none, each as a stream, all at once.
#[track_caller]
fn check(video: Option<Codec>) {
    let server = server();
    let sounds = AUDIO.into_iter().map(Some).chain(video.map(|_| None));
    let streams: Vec<Pushed> = sounds.map(|audio| Pushed::await_on(&server, video, audio)).collect();
    let players = streams.iter().map(Pushed::players).sum();
    let are_there = || server.api("/api/v1/clients/?count=1000")["clients"].as_array().map(Vec::len) == Some(players);
    assert!(eventually(LIMIT, are_there), "{players} players: {}", server.api("/api/v1/clients/"));
    let pushes: Vec<_> = streams.iter().map(|stream| stream.push(&server)).collect();
    pushes.into_iter().for_each(|push| drop(push.wait(LIMIT).expect_success()));
    let faults: Vec<String> = streams.into_iter().flat_map(|stream| stream.compare(&server)).collect();
    assert!(faults.is_empty(), "{} cells are not as the table says:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn h264_and_every_sound() {
    check(Some(Codec::H264));
}

#[test]
fn hevc_and_every_sound() {
    check(Some(Codec::H265));
}

#[test]
fn av1_and_every_sound() {
    check(Some(Codec::Av1));
}

#[test]
fn vp9_and_every_sound() {
    check(Some(Codec::Vp9));
}

#[test]
fn every_sound_alone() {
    check(None);
}

/// ffmpeg puts no VP8 into FLV, and reads none there: frames are put into tags here, and taken out again.
#[test]
fn vp8_in_tags_of_our_own() {
    let server = server();
    let sent = vp8_and(Codec::Aac);
    let flv = Download::start(server.port("http"), "/live/vp8.flv?vhost=flv.test");
    let rtmp = librtmp::record(&server.rtmp("live/vp8?vhost=flv.test"));
    server.wait_stream("vp8", LIMIT, |stream| stream["clients"] == 2);
    for vhost in ["flv.test", "aac.test"] {
        let mut publisher = TagPublisher::start(server.port("rtmp"), &format!("vp8?vhost={vhost}"));
        publisher.send(&sent);
    }
    let frames = |tags: &[weir_flv::Tag]| -> Vec<_> {
        let of_vp8 = tags.iter().filter(|tag| tag.kind == TagKind::Video);
        let coded = of_vp8.filter(|tag| {
            let info = parse_body(tag.kind, &tag.body).expect("a body");
            matches!(info.packet, PacketType::Coded | PacketType::Raw)
        });
        coded.map(|tag| (tag.timestamp_ms, tag.body.clone())).collect()
    };
    let expect = frames(&sent);
    assert_eq!(expect.len() as u64, fixture::SHORT * fixture::FPS);
    flv.finish(|file| assert!(frames(&tags(file, 0)) == expect, "HTTP-FLV"));
    assert!(eventually(LIMIT, || rtmp.len() as usize > expect.iter().map(|frame| frame.1.len()).sum()));
    rtmp.finish_with(|file| {
        let mut reader = TagReader::new();
        reader.push(&std::fs::read(file).expect("a recording"));
        let received: Vec<_> = std::iter::from_fn(|| reader.poll_tag().ok().flatten()).collect();
        let received = frames(&received);
        assert!(received.len() * 10 > expect.len() * 9 && expect.starts_with(&received), "RTMP: {}", received.len());
    });
    let file = fixture::mixed("VP8-AAC.mkv", &fixture::coded(Codec::Vp8), &fixture::coded(Codec::Aac));
    let mut faults = Vec::new();
    pushed::compare_hls(&server, "vp8", &file, &[Codec::Vp8, Codec::Aac], &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Nothing of the stream has a place in the container.
#[test]
fn what_has_nothing_for_a_player_refuses_it() {
    let server = server();
    let file = fixture::pair(Codec::Vp9, Codec::Flac);
    let _push = new_ffmpeg::push_forever(&file, &[&server.rtmp("live/cam?vhost=flv.test")]);
    server.wait_stream("cam", LIMIT, |stream| stream["video"]["width"] == 320 && !stream["audio"].is_null());
    for (kind, container) in [("ts", "MPEG-TS"), ("aac", "AAC"), ("mp3", "MP3")] {
        let answer = http::get(server.port("http"), &format!("/live/cam.{kind}?vhost=flv.test"));
        assert_eq!(answer.status, 415, "{kind}: {}", answer.line);
        let why = format!("{container} has no place for VP9 and FLAC of this stream");
        assert!(answer.text().contains(&why), "{kind}: {}", answer.text());
        assert!(server.logs(&why, LIMIT), "{}", server.log());
    }
    assert_eq!(http::get(server.port("http"), "/live/cam.m3u8?vhost=flv.test").status, 404);
    for codec in ["VP9", "FLAC"] {
        assert!(server.logs(&format!("{codec} is left out: MPEG-TS cannot carry it"), LIMIT), "{}", server.log());
    }
}
