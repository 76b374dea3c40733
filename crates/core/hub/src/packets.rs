//! [`PacketLane`]: packets of real-time media (RTP), written once and sent on as they are to any number of players.
//!
//! It stands beside the lane of frames. A publisher that sends packets fills this one; of what others send, a bridge makes
//! packets while somebody wants them ([`crate::PacketFiller`]). Players start at what comes next and have the publisher asked for a key frame ([`PacketLane::ask_key`]).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use weir_codec::Codec;
use weir_rtp::video::{Numbers, Peek};

use crate::lane::{Watch, Watches};
use crate::ring::{Item, Position, Writer};

/// Tracks of one publish. Conferences send a camera, a screen and a voice.
pub const MAX_TRACKS: usize = 16;
/// Layers of one track (simulcast): browsers send three.
pub const MAX_LAYERS: usize = 4;

/// A new player starts at the newest key frame if that is not older than this: the publisher has just been asked for it, on
/// behalf of another one. What is older is not shown: it would only make the player late.
const FRESH_KEY: Duration = Duration::from_millis(500);
/// Nor if more than this has followed, in bytes.
const FRESH_BYTES: u64 = 1 << 20;

/// One packet of a track.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Which publish it is of: a number that grows with each publish of the stream.
    pub epoch: u32,
    /// Its track: an index into [`Published::tracks`].
    pub track: u8,
    /// Its layer within the track, the smallest first; 0 without simulcast.
    pub layer: u8,
    /// The payload type's place in [`PacketTrack::formats`].
    pub format: u8,
    /// The last packet of a picture (the marker bit of RTP).
    pub marker: bool,
    /// What the payload says of its picture.
    pub peek: Peek,
    /// The numbers of pictures in the payload.
    pub numbers: Numbers,
    /// Sequence number of RTP, extended over the wraps.
    pub sequence: u64,
    /// Timestamp of RTP in ticks of the track's clock.
    pub timestamp: u32,
    /// When it was captured, on the server's clock: as the publisher's sender reports tell it, else when it came.
    pub captured: Instant,
    /// Loudness (RFC 6464): -dBov, with the highest bit for voice.
    pub audio_level: Option<u8>,
    /// How the camera was held (3GPP TS 26.114 §7.4.5): the byte of the header extension.
    pub orientation: Option<u8>,
    /// The payload without padding.
    pub payload: Arc<[u8]>,
}

impl Item for Packet {
    fn bytes(&self) -> usize {
        self.payload.len()
    }
}

/// A track of packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketTrack {
    /// Pictures, not sound.
    pub is_video: bool,
    /// What its packets may hold, as agreed with the publisher. Most send one.
    pub formats: Vec<PacketFormat>,
    /// Names of its layers (RFC 8852 `rid`), the smallest picture first; empty without simulcast.
    pub layers: Vec<String>,
}

/// How packets of a track are coded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketFormat {
    /// The codec.
    pub codec: Codec,
    /// Ticks of the timestamp in a second.
    pub clock_rate: u32,
    /// Of sound.
    pub channels: u8,
    /// Parameters as in `a=fmtp`, such as `profile-level-id=42e01f;packetization-mode=1`.
    pub parameters: String,
}

/// What is published now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// The number of the publish.
    pub epoch: u32,
    /// Its tracks; nothing when no packets are published.
    pub tracks: Vec<PacketTrack>,
    /// They are made of frames: nobody can be asked for a key frame.
    pub is_made: bool,
}

impl Published {
    /// True when a publisher sends them.
    pub fn is_sent(&self) -> bool {
        !self.is_made && !self.tracks.is_empty()
    }
}

/// Packets that are written once and read by any number of [`PacketCursor`]s.
#[derive(Debug)]
pub struct PacketLane {
    /// Pictures and frames of sound so far, of simulcast each layer.
    frames: AtomicU64,
    published: ArcSwap<Published>,
    /// Bytes of each layer of each track.
    bytes: [[AtomicU64; MAX_LAYERS]; MAX_TRACKS],
    state: Mutex<State>,
    watches: Watches,
    asks: Asks,
}

#[derive(Debug)]
struct State {
    writer: Writer<Packet>,
    key: Option<NewestKey>,
    /// So many bytes may follow a key frame that new cursors start at, where packets are made of frames.
    kept: Option<u64>,
}

/// The newest key frame.
#[derive(Debug)]
struct NewestKey {
    place: Position<Packet>,
    /// Track, layer and timestamp: of one picture several packets may say that it is one.
    of: (u8, u8, u32),
    since: Instant,
    /// The offset of its first byte.
    offset: u64,
}

/// Key frames that players want: a bit for each layer of each track.
#[derive(Debug, Default)]
struct Asks {
    wanted: AtomicU64,
    news: Notify,
}

impl PacketLane {
    pub(crate) fn new() -> Arc<PacketLane> {
        Arc::new(PacketLane {
            frames: AtomicU64::new(0),
            published: ArcSwap::default(),
            bytes: Default::default(),
            state: Mutex::new(State { writer: Writer::new(), key: None, kept: None }),
            watches: Watches::default(),
            asks: Asks::default(),
        })
    }

    /// What is published now.
    pub fn published(&self) -> Arc<Published> {
        self.published.load_full()
    }

    /// Pictures and frames of sound so far.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Bytes of payload so far that a track's layer had.
    pub fn bytes(&self, track: u8, layer: u8) -> u64 {
        self.counter(track, layer).map_or(0, |bytes| bytes.load(Ordering::Relaxed))
    }

    fn counter(&self, track: u8, layer: u8) -> Option<&AtomicU64> {
        self.bytes.get(usize::from(track))?.get(usize::from(layer))
    }

    fn is_video(&self, track: u8) -> bool {
        self.published.load().tracks.get(usize::from(track)).is_some_and(|track| track.is_video)
    }

    /// Registers a group of readers that is to be woken at each append.
    pub fn watch(&self) -> Arc<Watch> {
        self.watches.add()
    }

    /// Takes a registration back.
    pub fn unwatch(&self, watch: &Arc<Watch>) {
        self.watches.remove(watch);
    }

    /// Wants a key frame of a track's layer. The publisher is asked once for many who want it.
    pub fn ask_key(&self, track: u8, layer: u8) {
        let Some(bit) = bit(track, layer) else { return };
        if self.asks.wanted.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            self.asks.news.notify_one();
        }
    }

    /// Ends when a key frame is wanted. For the publisher's session, which then calls [`PacketLane::take_asks`].
    pub async fn asked(&self) {
        while self.asks.wanted.load(Ordering::Relaxed) == 0 {
            self.asks.news.notified().await;
        }
    }

    /// What is wanted now, as (track, layer), and forgets it.
    pub fn take_asks(&self) -> impl Iterator<Item = (u8, u8)> + use<> {
        let wanted = self.asks.wanted.swap(0, Ordering::Relaxed);
        let places = (0..MAX_TRACKS as u8).flat_map(|track| (0..MAX_LAYERS as u8).map(move |layer| (track, layer)));
        places.filter(move |(track, layer)| bit(*track, *layer).is_some_and(|bit| wanted & bit != 0))
    }

    /// A publish of packets begins: it gets its number.
    pub(crate) fn begin(&self, tracks: Vec<PacketTrack>) -> u32 {
        self.begin_with(&mut self.state(), tracks, None)
    }

    /// The same of packets that are made of frames, unless there are packets already.
    pub(crate) fn begin_made(&self, tracks: Vec<PacketTrack>, kept: u64) -> Option<u32> {
        let mut state = self.state();
        let is_free = self.published.load().tracks.is_empty();
        is_free.then(|| self.begin_with(&mut state, tracks, Some(kept)))
    }

    fn begin_with(&self, state: &mut State, tracks: Vec<PacketTrack>, kept: Option<u64>) -> u32 {
        (state.key, state.kept) = (None, kept);
        let epoch = self.published.load().epoch.wrapping_add(1);
        self.published.store(Arc::new(Published { epoch, tracks, is_made: kept.is_some() }));
        self.watches.wake();
        epoch
    }

    /// A publish is over.
    pub(crate) fn end(&self) {
        self.end_with(&mut self.state());
    }

    /// A publish of made packets is over, if it is still that of now.
    pub(crate) fn end_made(&self, epoch: u32) {
        let mut state = self.state();
        if self.published.load().epoch == epoch {
            self.end_with(&mut state);
        }
    }

    fn end_with(&self, state: &mut State) {
        self.begin_with(state, Vec::new(), None);
    }

    /// Appends one packet, whoever reads. False when the publish that it is of is over.
    pub(crate) fn append(&self, packet: Packet, now: Instant) -> bool {
        let is_key = packet.peek.key && self.is_video(packet.track);
        let mut state = self.state();
        if self.published.load().epoch != packet.epoch {
            return false;
        }
        if packet.peek.starts_frame {
            self.frames.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(bytes) = self.counter(packet.track, packet.layer) {
            bytes.fetch_add(packet.payload.len() as u64, Ordering::Relaxed);
        }
        let offset = state.writer.bytes();
        let of = (packet.track, packet.layer, packet.timestamp);
        if is_key && state.key.as_ref().is_none_or(|key| key.of != of) {
            state.key = Some(NewestKey { place: state.writer.end().clone(), of, since: now, offset });
        } else if !state.has_start(now) {
            state.key = None;
        }
        state.writer.append(packet, now);
        drop(state);
        self.watches.wake();
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether new cursors start at the newest key frame.
    fn has_start(&self, now: Instant) -> bool {
        let Some(key) = &self.key else { return false };
        let followed = self.writer.bytes().saturating_sub(key.offset);
        match self.kept {
            Some(kept) => followed < kept,
            None => now.saturating_duration_since(key.since) < FRESH_KEY && followed < FRESH_BYTES,
        }
    }
}

/// Its bit in [`Asks::wanted`].
fn bit(track: u8, layer: u8) -> Option<u64> {
    let (track, layer) = (usize::from(track), usize::from(layer));
    (track < MAX_TRACKS && layer < MAX_LAYERS).then(|| 1 << (track * MAX_LAYERS + layer))
}

/// A place among the packets of a stream.
#[derive(Debug)]
pub struct PacketCursor {
    position: Position<Packet>,
}

impl PacketCursor {
    /// At the newest key frame if it has just come, or if no other can be asked for; else at what comes next.
    pub fn new(lane: &PacketLane, now: Instant) -> PacketCursor {
        let state = lane.state();
        let start = state.key.as_ref().filter(|_| state.has_start(now));
        PacketCursor { position: start.map_or_else(|| state.writer.end().clone(), |key| key.place.clone()) }
    }

    /// What came since, oldest first, without a lock.
    pub fn pending(&self) -> impl Iterator<Item = &Packet> {
        self.position.entries().map(|entry| &entry.item)
    }

    /// Moves past `packets` of them.
    pub fn advance(&mut self, packets: usize) {
        self.position.advance(packets);
    }
}

#[cfg(test)]
mod tests;
