//! [`Lane`]: frames that are written once and read by any number of cursors.
//!
//! A stream has one lane of what its publisher sends. What is made of it for many players alike, such as an MPEG transport
//! stream, is a lane beside it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::Notify;
use weir_base::MediaTime;
use weir_conf::Play;
use weir_flv::tag::TagKind;

use crate::frame::{Flags, Frame};
use crate::ring::{Position, Writer};

/// More audio frames than this after the last picture: the stream has become pure audio and its GOP is stale.
pub(crate) const PURE_AUDIO_FRAMES: usize = 115;

/// Configuration and metadata that are kept for new cursors, in bytes, all tracks together.
const MAX_STICKY: usize = 4 << 20;
/// And so many frames of it. Encoders send up to 14 tracks, each with a configuration and a note.
const MAX_STICKY_FRAMES: usize = 128;

/// Woken at each append. One for each group of players that a shard serves together, and one for each lone subscriber.
#[derive(Debug, Default)]
pub struct Watch {
    notify: Notify,
}

impl Watch {
    /// Ends when a frame was appended since the last call ended.
    pub async fn appended(&self) {
        self.notify.notified().await;
    }

    fn wake(&self) {
        self.notify.notify_one();
    }
}

/// A ring, and what a new cursor must see before it.
#[derive(Debug)]
pub struct Lane {
    /// Different for each lane of this process.
    pub id: u64,
    /// Frames appended so far, configuration and scripts not counted.
    frames: AtomicU64,
    /// Bytes of all bodies appended so far.
    bytes: AtomicU64,
    /// The number of the next entry of the ring.
    end: AtomicU64,
    /// Timestamps pass as published.
    atc: Arc<AtomicBool>,
    state: Mutex<State>,
    watches: Watches,
}

/// Who is woken at each append.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    all: RwLock<Vec<Arc<Watch>>>,
    /// One came.
    came: Notify,
}

impl Watches {
    pub(crate) fn add(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch::default());
        self.all.write().unwrap_or_else(PoisonError::into_inner).push(watch.clone());
        self.came.notify_one();
        watch
    }

    pub(crate) fn remove(&self, watch: &Arc<Watch>) {
        self.all.write().unwrap_or_else(PoisonError::into_inner).retain(|one| !Arc::ptr_eq(one, watch));
    }

    pub(crate) fn wake(&self) {
        for watch in self.all.read().unwrap_or_else(PoisonError::into_inner).iter() {
            watch.wake();
        }
    }

    fn is_empty(&self) -> bool {
        self.all.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

/// What the append path touches, under one short lock.
#[derive(Debug)]
struct State {
    writer: Writer<Frame>,
    /// Configuration and metadata, one of each track, in the order a player expects: script, audio, video.
    sticky: Arc<[Frame]>,
    gop: Gop,
    last: MediaTime,
}

/// The group of pictures that new cursors start at.
#[derive(Debug, Default)]
struct Gop {
    /// Its key frame. Nothing when there is none to start at: then nothing behind the slowest cursor is kept.
    start: Option<Position<Frame>>,
    frames: usize,
    bytes: u64,
    audio_since_video: usize,
}

/// Where a cursor may start at this moment, and what it must be shown before.
#[derive(Debug)]
pub(crate) struct Start {
    /// The newest key frame, when it is kept.
    pub(crate) key: Option<Position<Frame>>,
    pub(crate) end: Position<Frame>,
    pub(crate) sticky: Arc<[Frame]>,
    /// The time of the newest frame.
    pub(crate) last: MediaTime,
}

impl Lane {
    /// An empty lane.
    pub fn new(atc: bool) -> Arc<Lane> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Lane {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            frames: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            end: AtomicU64::new(0),
            atc: Arc::new(AtomicBool::new(atc)),
            state: Mutex::new(State {
                writer: Writer::new(),
                sticky: Arc::new([]),
                gop: Gop::default(),
                last: MediaTime::ZERO,
            }),
            watches: Watches::default(),
        })
    }

    /// Audio and video frames appended so far.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Registers a group of readers that is to be woken at each append.
    pub fn watch(&self) -> Arc<Watch> {
        self.watches.add()
    }

    /// Takes a registration back.
    pub fn unwatch(&self, watch: &Arc<Watch>) {
        self.watches.remove(watch);
    }

    /// True when somebody is woken at each append.
    pub fn is_followed(&self) -> bool {
        !self.watches.is_empty()
    }

    /// Ends when somebody is woken at each append. For the one who fills it only then.
    pub async fn followed(&self) {
        while !self.is_followed() {
            self.watches.came.notified().await;
        }
    }

    /// Appends one frame, whoever reads. `play` bounds the group of pictures that is kept for new cursors.
    pub fn append(&self, frame: Frame, now: Instant, play: &Play) {
        let mut state = self.state();
        if frame.flags.is_kept() {
            let repeated = !state.remember(&frame);
            // SRS: with reduce_sequence_header on, metadata reaches new players only.
            if play.reduce_sequence_header && (repeated || frame.kind == TagKind::Script) {
                return;
            }
        } else if frame.kind != TagKind::Script {
            self.frames.fetch_add(1, Ordering::Relaxed);
        }
        state.grow_gop(&frame, play);
        state.last = frame.dts;
        state.writer.append(frame, now);
        self.bytes.store(state.writer.bytes(), Ordering::Release);
        self.end.store(state.writer.end().sequence(), Ordering::Release);
        drop(state);
        self.watches.wake();
    }

    /// Marks the end of what was published: new cursors start behind it.
    pub fn end(&self, now: Instant) {
        self.close(Bytes::new(), now);
    }

    /// Ends it for those who read it, because what is published has nothing for them; `why` is for their log.
    pub fn close(&self, why: Bytes, now: Instant) {
        let mut state = self.state();
        let last = state.last;
        state.writer.append(Frame::end(last, why), now);
        self.end.store(state.writer.end().sequence(), Ordering::Release);
        state.gop = Gop::default();
        state.sticky = Arc::new([]);
        drop(state);
        self.watches.wake();
    }

    /// Where a cursor may start now.
    pub(crate) fn start(&self) -> Start {
        let state = self.state();
        Start {
            key: state.gop.start.clone(),
            end: state.writer.end().clone(),
            sticky: state.sticky.clone(),
            last: state.last,
        }
    }

    /// Bytes of all bodies appended so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Acquire)
    }

    /// The number of the entry that will be appended next.
    pub(crate) fn sequence(&self) -> u64 {
        self.end.load(Ordering::Acquire)
    }

    /// Whether timestamps pass as published: `atc`, or `atc_auto` when the publisher asked for it.
    pub(crate) fn atc(&self) -> &Arc<AtomicBool> {
        &self.atc
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Keeps a configuration or script frame for new cursors. False when the very same was kept already.
    fn remember(&mut self, frame: &Frame) -> bool {
        let place = |frame: &Frame| (sticky_order(frame.kind), frame.flags.has(Flags::NOTE));
        let tracks = TrackSet::of(frame);
        let is_replaced = |kept: &&Frame| place(kept) == place(frame) && tracks.covers(TrackSet::of(kept));
        if self.sticky.iter().filter(is_replaced).any(|kept| kept.flv() == frame.flv()) {
            return false;
        }
        let mut sticky: Vec<Frame> = self.sticky.iter().filter(|kept| !is_replaced(kept)).cloned().collect();
        let kept: usize = sticky.iter().map(|kept| kept.flv().len()).sum();
        if kept + frame.flv().len() <= MAX_STICKY && sticky.len() < MAX_STICKY_FRAMES {
            // Those of one place stay in the order in which they came: the newest word on a track is the last.
            sticky.push(frame.clone());
            sticky.sort_by_key(place);
            self.sticky = sticky.into();
        }
        // New parameter sets make the pictures before them unreadable.
        if frame.kind == TagKind::Video && frame.flags.has(Flags::CONFIG) {
            self.gop = Gop::default();
        }
        true
    }

    /// Moves the place where new cursors start.
    fn grow_gop(&mut self, frame: &Frame, play: &Play) {
        if play.gop_cache && frame.kind == TagKind::Video && frame.flags.is_start() {
            self.gop = Gop { start: Some(self.writer.end().clone()), ..Gop::default() };
        }
        if self.gop.start.is_none() {
            return;
        }
        self.gop.frames += 1;
        self.gop.bytes += frame.flv().len() as u64;
        match frame.kind {
            TagKind::Audio => self.gop.audio_since_video += 1,
            TagKind::Video => self.gop.audio_since_video = 0,
            TagKind::Script => {}
        }
        let too_long = play.gop_cache_max_frames > 0 && self.gop.frames > play.gop_cache_max_frames;
        let too_large = self.gop.bytes > play.queue_bytes as u64;
        if too_long || too_large || self.gop.audio_since_video > PURE_AUDIO_FRAMES {
            self.gop = Gop::default();
        }
    }
}

/// Numbers of tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TrackSet([u64; 4]);

impl TrackSet {
    /// All tracks of a frame.
    fn of(frame: &Frame) -> TrackSet {
        let mut set = [0; 4];
        for track in frame.tracks().map(|frame| frame.track) {
            if let Some(bits) = set.get_mut(usize::from(track / 64)) {
                *bits |= 1 << (track % 64);
            }
        }
        TrackSet(set)
    }

    /// True when all of `other` are here.
    fn covers(self, other: TrackSet) -> bool {
        self.0.iter().zip(other.0).all(|(ours, theirs)| theirs & !ours == 0)
    }
}

/// Metadata first, then audio, then video.
fn sticky_order(kind: TagKind) -> u8 {
    match kind {
        TagKind::Script => 0,
        TagKind::Audio => 1,
        TagKind::Video => 2,
    }
}
