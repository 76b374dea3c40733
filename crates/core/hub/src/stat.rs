//! Counters of the server, its vhosts, streams and clients, as the API shows them.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::backlog::{Backlog, Loss, Queue};
use weir_conf::Role;

use crate::id::vid;
use crate::stream::StreamKey;

/// Bits per second between two samples, in thousands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kbps {
    /// From the client or clients.
    pub recv: u64,
    /// To the client or clients.
    pub send: u64,
}

/// A rate is the mean of this span.
const RATE_SPAN: Duration = Duration::from_secs(30);

/// Bits per second over the last 30 seconds, in thousands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rates {
    /// From the client or clients.
    pub recv_30s: u64,
    /// To the client or clients.
    pub send_30s: u64,
}

/// Bytes in and out, and their rates.
#[derive(Debug, Default)]
pub struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
    samples: Mutex<Samples>,
}

#[derive(Debug, Default)]
struct Samples {
    taken: VecDeque<(Instant, u64, u64)>,
    rates: Rates,
}

impl Traffic {
    /// Adds bytes that were sent.
    pub fn sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Adds bytes that were received.
    pub fn received(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes sent so far.
    pub fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes received so far.
    pub fn bytes_received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// The rates as of the last sample.
    pub fn rates(&self) -> Rates {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).rates
    }

    /// Takes a sample. Called every few seconds. Returns the rates since the one before.
    pub(crate) fn sample(&self, now: Instant) -> Option<Kbps> {
        let (sent, received) = (self.bytes_sent(), self.bytes_received());
        let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        while samples.taken.front().is_some_and(|(at, ..)| now.saturating_duration_since(*at) > RATE_SPAN) {
            samples.taken.pop_front();
        }
        let since = |&(then, sent_then, received_then): &(Instant, u64, u64)| {
            let millis = u64::try_from(now.saturating_duration_since(then).as_millis()).unwrap_or(u64::MAX).max(1);
            let kbps = |bytes: u64| bytes.saturating_mul(8) / millis;
            Kbps { recv: kbps(received.saturating_sub(received_then)), send: kbps(sent.saturating_sub(sent_then)) }
        };
        if let Some(Kbps { recv, send }) = samples.taken.front().map(since) {
            samples.rates = Rates { recv_30s: recv, send_30s: send };
        }
        let step = samples.taken.back().map(since);
        samples.taken.push_back((now, sent, received));
        step
    }
}

/// A vhost that somebody used, as the API shows it.
#[derive(Debug)]
pub struct VhostStat {
    /// `vid-` id.
    pub id: String,
    /// Configured name.
    pub name: Arc<str>,
    /// Bytes in and out of its clients.
    pub traffic: Traffic,
    skipped: AtomicU64,
    server: Arc<Traffic>,
}

impl VhostStat {
    pub(crate) fn new(name: Arc<str>, server: Arc<Traffic>) -> VhostStat {
        VhostStat { id: vid(), name, traffic: Traffic::default(), skipped: AtomicU64::new(0), server }
    }

    /// Frames that its players were too slow for.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    pub(crate) fn count_skipped(&self, frames: u64) {
        self.skipped.fetch_add(frames, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self, bytes: u64) {
        self.traffic.sent(bytes);
        self.server.sent(bytes);
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.traffic.received(bytes);
        self.server.received(bytes);
    }
}

/// What a client does, in the API's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientKind {
    /// RTMP player.
    RtmpPlay,
    /// RTMP publisher that sends `publish` alone.
    FlashPublish,
    /// RTMP publisher that sends `releaseStream` or `FCPublish` before `createStream`.
    FmlePublish,
    /// RTMP publisher that sends `FCPublish` after `createStream`.
    HaivisionPublish,
    /// Player of an endless HTTP body: FLV, TS, AAC or MP3.
    FlvPlay,
    /// Player of HLS.
    HlsPlay,
    /// Player over WebRTC.
    RtcPlay,
    /// Publisher over WebRTC.
    RtcPublish,
}

impl ClientKind {
    /// As the API writes it.
    pub fn name(self) -> &'static str {
        match self {
            ClientKind::RtmpPlay => "rtmp-play",
            ClientKind::FlashPublish => "flash-publish",
            ClientKind::FmlePublish => "fmle-publish",
            ClientKind::HaivisionPublish => "haivision-publish",
            ClientKind::FlvPlay => "flv-play",
            ClientKind::HlsPlay => "hls-play",
            ClientKind::RtcPlay => "rtc-play",
            ClientKind::RtcPublish => "rtc-publish",
        }
    }

    /// What it does with its stream.
    pub(crate) fn role(self) -> Role {
        if self.publishes() { Role::Publish } else { Role::Play }
    }

    /// True for a publisher.
    pub fn publishes(self) -> bool {
        !matches!(self, ClientKind::RtmpPlay | ClientKind::FlvPlay | ClientKind::HlsPlay | ClientKind::RtcPlay)
    }
}

/// A publisher or player, as the API shows it.
#[derive(Debug)]
pub struct Client {
    /// Connection id: 8 characters.
    pub id: String,
    /// What it does.
    pub kind: ClientKind,
    /// Its address.
    pub ip: IpAddr,
    /// The stream it publishes or plays.
    pub key: StreamKey,
    /// `vid-` id of that stream.
    pub stream_id: String,
    /// `vid-` id of its vhost.
    pub vhost_id: String,
    /// The page that embeds the player, as the client says.
    pub page_url: String,
    /// The player program, as the client says.
    pub swf_url: String,
    /// The URL it connected with.
    pub tc_url: String,
    /// The stream name as asked for: with the extension for HTTP.
    pub name: String,
    /// The parameters it asked with, with the leading `?` when there are any.
    pub param: String,
    /// When it was admitted.
    pub since: Instant,
    /// Its bytes.
    pub traffic: Traffic,
    pub(crate) kicked: CancellationToken,
    pub(crate) unfinished: TaskTracker,
    pub(crate) queue: Queue,
}

impl Client {
    /// What waited for this player when that was looked at last: up to half a second ago, a second behind TLS. Nothing for
    /// a publisher, and for who plays segments.
    pub fn backlog(&self) -> Option<Backlog> {
        self.queue.backlog()
    }

    /// What this player missed because it was too slow.
    pub fn losses(&self) -> Vec<Loss> {
        self.queue.losses()
    }

    /// Asks the session to end.
    pub fn kick(&self) {
        self.kicked.cancel();
    }

    /// Ends when the client was kicked.
    pub async fn kicked(&self) {
        self.kicked.cancelled().await;
    }

    /// True once the client was kicked.
    pub fn is_kicked(&self) -> bool {
        self.kicked.is_cancelled()
    }

    /// Something is made of what this client publishes, such as a segment, that is to be told of before its end: for as long
    /// as this is there.
    pub fn unfinished(&self) -> Unfinished {
        Unfinished(self.unfinished.token())
    }

    /// True when nothing is made of what it published.
    pub fn is_finished(&self) -> bool {
        self.unfinished.is_empty()
    }

    /// Ends when nothing more is made of what it published. Asked once it has left.
    pub async fn finished(&self) {
        self.unfinished.close();
        self.unfinished.wait().await;
    }
}

/// See [`Client::unfinished`].
#[derive(Clone, Debug)]
pub struct Unfinished(#[expect(dead_code, reason = "it counts by being there")] TaskTrackerToken);

#[cfg(test)]
mod tests;
