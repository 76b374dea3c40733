//! The sound of a stream as an endless file of its own codec.

use std::time::Duration;

use weir_base::MediaTime;
use weir_codec::Codec;
use weir_codec::aac::{AdtsHeader, AudioSpecificConfig};
use weir_hub::{Flags, Frame};

use crate::{Complaint, Made, Making};

/// Frames of one codec; AAC gets the headers of ADTS.
pub(crate) struct Elementary {
    codec: Codec,
    config: Option<AudioSpecificConfig>,
    /// New readers start this long before the newest frame at most; zero: at the newest.
    cache: Duration,
    started_at: Option<MediaTime>,
}

impl Elementary {
    pub(crate) fn new(codec: Codec, cache: Duration) -> Elementary {
        Elementary { codec, config: None, cache, started_at: None }
    }

    /// Whether new readers start here from now on.
    fn is_start(&mut self, frame: &Frame) -> bool {
        if self.cache.is_zero() {
            return false;
        }
        let far = |at: MediaTime| (frame.dts - at).millis().unsigned_abs() >= self.cache.as_millis() as u64;
        let starts = self.started_at.is_none_or(far);
        if starts {
            self.started_at = Some(frame.dts);
        }
        starts
    }

    fn bytes(&self, frame: &Frame) -> Result<Vec<u8>, Complaint> {
        let payload = frame.payload();
        if self.codec != Codec::Aac {
            return Ok(payload.to_vec());
        }
        let config = self.config.as_ref().ok_or(Complaint::NotYet)?;
        let bad = |error: weir_codec::Error| Complaint::Bad(frame.codec, error.to_string());
        let header = AdtsHeader::for_frame(config, payload.len()).map_err(bad)?;
        let mut bytes = Vec::with_capacity(payload.len() + 9);
        header.write_to(&mut bytes);
        bytes.extend_from_slice(payload);
        Ok(bytes)
    }
}

impl Making for Elementary {
    fn frame(&mut self, frame: &Frame, _arrived_nanos: i64, out: &mut Vec<Made>) -> Result<(), Complaint> {
        if !frame.codec.is_audio() || frame.flags.has(Flags::NOTE) || frame.track != 0 {
            return Ok(());
        }
        if frame.codec != self.codec {
            return Err(Complaint::Codec(frame.codec));
        }
        if frame.flags.has(Flags::CONFIG) {
            let config = AudioSpecificConfig::parse(frame.payload());
            self.config = Some(config.map_err(|error| Complaint::Bad(frame.codec, error.to_string()))?);
            return Ok(());
        }
        if frame.payload().is_empty() {
            return Ok(());
        }
        let bytes = self.bytes(frame)?;
        let flags = if self.is_start(frame) { Flags::KEY } else { Flags::NONE };
        out.push(Made { flags, bytes });
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<Made>) -> Result<(), Complaint> {
        (self.config, self.started_at) = (None, None);
        Ok(())
    }
}
