//! HLS as parsers see it that share no code with weir, and as the rules of low latency want it.

mod rules;
pub(crate) mod ts;

use std::time::Duration;

use m3u8_rs::{MediaPlaylist, Playlist};
use re_mp4::{Mp4, TrackKind};
use weir_codec::Codec;
use weir_e2e::clients::new_ffmpeg;
use weir_e2e::{Server, eventually_some, fixture, http};

use ts::Transport;

const LIMIT: Duration = Duration::from_secs(30);
/// Pictures and frames of AAC in the fixture.
const PICTURES: usize = (fixture::SHORT * fixture::FPS) as usize;

/// A server with HLS of segments of one second, without sessions, and more settings.
fn server(settings: &str) -> Server {
    let hls = "enabled on; hls_ctx off; hls_fragment 1; hls_window 60; hls_disk off; hls_path {dir}/html;";
    Server::start(&Server::LIVE.replace("http_remux {", &format!("hls {{ {hls} {settings} }} http_remux {{")))
}

/// Pushes the fixture, and gives its whole playlist as m3u8-rs reads it.
#[track_caller]
fn pushed(server: &Server) -> MediaPlaylist {
    let file = fixture::pair(Codec::H264, Codec::Aac);
    new_ffmpeg::push_fast(&file, &[&server.rtmp("live/cam")]).wait(LIMIT).expect_success();
    let whole = eventually_some(LIMIT, || {
        let answer = http::get(server.port("http"), "/live/cam.m3u8");
        let list = m3u8_rs::parse_media_playlist_res(&answer.body).ok()?;
        let seconds: f32 = list.segments.iter().map(|segment| segment.duration).sum();
        (seconds > fixture::SHORT as f32 - 0.3).then_some(list)
    });
    whole.expect("a whole playlist")
}

#[track_caller]
fn fetch(server: &Server, uri: &str) -> Vec<u8> {
    let answer = http::get(server.port("http"), &format!("/live/{uri}"));
    assert_eq!(answer.status, 200, "{uri}");
    answer.body
}

/// What every playlist of the fixture says.
#[track_caller]
fn check_list(list: &MediaPlaylist) {
    assert_eq!((list.media_sequence, list.segments.len() as u64), (0, fixture::SHORT), "{list:?}");
    assert!(!list.end_list && !list.i_frames_only && list.discontinuity_sequence == 0, "{list:?}");
    for (at, segment) in list.segments.iter().enumerate() {
        assert!(segment.duration.round() as u64 <= list.target_duration, "{segment:?}");
        // The sound ends a little after the pictures.
        let slack = if at + 1 == list.segments.len() { 0.2 } else { 0.05 };
        assert!((segment.duration - 1.0).abs() < slack, "{segment:?}");
    }
    assert!(list.segments.iter().skip(1).all(|segment| !segment.discontinuity), "{list:?}");
}

/// Frames of AAC in the fixture, as ffmpeg counts them.
fn sounds() -> usize {
    let file = fixture::coded(Codec::Aac);
    new_ffmpeg::Content::of(&file).packets.len()
}

#[test]
fn transport_streams_pass_m3u8_rs_and_mpeg2ts() {
    let server = server("");
    let list = pushed(&server);
    check_list(&list);
    let mut stream = Transport::default();
    for segment in &list.segments {
        let before = stream.units(true).len();
        stream.read(&segment.uri, &fetch(&server, &segment.uri));
        let pictures = stream.units(true).len() - before;
        let seconds = pictures as f32 / fixture::FPS as f32;
        assert_eq!(seconds, 1.0, "{segment:?}");
    }
    assert_eq!(stream.units(true).len(), PICTURES);
    let frames: usize = stream.units(false).iter().map(|unit| ts::adts_frames(&unit.bytes)).sum();
    assert_eq!(frames, sounds());
    // Pictures are shown one by one, each once.
    let mut times: Vec<u64> = stream.units(true).iter().map(|unit| unit.pts).collect();
    times.sort_unstable();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 90_000 / fixture::FPS), "{times:?}");
    let kinds: Vec<String> = stream.tables[0].es_info.iter().map(|es| format!("{:?}", es.stream_type)).collect();
    assert_eq!(kinds, ["H264", "AdtsAac"]);
    assert!(stream.tables.iter().all(|table| *table == stream.tables[0]), "the tables do not change");
}

#[test]
fn fragmented_mp4_passes_m3u8_rs_and_re_mp4() {
    for settings in ["hls_use_fmp4 on;", "hls_use_fmp4 on; hls_low_latency on;"] {
        let server = server(settings);
        let list = pushed(&server);
        check_list(&list);
        let map = list.segments[0].map.clone().expect("an initialisation segment");
        let init = fetch(&server, &map.uri);
        let mut whole = init.clone();
        let mut ends = [0, 0];
        for segment in &list.segments {
            assert_eq!(segment.map.as_ref().map_or(&map.uri, |map| &map.uri), &map.uri);
            let body = fetch(&server, &segment.uri);
            let mp4 = Mp4::read_bytes(&[init.clone(), body.clone()].concat()).expect("re_mp4 reads a segment");
            for (end, track) in ends.iter_mut().zip(mp4.tracks().values()) {
                let (first, last) = (&track.samples[0], &track.samples[track.samples.len() - 1]);
                assert!(first.is_sync, "{}: {first:?}", segment.uri);
                // From segment to segment without a gap.
                let starts = mp4.moofs[0].trafs.iter().find(|traf| traf.tfhd.track_id == track.track_id);
                let start = starts.and_then(|traf| traf.tfdt.as_ref()).expect("a tfdt").base_media_decode_time;
                assert!(*end == 0 || *end == start, "{}: track {} from {end} to {start}", segment.uri, track.track_id);
                let duration: u64 = track.samples.iter().map(|sample| sample.duration).sum();
                *end = start + duration;
                let seconds = duration as f32 / track.timescale as f32;
                assert!((seconds - segment.duration).abs() < 0.15, "{}: {seconds} s, {last:?}", segment.uri);
            }
            whole.extend(body);
        }
        let mp4 = Mp4::read_bytes(&whole).expect("re_mp4 reads all segments");
        let tracks: Vec<_> = mp4.tracks().values().map(|track| (track.kind, track.samples.len())).collect();
        assert_eq!(tracks, [(Some(TrackKind::Video), PICTURES), (Some(TrackKind::Audio), sounds())], "{settings}");
        let video = mp4.tracks().values().next().expect("pictures");
        assert_eq!((video.width, video.height), (320, 180));
        assert_eq!(video.codec_string(&mp4).as_deref().map(|codec| codec.starts_with("avc1.")), Some(true));
    }
}

#[test]
fn master_playlists_pass_m3u8_rs() {
    let server = server("hls_use_fmp4 on; hls_low_latency on; hls_group show { streams big small; }");
    let small = fixture::pair(Codec::H264, Codec::Aac);
    let video = fixture::coded_larger(Codec::H264);
    let big = fixture::mixed("H.264-larger-AAC.flv", &video, &fixture::coded(Codec::Aac));
    for (file, name) in [(big, "big"), (small, "small")] {
        let url = server.rtmp(&format!("live/{name}"));
        new_ffmpeg::push_fast(&file, &[&url]).wait(LIMIT).expect_success();
    }
    let master = eventually_some(LIMIT, || {
        let answer = http::get(server.port("http"), "/live/show.m3u8");
        match m3u8_rs::parse_playlist_res(&answer.body) {
            Ok(Playlist::MasterPlaylist(master)) if master.variants.len() == 2 => Some(master),
            _ => None,
        }
    });
    let master = master.expect("a master playlist of two variants");
    for (variant, (width, height)) in master.variants.iter().zip([(480, 270), (320, 180)]) {
        let resolution = variant.resolution.expect("RESOLUTION");
        assert_eq!((resolution.width, resolution.height), (width, height), "{variant:?}");
        assert!(variant.average_bandwidth.is_some_and(|average| average <= variant.bandwidth), "{variant:?}");
        assert!(variant.frame_rate.is_some_and(|rate| (rate - fixture::FPS as f64).abs() < 0.5), "{variant:?}");
        assert!(variant.codecs.as_deref().is_some_and(|codecs| codecs.contains("avc1.")), "{variant:?}");
        assert!(variant.codecs.as_deref().is_some_and(|codecs| codecs.contains("mp4a.40.2")), "{variant:?}");
        let list = m3u8_rs::parse_media_playlist_res(&fetch(&server, &variant.uri)).expect("a media playlist");
        let bytes: usize = list.segments.iter().map(|segment| fetch(&server, &segment.uri).len()).sum();
        let seconds: f32 = list.segments.iter().map(|segment| segment.duration).sum();
        let average = bytes as f64 * 8.0 / f64::from(seconds);
        let told = variant.average_bandwidth.unwrap_or(0) as f64;
        assert!((told / average - 1.0).abs() < 0.1, "AVERAGE-BANDWIDTH is {told}, measured {average}");
    }
}
