//! Players with a screen.

use std::path::Path;

use weir_codec::Codec;
use weir_e2e::clients::{Recorder, new_ffmpeg, vlc};
use weir_e2e::table::{Egress, PAIRS, Pair, Player};
use weir_e2e::{Running, Server, Shown, eventually, fixture, http};

use new_ffmpeg::Content;

use super::LIMIT;

/// HLS of transport streams for those who ask 127.0.0.1, of fragmented MP4 for those who ask localhost.
fn server() -> Server {
    const HLS: &str = "enabled on; hls_fragment 1; hls_window 60; hls_disk off; hls_path {dir}";
    let vhosts = [("__defaultVhost__", "ts", ""), ("localhost", "mp4", "hls_use_fmp4 on; hls_low_latency on;")];
    let vhosts = vhosts.map(|(name, folder, more)| {
        format!(
            "vhost {name} {{
                http_remux {{ enabled on; mount [vhost]/[app]/[stream].flv; }}
                hls {{ {HLS}/{folder}; {more} }}
            }}"
        )
    });
    Server::start(&format!(
        "listen {{rtmp}}; http_api {{ enabled on; listen {{api}}; }}
        http_server {{ enabled on; listen {{http}}; dir {{dir}}/html; }} {}",
        vhosts.join("\n")
    ))
}

/// A pair, pushed over and over to both vhosts.
#[track_caller]
fn push(server: &Server, pair: &Pair) -> Running {
    let url = server.rtmp(&format!("live/{}", name(pair)));
    let file = fixture::pair(pair.video, pair.audio);
    new_ffmpeg::push_forever(&file, &[&url, &url.replace("127.0.0.1", "localhost")])
}

fn name(pair: &Pair) -> String {
    format!("{}-{}", pair.video.label(), pair.audio.label()).replace('.', "")
}

fn host(server: &Server, egress: Egress) -> String {
    let host = if matches!(egress, Egress::HlsMp4 | Egress::LlHls) { "localhost" } else { "127.0.0.1" };
    format!("http://{host}:{}", server.port("http"))
}

#[track_caller]
fn wait_for_hls(server: &Server, pairs: &[&Pair]) {
    for pair in pairs {
        let listed = || {
            let path = format!("/live/{}.m3u8", name(pair));
            let found = |query: &str| http::get(server.port("http"), &format!("{path}{query}")).status == 200;
            // Neither VP9 nor FLAC has a place in a transport stream.
            found("?vhost=localhost") && (found("") || pair.audio == Codec::Flac)
        };
        assert!(eventually(LIMIT, listed), "no playlist of {}\n{}", name(pair), server.log());
    }
}

#[test]
fn chromium_plays_pairs() {
    let server = server();
    let in_browser = |pair: &&Pair| pair.players.iter().any(|(player, _)| *player != Player::Vlc);
    let pairs: Vec<&Pair> = PAIRS.iter().filter(in_browser).collect();
    let _pushes: Vec<Running> = pairs.iter().map(|pair| push(&server, pair)).collect();
    wait_for_hls(&server, &pairs);
    let mut pages = Vec::new();
    for pair in &pairs {
        for (player, ways) in pair.players.iter().filter(|(player, _)| *player != Player::Vlc) {
            for egress in *ways {
                let host = host(&server, *egress);
                pages.push(format!("{host}/?stream=live/{}&player={}", name(pair), player.page(*egress)));
            }
        }
    }
    let faults: Vec<Shown> = Shown::by(&pages, 2).into_iter().filter(|shown| !shown.plays).collect();
    assert!(faults.is_empty(), "{} of {} pages do not play: {faults:#?}", faults.len(), pages.len());
}

/// The pictures that VLC demuxes are those that were pushed, in their order, without a gap.
#[test]
fn vlc_plays_pairs() {
    let server = server();
    let by_vlc = |pair: &&Pair| pair.players.iter().any(|(player, _)| *player == Player::Vlc);
    let pairs: Vec<&Pair> = PAIRS.iter().filter(by_vlc).collect();
    let _pushes: Vec<Running> = pairs.iter().map(|pair| push(&server, pair)).collect();
    wait_for_hls(&server, &pairs);
    for pair in pairs {
        let ways = pair.players.iter().filter(|(player, _)| *player == Player::Vlc).flat_map(|(_, ways)| *ways);
        let record = |egress: &Egress| {
            let extension = match egress {
                Egress::HttpFlv => "flv",
                Egress::HttpTs => "ts",
                _ => "m3u8",
            };
            vlc::record_ts(&format!("{}/live/{}.{extension}", host(&server, *egress), name(pair)))
        };
        let recorders: Vec<(Egress, Recorder)> = ways.map(|egress| (*egress, record(egress))).collect();
        let sent = Content::of_pictures(&fixture::pair(pair.video, pair.audio));
        for (egress, recorder) in recorders {
            assert!(
                eventually(LIMIT, || recorder.len() > 60_000),
                "{} of {}: nothing comes",
                egress.name(),
                name(pair)
            );
            recorder.finish_with(|file| check_part(&sent, file, &format!("{} of {}", egress.name(), name(pair))));
        }
    }
}

#[track_caller]
fn check_part(sent: &Content, file: &Path, what: &str) {
    let (sent, received, sounds) =
        (sent.hashes("video"), Content::of_pictures(file), Content::of_bare_sound(file, false));
    let (received, sounds) = (received.hashes("video"), sounds.packets.len());
    assert!(received.len() as u64 > fixture::FPS, "{what}: {} pictures", received.len());
    assert!(sounds > 20, "{what}: {sounds} sounds");
    let same = |start: usize| {
        let sent = sent.iter().cycle().skip(start);
        sent.zip(&received).take_while(|(sent, received)| sent == received).count()
    };
    let longest = (0..sent.len()).map(same).max().unwrap_or(0);
    // VLC leaves in the middle of a picture.
    assert!(longest + 5 >= received.len(), "{what}: {longest} of {} pictures", received.len());
}
