//! Vhosts, streams and clients as the API shows them (`http-api.md` §3.2).

use std::collections::HashMap;

use weir_admit::token::hidden;
use weir_codec::{AudioInfo, VideoInfo};
use weir_hub::{Client, Fault, Hub, Rates, Stream, Track, TrackInfo, Traffic, VhostStat};

use crate::sampler::{unix_ms, unix_ms_of};
use weir_json::{Value, object};

/// Every vhost that somebody used, in the order of ids.
pub(crate) fn vhosts(hub: &Hub) -> Vec<(String, Value)> {
    let mut used: HashMap<String, Used> = HashMap::new();
    for stream in hub.streams() {
        let one = used.entry(stream.vhost().id.clone()).or_default();
        one.streams += 1;
        one.clients += stream.clients();
    }
    let mut vhosts: Vec<_> = hub
        .vhosts()
        .iter()
        .map(|vhost| (vhost.id.clone(), self::vhost(hub, vhost, used.get(&vhost.id).copied().unwrap_or_default())))
        .collect();
    vhosts.sort_by(|(a, _), (b, _)| a.cmp(b));
    vhosts
}

/// What goes on in a vhost.
#[derive(Clone, Copy, Default)]
struct Used {
    streams: usize,
    clients: usize,
}

fn vhost(hub: &Hub, vhost: &VhostStat, used: Used) -> Value {
    let conf = hub.conf();
    // A reload may have taken the vhost out of the configuration while it is still watched.
    let conf = conf.vhosts.iter().find(|conf| *conf.name == *vhost.name);
    let hls = match conf.map(|conf| &conf.hls) {
        Some(hls) if hls.enabled => object! { "enabled": true, "fragment": hls.hls_fragment.as_secs_f64() },
        _ => object! { "enabled": false },
    };
    object! {
        "id": &vhost.id,
        "name": &*vhost.name,
        "enabled": conf.is_some_and(|conf| conf.enabled),
        "clients": used.clients,
        "streams": used.streams,
        "send_bytes": vhost.traffic.bytes_sent(),
        "recv_bytes": vhost.traffic.bytes_received(),
        "kbps": kbps(&vhost.traffic),
        "hls": hls,
    }
}

pub(crate) fn stream(stream: &Stream) -> Value {
    let publish = match stream.publisher() {
        Some(publisher) => object! { "active": true, "cid": &publisher.id },
        None => object! { "active": false },
    };
    let mut value = object! {
        "id": &stream.id,
        "name": &*stream.key.name,
        "vhost": &stream.vhost().id,
        "app": &*stream.key.app,
        "tcUrl": hidden(&stream.tc_url()),
        "url": stream.key.url(),
        // SRS: the time of day, not how long the stream has been live.
        "live_ms": unix_ms(),
        "clients": stream.clients(),
        "frames": stream.frames(),
        "send_bytes": stream.traffic.bytes_sent(),
        "recv_bytes": stream.traffic.bytes_received(),
        "kbps": kbps(&stream.traffic),
        "publish": publish,
        "video": stream.video().as_ref().map(video),
        "audio": stream.audio().as_ref().map(audio),
    };
    // SRS knows of one track of a kind, and of no faults: where there is no more to say, the answer is as SRS's.
    let tracks = stream.tracks();
    if tracks.iter().any(|track| track.number > 0) {
        value.put("tracks", tracks.iter().map(track).collect::<Value>());
    }
    let faults = stream.faults();
    if !faults.is_empty() {
        value.put("faults", faults.iter().map(fault).collect::<Value>());
    }
    value
}

pub(crate) fn track(track: &Track) -> Value {
    let mut value = match &track.info {
        TrackInfo::Video(info) => video(info),
        TrackInfo::Audio(info) => audio(info),
    };
    value.put("track", track.number);
    value
}

pub(crate) fn fault(fault: &Fault) -> Value {
    object! { "output": fault.output, "what": &fault.what, "count": fault.count, "last_ms": unix_ms_of(fault.last) }
}

pub(crate) fn client(client: &Client) -> Value {
    object! {
        "id": &client.id,
        "vhost": &client.vhost_id,
        "stream": &client.stream_id,
        "ip": client.ip.to_string(),
        "pageUrl": &client.page_url,
        "swfUrl": &client.swf_url,
        "tcUrl": hidden(&client.tc_url),
        "url": client.key.url(),
        "name": &client.name,
        "type": client.kind.name(),
        "publish": client.kind.publishes(),
        "alive": client.since.elapsed().as_secs_f64(),
        "send_bytes": client.traffic.bytes_sent(),
        "recv_bytes": client.traffic.bytes_received(),
        "kbps": kbps(&client.traffic),
    }
}

pub(crate) fn kbps(traffic: &Traffic) -> Value {
    let Rates { recv_30s, send_30s } = traffic.rates();
    object! { "recv_30s": recv_30s, "send_30s": send_30s }
}

fn video(info: &VideoInfo) -> Value {
    let mut value = object! {
        "codec": info.codec.name(),
        "profile": info.profile,
        "level": info.level,
        "width": info.width,
        "height": info.height,
    };
    if let Some(frame_rate) = info.frame_rate {
        value.put("frame_rate", frame_rate);
    }
    value
}

fn audio(info: &AudioInfo) -> Value {
    object! {
        "codec": info.codec.name(),
        "sample_rate": info.sample_rate,
        "channel": info.channels,
        "profile": info.profile,
    }
}
