//! [`Writer`]: makes segments and parts of the frames of one publish. No clock, no files: frames in, [`Made`] out.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use weir_base::MediaTime;
use weir_bridge::keys::Keys;
use weir_bridge::probe::{Missing, Probe};
use weir_bridge::sample::{Coded, Pace, Sample, Until};
use weir_bridge::timeline::{Kind, Oddity, Timeline, compose};
use weir_bridge::track::{Description, Slot, needs_header};
use weir_codec::Codec;
use weir_flv::tag::{PacketType, TagInfo, parse_body, walk};
use weir_hub::{Flags, Frame};

use crate::container::{self, Container, Format};
use crate::cut::{Cut, Cutter, Floor, Grid, MIN_REAP, MIN_SEGMENT, Next, Rules, WALL_SLACK};
use crate::news::News;

/// Bytes that a writer keeps room for, however little it writes: parts differ in length.
const SPARE: usize = 64 << 10;
/// So many different things of one publish are told.
const MAX_TOLD: usize = 8;
/// A jump of timestamps is told again after so long.
const QUIET_NANOS: i64 = 30_000_000_000;

/// What a writer is to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Settings {
    /// The number of the track of pictures, if they are wanted.
    pub(crate) video: Option<u8>,
    /// The number of the track of sound, if it is wanted.
    pub(crate) audio: Option<u8>,
    /// Other tracks are news.
    pub(crate) tells_others: bool,
    /// What segments are.
    pub(crate) format: Format,
    /// Parts are told as soon as they are there; a segment is its parts.
    pub(crate) low_latency: bool,
    /// When segments and parts end.
    pub(crate) rules: Rules,
    /// Sound gets times by its samples (`hls_dts_directly off`).
    pub(crate) retime: bool,
    /// The stream is expected to have sound (`hls_acodec` is not `an`).
    pub(crate) wants_audio: bool,
    /// The stream is expected to have pictures (`hls_vcodec` is not `vn`).
    pub(crate) wants_video: bool,
    /// Segments are counted by the clock (`hls_ts_floor`).
    pub(crate) floor: bool,
}

/// What was made.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Made {
    /// A segment begins.
    Begin(Begin),
    /// A part is finished; only with low latency.
    Part(Part),
    /// The segment is finished.
    Segment(Segment),
    /// The segment that began is too short to be one: it never was.
    Dropped,
    /// Something for the log, or a fault.
    News(News),
}

/// A segment begins.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Begin {
    /// Its times or its coding do not go on from the segment before. So it is in the first of a publish.
    pub(crate) discontinuity: bool,
    /// The initialisation segment, when it is another than before.
    pub(crate) init: Option<Bytes>,
    /// `[timestamp]` of `hls_ts_floor`.
    pub(crate) floor: Option<i64>,
    /// Decoding can start with it.
    pub(crate) independent: bool,
    /// When its first frame arrived, in nanoseconds since 1970.
    pub(crate) unix_nanos: i64,
    /// Its tracks.
    pub(crate) tracks: Vec<Description>,
}

/// A part of a segment.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Part {
    /// Its media.
    pub(crate) bytes: Bytes,
    /// How long it is.
    pub(crate) duration: Duration,
    /// Decoding can start in it.
    pub(crate) independent: bool,
}

/// A finished segment.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Segment {
    /// Its media; nothing with low latency, where its parts have it.
    pub(crate) bytes: Bytes,
    /// How long it is.
    pub(crate) duration: Duration,
    /// Pictures in it.
    pub(crate) pictures: u32,
}

/// Makes segments of frames.
#[derive(Debug)]
pub(crate) struct Writer {
    settings: Settings,
    timeline: Timeline,
    cutter: Cutter,
    /// Shared with other renditions.
    grid: Option<Arc<Grid>>,
    container: Container,
    video: Slot,
    audio: Slot,
    /// Frames are held until it is known which tracks there are.
    probe: Option<Probe>,
    floor: Floor,
    /// What was written and not told yet.
    out: Vec<u8>,
    open: Open,
    begun: bool,
    discontinuity: bool,
    need_key: bool,
    keys: Keys,
    pace: Pace,
    /// The time of the newest frame.
    last: Option<(Kind, MediaTime)>,
    /// Time by the wall less time of the media, in nanoseconds.
    wall: Option<i64>,
    told: Vec<News>,
    /// When a jump of timestamps was told last, in nanoseconds since 1970.
    jump_told: Option<i64>,
    /// When the first frame of the open segment arrived, in nanoseconds since 1970.
    begun_nanos: i64,
}

/// Counters of the open segment and part.
#[derive(Debug, Default)]
struct Open {
    /// Bytes of finished parts.
    bytes: usize,
    pictures: u32,
    part_frames: u32,
    part_key: bool,
}

impl Writer {
    /// For a publish that begins.
    pub(crate) fn new(settings: Settings) -> Writer {
        Writer {
            settings,
            timeline: Timeline::default(),
            cutter: Cutter::new(settings.rules, false),
            grid: None,
            container: Container::new(settings.format, settings.retime),
            video: Slot::default(),
            audio: Slot::default(),
            probe: Some(Probe::default()),
            floor: Floor::default(),
            out: Vec::new(),
            open: Open::default(),
            begun: false,
            discontinuity: true,
            need_key: true,
            keys: Keys::default(),
            pace: Pace::default(),
            last: None,
            wall: None,
            told: Vec::new(),
            jump_told: None,
            begun_nanos: 0,
        }
    }

    /// The same, one of several renditions: their segments end together.
    pub(crate) fn aligned(settings: Settings, grid: Option<Arc<Grid>>) -> Writer {
        let mut writer = Writer::new(settings);
        grid.iter().for_each(|grid| writer.cutter.set_grid(grid.clone()));
        writer.grid = grid;
        writer
    }

    /// Takes a frame that arrived at `unix_nanos`.
    pub(crate) fn push(&mut self, frame: &Frame, unix_nanos: i64, made: &mut Vec<Made>) {
        if frame.flags.has(Flags::MANY) {
            walk(frame.kind, frame.flv()).for_each(|info| self.push_track(frame, &info, unix_nanos, made));
        } else if let Ok(info) = parse_body(frame.kind, frame.flv()) {
            self.push_track(frame, &info, unix_nanos, made);
        }
    }

    /// Takes one track of the body of a frame.
    fn push_track(&mut self, frame: &Frame, info: &TagInfo, unix_nanos: i64, made: &mut Vec<Made>) {
        let Some(kind) = Kind::of(frame.kind) else { return };
        let wanted = if kind == Kind::Video { self.settings.video } else { self.settings.audio };
        if wanted != Some(info.track) {
            if self.settings.tells_others {
                self.tell(News::OtherTrack { kind }, made);
            }
            return;
        }
        let payload = payload(frame.flv(), info);
        match info.packet {
            PacketType::SequenceHeader => self.announce(info.codec, &payload, made),
            PacketType::Coded | PacketType::Raw if !payload.is_empty() => {
                let coded = Coded {
                    kind,
                    codec: info.codec,
                    dts: frame.dts,
                    cts: MediaTime::from_millis(i64::from(info.composition_ms)),
                    key: info.is_key_frame(),
                    payload,
                    arrived_nanos: unix_nanos,
                };
                self.coded(coded, made);
            }
            _ => {}
        }
    }

    /// Frames were lost: what follows does not go on from what was.
    pub(crate) fn lost(&mut self) {
        self.need_key = true;
        self.discontinuity = true;
        self.cutter.force();
    }

    /// The publish ends, or its settings change.
    pub(crate) fn finish(&mut self, made: &mut Vec<Made>) {
        if self.probe.is_some() {
            self.start(made);
        }
        let Some((kind, at)) = self.last else { return };
        let Some((part, segment)) = self.cutter.end(at + self.timeline.step(kind)) else { return };
        self.end_part(None, part, made);
        if segment < MIN_SEGMENT && !self.settings.low_latency {
            self.out.clear();
            made.push(Made::Dropped);
        } else {
            self.end_segment(segment, made);
        }
    }

    /// Time passes without frames.
    pub(crate) fn tick(&mut self, unix_nanos: i64, made: &mut Vec<Made>) {
        if self.probe.as_ref().is_some_and(|probe| probe.is_over(self.missing(probe), unix_nanos)) {
            self.start(made);
        }
    }

    /// How long it is after the newest frame until something may be finished.
    pub(crate) fn due(&self) -> Option<Duration> {
        let (_, at) = self.last?;
        self.cutter.due_in(at, self.settings.low_latency)
    }

    /// No part may be longer from here on.
    pub(crate) fn limit_parts(&mut self, limit: Duration) {
        let nanos = i64::try_from(limit.as_nanos()).unwrap_or(i64::MAX);
        self.cutter.limit_parts(MediaTime::from_nanos(nanos));
    }

    /// Bytes that it holds.
    pub(crate) fn held(&self) -> usize {
        self.out.len() + self.container.held() + self.probe.as_ref().map_or(0, Probe::bytes)
    }

    /// A sequence header.
    fn announce(&mut self, codec: Codec, config: &Bytes, made: &mut Vec<Made>) {
        if !container::carries(self.settings.format, codec) {
            return self.tell(News::LeftOut { codec, format: self.settings.format }, made);
        }
        match Description::from_header(codec, config) {
            Ok(Some(track)) => self.track(track.kind()).announce(track),
            Ok(None) => {}
            Err(error) => self.tell(News::BadHeader { codec, why: error.to_string() }, made),
        }
    }

    fn track(&mut self, kind: Kind) -> &mut Slot {
        match kind {
            Kind::Video => &mut self.video,
            Kind::Audio => &mut self.audio,
        }
    }

    /// Which kinds are expected and not there yet, and whether they were announced.
    fn missing(&self, probe: &Probe) -> Missing {
        let Settings { wants_video, wants_audio, .. } = self.settings;
        probe.missing((wants_video, &self.video), (wants_audio, &self.audio))
    }

    /// A frame with media.
    fn coded(&mut self, coded: Coded, made: &mut Vec<Made>) {
        if !self.is_described(&coded, made) {
            return;
        }
        let waits = !coded.key && (self.need_key || self.video.next.is_some());
        if coded.kind == Kind::Video && self.keys.is_late(waits, coded.arrived_nanos) {
            self.tell(News::NoKey, made);
        }
        let Some(probe) = &mut self.probe else { return self.write(coded, made) };
        probe.hold(coded);
        if self.probe.as_ref().is_some_and(|probe| probe.is_complete(self.missing(probe))) {
            self.start(made);
        }
    }

    /// Begins with the tracks that have been seen.
    fn start(&mut self, made: &mut Vec<Made>) {
        let Some(probe) = self.probe.take() else { return };
        if probe.is_empty() {
            self.probe = Some(Probe::default());
            return;
        }
        // What was announced and did not come will begin a segment when it comes.
        let (video, audio) = probe.settle(&mut self.video, &mut self.audio);
        self.need_key = probe.has_video();
        for coded in probe.into_frames() {
            self.write(coded, made);
        }
        self.video.next = self.video.next.take().or(video);
        self.audio.next = self.audio.next.take().or(audio);
    }

    /// True when it is known what such a frame is.
    fn is_described(&mut self, coded: &Coded, made: &mut Vec<Made>) -> bool {
        let (codec, format) = (coded.codec, self.settings.format);
        if !container::carries(format, codec) {
            self.tell(News::LeftOut { codec, format }, made);
            return false;
        }
        let is_described = self.track(coded.kind).learn(codec, &coded.payload);
        if !is_described && needs_header(codec) {
            self.tell(News::NoHeader { codec }, made);
        }
        is_described
    }

    /// Writes a frame into the open segment, or into a new one.
    fn write(&mut self, coded: Coded, made: &mut Vec<Made>) {
        if !self.is_wanted(&coded) {
            return;
        }
        let place = self.timeline.place(coded.kind, coded.dts, coded.arrived_nanos);
        if let Some(oddity) = place.oddity {
            self.odd(&coded, oddity, made);
        }
        let video = coded.kind == Kind::Video;
        let step = self.timeline.step(coded.kind);
        let next = Next { at: place.at, dts: coded.dts, video, key: coded.key, step };
        match self.cutter.before(next, self.open.bytes + self.out.len() + self.container.held()) {
            Cut::Segment => {
                let part = self.cutter.begin_part(next);
                self.end_part(Some(Until { kind: coded.kind, at: place.at }), part, made);
                let segment = self.cutter.begin_segment(next).unwrap_or(MediaTime::ZERO);
                self.end_segment(segment, made);
                if !self.begin_segment(&coded, place.at, made) {
                    return;
                }
            }
            Cut::Part if self.open.part_frames > 0 => {
                let part = self.cutter.begin_part(next);
                self.end_part(Some(Until { kind: coded.kind, at: place.at }), part, made);
            }
            _ if self.cutter.is_open() => {}
            _ => {
                if !self.begin_segment(&coded, place.at, made) {
                    return;
                }
                self.cutter.begin_segment(next);
            }
        }
        self.write_sample(coded, next, made);
    }

    /// Tells what is odd about the timestamp of a frame. One that jumps begins a segment.
    fn odd(&mut self, coded: &Coded, oddity: Oddity, made: &mut Vec<Made>) {
        if matches!(oddity, Oddity::Jump(_)) {
            self.discontinuity = true;
            self.cutter.force();
            if self.jump_told.is_some_and(|told| (0..QUIET_NANOS).contains(&coded.arrived_nanos.saturating_sub(told))) {
                return;
            }
            self.jump_told = Some(coded.arrived_nanos);
            return made.push(Made::News(News::Oddity { kind: coded.kind, oddity }));
        }
        self.tell(News::Oddity { kind: coded.kind, oddity }, made);
    }

    /// False for what cannot be decoded, or has to wait for a segment that begins with its configuration.
    fn is_wanted(&mut self, coded: &Coded) -> bool {
        let has_pictures = self.video.current.is_some() || (!self.begun && self.need_key);
        match coded.kind {
            Kind::Video if coded.key => {
                let is_young = self.is_young(coded);
                if self.video.next.is_some() && is_young {
                    return false;
                }
                if (self.video.next.is_some() || self.audio.next.is_some()) && !is_young {
                    self.cutter.force_now();
                }
                self.need_key = false;
                true
            }
            Kind::Video => !self.need_key && self.video.next.is_none(),
            Kind::Audio if self.audio.next.is_none() || !self.begun => true,
            Kind::Audio => {
                let begins = !has_pictures && !self.is_young(coded);
                if begins {
                    self.cutter.force_now();
                }
                begins
            }
        }
    }

    /// True when the open segment is too short to end before a frame. By arrival: timestamps may say anything.
    fn is_young(&self, coded: &Coded) -> bool {
        let open = coded.arrived_nanos.saturating_sub(self.begun_nanos);
        self.cutter.is_open() && (0..MIN_REAP.nanos()).contains(&open)
    }

    fn write_sample(&mut self, coded: Coded, next: Next, made: &mut Vec<Made>) {
        let Some(track) = &self.track(coded.kind).current else { return };
        let span = if next.video { None } else { track.span(&coded.payload) };
        let (kind, codec) = (coded.kind, coded.codec);
        let (cts, composition) = compose(next.at, coded.cts);
        let pace = span.and_then(|span| self.pace.measure(coded.dts, span));
        if let Some(oddity) = composition.or(pace) {
            self.tell(News::Oddity { kind, oddity }, made);
        }
        let sample = Sample { kind, at: next.at, cts, key: coded.key, data: coded.payload, span };
        self.cutter.joined(next);
        self.last = Some((coded.kind, next.at));
        match self.container.write(sample, &mut self.out) {
            Ok(()) => {
                self.open.part_frames += 1;
                self.open.part_key |= next.key || !self.cutter.has_video();
                self.open.pictures += u32::from(next.video);
            }
            Err(error) => self.tell(News::BadFrame { codec, why: error.to_string() }, made),
        }
    }

    fn end_part(&mut self, until: Option<Until>, duration: MediaTime, made: &mut Vec<Made>) {
        if let Err(error) = self.container.end_part(until, &mut self.out) {
            let codec = self.audio.current.as_ref().map_or(Codec::OtherAudio, |track| track.codec);
            self.tell(News::BadFrame { codec, why: error.to_string() }, made);
        }
        let independent = mem::take(&mut self.open.part_key);
        self.open.part_frames = 0;
        if self.settings.low_latency && !self.out.is_empty() {
            let bytes = self.take_out();
            self.open.bytes += bytes.len();
            made.push(Made::Part(Part { bytes, duration: span_of(duration), independent }));
        }
    }

    /// What was written, in as much memory as it needs. What it was written to is used again: memory that grows anew for
    /// each segment costs more than to copy it.
    fn take_out(&mut self) -> Bytes {
        let bytes = Bytes::copy_from_slice(&self.out);
        self.out.clear();
        self.out.shrink_to(bytes.len().saturating_mul(2).max(SPARE));
        bytes
    }

    fn end_segment(&mut self, duration: MediaTime, made: &mut Vec<Made>) {
        let open = mem::take(&mut self.open);
        let bytes = self.take_out();
        made.push(Made::Segment(Segment { bytes, duration: span_of(duration), pictures: open.pictures }));
    }

    /// Puts new tracks in place and tells of the segment that begins with a frame. False when there is no track to write.
    fn begin_segment(&mut self, coded: &Coded, at: MediaTime, made: &mut Vec<Made>) -> bool {
        let changed = self.set_track(Kind::Video, coded, made) | self.set_track(Kind::Audio, coded, made);
        let tracks: Vec<Description> =
            [&self.video.current, &self.audio.current].into_iter().flatten().cloned().collect();
        let init = match self.container.begin_segment(&mut self.out) {
            Ok(init) if !tracks.is_empty() => init,
            _ => {
                self.give_up(made);
                return false;
            }
        };
        self.cutter.set_video(self.video.current.is_some());
        let discontinuity = mem::take(&mut self.discontinuity) || changed;
        let unix_nanos = self.unix_nanos(at, coded.arrived_nanos, discontinuity);
        let floor = self.settings.floor.then(|| {
            let (number, ahead) = self.floor.next(unix_nanos.div_euclid(1_000_000), self.settings.rules.fragment);
            self.cutter.set_ahead(ahead);
            number
        });
        self.begun = true;
        self.begun_nanos = coded.arrived_nanos;
        let independent = coded.key || self.video.current.is_none();
        made.push(Made::Begin(Begin { discontinuity, init, floor, independent, unix_nanos, tracks }));
        true
    }

    /// Takes what was announced for a kind into the container. True when that changed it.
    fn set_track(&mut self, kind: Kind, coded: &Coded, made: &mut Vec<Made>) -> bool {
        // Pictures without a key frame, sound that waits: not with this segment.
        if kind == Kind::Video && coded.kind == Kind::Audio && (self.begun || !self.need_key) {
            return false;
        }
        let Some(track) = self.track(kind).next.take() else { return false };
        let track = if kind == coded.kind { track.sized_by(&coded.payload) } else { track };
        match self.container.set_track(&track) {
            Ok(()) => self.track(kind).current = Some(track),
            Err(error) => {
                let codec = track.codec;
                self.track(kind).current = None;
                self.track(kind).refused = Some(track);
                self.tell(News::BadHeader { codec, why: error.to_string() }, made);
            }
        }
        true
    }

    /// There is nothing to write: begins anew.
    fn give_up(&mut self, made: &mut Vec<Made>) {
        self.out.clear();
        let _ = self.cutter.end(MediaTime::ZERO);
        self.cutter.set_video(false);
        self.probe = Some(Probe::default());
        (self.begun, self.need_key, self.discontinuity) = (false, true, true);
        self.tell(News::NoTrack, made);
    }

    /// The time by the wall of a moment of the media, without the jitter of arrivals.
    fn unix_nanos(&mut self, at: MediaTime, arrived: i64, discontinuity: bool) -> i64 {
        let seen = arrived.saturating_sub(at.nanos());
        let kept = self.wall.filter(|wall| {
            let late = seen.saturating_sub(*wall);
            // Time does not go back but where the media does not go on.
            late <= WALL_SLACK && (late >= -WALL_SLACK || !discontinuity)
        });
        let anew = || self.grid.as_ref().map_or(seen, |grid| grid.wall(seen, self.wall));
        let wall = kept.unwrap_or_else(anew);
        self.wall = Some(wall);
        wall.saturating_add(at.nanos())
    }

    /// Tells something once.
    fn tell(&mut self, news: News, made: &mut Vec<Made>) {
        if self.told.len() < MAX_TOLD && !self.told.iter().any(|told| told.is_like(&news)) {
            self.told.push(news.clone());
            made.push(Made::News(news));
        } else if news.is_fault() {
            made.push(Made::News(News::Again));
        }
    }
}

fn payload(body: &Bytes, info: &TagInfo) -> Bytes {
    let end = info.header_len.saturating_add(info.payload_len).min(body.len());
    body.slice(info.header_len.min(end)..end)
}

fn span_of(time: MediaTime) -> Duration {
    Duration::from_nanos(u64::try_from(time.nanos()).unwrap_or(0))
}

#[cfg(test)]
mod tests;
