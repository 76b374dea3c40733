//! The two halves of an audio codec, and where to get them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use weir_codec::Codec;

use crate::{Error, Pcm, Target, aac, g711, mp3, opus};

/// Coded sound to samples. One decoder reads one stream, in order.
pub trait AudioDecoder: Send {
    /// Decodes one packet into `out`, whose content is replaced. After an error the next packet may be tried.
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error>;

    /// Makes up for `samples` samples (at the rate of the last packet) that were lost, into `out`, from what the decoder
    /// remembers and, where the codec has it there, from the packet behind the loss. Says false, and has done nothing,
    /// when the codec has no such thing.
    fn conceal(&mut self, samples: usize, next: Option<&[u8]>, out: &mut Pcm) -> bool {
        let _ = (samples, next, out);
        false
    }

    /// True when the last packet announced that none need follow for a while, because there is nothing to hear.
    fn is_resting(&self) -> bool {
        false
    }
}

/// Samples to coded sound.
pub trait AudioEncoder: Send {
    /// Samples a second that it takes, in Hz.
    fn rate(&self) -> u32;

    /// Channels that it takes, 1 or 2.
    fn channels(&self) -> usize;

    /// Samples of each channel that a packet is made of.
    fn frame(&self) -> usize;

    /// Samples by which what a decoder hears is behind what was put in.
    fn delay(&self) -> usize;

    /// What a decoder has to know: AudioSpecificConfig or OpusHead; empty for G.711.
    fn config(&self) -> &[u8];

    /// Encodes [`AudioEncoder::frame`] samples of each channel and appends the packet to `out`. Nothing is appended when
    /// the encoder looks further ahead before its first packet.
    fn encode(&mut self, planes: &[&[f32]], out: &mut Vec<u8>) -> Result<(), Error>;

    /// Forgets what was encoded.
    fn reset(&mut self) -> Result<(), Error>;
}

/// A decoder for packets of `codec`: AAC (LC, HE, HEv2) as raw frames, MP3 and MP2 with their headers, Opus, G.711.
///
/// `config` is the AudioSpecificConfig or the OpusHead of the stream. Opus without one is taken for stereo, as by WebRTC;
/// the others have none. No packet makes it panic, and none makes it produce more than [`crate::MAX_SAMPLES`] samples.
pub fn decoder(codec: Codec, config: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    let inner = guard(codec, || raw_decoder(codec, config))?;
    Ok(Box::new(Guarded { codec, config: config.to_vec(), inner: Some(inner) }))
}

/// An encoder for what `target` asks: AAC-LC at 48 kHz, Opus at 48 kHz in packets of 20 ms, G.711 in packets of 20 ms.
pub fn encoder(target: &Target) -> Result<Box<dyn AudioEncoder>, Error> {
    match target.codec {
        Codec::Aac => aac::encoder(target),
        Codec::Opus => opus::encoder(target),
        Codec::G711a | Codec::G711u => g711::encoder(target),
        _ => Err(target.refused("there is no encoder for it")),
    }
}

fn raw_decoder(codec: Codec, config: &[u8]) -> Result<Box<dyn AudioDecoder>, Error> {
    match codec {
        Codec::Aac => aac::decoder(config),
        Codec::Mp3 => Ok(Box::new(mp3::Decoder::new())),
        Codec::Opus => opus::decoder(config),
        Codec::G711a | Codec::G711u => Ok(Box::new(g711::Decoder::new(codec))),
        _ => Err(Error::Undecoded { codec, reason: "there is no decoder for it".to_owned() }),
    }
}

/// Runs foreign code on bytes from the wire: its panics are errors.
pub(crate) fn guard<T>(codec: Codec, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Error::Panicked { codec }))
}

/// A decoder that is made anew after a panic, since its state may be anything then.
struct Guarded {
    codec: Codec,
    config: Vec<u8>,
    inner: Option<Box<dyn AudioDecoder>>,
}

impl Guarded {
    fn run<T>(&mut self, work: impl FnOnce(&mut dyn AudioDecoder) -> Result<T, Error>) -> Result<T, Error> {
        let Guarded { codec, config, inner } = self;
        let mut decoder = match inner.take() {
            Some(decoder) => decoder,
            None => guard(*codec, || raw_decoder(*codec, config))?,
        };
        let (done, decoder) = guard(*codec, move || Ok((work(&mut *decoder), decoder)))?;
        *inner = Some(decoder);
        done
    }
}

impl AudioDecoder for Guarded {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        self.run(|decoder| decoder.decode(payload, out))?;
        out.tame();
        Ok(())
    }

    fn conceal(&mut self, samples: usize, next: Option<&[u8]>, out: &mut Pcm) -> bool {
        let done = self.run(|decoder| Ok(decoder.conceal(samples, next, out))).unwrap_or(false);
        out.tame();
        done
    }

    fn is_resting(&self) -> bool {
        self.inner.as_ref().is_some_and(|decoder| decoder.is_resting())
    }
}

#[cfg(test)]
mod tests;
