//! [`Pictures`]: those of one codec, cut into packets.

use weir_base::MediaTime;
use weir_codec::{Codec, Error};
use weir_rtp::payload::{DEFAULT_MAX_PAYLOAD, Options, Packetizer, Payload};

/// What pictures become.
pub(super) struct Pictures {
    codec: Codec,
    packetizer: Packetizer,
    /// Of H.264: what a parameter set tells of profile and level.
    profile: Option<[u8; 3]>,
    keeps_reordered: bool,
    /// When the picture is shown that is shown last so far.
    last: Option<MediaTime>,
}

impl Pictures {
    pub(super) fn new(codec: Codec, merge_units: bool, keep_sei: bool, keeps_reordered: bool) -> Option<Pictures> {
        let packetizer = Packetizer::new(codec, Options { max_payload: DEFAULT_MAX_PAYLOAD, merge_units, keep_sei })?;
        Some(Pictures { codec, packetizer, profile: None, keeps_reordered, last: None })
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// As in `a=fmtp`.
    pub(super) fn parameters(&self) -> String {
        self.profile.filter(|_| self.codec == Codec::H264).map(super::h264_parameters).unwrap_or_default()
    }

    /// Takes a decoder configuration record.
    pub(super) fn configure(&mut self, record: &[u8]) -> Result<(), Error> {
        self.profile = record.get(1..4).and_then(|bytes| bytes.try_into().ok());
        self.packetizer.configure(record)
    }

    /// Cuts a picture that is shown at that time. One that is shown before an earlier one is left out, unless they are kept:
    /// browsers have no order but that of decoding. No other picture needs it but those that are left out too.
    pub(super) fn cut(
        &mut self,
        picture: &[u8],
        key: bool,
        shown: MediaTime,
        out: &mut dyn FnMut(Payload),
    ) -> Result<(), Error> {
        let is_reordered = self.last.is_some_and(|last| shown < last);
        if is_reordered && !key && !self.keeps_reordered {
            return Ok(());
        }
        self.last = Some(if key { shown } else { self.last.map_or(shown, |last| last.max(shown)) });
        self.packetizer.packetize(picture, key, out)
    }
}
