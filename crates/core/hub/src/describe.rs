//! What a stream is made of, in the words of the API and of the log.

use bytes::Bytes;
use weir_codec::{AudioInfo, Codec, VideoInfo};
use weir_flv::tag::{self, PacketType, TagInfo, TagKind};
use weir_flv::{audio_info, video_info};

use crate::frame::{Flags, Frame};

/// A track of a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Track {
    /// Its number within its kind; 0 unless the publisher sends several.
    pub number: u8,
    /// What its configuration or its first frame tells.
    pub info: TrackInfo,
}

/// What is known of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrackInfo {
    /// Of pictures.
    Video(VideoInfo),
    /// Of sound.
    Audio(AudioInfo),
}

impl Track {
    /// Audio or video.
    pub fn kind(&self) -> TagKind {
        match self.info {
            TrackInfo::Video(_) => TagKind::Video,
            TrackInfo::Audio(_) => TagKind::Audio,
        }
    }

    /// How it is coded.
    pub fn codec(&self) -> Codec {
        match self.info {
            TrackInfo::Video(info) => info.codec,
            TrackInfo::Audio(info) => info.codec,
        }
    }
}

/// What a publisher's tracks have told. Each configuration is read once, however often it is repeated.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// In the order of kinds and numbers.
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    track: Track,
    /// The payload of the configuration that was read; empty without one.
    config: Bytes,
    /// No other frame tells more until the configuration changes.
    is_settled: bool,
}

impl Described {
    /// Video first, each kind in the order of the numbers.
    pub(crate) fn tracks(&self) -> Vec<Track> {
        self.known.iter().map(|known| known.track).collect()
    }

    /// Reads what a frame tells, and marks it when it is of a track beside the first. Returns words for the log when there
    /// is news. `parse_sps` off leaves the size of the picture unknown.
    pub(crate) fn read(&mut self, frame: &mut Frame, parse_sps: impl FnOnce() -> bool) -> Option<String> {
        if frame.kind == TagKind::Script {
            return None;
        }
        let news = if self.is_settled(frame) { None } else { self.look(frame, parse_sps()) };
        let first = self.known.iter().find(|known| known.track.kind() == frame.kind);
        if first.is_some_and(|first| first.track.number < frame.track) {
            frame.flags = frame.flags.and(Flags::SIDE);
        }
        news
    }

    /// True for a frame that tells nothing new: the usual case.
    fn is_settled(&self, frame: &Frame) -> bool {
        if frame.flags.has(Flags::CONFIG) || frame.flags.has(Flags::MANY) {
            return false;
        }
        self.known.iter().any(|Known { track, is_settled, .. }| {
            let is_same = (track.kind(), track.number, track.codec()) == (frame.kind, frame.track, frame.codec);
            is_same && *is_settled && !(frame.flags.has(Flags::KEY) && tells_in_keys(frame.codec))
        })
    }

    fn look(&mut self, frame: &Frame, parse_sps: bool) -> Option<String> {
        let body = frame.flv();
        let mut news = Vec::new();
        for head in tag::walk(frame.kind, body) {
            let payload = body.slice_ref(head.payload(body));
            let is_media = matches!(head.packet, PacketType::Coded | PacketType::Raw);
            if is_media || head.is_sequence_header() {
                let track = Track { number: head.track, info: info(frame.kind, &head, &payload, parse_sps) };
                news.extend(self.learn(track, &head, payload));
            }
        }
        (!news.is_empty()).then(|| news.join(", "))
    }

    /// Remembers what a track tells. Returns words when it was not known.
    fn learn(&mut self, mut track: Track, head: &TagInfo, payload: Bytes) -> Option<String> {
        let is_config = head.is_sequence_header();
        let is_settled = !is_config && (track.kind() == TagKind::Audio || head.is_key_frame());
        let place = |track: &Track| (track.kind() == TagKind::Audio, track.number);
        let at = self.known.binary_search_by_key(&place(&track), |known| place(&known.track));
        match at.ok().and_then(|at| self.known.get_mut(at)) {
            Some(known) if known.track.codec() == track.codec() && !is_config => {
                track.info = with_frame(known.track.info, track.info);
                known.is_settled |= is_settled;
                if known.track == track {
                    return None;
                }
                known.track = track;
            }
            Some(known) if known.track.codec() == track.codec() && known.config == payload => return None,
            Some(known) => *known = Known { track, config: payload, is_settled },
            None => {
                let config = if is_config { payload } else { Bytes::new() };
                self.known.insert(at.unwrap_or_else(|at| at), Known { track, config, is_settled });
            }
        }
        Some(self.words(&track))
    }

    /// `video H.264 High 3.1, 1280x720`, `audio AAC LC, 48000 Hz, 2 channels`; with a number for a track beside the first,
    /// and without what is not known.
    fn words(&self, track: &Track) -> String {
        let beside =
            self.known.iter().any(|known| known.track.kind() == track.kind() && known.track.number < track.number);
        let number = if beside { format!(" track {}", track.number) } else { String::new() };
        let label = track.codec().label();
        let told = |word: &str| if word == "Other" { String::new() } else { format!(" {word}") };
        match track.info {
            TrackInfo::Video(VideoInfo { profile, level, width, height, .. }) => {
                let size = if width > 0 { format!(", {width}x{height}") } else { String::new() };
                format!("video{number} {label}{}{}{size}", told(profile), told(level))
            }
            TrackInfo::Audio(AudioInfo { profile, coded_rate, sample_rate, channels, .. }) => {
                let rate = coded_rate.unwrap_or(sample_rate);
                let sound = if rate > 0 { format!(", {rate} Hz, {channels} channels") } else { String::new() };
                format!("audio{number} {label}{}{sound}", told(profile))
            }
        }
    }
}

fn info(kind: TagKind, head: &TagInfo, payload: &[u8], parse_sps: bool) -> TrackInfo {
    if kind == TagKind::Audio {
        return TrackInfo::Audio(audio_info(head, payload));
    }
    let info = video_info(head, payload);
    TrackInfo::Video(if parse_sps { info } else { VideoInfo { width: 0, height: 0, ..info } })
}

/// Codecs whose pictures change their size without a new configuration.
fn tells_in_keys(codec: Codec) -> bool {
    matches!(codec, Codec::Vp8 | Codec::Vp9 | Codec::Av1)
}

/// What was known `before` a frame, and what the frame adds.
fn with_frame(before: TrackInfo, frame: TrackInfo) -> TrackInfo {
    match (before, frame) {
        (TrackInfo::Video(before), TrackInfo::Video(frame)) if frame.width > 0 => TrackInfo::Video(VideoInfo {
            width: frame.width,
            height: frame.height,
            frame_rate: frame.frame_rate.or(before.frame_rate),
            ..before
        }),
        (TrackInfo::Audio(before), TrackInfo::Audio(frame)) if before.coded_rate.is_none() => TrackInfo::Audio(frame),
        _ => before,
    }
}

#[cfg(test)]
mod tests;
