//! Several tracks of several codecs, players that list codecs, and what the API says of them; by a new ffmpeg. Every
//! codec by every way out: see `table.rs`.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use weir_e2e::clients::{Recorder, new_ffmpeg};
use weir_e2e::{Server, pause};

use new_ffmpeg::Content;

/// Seconds of media.
const SECONDS: usize = 5;
/// How long the push may take, and how long a player may wait behind it, on a busy machine.
const LIMIT: Duration = Duration::from_secs(SECONDS as u64 + 20);

const HEVC: &str = "-c:v libx265 -preset ultrafast -x265-params log-level=error:bframes=2";
const AV1: &str = "-c:v libsvtav1 -preset 12 -svtav1-params lp=1";
const VP9: &str = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8";

/// Pictures and sound, coded as the words of ffmpeg say.
struct Fixture {
    file: PathBuf,
    _dir: TempDir,
}

impl Fixture {
    #[track_caller]
    fn new(coding: &str) -> Fixture {
        let dir = TempDir::with_prefix("weir-e2e-").expect("a folder");
        let [coded, file] = ["coded.flv", "sent.flv"].map(|name| dir.path().join(name));
        let (seconds, media) = (SECONDS.to_string(), "-map 0:v -map 1:a -pix_fmt yuv420p -g 25 -ac 2".split(' '));
        let mut args = vec!["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
        args.extend(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", &seconds]);
        args.extend(media.chain(coding.split_whitespace()));
        new_ffmpeg::make(&coded, &args);
        // Once through the muxer: it makes a record of VP9 that is not the encoder's, and keeps that.
        new_ffmpeg::make(&file, &["-i", &coded.to_string_lossy(), "-map", "0", "-c", "copy"]);
        Fixture { file, _dir: dir }
    }

    /// What was coded: so many streams, all of full length.
    #[track_caller]
    fn content(&self, streams: usize) -> Content {
        let content = Content::of(&self.file);
        for stream in 0..streams {
            let packets = content.packets.iter().filter(|packet| packet.0 == stream).count();
            assert!(packets >= SECONDS * 25, "{packets} packets of stream {stream}");
        }
        content.from_zero()
    }
}

/// Pushes the file to players that wait, and gives what each recorded.
#[track_caller]
fn play<const N: usize>(server: &Server, fixture: &Fixture, mut players: [Recorder; N]) -> [Content; N] {
    server.wait_stream("cam", Duration::from_secs(10), |stream| stream["clients"] == N);
    new_ffmpeg::push(&fixture.file, &server.rtmp("live/cam")).wait(LIMIT).expect_success();
    players.iter_mut().for_each(|player| player.wait_end(LIMIT));
    players.map(|player| player.finish_with(Content::of).from_zero())
}

#[test]
fn several_tracks_of_several_codecs() {
    let video = format!("-map 0:v {} {}", HEVC.replace(":v ", ":v:0 "), AV1.replace(":v ", ":v:1 "));
    let video = video.replace("-preset ultrafast", "-preset:v:0 ultrafast").replace("-preset 12", "-preset:v:1 12");
    let fixture = Fixture::new(&format!("-map 1:a {video} -c:a:0 aac -c:a:1 libopus"));
    let sent = fixture.content(4);
    let server = Server::start(Server::LIVE);
    let players = [(server.rtmp("live/cam"), ""), (server.http("live/cam.flv"), "")];
    let received = play(&server, &fixture, players.map(|(url, fourccs)| new_ffmpeg::record(&url, fourccs)));
    for (path, received) in ["RTMP", "HTTP-FLV"].iter().zip(received) {
        assert_eq!(received.streams, sent.streams, "{path}");
        for (sent, received) in sent.packets.iter().zip(&received.packets) {
            assert_eq!(sent, received, "{path}");
        }
        assert_eq!(received.packets.len(), sent.packets.len(), "{path}");
    }
}

/// A player that lists FourCCs gets no others; the stream and its other players do not change by it.
#[test]
fn a_player_gets_the_codecs_that_it_lists() {
    let fixture = Fixture::new(&format!("{HEVC} -c:a libopus"));
    let sent = fixture.content(2);
    let server = Server::start(Server::LIVE);
    let url = server.rtmp("live/cam");
    let players = ["", "hvc1,Opus", "av01,Opus", "hvc1"].map(|fourccs| new_ffmpeg::record(&url, fourccs));
    let [all, both, sound, pictures] = play(&server, &fixture, players);
    assert!(all.packets == sent.packets && both.packets == sent.packets, "packets that were not sent so");
    let of_stream = |stream: usize| {
        let packets = sent.packets.iter().filter(|packet| packet.0 == stream);
        packets.map(|packet| packet.4.as_str()).collect::<Vec<_>>()
    };
    for (what, alone, stream) in [("sound", sound, 1), ("pictures", pictures, 0)] {
        let hashes: Vec<_> = alone.packets.iter().map(|packet| packet.4.as_str()).collect();
        assert!(hashes == of_stream(stream), "{} packets of {what}", hashes.len());
    }
    for left_out in ["gets no H.265 video", "gets no Opus audio"] {
        assert!(server.logs(left_out, Duration::from_secs(5)), "{}", server.log());
    }
    assert_eq!(server.log().matches("gets no ").count(), 2, "{}", server.log());
}

#[test]
fn the_api_shows_size_and_codec() {
    for (coding, video, audio) in [
        (format!("{HEVC} -c:a ac3"), "HEVC", "Other"),
        (format!("{AV1} -c:a libopus"), "AV1", "Opus"),
        (format!("{VP9} -c:a flac -sample_fmt s16"), "Other", "Other"),
    ] {
        let fixture = Fixture::new(&coding);
        let server = Server::start(Server::LIVE);
        let _push = new_ffmpeg::push(&fixture.file, &server.rtmp("live/cam"));
        pause(Duration::from_millis(100));
        // Frames tell it where there is no sequence header.
        let is_told =
            |stream: &serde_json::Value| stream["video"]["width"] == 320 && stream["audio"]["sample_rate"] == 48000;
        let stream = server.wait_stream("cam", LIMIT, is_told);
        assert_eq!((&stream["video"]["codec"], &stream["video"]["height"]), (&video.into(), &180.into()), "{stream}");
        let sound = (&stream["audio"]["codec"], &stream["audio"]["sample_rate"], &stream["audio"]["channel"]);
        assert_eq!(sound, (&audio.into(), &48000.into(), &2.into()), "{stream}");
    }
}
