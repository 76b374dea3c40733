//! [`Sounds`]: that of one codec, as AAC.

use bytes::Bytes;
use weir_audio::{Packet, Target, Transcoder};
use weir_base::MediaTime;
use weir_codec::Codec;

/// Channels of the AAC that is made.
const CHANNELS: u8 = 2;

/// Sound of one codec.
pub(super) struct Sounds {
    codec: Codec,
    transcoder: Transcoder,
    made: Vec<Packet>,
    /// Its header was given.
    is_told: bool,
    fault: Option<String>,
}

impl Sounds {
    /// AAC is made with so many bits a second.
    pub(super) fn new(codec: Codec, bitrate: i64) -> Result<Sounds, String> {
        let bitrate = u32::try_from(bitrate).unwrap_or_default();
        let target = Target { codec: Codec::Aac, bitrate, channels: CHANNELS };
        let transcoder = Transcoder::new(codec, &[], target)
            .map_err(|error| format!("leaves sound of {} out: {error}", codec.label()))?;
        Ok(Sounds { codec, transcoder, made: Vec::new(), is_told: false, fault: None })
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// Takes what is heard at that time; gives the header ahead of the first sound, and what is ready.
    pub(super) fn push(&mut self, at: MediaTime, payload: &[u8]) -> (Option<Bytes>, impl Iterator<Item = Packet>) {
        if let Err(error) = self.transcoder.push(at, payload, &mut self.made) {
            self.fault = Some(format!("cannot read sound of {}: {error}", self.codec.label()));
        }
        let is_first = !self.made.is_empty() && !std::mem::replace(&mut self.is_told, true);
        let config = is_first.then(|| Bytes::copy_from_slice(self.transcoder.config()));
        (config, self.made.drain(..))
    }

    pub(super) fn take_fault(&mut self) -> Option<String> {
        self.fault.take()
    }
}
