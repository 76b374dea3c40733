//! [`Sounds`]: that of one codec, as a browser can hear it.

use weir_audio::{Target, Transcoder};
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_codec::opus::OpusHead;
use weir_rtp::payload::{DEFAULT_MAX_PAYLOAD, Options, Packetizer, Payload};

/// Channels of the Opus that is made.
const CHANNELS: u8 = 2;

/// What sound becomes.
pub(super) struct Sounds {
    codec: Codec,
    /// None where it stays what it is.
    transcoder: Option<Transcoder>,
    made: Vec<weir_audio::Packet>,
    packetizer: Packetizer,
    bitrate: u32,
}

/// Whether sound of a codec becomes packets.
pub(super) fn is_taken(codec: Codec) -> bool {
    matches!(codec, Codec::Aac | Codec::Mp3 | Codec::Opus | Codec::G711a | Codec::G711u)
}

impl Sounds {
    /// `config` is its sequence header, empty before it has come; Opus is made with so many bits a second.
    pub(super) fn new(codec: Codec, config: &[u8], bitrate: i64) -> Result<Sounds, String> {
        let left_out = || format!("leaves {} out: no browser hears it, and it is not converted", codec.label());
        if !is_taken(codec) {
            return Err(left_out());
        }
        let becomes = if is_heard(codec, config) { codec } else { Codec::Opus };
        let options = Options { max_payload: DEFAULT_MAX_PAYLOAD, merge_units: false, keep_sei: false };
        let packetizer = Packetizer::new(becomes, options).ok_or_else(left_out)?;
        let bitrate = u32::try_from(bitrate).unwrap_or_default();
        let mut sounds = Sounds { codec, transcoder: None, made: Vec::new(), packetizer, bitrate };
        if becomes != codec || !is_heard(codec, config) {
            sounds.transcode(config)?;
        }
        Ok(sounds)
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    /// What it is sent as.
    pub(super) fn becomes(&self) -> Codec {
        if self.transcoder.is_some() { Codec::Opus } else { self.codec }
    }

    /// Takes a sequence header.
    pub(super) fn configure(&mut self, config: &[u8]) -> Result<(), String> {
        if is_heard(self.codec, config) {
            return Ok(());
        }
        match &mut self.transcoder {
            Some(transcoder) => transcoder.configure(config).map_err(|error| unread(self.codec, &error)),
            None => self.transcode(config),
        }
    }

    fn transcode(&mut self, config: &[u8]) -> Result<(), String> {
        let target = Target { codec: Codec::Opus, bitrate: self.bitrate, channels: CHANNELS };
        let transcoder = Transcoder::new(self.codec, config, target).map_err(|error| unread(self.codec, &error))?;
        self.transcoder = Some(transcoder);
        Ok(())
    }

    /// Gives the payloads of a frame that is heard at that time, each with the time at which it is.
    pub(super) fn cut(
        &mut self,
        frame: &[u8],
        at: MediaTime,
        out: &mut dyn FnMut(MediaTime, Payload),
    ) -> Result<(), String> {
        let bad = |error: &dyn std::fmt::Display| format!("cannot read sound of {}: {error}", self.codec.label());
        let Some(transcoder) = &mut self.transcoder else {
            let cut = self.packetizer.packetize(frame, true, &mut |payload| out(at, payload));
            return cut.map_err(|error| bad(&error));
        };
        let pushed = transcoder.push(at, frame, &mut self.made).map_err(|error| bad(&error));
        for packet in self.made.drain(..) {
            let cut = self.packetizer.packetize(&packet.payload, true, &mut |payload| out(packet.pts, payload));
            cut.map_err(|error| bad(&error))?;
        }
        pushed
    }
}

/// Whether browsers hear it as it is: G.711, and Opus with a mono or stereo layout, which is all that RFC 7587 knows.
fn is_heard(codec: Codec, config: &[u8]) -> bool {
    match codec {
        Codec::G711a | Codec::G711u => true,
        Codec::Opus => OpusHead::parse(config).map_or(true, |head| head.channels <= 2),
        _ => false,
    }
}

fn unread(codec: Codec, error: &weir_audio::Error) -> String {
    format!("leaves sound of {} out until its header can be read: {error}", codec.label())
}
