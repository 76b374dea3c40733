//! [`Stream`]: one name that is published and watched.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Instant;

use tokio::sync::Notify;
use weir_base::MediaTime;
use weir_codec::{AudioInfo, VideoInfo};
use weir_conf::{Live, Play, Vhost};
use weir_flv::tag::TagKind;

use crate::describe;
use crate::frame::{Flags, Frame};
use crate::hub::Guest;
use crate::id::vid;
use crate::mix::Mix;
use crate::ring::{Position, Writer};
use crate::stat::{Client, Traffic, VhostStat};

/// More audio frames than this after the last picture: the stream has become pure audio and its GOP is stale.
const PURE_AUDIO_FRAMES: usize = 115;

/// Configuration and metadata that are kept for new cursors, in bytes, all tracks together.
const MAX_STICKY: usize = 4 << 20;

/// The name of a stream.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StreamKey {
    /// Configured vhost, such as `__defaultVhost__`.
    pub vhost: Arc<str>,
    /// Application, such as `live`; may hold slashes.
    pub app: Arc<str>,
    /// Stream name without parameters.
    pub name: Arc<str>,
}

impl StreamKey {
    /// As SRS's API and callbacks write it: `/app/stream` on the default vhost, else `vhost/app/stream`; a file
    /// extension is left out.
    pub fn url(&self) -> String {
        let vhost = if &*self.vhost == weir_conf::DEFAULT_VHOST { "" } else { &*self.vhost };
        let name = self.name.rsplit_once('.').map_or(&*self.name, |(stem, _)| stem);
        format!("{vhost}/{}/{name}", self.app)
    }
}

/// As [`StreamKey::url`], with the whole name.
impl fmt::Display for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vhost = if &*self.vhost == weir_conf::DEFAULT_VHOST { "" } else { &*self.vhost };
        write!(f, "{vhost}/{}/{}", self.app, self.name)
    }
}

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

/// A stream: its ring, what a new cursor must see first, its publisher, and its counters.
#[derive(Debug)]
pub struct Stream {
    /// `vid-` id in the API and in callbacks.
    pub id: String,
    /// The name.
    pub key: StreamKey,
    /// The settings of its vhost; a reload changes what stands behind the handle.
    pub conf: Live<Vhost>,
    /// Bytes in and out, all clients together.
    pub traffic: Traffic,
    vhost: Arc<VhostStat>,
    frames: AtomicU64,
    clients: AtomicUsize,
    skipped: AtomicU64,
    live: AtomicBool,
    /// Bytes of all bodies appended so far.
    bytes: AtomicU64,
    /// Timestamps pass as published.
    atc: Arc<AtomicBool>,
    state: Mutex<State>,
    media: Mutex<Media>,
    watches: RwLock<Vec<Arc<Watch>>>,
}

#[derive(Debug, Default)]
struct Media {
    tc_url: String,
    publisher: Option<Arc<Client>>,
    video: Option<VideoInfo>,
    audio: Option<AudioInfo>,
    idle_since: Option<Instant>,
}

/// What the append path touches, under one short lock.
#[derive(Debug)]
struct State {
    writer: Writer,
    /// Configuration and metadata, one of each track, in the order a player expects: script, audio, video.
    sticky: Arc<[Frame]>,
    gop: Gop,
    last: MediaTime,
}

/// The group of pictures that new cursors start at.
#[derive(Debug, Default)]
struct Gop {
    /// Its key frame. Nothing when there is none to start at: then nothing behind the slowest cursor is kept.
    start: Option<Position>,
    frames: usize,
    bytes: u64,
    audio_since_video: usize,
}

/// Where a cursor may start at this moment, and what it must be shown before.
#[derive(Debug)]
pub(crate) struct Start {
    /// The newest key frame, when it is kept.
    pub(crate) key: Option<Position>,
    pub(crate) end: Position,
    pub(crate) sticky: Arc<[Frame]>,
    /// The time of the newest frame.
    pub(crate) last: MediaTime,
}

impl Stream {
    pub(crate) fn new(key: StreamKey, conf: Live<Vhost>, vhost: Arc<VhostStat>) -> Arc<Stream> {
        let atc = Arc::new(AtomicBool::new(conf.load().play.atc));
        Arc::new(Stream {
            id: vid(),
            key,
            conf,
            traffic: Traffic::default(),
            vhost,
            frames: AtomicU64::new(0),
            clients: AtomicUsize::new(0),
            skipped: AtomicU64::new(0),
            live: AtomicBool::new(false),
            bytes: AtomicU64::new(0),
            atc,
            state: Mutex::new(State {
                writer: Writer::new(),
                sticky: Arc::new([]),
                gop: Gop::default(),
                last: MediaTime::ZERO,
            }),
            media: Mutex::default(),
            watches: RwLock::default(),
        })
    }

    /// The counters of its vhost.
    pub fn vhost(&self) -> &Arc<VhostStat> {
        &self.vhost
    }

    /// Publishers and players of this moment.
    pub fn clients(&self) -> usize {
        self.clients.load(Ordering::Relaxed)
    }

    /// Audio and video frames published since the stream came to be.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Frames that players were too slow for, all players together.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    /// True while somebody publishes.
    pub fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    /// The client that publishes now.
    pub fn publisher(&self) -> Option<Arc<Client>> {
        self.media().publisher.clone()
    }

    /// The tcUrl of the client that came first.
    pub fn tc_url(&self) -> String {
        self.media().tc_url.clone()
    }

    /// What the publisher's video sequence header says.
    pub fn video(&self) -> Option<VideoInfo> {
        self.media().video
    }

    /// What the publisher's audio headers say.
    pub fn audio(&self) -> Option<AudioInfo> {
        self.media().audio
    }

    /// Registers a group of players that is to be woken at each append.
    pub fn watch(&self) -> Arc<Watch> {
        let watch = Arc::new(Watch::default());
        self.watches.write().unwrap_or_else(PoisonError::into_inner).push(watch.clone());
        watch
    }

    /// Takes a registration back.
    pub fn unwatch(&self, watch: &Arc<Watch>) {
        self.watches.write().unwrap_or_else(PoisonError::into_inner).retain(|one| !Arc::ptr_eq(one, watch));
    }

    /// Adds bytes that left for players: to the stream, its vhost and the server.
    pub fn count_sent(&self, bytes: u64) {
        self.traffic.sent(bytes);
        self.vhost.sent(bytes);
    }

    /// Adds bytes that came from clients: to the stream, its vhost and the server.
    pub fn count_received(&self, bytes: u64) {
        self.traffic.received(bytes);
        self.vhost.received(bytes);
    }

    /// Counts frames that a player was too slow for.
    pub fn count_skipped(&self, frames: u64) {
        self.skipped.fetch_add(frames, Ordering::Relaxed);
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

    /// Whether timestamps pass as published: `atc`, or `atc_auto` when the publisher asked for it.
    pub(crate) fn atc(&self) -> &Arc<AtomicBool> {
        &self.atc
    }

    /// One client more.
    pub(crate) fn enter(&self, client: &Client) {
        let mut media = self.media();
        self.clients.fetch_add(1, Ordering::Relaxed);
        media.idle_since = None;
        if media.tc_url.is_empty() {
            media.tc_url.clone_from(&client.tc_url);
        }
    }

    /// One client less.
    pub(crate) fn leave(&self, now: Instant) {
        let mut media = self.media();
        if self.clients.fetch_sub(1, Ordering::Relaxed) == 1 {
            media.idle_since = Some(now);
        }
    }

    /// When the last client left, if none is there.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        self.media().idle_since
    }

    /// Takes the publisher's place, or tells who holds it.
    pub(crate) fn claim(&self, client: &Arc<Client>) -> Result<(), Arc<Client>> {
        let mut media = self.media();
        if let Some(holder) = &media.publisher {
            return Err(holder.clone());
        }
        media.publisher = Some(client.clone());
        self.atc.store(self.conf.load().play.atc, Ordering::Relaxed);
        self.live.store(true, Ordering::Release);
        Ok(())
    }

    fn release(&self) {
        let mut state = self.state();
        let last = state.last;
        state.writer.append(Frame::end(last), Instant::now());
        state.gop = Gop::default();
        state.sticky = Arc::new([]);
        drop(state);
        self.live.store(false, Ordering::Release);
        let mut media = self.media();
        (media.publisher, media.video, media.audio) = (None, None, None);
        drop(media);
        self.wake();
    }

    fn append(&self, frame: Frame, now: Instant) {
        let conf = self.conf.load();
        let play = &conf.play;
        let mut state = self.state();
        if frame.flags.has(Flags::CONFIG) {
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
        drop(state);
        self.wake();
    }

    /// Tells the API what the first headers of a kind say, and once more when they change.
    fn describe(&self, frame: &Frame, described: &mut Described) -> Option<String> {
        let config = frame.flags.has(Flags::CONFIG);
        match frame.kind {
            TagKind::Video if config || !described.video => {
                described.video = true;
                let info = describe::video(frame, self.conf.load().publish.parse_sps);
                self.media().video = Some(info);
                Some(describe::video_words(&info))
            }
            TagKind::Audio if config || !described.audio => {
                described.audio = true;
                let info = describe::audio(frame);
                self.media().audio = Some(info);
                Some(describe::audio_words(&info))
            }
            _ => None,
        }
    }

    fn wake(&self) {
        for watch in self.watches.read().unwrap_or_else(PoisonError::into_inner).iter() {
            watch.wake();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn media(&self) -> MutexGuard<'_, Media> {
        self.media.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Keeps a configuration or script frame for new cursors. False when the very same was kept already.
    fn remember(&mut self, frame: &Frame) -> bool {
        let same_track = |kept: &&Frame| kept.kind == frame.kind && kept.track == frame.track;
        if self.sticky.iter().find(same_track).is_some_and(|kept| kept.flv() == frame.flv()) {
            return false;
        }
        let mut sticky: Vec<Frame> = self.sticky.iter().filter(|kept| !same_track(kept)).cloned().collect();
        let kept: usize = sticky.iter().map(|kept| kept.flv().len()).sum();
        if kept + frame.flv().len() <= MAX_STICKY {
            sticky.push(frame.clone());
            sticky.sort_by_key(|kept| (sticky_order(kept.kind), kept.track));
            self.sticky = sticky.into();
        }
        // New parameter sets make the pictures before them unreadable.
        if frame.kind == TagKind::Video {
            self.gop = Gop::default();
        }
        true
    }

    /// Moves the place where new cursors start.
    fn grow_gop(&mut self, frame: &Frame, play: &Play) {
        if play.gop_cache && frame.kind == TagKind::Video && frame.flags.has(Flags::KEY) {
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

/// Metadata first, then audio, then video.
fn sticky_order(kind: TagKind) -> u8 {
    match kind {
        TagKind::Script => 0,
        TagKind::Audio => 1,
        TagKind::Video => 2,
    }
}

/// Which kinds of a publish have been described.
#[derive(Debug, Default)]
struct Described {
    video: bool,
    audio: bool,
}

/// The right to publish a stream. Dropping it unpublishes.
#[derive(Debug)]
pub struct Publisher {
    guest: Guest,
    mix: Option<Mix>,
    described: Described,
}

impl Publisher {
    pub(crate) fn new(guest: Guest) -> Publisher {
        let mix = guest.stream().conf.load().play.mix_correct.then(Mix::default);
        Publisher { guest, mix, described: Described::default() }
    }

    /// The stream that is published.
    pub fn stream(&self) -> &Arc<Stream> {
        self.guest.stream()
    }

    /// The client that publishes.
    pub fn client(&self) -> &Arc<Client> {
        self.guest.client()
    }

    /// Publishes one frame: one append however many players. `now` is when it arrived. Returns words for the log when
    /// the frame tells what the stream is made of.
    pub fn send(&mut self, frame: Frame, now: Instant) -> Option<String> {
        let stream = self.guest.stream();
        let news = stream.describe(&frame, &mut self.described);
        match &mut self.mix {
            Some(mix) if frame.kind != TagKind::Script && !frame.flags.has(Flags::CONFIG) => {
                mix.push(frame, |ready| stream.append(ready, now));
            }
            Some(mix) => {
                // What waits belongs to the configuration before this one.
                mix.flush().for_each(|earlier| stream.append(earlier, now));
                stream.append(frame, now);
            }
            None => stream.append(frame, now),
        }
        news
    }

    /// Timestamps pass as published from here on (`atc_auto`: the metadata asked for it).
    pub fn set_atc(&self) {
        self.stream().atc.store(true, Ordering::Relaxed);
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if let Some(mix) = &mut self.mix {
            let now = Instant::now();
            for frame in mix.flush() {
                self.guest.stream().append(frame, now);
            }
        }
        self.guest.stream().release();
    }
}

#[cfg(test)]
mod tests;
