//! Frames, made of what a publisher sends in packets of real-time media (RTP), while somebody reads them.
//!
//! One task reads the lane of packets as any player does. Pictures stay what they are; sound becomes AAC, which every player
//! of RTMP, FLV and HLS knows.

mod pictures;
mod sounds;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::TagKind;
use weir_flv::{Unit, compose};
use weir_hub::{Frame, FrameFiller, Packet, PacketCursor, PacketLane, Published, Stream, Watch};
use weir_rtp::clock::Clock;
use weir_rtp::jitter::{DEFAULT_WAIT, JitterBuffer, Ordered};
use weir_rtp::payload::Piece;

use crate::told::Told;
use pictures::Pictures;
use sounds::Sounds;

/// Frames are made so much longer than somebody reads them: players come and go.
const LINGER: Duration = Duration::from_secs(5);
/// How often is looked whether somebody reads, and which layer comes.
const LOOK: Duration = Duration::from_millis(500);
/// A publisher that was asked for a key frame is asked again after this long.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// Frames are never before this on their clock: captures may turn out to have been earlier than they seemed.
const LEAD: Duration = Duration::from_secs(1);

/// Makes frames of a publish of packets whenever somebody reads them. Runs until the publish is over.
pub async fn frames(stream: Arc<Stream>) {
    let epoch = stream.packets().published().epoch;
    let is_over = || {
        let published = stream.packets().published();
        published.epoch != epoch || !published.is_sent()
    };
    let mut news = stream.described();
    let Some(zero) = Instant::now().checked_sub(LEAD) else { return };
    let mut told = Told::new(stream.clone(), "webrtc");
    while !is_over() {
        tokio::select! {
            () = stream.lane().followed() => {}
            _ = news.changed() => continue,
        }
        let Some(filler) = stream.fill_frames() else { return };
        let lane = stream.packets().clone();
        let watch = Watching { watch: lane.watch(), lane };
        let published = stream.packets().published();
        let mut making = Making::new(&stream, filler, &published, zero, &mut told);
        making.run(&watch).await;
    }
}

/// Is woken at each packet. Dropping it ends that.
struct Watching {
    lane: Arc<PacketLane>,
    watch: Arc<Watch>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.lane.unwatch(&self.watch);
    }
}

/// Frames in the making, from when somebody comes until nobody has been there for a while.
struct Making<'a> {
    stream: &'a Arc<Stream>,
    filler: FrameFiller,
    cursor: PacketCursor,
    epoch: u32,
    /// The time 0 of frames.
    zero: Instant,
    video: Option<Source<Pictures>>,
    audio: Option<Source<Sounds>>,
    told: &'a mut Told<String>,
}

/// One layer of one track.
struct Source<T> {
    track: u8,
    layer: u8,
    jitter: JitterBuffer<Packet>,
    clock: Clock,
    /// What is made of it; nothing before its first packet, which tells the codec.
    made: Option<T>,
    asked: Option<Instant>,
    /// Bytes of each layer when they were looked at last.
    bytes: Vec<u64>,
}

impl<T> Source<T> {
    /// The first track of a kind, in its best layer.
    fn first(published: &Published, is_video: bool) -> Option<Source<T>> {
        let index = published.tracks.iter().position(|track| track.is_video == is_video)?;
        let track = published.tracks.get(index)?;
        let layers = track.layers.len().max(1);
        let mut source = Source {
            track: u8::try_from(index).ok()?,
            layer: 0,
            jitter: JitterBuffer::new(DEFAULT_WAIT),
            clock: Clock::new(track.formats.first()?.clock_rate),
            made: None,
            asked: None,
            bytes: vec![0; layers],
        };
        source.switch_to(u8::try_from(layers - 1).ok()?);
        Some(source)
    }

    fn switch_to(&mut self, layer: u8) {
        self.layer = layer;
        self.jitter = JitterBuffer::new(DEFAULT_WAIT);
        self.made = None;
        self.asked = None;
    }

    fn ask(&mut self, lane: &PacketLane, now: Instant) {
        lane.ask_key(self.track, self.layer);
        self.asked = Some(now);
    }

    fn was_asked(&self, within: Duration, now: Instant) -> bool {
        self.asked.is_some_and(|asked| now.saturating_duration_since(asked) < within)
    }
}

impl Source<Pictures> {
    /// Nothing can be shown before a key frame.
    fn needs_key(&self) -> bool {
        self.made.as_ref().is_none_or(Pictures::needs_key)
    }
}

impl<'a> Making<'a> {
    fn new(
        stream: &'a Arc<Stream>,
        filler: FrameFiller,
        published: &Published,
        zero: Instant,
        told: &'a mut Told<String>,
    ) -> Making<'a> {
        let now = Instant::now();
        Making {
            stream,
            filler,
            cursor: PacketCursor::new(stream.packets(), now),
            epoch: published.epoch,
            zero,
            video: Source::first(published, true),
            audio: Source::first(published, false),
            told,
        }
    }

    async fn run(&mut self, watching: &Watching) {
        let mut read_at = Instant::now();
        let mut look_at = Instant::now();
        loop {
            let now = Instant::now();
            if self.stream.lane().is_followed() {
                read_at = now;
            }
            let is_read = now.saturating_duration_since(read_at) < LINGER;
            if !is_read || watching.lane.published().epoch != self.epoch || !self.take(now) {
                return;
            }
            if now >= look_at {
                look_at = now + LOOK;
                self.look(now);
            }
            let wake_at = self.deadline().map_or(look_at, |due| due.min(look_at));
            wait_for(watching.watch.appended(), wake_at).await;
        }
    }

    /// Takes what came. False when the publish is over.
    fn take(&mut self, now: Instant) -> bool {
        let mut count = 0;
        for packet in self.cursor.pending() {
            count += 1;
            if packet.epoch != self.epoch {
                continue;
            }
            let place = (packet.track, packet.layer);
            let jitter = match (&mut self.video, &mut self.audio) {
                (Some(video), _) if (video.track, video.layer) == place => &mut video.jitter,
                (_, Some(audio)) if (audio.track, audio.layer) == place => &mut audio.jitter,
                _ => continue,
            };
            jitter.push(packet.sequence, packet.payload.len(), packet.clone(), since(self.zero, now));
        }
        self.cursor.advance(count);
        self.take_pictures(now) && self.take_sound(now)
    }

    fn take_pictures(&mut self, now: Instant) -> bool {
        let published = self.stream.packets().published();
        let Some(source) = &mut self.video else { return true };
        while let Some(ordered) = source.jitter.poll(since(self.zero, now)) {
            // The depacketizer sees gaps by itself.
            let Ordered::Packet(packet) = ordered else { continue };
            let Some(codec) = codec_of(&published, &packet) else { continue };
            if source.made.as_ref().is_none_or(|made| made.codec() != codec) {
                source.made = Pictures::new(codec);
            }
            let Some(pictures) = &mut source.made else { continue };
            let piece = piece(&packet, self.zero);
            for unit in pictures.push(&piece) {
                let at = source.clock.time(unit.timestamp, unit.captured);
                let kind = if unit.key { Unit::Key } else { Unit::Inter };
                let config = unit.config.as_deref().map(|config| (Unit::Config, config));
                for (kind, payload) in config.into_iter().chain([(kind, unit.data.as_slice())]) {
                    if !send(&mut self.filler, codec, kind, at, payload, now) {
                        return false;
                    }
                }
            }
            if let Some(fault) = pictures.take_fault() {
                self.told.tell(format!("leaves out pictures of {}: {fault}", codec.label()), String::clone);
            }
        }
        if source.needs_key() && !source.was_asked(ASK_AGAIN, now) {
            source.ask(self.stream.packets(), now);
        }
        true
    }

    fn take_sound(&mut self, now: Instant) -> bool {
        let published = self.stream.packets().published();
        let bitrate = self.stream.conf.load().rtc.aac_bitrate;
        let Some(source) = &mut self.audio else { return true };
        while let Some(ordered) = source.jitter.poll(since(self.zero, now)) {
            // The transcoder sees gaps by the times.
            let Ordered::Packet(packet) = ordered else { continue };
            let Some(codec) = codec_of(&published, &packet) else { continue };
            if packet.payload.is_empty() {
                continue;
            }
            if source.made.as_ref().is_none_or(|made| made.codec() != codec) {
                source.made = match Sounds::new(codec, bitrate) {
                    Ok(sounds) => Some(sounds),
                    Err(what) => {
                        self.told.tell(what, String::clone);
                        continue;
                    }
                };
            }
            let Some(sounds) = &mut source.made else { continue };
            let at = source.clock.time(packet.timestamp, since(self.zero, packet.captured));
            let (config, made) = sounds.push(at, &packet.payload);
            let config = config.map(|config| (Unit::Config, at, config));
            let made = made.map(|packet| (Unit::Key, packet.pts, packet.payload));
            for (kind, at, payload) in config.into_iter().chain(made) {
                if !send(&mut self.filler, Codec::Aac, kind, at, &payload, now) {
                    return false;
                }
            }
            if let Some(what) = sounds.take_fault() {
                self.told.tell(what, String::clone);
            }
        }
        true
    }

    /// Asks for the key frames that players start at, and picks the best layer that comes.
    fn look(&mut self, now: Instant) {
        let lane = self.stream.packets();
        let Some(source) = &mut self.video else { return };
        let every = self.stream.conf.load().rtc.pli_for_rtmp;
        if !source.was_asked(every, now) {
            source.ask(lane, now);
        }
        let bytes: Vec<u64> = (0..source.bytes.len() as u8).map(|layer| lane.bytes(source.track, layer)).collect();
        let best = bytes.iter().zip(&source.bytes).rposition(|(now, before)| now > before);
        source.bytes = bytes;
        if let Some(best) = best.and_then(|best| u8::try_from(best).ok())
            && best != source.layer
        {
            source.switch_to(best);
            source.ask(lane, now);
        }
    }

    /// When a packet that is missing is given up, or a key frame that did not come is asked for again.
    fn deadline(&self) -> Option<Instant> {
        let video = self.video.as_ref().and_then(|source| source.jitter.deadline());
        let audio = self.audio.as_ref().and_then(|source| source.jitter.deadline());
        let given_up = video.into_iter().chain(audio).min().and_then(|due| self.zero.checked_add(due));
        let waits = self.video.as_ref().filter(|source| source.needs_key());
        let asks = waits.and_then(|source| source.asked).map(|asked| asked + ASK_AGAIN);
        given_up.into_iter().chain(asks).min()
    }
}

fn send(filler: &mut FrameFiller, codec: Codec, unit: Unit, at: MediaTime, payload: &[u8], now: Instant) -> bool {
    let kind = if codec.is_video() { TagKind::Video } else { TagKind::Audio };
    let Some(body) = compose(codec, unit, payload) else { return true };
    filler.send(Frame::from_flv(kind, at.max(MediaTime::ZERO), Bytes::from(body)), now)
}

fn codec_of(published: &Published, packet: &Packet) -> Option<Codec> {
    let track = published.tracks.get(usize::from(packet.track))?;
    track.formats.get(usize::from(packet.format)).map(|format| format.codec)
}

fn piece(packet: &Packet, zero: Instant) -> Piece<'_> {
    Piece {
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        marker: packet.marker,
        captured: since(zero, packet.captured),
        payload: &packet.payload,
    }
}

fn since(zero: Instant, at: Instant) -> Duration {
    at.saturating_duration_since(zero)
}

/// Waits for something, but not longer than that.
async fn wait_for(what: impl Future<Output = ()>, until: Instant) {
    let _ = tokio::time::timeout_at(until.into(), what).await;
}

#[cfg(test)]
mod tests;
