//! Packets of real-time media (RTP), made of a stream's frames while somebody wants them.
//!
//! One task reads the stream as any player does. Pictures are cut into packets as they are; sound that browsers do not know
//! becomes Opus.

mod pictures;
mod sounds;

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use weir_base::MediaTime;
use weir_codec::{Codec, VideoInfo};
use weir_flv::tag::TagKind;
use weir_hub::{
    Flags, Follower, Frame, Packet, PacketFiller, PacketFormat, PacketTrack, Stream, Track, TrackInfo, Wanted,
};
use weir_rtp::video;

use crate::timeline::{Kind, Timeline, compose};
use crate::told::Told;
use pictures::Pictures;
use sounds::Sounds;

/// Ticks a second of pictures.
const VIDEO_RATE: u32 = 90_000;
/// What sound may be sent as. That of now is told by each packet.
const SOUNDS: [(Codec, u32, u8); 3] = [(Codec::Opus, 48_000, 2), (Codec::G711u, 8000, 1), (Codec::G711a, 8000, 1)];
/// How often is looked whether packets are still wanted.
const LOOK: Duration = Duration::from_secs(1);
/// Others on the thread get a turn after so many frames.
const FRAMES_AT_A_TIME: usize = 32;
/// Sound this much older than the newest frame is of no use to somebody who has just come.
const OLD_SOUND: MediaTime = MediaTime::from_millis(300);
/// A frame that came together with others is thought to be at most so much older than the newest one.
const MAX_AGE: MediaTime = MediaTime::from_millis(30_000);

/// Wants packets of a stream. If its publisher sends frames, packets are made of them on the runtime of the caller, as long as
/// what is returned is kept; those of a publisher that sends packets are there anyway. `merge_units`: small NAL units
/// share packets (`rtc_server.merge_nalus`).
pub fn packets(stream: &Arc<Stream>, merge_units: bool) -> Arc<Wanted> {
    stream.want_packets(|wanted| {
        tokio::spawn(run(stream.clone(), wanted, merge_units));
    })
}

/// What is, or would be, made of what a publisher sends in frames; [`None`] where it sends nothing that becomes packets.
pub fn tracks(tracks: &[Track]) -> Option<Vec<PacketTrack>> {
    let video = tracks.iter().find_map(|track| match track.info {
        TrackInfo::Video(info) => Some(info),
        TrackInfo::Audio(_) => None,
    });
    let video = video.filter(|info| has_packets(info.codec)).map(|info| {
        picture_track(
            info.codec,
            if info.codec == Codec::H264 { h264_parameters(profile(info)) } else { String::new() },
        )
    });
    let has_sound = tracks.iter().any(|track| track.kind() == TagKind::Audio && sounds::is_taken(track.codec()));
    let made: Vec<PacketTrack> = video.into_iter().chain(has_sound.then(sound_track)).collect();
    (!made.is_empty()).then_some(made)
}

/// Pictures that RTP has a payload format for.
fn has_packets(codec: Codec) -> bool {
    matches!(codec, Codec::H264 | Codec::H265 | Codec::Av1 | Codec::Vp9 | Codec::Vp8)
}

/// As in RFC 6184, of the three bytes of a parameter set that tell profile and level.
fn h264_parameters([profile, constraints, level]: [u8; 3]) -> String {
    format!("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile:02x}{constraints:02x}{level:02x}")
}

/// The bytes that stand for the name of a profile. The level is the one that all browsers offer: none is bound by it.
fn profile(info: VideoInfo) -> [u8; 3] {
    const LEVEL: u8 = 31;
    match info.profile {
        "Main" => [77, 0, LEVEL],
        "High" => [100, 0, LEVEL],
        _ => [66, 0xe0, LEVEL],
    }
}

fn picture_track(codec: Codec, parameters: String) -> PacketTrack {
    let format = PacketFormat { codec, clock_rate: VIDEO_RATE, channels: 0, parameters };
    PacketTrack { is_video: true, formats: vec![format], layers: Vec::new() }
}

fn sound_track() -> PacketTrack {
    let formats = SOUNDS.map(|(codec, clock_rate, channels)| PacketFormat {
        codec,
        clock_rate,
        channels,
        parameters: String::new(),
    });
    PacketTrack { is_video: false, formats: formats.into(), layers: Vec::new() }
}

/// Serves a stream as long as packets are wanted, whoever publishes.
async fn run(stream: Arc<Stream>, wanted: Weak<Wanted>, merge_units: bool) {
    let mut news = stream.described();
    while wanted.strong_count() > 0 {
        if stream.is_live() && !stream.packets().published().is_sent() {
            convert(&stream, &wanted, merge_units).await;
        }
        wait(&mut news).await;
    }
}

async fn wait(news: &mut watch::Receiver<()>) {
    // The stream keeps the other end; either it has news, or it is time to look.
    let _ = tokio::time::timeout(LOOK, news.changed()).await;
}

/// Makes packets of one publish.
async fn convert(stream: &Arc<Stream>, wanted: &Weak<Wanted>, merge_units: bool) {
    let mut follower = stream.follow();
    let mut filling = Filling::new(stream.clone(), merge_units, Instant::now());
    while wanted.strong_count() > 0 && !stream.packets().published().is_sent() {
        let now = Instant::now();
        follower.keep_up(now);
        let (taken, goes_on) = filling.fill(&follower, now);
        follower.advance(taken);
        if !goes_on {
            return;
        }
        if taken < FRAMES_AT_A_TIME {
            let _ = tokio::time::timeout(LOOK, follower.appended()).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
}

/// One publish, as packets.
struct Filling {
    stream: Arc<Stream>,
    merge_units: bool,
    began: Instant,
    timeline: Timeline,
    zero: Option<Instant>,
    pictures: Option<Pictures>,
    sounds: Option<Sounds>,
    filler: Option<PacketFiller>,
    /// Of pictures, of sound.
    sequences: [u64; 2],
    told: Told<String>,
}

impl Filling {
    fn new(stream: Arc<Stream>, merge_units: bool, began: Instant) -> Filling {
        Filling {
            told: Told::new(stream.clone(), "webrtc"),
            stream,
            merge_units,
            began,
            timeline: Timeline::default(),
            zero: None,
            pictures: None,
            sounds: None,
            filler: None,
            sequences: [0; 2],
        }
    }

    /// Makes packets of some of what is pending: how many frames, and whether the publish goes on.
    fn fill(&mut self, follower: &Follower, now: Instant) -> (usize, bool) {
        let newest = follower.pending().map(|frame| frame.dts).last().unwrap_or_default();
        let mut taken = 0;
        for frame in follower.pending().take(FRAMES_AT_A_TIME) {
            taken += 1;
            if frame.flags.has(Flags::END) {
                return (taken, false);
            }
            let age = (newest - frame.dts).min(MAX_AGE).max(MediaTime::ZERO);
            for frame in frame.tracks().filter(|frame| !frame.flags.has(Flags::SIDE)) {
                if !self.frame(&frame, age, now) {
                    return (taken, false);
                }
            }
        }
        (taken, true)
    }

    /// Takes one frame, which came `age` before the newest one. False when packets come from elsewhere.
    fn frame(&mut self, frame: &Frame, age: MediaTime, now: Instant) -> bool {
        let Some(kind) = Kind::of(frame.kind).filter(|_| !frame.flags.has(Flags::NOTE)) else { return true };
        let is_config = frame.flags.has(Flags::CONFIG);
        let taken = match kind {
            Kind::Video => self.take_picture(frame, is_config),
            Kind::Audio => self.take_sound(frame, is_config),
        };
        if let Err(what) = taken {
            self.tell(what);
            return true;
        }
        if is_config || frame.payload().is_empty() {
            return true;
        }
        let came = now.checked_sub(duration(age)).unwrap_or(now);
        let came_nanos = i64::try_from(came.saturating_duration_since(self.began).as_nanos()).unwrap_or(i64::MAX);
        let place = self.timeline.place(kind, frame.dts, came_nanos);
        if let Some(oddity) = place.oddity {
            self.tell(oddity.of(kind));
        }
        if self.filler.is_none() && !self.begin() {
            return !self.stream.packets().published().is_sent();
        }
        let zero = self.follow_clock(place.at, came);
        match kind {
            Kind::Video => self.send_picture(frame, place.at, zero, now),
            Kind::Audio if age > OLD_SOUND => true,
            Kind::Audio => self.send_sound(frame, place.at, zero, now),
        }
    }

    /// Knows what the pictures are from here on.
    fn take_picture(&mut self, frame: &Frame, is_config: bool) -> Result<(), String> {
        let codec = frame.codec;
        if self.pictures.as_ref().is_none_or(|pictures| pictures.codec() != codec) {
            if !has_packets(codec) {
                return Err(format!("leaves {} out: there are no packets for it", codec.label()));
            }
            let conf = self.stream.conf.load();
            self.pictures = Pictures::new(codec, self.merge_units, conf.rtc.keep_avc_nalu_sei, conf.rtc.keep_bframe);
            // Players are told of another codec by another publish.
            self.filler = None;
        }
        match &mut self.pictures {
            Some(pictures) if is_config => pictures.configure(frame.payload()).map_err(|error| {
                format!("leaves pictures of {} out until their header can be read: {error}", codec.label())
            }),
            _ => Ok(()),
        }
    }

    /// Knows what the sound is from here on.
    fn take_sound(&mut self, frame: &Frame, is_config: bool) -> Result<(), String> {
        let config = if is_config { frame.payload() } else { &[] };
        match &mut self.sounds {
            Some(sounds) if sounds.codec() == frame.codec => {
                if is_config {
                    return sounds.configure(config);
                }
            }
            _ => self.sounds = Some(Sounds::new(frame.codec, config, self.stream.conf.load().rtc.opus_bitrate)?),
        }
        Ok(())
    }

    /// Begins to fill the lane with what is known by now. False when it is filled already.
    fn begin(&mut self) -> bool {
        let video = self.pictures.as_ref().map(|pictures| picture_track(pictures.codec(), pictures.parameters()));
        let tracks = video.into_iter().chain([sound_track()]).collect();
        let play = &self.stream.conf.load().play;
        let kept = if play.gop_cache { play.queue_bytes as u64 } else { 0 };
        self.filler = self.stream.fill_packets(tracks, kept);
        self.filler.is_some()
    }

    /// When what has the time 0 was captured: as the frame that came with the least delay tells. It follows a publisher's
    /// clock that is slower.
    fn follow_clock(&mut self, at: MediaTime, came: Instant) -> Instant {
        let told = came.checked_sub(duration(at)).unwrap_or(came);
        let zero = match self.zero {
            Some(zero) if told > zero => zero + (told - zero) / 1000,
            _ => told,
        };
        self.zero = Some(zero);
        zero
    }

    fn tell(&mut self, what: String) {
        self.told.tell(what, String::clone);
    }

    fn send_picture(&mut self, frame: &Frame, at: MediaTime, zero: Instant, now: Instant) -> bool {
        let Filling { pictures: Some(pictures), filler: Some(filler), sequences: [sequence, _], .. } = self else {
            return true;
        };
        let (cts, oddity) = compose(at, frame.cts);
        let shown = at + cts;
        let codec = pictures.codec();
        let mut goes_on = true;
        let cut = pictures.cut(frame.payload(), frame.flags.has(Flags::KEY), shown, &mut |payload| {
            *sequence += 1;
            let timestamp = shown.to_ticks(VIDEO_RATE) as u32;
            let captured = zero + duration(shown);
            goes_on &= filler.send(packet(0, 0, codec, *sequence, timestamp, captured, payload), now);
        });
        if let Err(error) = cut {
            self.tell(format!("leaves out pictures of {}: {error}", codec.label()));
        }
        if let Some(oddity) = oddity {
            self.tell(oddity.of(Kind::Video));
        }
        goes_on
    }

    fn send_sound(&mut self, frame: &Frame, at: MediaTime, zero: Instant, now: Instant) -> bool {
        let Filling { sounds: Some(sounds), filler: Some(filler), sequences: [_, sequence], pictures, .. } = self
        else {
            return true;
        };
        let track = u8::from(pictures.is_some());
        let codec = sounds.becomes();
        let format = SOUNDS.iter().position(|sound| sound.0 == codec).unwrap_or_default();
        let rate = SOUNDS.get(format).map_or(VIDEO_RATE, |sound| sound.1);
        let mut goes_on = true;
        let cut = sounds.cut(frame.payload(), at, &mut |shown, payload| {
            *sequence += 1;
            let timestamp = (shown.to_ticks(rate) as u32).wrapping_add(payload.ticks);
            let captured = zero + duration(shown);
            goes_on &= filler.send(packet(track, format as u8, codec, *sequence, timestamp, captured, payload), now);
        });
        if let Err(what) = cut {
            self.tell(what);
        }
        goes_on
    }
}

fn packet(
    track: u8,
    format: u8,
    codec: Codec,
    sequence: u64,
    timestamp: u32,
    captured: Instant,
    payload: weir_rtp::payload::Payload,
) -> Packet {
    Packet {
        epoch: 0,
        track,
        layer: 0,
        format,
        marker: payload.marker,
        peek: video::peek(codec, &payload.bytes),
        numbers: video::numbers(codec, &payload.bytes),
        sequence,
        timestamp,
        captured,
        audio_level: None,
        orientation: None,
        payload: payload.bytes,
    }
}

/// A span of time; nothing where it is below 0.
fn duration(span: MediaTime) -> Duration {
    Duration::from_nanos(u64::try_from(span.nanos()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
