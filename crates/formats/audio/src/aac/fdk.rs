//! By the Fraunhofer FDK, in C.

use fdk_aac::dec;
use fdk_aac::enc::{AudioObjectType, BitRate, ChannelMode, EncoderParams, Transport};
use weir_codec::Codec;
use weir_codec::aac::{AudioSpecificConfig, SAMPLES_PER_FRAME};

use super::{RATE, broken, undecoded};
use crate::codec::{AudioDecoder, AudioEncoder};
use crate::pcm::{MAX_CHANNELS, MAX_SAMPLES, Pcm, Speaker};
use crate::{Error, Target};

/// Its order of channels is that of MPEG when it is asked for stereo at most.
const MOST_CHANNELS: usize = 2;

struct Decoder {
    inner: dec::Decoder,
    samples: Vec<i16>,
}

pub(super) fn decoder(config: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    let mut inner = dec::Decoder::new(dec::Transport::Raw);
    inner.set_max_output_channels(MOST_CHANNELS).map_err(|error| undecoded(error.to_string()))?;
    inner.config_raw(config).map_err(|error| undecoded(error.to_string()))?;
    Ok(Box::new(Decoder { inner, samples: vec![0; MAX_SAMPLES * MAX_CHANNELS] }))
}

impl AudioDecoder for Decoder {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        self.inner.fill(payload).map_err(|error| broken(error.to_string()))?;
        self.inner.decode_frame(&mut self.samples).map_err(|error| broken(error.to_string()))?;
        let info = self.inner.stream_info();
        let (channels, rate) = (info.numChannels as usize, info.sampleRate as u32);
        let decoded = self.samples.get(..self.inner.decoded_frame_size()).unwrap_or_default();
        match channels {
            1 => out.start(rate, Speaker::MONO),
            2 => out.start(rate, Speaker::STEREO),
            other => return Err(broken(format!("{other} channels"))),
        }
        let samples: Vec<f32> = decoded.iter().map(|sample| f32::from(*sample) / 32_768.0).collect();
        out.push_interleaved(&samples);
        Ok(())
    }
}

struct Encoder {
    target: Target,
    bitrate: u32,
    config: Vec<u8>,
    inner: fdk_aac::enc::Encoder,
    delay: usize,
    samples: Vec<i16>,
    packet: Vec<u8>,
}

pub(super) fn encoder(target: &Target, bitrate: u32) -> Result<Box<dyn AudioEncoder>, Error> {
    let (inner, delay) = open(target, bitrate)?;
    let channels = target.channels;
    let mut config = Vec::new();
    let record = AudioSpecificConfig {
        object_type: 2,
        core_type: 2,
        sample_rate: RATE,
        extension_rate: None,
        channel_config: channels,
        parametric_stereo: false,
    };
    record.write_to(&mut config);
    let (samples, packet) = (Vec::new(), vec![0; 2048 * usize::from(channels)]);
    Ok(Box::new(Encoder { target: *target, bitrate, config, inner, delay, samples, packet }))
}

fn open(target: &Target, bitrate: u32) -> Result<(fdk_aac::enc::Encoder, usize), Error> {
    let inner = fdk_aac::enc::Encoder::new(EncoderParams {
        bit_rate: BitRate::Cbr(bitrate),
        sample_rate: RATE,
        transport: Transport::Raw,
        channels: if target.channels == 1 { ChannelMode::Mono } else { ChannelMode::Stereo },
        audio_object_type: AudioObjectType::Mpeg4LowComplexity,
    })
    .map_err(|error| target.refused(&error.to_string()))?;
    let info = inner.info().map_err(|error| target.refused(&error.to_string()))?;
    Ok((inner, info.nDelay as usize))
}

impl AudioEncoder for Encoder {
    fn rate(&self) -> u32 {
        RATE
    }

    fn channels(&self) -> usize {
        usize::from(self.target.channels)
    }

    fn frame(&self) -> usize {
        SAMPLES_PER_FRAME as usize
    }

    fn delay(&self) -> usize {
        self.delay
    }

    fn config(&self) -> &[u8] {
        &self.config
    }

    fn encode(&mut self, planes: &[&[f32]], out: &mut Vec<u8>) -> Result<(), Error> {
        self.samples.clear();
        for at in 0..self.frame() {
            let moment = planes.iter().filter_map(|plane| plane.get(at));
            self.samples.extend(moment.map(|sample| (sample * 32_767.0).round() as i16));
        }
        let refused =
            |error: fdk_aac::enc::EncoderError| Error::Encode { codec: Codec::Aac, reason: error.to_string() };
        let done = self.inner.encode(&self.samples, &mut self.packet).map_err(refused)?;
        out.extend_from_slice(self.packet.get(..done.output_size).unwrap_or_default());
        Ok(())
    }

    fn reset(&mut self) -> Result<(), Error> {
        (self.inner, self.delay) = open(&self.target, self.bitrate)?;
        Ok(())
    }
}
