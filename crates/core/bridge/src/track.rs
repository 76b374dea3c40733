//! [`Description`]: what a container and a playlist have to know of a track; [`Slot`]: which one it has, and which is next.

use bytes::Bytes;
use weir_codec::{
    Codec, Error, Span, VideoInfo, aac, ac3, av1, avc, codec_string, flac, hevc, mp3, nal, opus, samples_per_frame,
    vp8, vp9,
};

use crate::timeline::Kind;

/// Bytes of an MP3 frame that tell all about it.
const MP3_HEADER: usize = 4;

/// A track as its sequence header, or its first frame where there is none, describes it.
#[derive(Clone, PartialEq, Debug)]
pub struct Description {
    /// How it is coded.
    pub codec: Codec,
    /// The sequence header as enhanced FLV and MP4 have it; for MP3 the header of a frame.
    pub config: Bytes,
    /// What is seen or heard.
    pub media: Media,
}

/// What is seen or heard.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Media {
    /// Pictures.
    Video {
        /// Pixels in a row; 0 when unknown.
        width: u32,
        /// Rows; 0 when unknown.
        height: u32,
        /// Pictures a second, where the stream tells.
        frame_rate: Option<f64>,
    },
    /// Sound.
    Audio {
        /// Samples a second, of the clock that counts them.
        rate: u32,
        /// Channels.
        channels: u8,
    },
}

impl Description {
    /// From a sequence header. Nothing for codecs of which enhanced RTMP has none, and some send an empty one: their frames
    /// tell. Fails also where a record lacks the parameter sets that every picture needs.
    pub fn from_header(codec: Codec, config: &Bytes) -> Result<Option<Description>, Error> {
        let media = match codec {
            Codec::H264 => seen(avc::DecoderConfig::parse(config)?.complete()?.info()),
            Codec::H265 => seen(hevc::DecoderConfig::parse(config)?.complete()?.info()),
            Codec::Av1 => seen(av1::DecoderConfig::parse(config)?.info()),
            Codec::Vp9 | Codec::Vp8 => seen(VideoInfo::of(codec)),
            Codec::Aac => {
                let span = aac::frame_span(config)?;
                let channels = aac::AudioSpecificConfig::parse(config)?.channels().unwrap_or(2);
                Media::Audio { rate: span.rate, channels }
            }
            Codec::Opus => Media::Audio { rate: opus::SAMPLE_RATE, channels: opus::OpusHead::parse(config)?.channels },
            Codec::Flac => {
                let info = flac::StreamInfo::parse(config)?;
                Media::Audio { rate: info.sample_rate, channels: info.channels }
            }
            _ => return Ok(None),
        };
        Ok(Some(Description { codec, config: config.clone(), media }))
    }

    /// From a frame, for codecs whose frames tell. VP8 and VP9 need a key frame.
    pub fn from_frame(codec: Codec, frame: &[u8]) -> Option<Description> {
        let (config, media) = match codec {
            Codec::Mp3 => {
                let header = mp3::FrameHeader::parse(frame).ok()?;
                let config = frame.get(..MP3_HEADER)?.to_vec();
                (config, Media::Audio { rate: header.sample_rate, channels: header.channels })
            }
            Codec::Ac3 | Codec::Eac3 => {
                let head = ac3::SyncFrame::parse(frame).ok()?;
                let config = if codec == Codec::Ac3 { ac3::dac3(&head)?.to_vec() } else { ac3::dec3(frame).ok()? };
                (config, Media::Audio { rate: head.sample_rate, channels: head.channels() })
            }
            Codec::Vp9 => {
                let header = vp9::FrameHeader::parse(frame).ok()?;
                (record(header.config()?), seen(header.info()))
            }
            Codec::Vp8 => {
                let header = vp8::FrameHeader::parse(frame).ok().filter(|header| header.key)?;
                (record(header.config()), seen(header.info()))
            }
            _ => return None,
        };
        Some(Description { codec, config: config.into(), media })
    }

    /// The same with the size of the pictures from a key frame, where the sequence header does not tell it.
    pub fn sized_by(self, frame: &[u8]) -> Description {
        match self.media {
            Media::Video { width: 0, .. } => {
                let media = Description::from_frame(self.codec, frame).map_or(self.media, |told| told.media);
                Description { media, ..self }
            }
            _ => self,
        }
    }

    /// The same with the parameter sets of a picture of H.265 that decoding can start at, where it has all of them and they
    /// are others: `hvc1` has its sets in the record alone.
    fn renewed_by(&self, frame: &[u8]) -> Option<Description> {
        if self.codec != Codec::H265 {
            return None;
        }
        let record = hevc::DecoderConfig::parse(&self.config).ok()?;
        let mut units = nal::units(frame, record.length_size).ok()?;
        if !hevc::has_irap(units.iter().copied()) {
            return None;
        }
        let kind = |unit: &[u8]| hevc::nal_type(unit).filter(|kind| hevc::PARAMETER_SETS.contains(kind));
        units.retain(|unit| kind(unit).is_some());
        let has_all = hevc::PARAMETER_SETS.iter().all(|set| units.iter().any(|unit| kind(unit) == Some(*set)));
        if !has_all || units.iter().all(|unit| record.units.contains(unit)) {
            return None;
        }
        let config = Bytes::from(record.with_sets(&self.config, &units).ok()?);
        Description::from_header(self.codec, &config).ok().flatten()
    }

    /// Sound or pictures.
    pub fn kind(&self) -> Kind {
        match self.media {
            Media::Video { .. } => Kind::Video,
            Media::Audio { .. } => Kind::Audio,
        }
    }

    /// How it is called in CODECS.
    pub fn codec_string(&self) -> Option<String> {
        codec_string(self.codec, &self.config)
    }

    /// How long a frame of sound lasts, on the clock of the track.
    pub fn span(&self, frame: &[u8]) -> Option<Span> {
        samples_per_frame(self.codec, &self.config, frame)
    }
}

/// What is known of the track of a kind.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    /// In the container.
    pub current: Option<Description>,
    /// Takes its place as soon as it can.
    pub next: Option<Description>,
    /// The container did not take it.
    pub refused: Option<Description>,
}

impl Slot {
    /// A description came.
    pub fn announce(&mut self, track: Description) {
        if self.refused.as_ref() == Some(&track) {
            return;
        }
        self.next = (self.current.as_ref() != Some(&track)).then_some(track);
    }

    /// Reads what a frame tells of its track. True when it is known what a frame of this codec is.
    pub fn learn(&mut self, codec: Codec, frame: &[u8]) -> bool {
        let track = match self.next.as_ref().or(self.current.as_ref()).filter(|track| track.codec == codec) {
            Some(track) => track.renewed_by(frame),
            None => Description::from_frame(codec, frame),
        };
        if let Some(track) = track {
            self.announce(track);
        }
        self.describes(codec)
    }

    fn describes(&self, codec: Codec) -> bool {
        self.next.as_ref().or(self.current.as_ref()).is_some_and(|track| track.codec == codec)
    }
}

/// True for codecs that cannot be read without their sequence header.
pub fn needs_header(codec: Codec) -> bool {
    matches!(codec, Codec::H264 | Codec::H265 | Codec::Av1 | Codec::Aac | Codec::Opus | Codec::Flac)
}

fn seen(info: VideoInfo) -> Media {
    Media::Video { width: info.width, height: info.height, frame_rate: info.frame_rate }
}

fn record(config: vp9::DecoderConfig) -> Vec<u8> {
    let mut bytes = Vec::new();
    config.write_to(&mut bytes);
    bytes
}
