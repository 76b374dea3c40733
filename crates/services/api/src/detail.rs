//! `/api/v1/streams/{id}/detail`: what SRS does not tell of a stream.

use std::time::Duration;

use weir_hub::{Backlog, Client, Gop, Hub, Kbps, Loss, Stream, Track, TrackInfo};
use weir_json::{Value, object};

use crate::objects;
use crate::page::Page;
use crate::sampler::{TICK, unix_ms_of};

/// A stream, what it is made of, and a page of its players.
pub(crate) fn detail(hub: &Hub, stream: &Stream, page: Page) -> Value {
    let mut players = hub.clients();
    players.retain(|client| client.stream_id == stream.id && !client.kind.publishes());
    let history = stream.history();
    let rates = |read: fn(&Kbps) -> u64| history.iter().map(read).collect::<Value>();
    object! {
        "id": &stream.id,
        "name": &*stream.key.name,
        "vhost": &stream.vhost().id,
        "app": &*stream.key.app,
        "url": stream.key.url(),
        "publish": stream.publisher().map(|client| publisher(&client)),
        "tracks": stream.tracks().iter().map(track).collect::<Value>(),
        "gop": stream.gop().map(gop),
        "frames": stream.frames(),
        "skipped": stream.skipped(),
        "kbps": objects::kbps(&stream.traffic),
        "history": object! {
            "interval": TICK.as_secs_f64(),
            "recv_kbps": rates(|kbps| kbps.recv),
            "send_kbps": rates(|kbps| kbps.send),
        },
        "faults": stream.faults().iter().map(objects::fault).collect::<Value>(),
        "player_count": players.len(),
        "players": page.of(players).map(|client| player(&client)).collect::<Value>(),
    }
}

fn publisher(client: &Client) -> Value {
    object! {
        "cid": &client.id,
        "ip": client.ip.to_string(),
        "type": client.kind.name(),
        "alive": client.since.elapsed().as_secs_f64(),
    }
}

fn track(track: &Track) -> Value {
    let kind = if matches!(track.info, TrackInfo::Video(_)) { "video" } else { "audio" };
    let mut value = objects::track(track);
    value.put("kind", kind);
    // The field of SRS knows four rates only.
    if let TrackInfo::Audio(info) = track.info
        && let Some(rate) = info.coded_rate
    {
        value.put("coded_rate", rate);
    }
    value
}

fn gop(Gop { frames, time }: Gop) -> Value {
    object! { "frames": frames, "ms": millis(time), "fps": frames as f64 / time.as_secs_f64() }
}

fn player(client: &Client) -> Value {
    object! {
        "id": &client.id,
        "ip": client.ip.to_string(),
        "type": client.kind.name(),
        "name": &client.name,
        "alive": client.since.elapsed().as_secs_f64(),
        "send_bytes": client.traffic.bytes_sent(),
        "kbps": objects::kbps(&client.traffic),
        "queue": client.backlog().map(queue),
        "lost": client.losses().iter().map(loss).collect::<Value>(),
    }
}

fn queue(Backlog { frames, bytes, age }: Backlog) -> Value {
    object! { "frames": frames, "bytes": bytes, "ms": millis(age) }
}

fn loss(loss: &Loss) -> Value {
    object! {
        "limit": loss.limit,
        "cuts": loss.cuts,
        "frames": loss.frames,
        "bytes": loss.bytes,
        "last_ms": unix_ms_of(loss.last),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
