//! Sample entries: how a track is coded, and with which configuration (ISO/IEC 14496-12 clauses 12.1.3 and 12.2.3).

mod audio;
mod video;

use crate::Error;
use crate::boxes::BoxWriter;
use crate::track::{Media, Track};
use weir_codec::Codec;

/// Bytes of a decoder configuration. Real ones stay under a few kilobytes, and every viewer loads it first.
const MAX_RECORD: usize = 1 << 16;

/// A sample entry. Made before anything is written, because nothing else can fail.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The kind of the entry's box.
    kind: &'static [u8; 4],
    /// What all entries for pictures or sound begin with.
    head: Head,
    /// The kind of the box with the decoder configuration.
    record_kind: &'static [u8; 4],
    /// The content of that box.
    record: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Head {
    Visual { width: u16, height: u16 },
    Sound(SoundHead),
}

/// The fields of AudioSampleEntry.
#[derive(Clone, Copy, Debug)]
struct SoundHead {
    channels: u16,
    /// Bits of a sample.
    bits: u16,
    /// Hz; 0 where 16 bits cannot hold it.
    rate: u16,
}

impl Entry {
    /// Fails when the codec has no mapping or the configuration is not that of the codec.
    pub(crate) fn of(track: &Track) -> Result<Entry, Error> {
        let entry = match track.media {
            Media::Video { width, height } if track.codec.is_video() => {
                let (width, height) = (u16::try_from(width), u16::try_from(height));
                let (width, height) = (width.unwrap_or(u16::MAX), height.unwrap_or(u16::MAX));
                video::entry(track, Head::Visual { width, height })
            }
            Media::Audio { sample_rate, channels } if track.codec.is_audio() => {
                let rate = u16::try_from(sample_rate).unwrap_or(0);
                audio::entry(track, SoundHead { channels, bits: 16, rate })
            }
            _ if track.codec == Codec::Script => Err(Error::NoMapping { codec: track.codec }),
            _ => Err(Error::Media { track: track.id, codec: track.codec }),
        }?;
        match entry.record.len() {
            0..=MAX_RECORD => Ok(entry),
            len => Err(Error::ConfigLength { codec: track.codec, len, max: MAX_RECORD }),
        }
    }

    /// Writes the entry's box.
    pub(crate) fn write(&self, w: &mut BoxWriter<'_>) {
        w.boxed(self.kind, |w| {
            w.zeros(6);
            // The first data reference.
            w.u16(1);
            match &self.head {
                Head::Visual { width, height } => write_visual(w, *width, *height),
                Head::Sound(head) => write_sound(w, head),
            }
            w.boxed(self.record_kind, |w| w.bytes(&self.record));
        });
    }
}

/// The fields of VisualSampleEntry behind those of SampleEntry.
fn write_visual(w: &mut BoxWriter<'_>, width: u16, height: u16) {
    w.zeros(16);
    w.u16(width);
    w.u16(height);
    // 72 pixels an inch, both ways.
    w.u32(0x0048_0000);
    w.u32(0x0048_0000);
    w.zeros(4);
    // One picture in each sample, no name of a compressor, 24 bits a pixel, no colour table.
    w.u16(1);
    w.zeros(32);
    w.u16(0x0018);
    w.u16(0xffff);
}

/// The fields of AudioSampleEntry behind those of SampleEntry.
fn write_sound(w: &mut BoxWriter<'_>, head: &SoundHead) {
    w.zeros(8);
    w.u16(head.channels);
    w.u16(head.bits);
    w.zeros(4);
    w.u32(u32::from(head.rate) << 16);
}

#[cfg(test)]
mod tests;
