//! What a publisher sends, on its way into the hub.

use std::time::{Duration, Instant};

use bytes::Bytes;
use weir_base::MediaTime;
use weir_flv::metadata::OnMetaData;
use weir_flv::tag::TagKind;
use weir_hub::{Frame, Publisher, Stream};

/// How often players are looked for when `kickoff_for_idle` is on.
const LOOK: Duration = Duration::from_secs(1);

/// Bytes of a stream that nobody watches gather this long.
const UNWATCHED_REST: Duration = Duration::from_millis(200);
/// And those of one that is cut into segments: no longer than a part of one.
const FOLLOWED_REST: Duration = Duration::from_millis(100);
/// Metadata that would be longer than this once signed passes unsigned, in bytes. Real ones have some hundred.
const MAX_METADATA: usize = 1 << 20;

/// A publisher and what its silence means.
#[derive(Debug)]
pub(crate) struct Ingest {
    publisher: Publisher,
    clock: Clock,
    since: Instant,
    last_media: Option<Instant>,
    /// Since when nobody but the publisher was seen on the stream.
    alone_since: Option<Instant>,
    looked: Instant,
}

/// Why a publisher is sent away.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Silence {
    #[error("it sent no media within {} ms (publish.firstpkt_timeout)", .0.as_millis())]
    Start(Duration),
    #[error("it sent nothing for {} ms (publish.normal_timeout)", .0.as_millis())]
    Media(Duration),
    #[error("nobody watched for {} s (publish.kickoff_for_idle)", .0.as_secs_f32())]
    Players(Duration),
}

impl Silence {
    pub(crate) fn code(self) -> u16 {
        match self {
            Silence::Start(_) | Silence::Media(_) => 1011,
            Silence::Players(_) => 2056,
        }
    }
}

impl Ingest {
    pub(crate) fn new(publisher: Publisher, now: Instant) -> Ingest {
        Ingest { publisher, clock: Clock::default(), since: now, last_media: None, alone_since: Some(now), looked: now }
    }

    pub(crate) fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Publishes one message. Returns a line for the log when it tells something new about the stream.
    pub(crate) fn media(&mut self, kind: TagKind, timestamp: u32, payload: Bytes, now: Instant) -> Option<String> {
        self.last_media = Some(now);
        let payload = if kind == TagKind::Script { self.metadata(payload) } else { payload };
        let frame = Frame::from_flv(kind, self.clock.unwrap(timestamp), payload);
        self.publisher.send(frame, now)
    }

    /// Signs metadata and reads what it asks for. Other scripts, and metadata that cannot be read, pass unchanged.
    fn metadata(&mut self, payload: Bytes) -> Bytes {
        let Ok(Some(mut metadata)) = OnMetaData::parse(&payload) else { return payload };
        if metadata.asks_for_atc() && self.publisher.stream().conf.load().play.atc_auto {
            self.publisher.set_atc();
        }
        metadata.sign(weir_base::SIGNATURE, weir_base::VERSION);
        let mut signed = Vec::with_capacity(payload.len() + 64);
        metadata.write_to(&mut signed);
        if signed.len() <= MAX_METADATA { signed.into() } else { payload }
    }

    /// How long to let bytes gather before the next read: `publish.mr_latency` with `publish.mr on`; a moment while nobody
    /// watches, because then nothing waits for them. Many messages are read at once then.
    pub(crate) fn rest(&self) -> Option<Duration> {
        let stream = self.publisher.stream();
        let publish = &stream.conf.load().publish;
        if publish.mr {
            Some(publish.mr_latency)
        } else {
            let rest = if stream.lane().is_followed() { FOLLOWED_REST } else { UNWATCHED_REST };
            (self.last_media.is_some() && !is_watched(stream)).then_some(rest)
        }
    }

    /// When to look whether the publisher fell silent.
    pub(crate) fn deadline(&self) -> Instant {
        let conf = self.publisher.stream().conf.load();
        let media = match self.last_media {
            None => self.since + conf.publish.firstpkt_timeout,
            Some(last) => last + conf.publish.normal_timeout,
        };
        let idle = conf.publish.kickoff_for_idle.map(|limit| match self.alone_since {
            Some(since) => since + limit,
            None => self.looked + LOOK,
        });
        idle.map_or(media, |idle| media.min(idle.max(self.looked + LOOK / 10)))
    }

    /// Tells whether the publisher is to be sent away.
    pub(crate) fn silence(&mut self, now: Instant) -> Option<Silence> {
        let stream = self.publisher.stream().clone();
        let conf = stream.conf.load();
        let publish = &conf.publish;
        if let Some(limit) = publish.kickoff_for_idle {
            self.looked = now;
            if is_watched(&stream) {
                self.alone_since = None;
            } else if now.saturating_duration_since(*self.alone_since.get_or_insert(now)) >= limit {
                return Some(Silence::Players(limit));
            }
        }
        let late = |since: Instant, limit: Duration| now.saturating_duration_since(since) >= limit;
        match self.last_media {
            None if late(self.since, publish.firstpkt_timeout) => Some(Silence::Start(publish.firstpkt_timeout)),
            Some(last) if late(last, publish.normal_timeout) => Some(Silence::Media(publish.normal_timeout)),
            _ => None,
        }
    }
}

/// True when there is a client beside the publisher.
fn is_watched(stream: &Stream) -> bool {
    stream.clients() > 1
}

/// RTMP's 32-bit milliseconds as a time that goes on after 49 days.
#[derive(Debug, Default)]
struct Clock {
    last: Option<i64>,
}

impl Clock {
    fn unwrap(&mut self, timestamp: u32) -> MediaTime {
        let last = self.last.unwrap_or(i64::from(timestamp));
        // The step as a signed 32-bit number: up to 24 days forward or back.
        let step = timestamp.wrapping_sub(last as u32) as i32;
        let now = last + i64::from(step);
        self.last = Some(now);
        MediaTime::from_millis(now)
    }
}

#[cfg(test)]
mod tests;
