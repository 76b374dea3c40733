//! A publisher whose pictures change their size, and then their codec, without leaving.

use std::path::{Path, PathBuf};
use std::time::Duration;

use weir_codec::Codec;
use weir_e2e::clients::{librtmp, new_ffmpeg};
use weir_e2e::http::{self, Download};
use weir_e2e::{Server, TagPublisher, eventually, eventually_some, fixture, pause, tags};
use weir_flv::tag::{TagInfo, TagKind, parse_body};
use weir_flv::{Tag, TagReader};
use weir_playlist::{MediaPlaylist, Segment};

use crate::parsers::ts::Transport;
use new_ffmpeg::Content;

const LIMIT: Duration = Duration::from_secs(30);
const PICTURES: usize = (fixture::SHORT * fixture::FPS) as usize;

/// H.264, larger H.264, H.265, with AAC.
fn files() -> [PathBuf; 3] {
    let larger = fixture::coded_larger(Codec::H264);
    [
        fixture::pair(Codec::H264, Codec::Aac),
        fixture::mixed("H.264-larger-AAC.flv", &larger, &fixture::coded(Codec::Aac)),
        fixture::pair(Codec::H265, Codec::Aac),
    ]
}

/// One file after the other, in one publish.
fn sent() -> Vec<Tag> {
    let later = |at: usize| at as u32 * (fixture::SHORT as u32 * 1000 + 200);
    let one_by_one = files().into_iter().enumerate().flat_map(|(at, file)| tags(&file, later(at)));
    one_by_one.filter(|tag| tag.kind != TagKind::Script).collect()
}

/// Sends all of it, with a rest after each file of as long as it is: pictures are not taken whose headers change faster
/// than the clock goes.
fn send(publisher: &mut TagPublisher) {
    let one = fixture::SHORT as u32 * 1000 + 200;
    let sent = sent();
    for run in sent.chunk_by(|before, after| before.timestamp_ms / one == after.timestamp_ms / one) {
        publisher.send(run);
        pause(Duration::from_millis(one.into()));
    }
}

fn server(settings: &str) -> Server {
    let hls = "enabled on; hls_ctx off; hls_fragment 1; hls_window 60; hls_disk off; hls_path {dir}/html;";
    let conf = format!(
        "{} vhost ts.test {{ http_remux {{ enabled on; mount [vhost]/[app]/[stream].ts; }} }}",
        Server::LIVE.replace("http_remux {", &format!("hls {{ {hls} {settings} }} http_remux {{"))
    );
    Server::start(&conf)
}

/// What was published, when the playlist has all of it: its segments from change to change.
#[track_caller]
fn published(server: &Server) -> Vec<Vec<Segment>> {
    let mut publisher = TagPublisher::start(server.port("rtmp"), "cam");
    send(&mut publisher);
    drop(publisher);
    let whole = eventually_some(LIMIT, || {
        let list = MediaPlaylist::parse(&http::get(server.port("http"), "/live/cam.m3u8").text()).ok()?;
        let seconds: f64 = list.segments.iter().map(|segment| segment.duration.as_secs_f64()).sum();
        (seconds > 3.0 * fixture::SHORT as f64 - 0.3).then_some(list)
    });
    let list = whole.unwrap_or_else(|| panic!("no whole playlist:\n{}", server.log()));
    let mut runs: Vec<Vec<Segment>> = Vec::new();
    for segment in list.segments {
        match runs.last_mut() {
            Some(run) if !segment.start.discontinuity => run.push(segment),
            _ => runs.push(vec![segment]),
        }
    }
    assert_eq!(runs.len(), 3, "a discontinuity at each change: {runs:#?}");
    runs
}

#[track_caller]
fn fetch(server: &Server, uri: &str) -> Vec<u8> {
    let answer = http::get(server.port("http"), &format!("/live/{uri}"));
    assert_eq!(answer.status, 200, "{uri}");
    answer.body
}

/// The pictures that a decoder sees are those of the file.
#[track_caller]
fn check_pictures(bytes: &[u8], file: &Path) {
    let dir = tempfile::tempdir().expect("a folder");
    let assembled = dir.path().join("assembled");
    std::fs::write(&assembled, bytes).expect("a file");
    let (sent, received) = (Content::of_pictures(file), Content::of_pictures(&assembled));
    let same = sent.packets.iter().zip(&received.packets).take_while(|(sent, got)| sent.4 == got.4).count();
    assert_eq!((same, received.packets.len()), (PICTURES, PICTURES), "{}", file.display());
}

#[test]
fn a_change_begins_a_segment_with_an_initialisation_of_its_own() {
    for settings in ["hls_use_fmp4 on;", "hls_use_fmp4 on; hls_low_latency on;"] {
        let server = server(settings);
        let mut maps = Vec::new();
        for (run, file) in published(&server).iter().zip(&files()) {
            let map = run[0].start.map.clone().expect("an initialisation segment").uri.clone();
            assert!(run.iter().all(|segment| segment.start.map.as_ref().is_none_or(|one| one.uri == map)), "{run:?}");
            let segments = run.iter().flat_map(|segment| fetch(&server, &segment.uri));
            check_pictures(&fetch(&server, &map).into_iter().chain(segments).collect::<Vec<u8>>(), file);
            maps.push(map);
        }
        maps.dedup();
        assert_eq!(maps.len(), 3, "{settings}: {maps:?}");
    }
}

#[test]
fn a_change_of_codec_is_in_the_tables_of_transport_streams() {
    let server = server("");
    let waiting = Download::start(server.port("http"), "/live/cam.ts?vhost=ts.test");
    let mut stream = Transport::default();
    let mut versions = Vec::new();
    for (run, file) in published(&server).iter().zip(&files()) {
        let bytes: Vec<u8> = run.iter().flat_map(|segment| fetch(&server, &segment.uri)).collect();
        stream.read(&run[0].uri, &bytes);
        check_pictures(&bytes, file);
        versions.push(stream.tables.last().expect("a PMT").version_number.as_u8());
    }
    assert!(versions[0] != versions[2], "the version of the PMT with another codec: {versions:?}");
    assert_eq!(stream.units(true).len(), 3 * PICTURES);

    send(&mut TagPublisher::start(server.port("rtmp"), "cam?vhost=ts.test"));
    waiting.finish(|file| {
        let mut stream = Transport::default();
        stream.read("HTTP-TS", &std::fs::read(file).expect("a recording"));
        let tables = [stream.tables.first(), stream.tables.last()].map(|table| table.expect("a PMT").clone());
        let [first, last] = tables.map(|table| (table.version_number, table.es_info[0].stream_type));
        assert!(first.0 != last.0 && first.1 != last.1, "{first:?} {last:?}");
        assert_eq!(stream.units(true).len(), 3 * PICTURES);
    });
}

#[test]
fn a_change_reaches_players_of_tags() {
    let server = server("");
    let flv = Download::start(server.port("http"), "/live/cam.flv");
    let rtmp = librtmp::record(&server.rtmp("live/cam"));
    server.wait_stream("cam", LIMIT, |stream| stream["clients"] == 2);
    let mut publisher = TagPublisher::start(server.port("rtmp"), "cam");
    send(&mut publisher);
    server.wait_stream("cam", LIMIT, |stream| stream["video"]["codec"] == "HEVC" && stream["video"]["width"] == 320);
    drop(publisher);
    let expect = of_video(&sent());
    flv.finish(|file| assert!(of_video(&tags(file, 0)) == expect, "HTTP-FLV"));
    // rtmpdump lists no codecs, so it gets all.
    let bytes: usize = expect.iter().map(|tag| tag.body.len()).sum();
    assert!(eventually(LIMIT, || rtmp.len() as usize > bytes), "{} of {bytes} bytes", rtmp.len());
    rtmp.finish_with(|file| {
        let mut reader = TagReader::new();
        reader.push(&std::fs::read(file).expect("a recording"));
        let received: Vec<_> = std::iter::from_fn(|| reader.poll_tag().ok().flatten()).collect();
        let received = of_video(&received);
        assert!(received.len() + 2 >= expect.len() && expect.starts_with(&received), "RTMP: {}", received.len());
    });
}

/// Sequence headers and pictures, without what ends a sequence.
fn of_video(tags: &[Tag]) -> Vec<Tag> {
    let coded = |info: TagInfo| info.is_sequence_header() || info.payload_len > 0;
    let is_wanted = |tag: &&Tag| tag.kind == TagKind::Video && parse_body(tag.kind, &tag.body).is_ok_and(coded);
    tags.iter().filter(is_wanted).cloned().collect()
}
