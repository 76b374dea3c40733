use super::{MasterPlaylist, Rendition, Variant};
use crate::{Error, check};
use proptest::prelude::*;

fn written(playlist: &MasterPlaylist) -> String {
    let mut out = String::new();
    playlist.write_to(&mut out);
    out
}

// row: http-api.md §5 HLS sessions 2
#[test]
fn srs_opens_a_session_with_the_same() {
    let playlist = MasterPlaylist::of_session("/live/cam1.m3u8", "7320p15t", "x=1");
    let text = written(&playlist);
    let expect = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1\n/live/cam1.m3u8?hls_ctx=7320p15t&x=1\n";
    assert_eq!(text, expect);
    // Content-Length of the sample.
    assert_eq!(text.len(), 95);
    let plain = written(&MasterPlaylist::of_session("/live/cam1.m3u8", "a\"\nb", ""));
    assert!(plain.ends_with("\n/live/cam1.m3u8?hls_ctx=a%22%0Ab\n"));
}

pub(super) fn full() -> MasterPlaylist {
    let rendition = |name: &str, default: bool| Rendition {
        group: "audio".to_owned(),
        name: name.to_owned(),
        default,
        autoselect: true,
        channels: Some(2),
        uri: Some(format!("{name}/live.m3u8")),
    };
    let variant = Variant {
        bandwidth: 2_500_000,
        average_bandwidth: Some(2_000_000),
        codecs: vec!["avc1.64001f".to_owned(), "mp4a.40.2".to_owned()],
        resolution: Some((1280, 720)),
        frame_rate: Some(29.97),
        audio: Some("audio".to_owned()),
        uri: "720p/live.m3u8".to_owned(),
    };
    MasterPlaylist {
        independent_segments: true,
        renditions: vec![rendition("main", true), rendition("comments", false)],
        variants: vec![variant],
    }
}

#[test]
fn variants_and_renditions() {
    let text = written(&full());
    let expect = "#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"main\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"main/live.m3u8\"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"comments\",AUTOSELECT=YES,CHANNELS=\"2\",URI=\"comments/live.m3u8\"
#EXT-X-STREAM-INF:BANDWIDTH=2500000,AVERAGE-BANDWIDTH=2000000,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO=\"audio\"
720p/live.m3u8
";
    assert_eq!(text, expect);
    assert_eq!(MasterPlaylist::parse(&text), Ok(full()));
    assert_eq!(check(&text), Ok(vec![]));
}

#[test]
fn an_independent_parser_reads_the_same() {
    let text = written(&full());
    let playlist = m3u8_rs::parse_master_playlist_res(text.as_bytes()).expect("m3u8-rs reads what was written");
    assert!(playlist.independent_segments);
    let variant = &playlist.variants[0];
    assert_eq!((variant.bandwidth, variant.average_bandwidth), (2_500_000, Some(2_000_000)));
    assert_eq!(variant.codecs.as_deref(), Some("avc1.64001f,mp4a.40.2"));
    assert_eq!(variant.resolution.map(|size| (size.width, size.height)), Some((1280, 720)));
    assert_eq!(
        (variant.frame_rate, variant.audio.as_deref(), variant.uri.as_str()),
        (Some(29.97), Some("audio"), "720p/live.m3u8")
    );
    let [main, comments] = &playlist.alternatives[..] else { panic!("two renditions") };
    assert_eq!(
        (main.group_id.as_str(), main.name.as_str(), main.default, main.autoselect),
        ("audio", "main", true, true)
    );
    assert_eq!((comments.default, comments.uri.as_deref()), (false, Some("comments/live.m3u8")));
}

#[test]
fn broken_playlists_are_refused() {
    let check = |body: &str, expect: &str| {
        let error = MasterPlaylist::parse(&format!("#EXTM3U\n{body}")).expect_err(body);
        assert_eq!(error.to_string(), expect);
    };
    check("a.m3u8\n", "line 2: URI without EXT-X-STREAM-INF");
    check("#EXT-X-STREAM-INF:BANDWIDTH=1\n", "line 2: EXT-X-STREAM-INF without a URI");
    check("#EXT-X-STREAM-INF:CODECS=\"x\"\na\n", "line 2: EXT-X-STREAM-INF has no BANDWIDTH");
    check("#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1\na\n", "line 2: RESOLUTION is \"1\"");
    check("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\"\n", "line 2: EXT-X-MEDIA has no NAME");
    check("#EXTINF:1,\n", "line 2: EXTINF belongs to the other kind of playlist");
    assert_eq!(MasterPlaylist::parse("master"), Err(Error::NotAPlaylist));
    let subtitles = "#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"a\",NAME=\"b\"\n";
    assert_eq!(MasterPlaylist::parse(subtitles), Ok(MasterPlaylist::default()));
}

proptest! {
    #[test]
    fn no_name_breaks_the_syntax(name in "\\PC*|.*", uri in ".+", bandwidth: u64, rate: f64) {
        let mut playlist = full();
        playlist.renditions[0].name.clone_from(&name);
        playlist.renditions[0].uri = Some(uri.clone());
        playlist.variants[0].uri = uri;
        playlist.variants[0].audio = Some(name);
        playlist.variants[0].bandwidth = bandwidth;
        playlist.variants[0].frame_rate = Some(rate.abs() % 1000.0);
        let text = written(&playlist);
        prop_assert_eq!(text.lines().count(), 6);
        let again = MasterPlaylist::parse(&text).expect("what was written parses");
        prop_assert_eq!(again.renditions.len(), 2);
        prop_assert_eq!(again.variants[0].bandwidth, bandwidth);
        prop_assert_eq!(again.variants[0].audio.as_ref(), Some(&again.renditions[0].name));
        prop_assert_eq!(again.renditions[0].uri.as_deref(), Some(again.variants[0].uri.as_str()));
        prop_assert_eq!(written(&again), text);
    }
}
