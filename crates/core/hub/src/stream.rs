//! [`Stream`]: one name that is published and watched.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Instant, SystemTime};

use tokio::sync::watch;
use weir_codec::{AudioInfo, VideoInfo};
use weir_conf::{Live, Vhost};
use weir_flv::tag::TagKind;

use crate::cadence::{Cadence, Gop};
use crate::describe::{Described, Track, TrackInfo};
use crate::fault::{Fault, Faults};
use crate::fill::Wanted;
use crate::follower::Follower;
use crate::frame::Frame;
use crate::hub::Guest;
use crate::id::vid;
use crate::lane::Lane;
use crate::mix::Mix;
use crate::packets::{Packet, PacketLane, PacketTrack};
use crate::stat::{Client, Kbps, Traffic, VhostStat};

/// So many of the newest rates of a stream are kept: three minutes of them.
const HISTORY: usize = 60;

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

/// A stream: what is published under its name, by whom, and its counters.
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
    lane: Arc<Lane>,
    packets: Arc<PacketLane>,
    made: Mutex<BTreeMap<&'static str, Weak<Lane>>>,
    wanted: Mutex<Weak<Wanted>>,
    clients: AtomicUsize,
    skipped: AtomicU64,
    live: AtomicBool,
    faults: Faults,
    media: Mutex<Media>,
    news: watch::Sender<()>,
    history: Mutex<VecDeque<Kbps>>,
}

#[derive(Debug, Default)]
struct Media {
    tc_url: String,
    publisher: Option<Arc<Client>>,
    tracks: Vec<Track>,
    /// Of frames that are made of packets.
    framed: Option<Vec<Track>>,
    idle_since: Option<Instant>,
    gop: Option<Gop>,
}

impl Stream {
    pub(crate) fn new(key: StreamKey, conf: Live<Vhost>, vhost: Arc<VhostStat>) -> Arc<Stream> {
        let lane = Lane::new(conf.load().play.atc);
        Arc::new(Stream {
            id: vid(),
            key,
            conf,
            traffic: Traffic::default(),
            vhost,
            lane,
            packets: PacketLane::new(),
            made: Mutex::default(),
            wanted: Mutex::default(),
            clients: AtomicUsize::new(0),
            skipped: AtomicU64::new(0),
            live: AtomicBool::new(false),
            faults: Faults::default(),
            media: Mutex::default(),
            news: watch::Sender::default(),
            history: Mutex::default(),
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
        self.lane.frames().max(self.packets.frames())
    }

    /// Frames that players were too slow for, all players together.
    pub fn skipped(&self) -> u64 {
        self.skipped.load(Ordering::Relaxed)
    }

    /// True while somebody publishes.
    pub fn is_live(&self) -> bool {
        self.live.load(Ordering::Acquire)
    }

    /// The lane of that name, which holds what is made of this stream for many; `start` has a new one filled as long as it
    /// is there. Whoever reads a lane keeps it.
    pub fn made(&self, name: &'static str, start: impl FnOnce(Weak<Lane>)) -> Arc<Lane> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = made.get(name).and_then(Weak::upgrade) {
            return lane;
        }
        let lane = Lane::new(true);
        made.insert(name, Arc::downgrade(&lane));
        drop(made);
        start(Arc::downgrade(&lane));
        lane
    }

    /// Reads the stream from where new players start.
    pub fn follow(self: &Arc<Self>) -> Follower {
        Follower::new(self.clone())
    }

    /// The client that publishes now.
    pub fn publisher(&self) -> Option<Arc<Client>> {
        self.media().publisher.clone()
    }

    /// The tcUrl of the client that came first.
    pub fn tc_url(&self) -> String {
        self.media().tc_url.clone()
    }

    /// What the first video track's configuration or frames tell.
    pub fn video(&self) -> Option<VideoInfo> {
        self.media().tracks.iter().find_map(|track| match track.info {
            TrackInfo::Video(info) => Some(info),
            TrackInfo::Audio(_) => None,
        })
    }

    /// What the first audio track's configuration or frames tell.
    pub fn audio(&self) -> Option<AudioInfo> {
        self.media().tracks.iter().find_map(|track| match track.info {
            TrackInfo::Audio(info) => Some(info),
            TrackInfo::Video(_) => None,
        })
    }

    /// All that is published, video first, each kind in the order of its numbers.
    pub fn tracks(&self) -> Vec<Track> {
        self.media().tracks.clone()
    }

    /// What the frames are: [`Stream::tracks`], unless they are made of packets, which takes a moment to be known.
    pub fn framed(&self) -> Vec<Track> {
        let is_sent = self.packets.published().is_sent();
        let media = self.media();
        if is_sent { media.framed.clone().unwrap_or_default() } else { media.tracks.clone() }
    }

    /// The last whole group of pictures of this publish.
    pub fn gop(&self) -> Option<Gop> {
        self.media().gop
    }

    /// The rates between the newest samples, oldest first.
    pub fn history(&self) -> Vec<Kbps> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// Takes a sample of the rates.
    pub(crate) fn sample(&self, now: Instant) {
        let Some(step) = self.traffic.sample(now) else { return };
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        if history.len() >= HISTORY {
            history.pop_front();
        }
        history.push_back(step);
    }

    /// Changes whenever [`Stream::tracks`] or [`Stream::framed`] does, and when a publish begins or ends.
    pub fn described(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// What the publisher sends.
    pub fn lane(&self) -> &Arc<Lane> {
        &self.lane
    }

    /// What the publisher sends in packets.
    pub fn packets(&self) -> &Arc<PacketLane> {
        &self.packets
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
        self.vhost.count_skipped(frames);
    }

    /// Remembers what an output could not do with this publish, for the API. The log is told by the output itself.
    pub fn note_fault(&self, output: &'static str, what: &str) {
        self.faults.add(output, what, SystemTime::now());
    }

    /// What outputs could not do with what is, or was last, published.
    pub fn faults(&self) -> Vec<Fault> {
        self.faults.all()
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
        self.faults.clear();
        self.lane.atc().store(self.conf.load().play.atc, Ordering::Relaxed);
        self.live.store(true, Ordering::Release);
        drop(media);
        self.news.send_replace(());
        Ok(())
    }

    fn release(&self) {
        let mut media = self.media();
        (media.publisher, media.tracks, media.framed, media.gop) = (None, Vec::new(), None, None);
        drop(media);
        self.live.store(false, Ordering::Release);
        self.lane.end(Instant::now());
        self.packets.end();
        self.news.send_replace(());
    }

    fn append(&self, frame: Frame, now: Instant) {
        self.lane.append(frame, now, &self.conf.load().play);
    }

    /// Appends a frame made of what that client publishes, and what the frames are, where that is new. False when its publish
    /// is over.
    pub(crate) fn append_of(
        &self,
        publisher: &Arc<Client>,
        frame: Frame,
        tracks: Option<Vec<Track>>,
        now: Instant,
    ) -> bool {
        let mut media = self.media();
        if !media.publisher.as_ref().is_some_and(|holder| Arc::ptr_eq(holder, publisher)) {
            return false;
        }
        let is_news = tracks.is_some();
        if is_news {
            media.framed = tracks;
        }
        // Under the lock: the end of the publish comes behind it.
        self.append(frame, now);
        drop(media);
        if is_news {
            self.news.send_replace(());
        }
        true
    }

    pub(crate) fn wanted(&self) -> MutexGuard<'_, Weak<Wanted>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the API what a frame says of its tracks, if that is new.
    fn describe(&self, frame: &mut Frame, described: &mut Described) -> Option<String> {
        let news = described.read(frame, || self.conf.load().publish.parse_sps)?;
        self.set_tracks(described.tracks());
        Some(news)
    }

    fn set_tracks(&self, tracks: Vec<Track>) {
        self.media().tracks = tracks;
        self.news.send_replace(());
    }

    fn media(&self) -> MutexGuard<'_, Media> {
        self.media.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to publish a stream. Dropping it unpublishes.
#[derive(Debug)]
pub struct Publisher {
    guest: Guest,
    mix: Option<Mix>,
    described: Described,
    cadence: Cadence,
    /// The number of this publish, where it is one of packets.
    epoch: u32,
}

impl Publisher {
    pub(crate) fn new(guest: Guest) -> Publisher {
        let mix = guest.stream().conf.load().play.mix_correct.then(Mix::default);
        Publisher { guest, mix, described: Described::default(), cadence: Cadence::default(), epoch: 0 }
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
    pub fn send(&mut self, mut frame: Frame, now: Instant) -> Option<String> {
        let stream = self.guest.stream();
        let news = stream.describe(&mut frame, &mut self.described);
        if let Some(gop) = self.cadence.read(&frame) {
            stream.media().gop = Some(gop);
        }
        match &mut self.mix {
            Some(mix) if frame.kind != TagKind::Script && !frame.flags.is_kept() => {
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

    /// Says what packets will come. `tracks` is what the API tells of them.
    pub fn begin_packets(&mut self, packets: Vec<PacketTrack>, tracks: Vec<Track>) {
        let stream = self.guest.stream();
        self.epoch = stream.packets.begin(packets);
        stream.set_tracks(tracks);
    }

    /// Says more of the tracks than before, for the API.
    pub fn describe(&self, tracks: Vec<Track>) {
        self.guest.stream().set_tracks(tracks);
    }

    /// Publishes one packet: one append however many players. `now` is when it arrived.
    pub fn send_packet(&mut self, mut packet: Packet, now: Instant) {
        packet.epoch = self.epoch;
        self.guest.stream().packets.append(packet, now);
    }

    /// Timestamps pass as published from here on (`atc_auto`: the metadata asked for it).
    pub fn set_atc(&self) {
        self.stream().lane.atc().store(true, Ordering::Relaxed);
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
