//! MP3 and MP2, by `symphonia`.

use symphonia_core::codecs::audio::well_known::{CODEC_ID_MP2, CODEC_ID_MP3};
use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder as _, AudioDecoderOptions};
use symphonia_core::packet::PacketRef;
use symphonia_core::units::{Duration, Timestamp};
use weir_codec::Codec;
use weir_codec::mp3::FrameHeader;

use crate::pcm::{MAX_SAMPLES, Pcm, Speaker};
use crate::{AudioDecoder, Error};

/// What a decoder is made for: it refuses frames of another kind.
type Kind = (u8, u32, u8);

/// Makes a decoder when the first frame tells of which kind they are, and another one when that changes.
pub(crate) struct Decoder {
    inner: Option<(Kind, symphonia_bundle_mp3::MpaDecoder)>,
    planes: Vec<Vec<f32>>,
}

impl Decoder {
    pub(crate) fn new() -> Self {
        Decoder { inner: None, planes: Vec::new() }
    }

    fn decode_frame(&mut self, header: &FrameHeader, frame: &[u8], out: &mut Pcm) -> Result<(), Error> {
        let kind = (header.layer, header.sample_rate, header.channels);
        let speakers = if header.channels == 1 { Speaker::MONO } else { Speaker::STEREO };
        let mut decoder = match self.inner.take() {
            Some((known, decoder)) if known == kind => decoder,
            _ => open(header)?,
        };
        if out.is_empty() || out.rate() != header.sample_rate || out.speakers() != speakers {
            out.start(header.sample_rate, speakers);
        }
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
        let decoded = decoder.decode_ref(&packet).map(|buffer| buffer.copy_to_vecs_planar(&mut self.planes));
        self.inner = Some((kind, decoder));
        decoded.map_err(|error| broken(error.to_string()))?;
        for (i, plane) in self.planes.iter().enumerate() {
            out.push_plane(i, plane.iter().copied());
        }
        Ok(())
    }
}

fn open(header: &FrameHeader) -> Result<symphonia_bundle_mp3::MpaDecoder, Error> {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(match header.layer {
        3 => CODEC_ID_MP3,
        2 => CODEC_ID_MP2,
        other => return Err(broken(format!("layer {other} of MPEG audio is not decoded"))),
    });
    let options = AudioDecoderOptions::default().gapless(false);
    symphonia_bundle_mp3::MpaDecoder::try_new(&parameters, &options).map_err(|error| broken(error.to_string()))
}

fn broken(reason: String) -> Error {
    Error::Broken { codec: Codec::Mp3, reason }
}

impl AudioDecoder for Decoder {
    /// A payload may have several frames; what is left behind the last one, such as padding, is passed over.
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        out.clear();
        let mut rest = payload;
        loop {
            let header = match FrameHeader::parse(rest) {
                Ok(header) => header,
                Err(_) if !out.is_empty() => return Ok(()),
                Err(error) => return Err(broken(error.to_string())),
            };
            let Some((frame, behind)) = rest.split_at_checked(header.frame_len) else {
                return if out.is_empty() { Err(broken("a frame ends early".to_owned())) } else { Ok(()) };
            };
            if out.len() + header.samples as usize > MAX_SAMPLES {
                return Ok(());
            }
            self.decode_frame(&header, frame, out)?;
            rest = behind;
        }
    }
}

#[cfg(test)]
mod tests;
