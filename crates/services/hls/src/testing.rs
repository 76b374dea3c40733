//! What the tests of this crate share: media of real encoders, hubs, requests, and what ffprobe finds.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Output as Ended};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Uri};
use weir_base::MediaTime;
use weir_conf::{Config, Live};
use weir_flv::tag::TagKind;
use weir_httpd::{Asked, Body, Reply, Site};
pub(crate) use weir_hub::testing::frames_at;
use weir_hub::{ClientKind, Frame, Hub, Publisher, Request, testing};

/// 8 s of 25 pictures a second with B-frames, a key frame every 2 s, and AAC.
pub(crate) const AV: &[u8] = include_bytes!("../testdata/h264-aac.flv");
/// 6 s of MP3.
pub(crate) const MP3: &[u8] = include_bytes!("../testdata/mp3.flv");
/// 4 s of 10 pictures a second, a key frame every second.
pub(crate) const VIDEO: &[u8] = include_bytes!("../testdata/video.flv");

/// The frames of a file.
pub(crate) fn frames(file: &[u8]) -> Vec<Frame> {
    frames_at(file, 0)
}

/// A file several times, each `length` ms after the other.
pub(crate) fn looped(file: &[u8], times: i64, length: i64) -> Vec<Frame> {
    (0..times).flat_map(|time| frames_at(file, time * length)).collect()
}

/// A frame of a body in hexadecimal, such as `af0012 10`.
pub(crate) fn tag(kind: TagKind, millis: i64, hex: &str) -> Frame {
    let digits: Vec<u8> = hex.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal");
    let body: Vec<u8> = digits.chunks(2).map(byte).collect();
    Frame::from_flv(kind, MediaTime::from_millis(millis), Bytes::from(body))
}

/// A configuration whose default vhost has HLS on with these settings, in a folder that is served.
pub(crate) fn conf(folder: &Path, hls: &str) -> Config {
    let dir = folder.display();
    let text = format!(
        "listen 1935; http_server {{ enabled on; dir {dir}; }}
         vhost __defaultVhost__ {{ hls {{ enabled on; hls_path {dir}; hls_fragment 2; {hls} }} }}
         vhost b.example {{ hls {{ enabled on; hls_path {dir}; hls_fragment 2; {hls} }} }}
         vhost off.example {{ hls {{ enabled off; hls_path {dir}; }} }}"
    );
    Config::from_text(&text).unwrap_or_else(|report| panic!("{report}")).config
}

/// A hub of such a configuration.
pub(crate) fn hub(folder: &Path, hls: &str) -> Arc<Hub> {
    Hub::new(Live::new(conf(folder, hls)))
}

/// What a publisher of a stream asks for.
pub(crate) fn request(vhost: &str, stream: &str) -> Request {
    Request { vhost: vhost.to_owned(), ..testing::request(ClientKind::FmlePublish, stream) }
}

/// The publisher of a stream.
pub(crate) async fn publish(hub: &Arc<Hub>, stream: &str) -> Publisher {
    publish_to(hub, "", stream).await
}

/// The same on a vhost.
pub(crate) async fn publish_to(hub: &Arc<Hub>, vhost: &str, stream: &str) -> Publisher {
    hub.publish(&request(vhost, stream)).await.expect("nobody publishes yet")
}

/// Publishes frames as fast as they can be.
pub(crate) fn send(publisher: &mut Publisher, frames: Vec<Frame>) {
    for frame in frames {
        publisher.send(frame, Instant::now());
    }
}

/// A request for a target.
pub(crate) fn asked(target: &str) -> Asked {
    let uri: Uri = target.parse().expect("a target");
    let mut headers = HeaderMap::new();
    headers.insert("host", "127.0.0.1:8080".parse().expect("a host"));
    Asked {
        method: http::Method::GET,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        peer: (Ipv4Addr::LOCALHOST, 4000).into(),
        secure: false,
        body: Bytes::new(),
    }
}

/// The same to a host.
pub(crate) fn asked_of(host: &str, target: &str) -> Asked {
    let mut asked = asked(target);
    asked.headers.insert("host", host.parse().expect("a host"));
    asked
}

/// What a site answers to a GET.
pub(crate) async fn get(site: &impl Site, target: &str) -> Option<Reply> {
    site.answer(&asked(target)).await
}

/// The body of a reply, wherever it is.
pub(crate) fn body(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Body::Bytes(bytes) | Body::Pages(bytes, _) => bytes.to_vec(),
        Body::File { path, from, len, .. } => {
            let file = std::fs::read(path).expect("the file");
            file[*from as usize..(*from + *len) as usize].to_vec()
        }
        Body::Stream(_) | Body::Switch(_) => panic!("a stream"),
    }
}

/// The text of what a site answers to a GET; nothing when it has no answer.
pub(crate) async fn text(site: &impl Site, target: &str) -> Option<String> {
    let reply = get(site, target).await?;
    Some(String::from_utf8(body(&reply)).expect("text"))
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: not within 10 s");
}

/// The URIs of a playlist.
pub(crate) fn uris(playlist: &str) -> Vec<String> {
    playlist.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

fn run(program: &str, arguments: &[&str], media: &[u8]) -> Ended {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(media).expect("it is written");
    let path = file.path().to_str().expect("text");
    let arguments = arguments.iter().map(|argument| if *argument == "FILE" { path } else { argument });
    Command::new(program).args(arguments).output().expect(program)
}

/// What ffprobe finds: `video,0.000000,0.080000,K` for each packet, in the order of the file; kind, decoding and
/// presentation time, key.
pub(crate) fn packets(media: &[u8]) -> Vec<String> {
    let fields = "packet=codec_type,dts_time,pts_time,flags";
    let ended = run("ffprobe", &["-v", "error", "-show_entries", fields, "-of", "csv=p=0", "FILE"], media);
    assert!(ended.status.success() && ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
    let lines = String::from_utf8(ended.stdout).expect("text");
    let packet = |line: &str| {
        let fields: Vec<&str> = line.trim_end_matches(',').split(',').collect();
        // pts before dts.
        format!("{},{},{},{}", fields[0], fields[2], fields[1], fields[3].trim_end_matches('_'))
    };
    lines.lines().filter(|line| !line.is_empty()).map(packet).collect()
}

/// A hash of each decoded frame of a kind (`v` or `a`); decoding must not complain.
pub(crate) fn decoded(media: &[u8], kind: &str) -> Vec<String> {
    let map = format!("0:{kind}");
    let arguments = ["-v", "warning", "-i", "FILE", "-map", &map, "-fps_mode", "passthrough", "-f", "framemd5", "-"];
    let ended = run("ffmpeg", &arguments, media);
    assert!(ended.status.success() && ended.stderr.is_empty(), "{}", String::from_utf8_lossy(&ended.stderr));
    let lines = String::from_utf8(ended.stdout).expect("text");
    let hash = |line: &str| line.rsplit(',').next().map(|hash| hash.trim().to_owned());
    lines.lines().filter(|line| !line.starts_with('#')).filter_map(hash).collect()
}
