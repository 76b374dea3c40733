//! Audio: what each codec puts before its frames.

use crate::Error;
use crate::psi::{AUDIO_PID, Entry, MP3_PID, registration};
use weir_codec::aac::{AdtsHeader, AudioSpecificConfig};
use weir_codec::{Codec, mp3, opus};

/// stream_id of audio (table 2-22), and of what the specification does not know.
const AUDIO: u8 = 0xc0;
const PRIVATE_1: u8 = 0xbd;

/// The rates below are those that MPEG-2 added, in Hz (ISO/IEC 13818-3).
const LOWEST_MPEG1_RATE: u32 = 32_000;

/// An audio track.
#[derive(Clone, Debug)]
pub(crate) struct AudioTrack {
    pub(crate) entry: Entry,
    pub(crate) stream_id: u8,
    framing: Framing,
}

#[derive(Clone, Debug)]
enum Framing {
    /// Frames that carry their own headers.
    Whole,
    /// Raw access units. The header is kept for its memory.
    Adts { config: AudioSpecificConfig, header: Vec<u8> },
    /// Packets with control headers.
    Opus,
}

impl AudioTrack {
    /// From the decoder configuration record; see [`crate::Muxer::set_audio`].
    pub(crate) fn new(codec: Codec, config: &[u8]) -> Result<Self, Error> {
        let track = |stream_type, pid, descriptors, stream_id, framing| AudioTrack {
            entry: Entry { stream_type, pid, descriptors },
            stream_id,
            framing,
        };
        Ok(match codec {
            Codec::Aac => track(0x0f, AUDIO_PID, Vec::new(), AUDIO, adts(config)?),
            Codec::Mp3 => track(mp3_stream_type(config), MP3_PID, Vec::new(), AUDIO, Framing::Whole),
            Codec::Ac3 => track(0x81, AUDIO_PID, registration(b"AC-3"), PRIVATE_1, Framing::Whole),
            Codec::Eac3 => track(0x87, AUDIO_PID, registration(b"EAC3"), PRIVATE_1, Framing::Whole),
            Codec::Opus => track(0x06, AUDIO_PID, opus_descriptors(config)?, PRIVATE_1, Framing::Opus),
            _ => return Err(Error::NoMapping { codec }),
        })
    }

    /// The frames as the elementary stream has them, in pieces. Empty frames are left out.
    pub(crate) fn parts<'a>(
        &mut self,
        frames: impl Iterator<Item = &'a [u8]>,
        mut sink: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        for frame in frames.filter(|frame| !frame.is_empty()) {
            match &mut self.framing {
                Framing::Whole => {}
                Framing::Adts { config, header } => {
                    header.clear();
                    AdtsHeader::for_frame(config, frame.len())?.write_to(header);
                    sink(header);
                }
                Framing::Opus => opus_control_header(frame.len(), &mut sink),
            }
            sink(frame);
        }
        Ok(())
    }
}

fn adts(config: &[u8]) -> Result<Framing, Error> {
    let config = AudioSpecificConfig::parse(config)?;
    if !(1..=4).contains(&config.core_type) {
        return Err(Error::NoAdts { object_type: config.core_type });
    }
    // Tells now what it would say of each frame: a rate or channels that ADTS cannot express.
    AdtsHeader::for_frame(&config, 0)?;
    Ok(Framing::Adts { config, header: Vec::with_capacity(AdtsHeader::LEN) })
}

/// 0x03 for the rates of MPEG-1; 0x04, which includes them, for lower ones and where the frame does not tell.
fn mp3_stream_type(first_frame: &[u8]) -> u8 {
    let is_mpeg1 = mp3::FrameHeader::parse(first_frame).is_ok_and(|header| header.sample_rate >= LOWEST_MPEG1_RATE);
    if is_mpeg1 { 0x03 } else { 0x04 }
}

/// Registration, and the Opus audio descriptor: a DVB extension descriptor with a channel configuration code.
fn opus_descriptors(head: &[u8]) -> Result<Vec<u8>, Error> {
    let code = opus_channel_code(head)?;
    Ok([registration(b"Opus"), vec![0x7f, 2, 0x80, code]].concat())
}

/// Surround arrangements of RFC 7845 family 1, by channels: coded streams, coupled streams, mapping.
const SURROUND: [(u8, u8, &[u8]); 8] = [
    (1, 0, &[0]),
    (1, 1, &[0, 1]),
    (2, 1, &[0, 2, 1]),
    (2, 2, &[0, 1, 2, 3]),
    (3, 2, &[0, 4, 1, 2, 3]),
    (4, 2, &[0, 4, 1, 2, 3, 5]),
    (4, 3, &[0, 4, 1, 2, 3, 5, 6]),
    (5, 3, &[0, 6, 1, 2, 3, 4, 5, 7]),
];

/// channel_config_code: the number of channels when they are coded as libopus does; with 0x80 when each is coded alone.
fn opus_channel_code(head: &[u8]) -> Result<u8, Error> {
    let opus::OpusHead { channels, mapping_family, .. } = opus::OpusHead::parse(head)?;
    let unknown = Error::OpusChannels { family: mapping_family, channels };
    if mapping_family == 0 && channels <= 2 {
        return Ok(channels);
    }
    let (1, Some([streams, coupled, mapping @ ..])) = (mapping_family, head.get(19..)) else { return Err(unknown) };
    let mapping = mapping.get(..usize::from(channels)).ok_or(unknown)?;
    let usual = SURROUND.iter().find(|(_, _, map)| map.len() == mapping.len()).ok_or(unknown)?;
    if (*streams, *coupled, mapping) == *usual {
        Ok(channels)
    } else if (*streams, *coupled) == (channels, 0) && mapping.iter().copied().eq(0..channels) {
        Ok(0x80 | channels)
    } else {
        Err(unknown)
    }
}

/// opus_control_header: eleven bits of sync, no trimming, and the length in bytes of 255 and a last one below.
fn opus_control_header(len: usize, sink: &mut impl FnMut(&[u8])) {
    sink(&[0x7f, 0xe0]);
    for _ in 0..len / 255 {
        sink(&[0xff]);
    }
    sink(&[(len % 255) as u8]);
}

#[cfg(test)]
mod tests;
