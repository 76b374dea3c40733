//! A stream as an MPEG transport stream without end.

use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::tag::TagKind;
use weir_hub::{Flags, Frame};
use weir_mpegts::Muxer;

use crate::{Complaint, Made, Making};

/// Tables are repeated so often where no key frame repeats them: a receiver that lost them finds them again.
const TABLES_EVERY: i64 = 1_000;

/// One program. Key frames come with the tables before them, so that any of them is a start.
pub(crate) struct Transport {
    muxer: Muxer,
    video: Option<Codec>,
    audio: Option<Codec>,
    /// The tables changed and were not written since.
    stale: bool,
    tables_at: Option<MediaTime>,
}

impl Transport {
    pub(crate) fn new() -> Transport {
        Transport { muxer: Muxer::new(), video: None, audio: None, stale: false, tables_at: None }
    }

    /// Takes configuration over. Codecs without any are announced by their first frame.
    fn configure(&mut self, frame: &Frame) -> Result<(), Complaint> {
        let config = frame.flags.has(Flags::CONFIG);
        let set = match frame.kind {
            TagKind::Video if config => self.muxer.set_video(frame.codec, frame.payload()),
            TagKind::Audio if config || self.audio != Some(frame.codec) => {
                self.muxer.set_audio(frame.codec, frame.payload())
            }
            _ => return Ok(()),
        };
        self.stale |= set.map_err(|error| Complaint::at(frame, &error))?;
        match frame.kind {
            TagKind::Video => self.video = Some(frame.codec),
            _ => self.audio = Some(frame.codec),
        }
        Ok(())
    }

    /// Tables that new players get first, whenever they come.
    fn announce(&mut self, out: &mut Vec<Made>) {
        if self.stale {
            let mut bytes = Vec::new();
            self.muxer.write_tables(&mut bytes);
            out.push(Made { flags: Flags::CONFIG, bytes });
            self.stale = false;
        }
    }
}

impl Making for Transport {
    fn frame(&mut self, frame: &Frame, _arrived_nanos: i64, out: &mut Vec<Made>) -> Result<(), Complaint> {
        // Scripts and notes have no place in a program.
        if frame.kind == TagKind::Script || frame.flags.has(Flags::NOTE) || frame.track != 0 {
            return Ok(());
        }
        self.configure(frame)?;
        if frame.flags.has(Flags::CONFIG) || frame.payload().is_empty() {
            return Ok(());
        }
        self.announce(out);
        let key = frame.kind == TagKind::Video && frame.flags.has(Flags::KEY);
        let due = self.tables_at.is_none_or(|at| (frame.dts - at).millis().abs() >= TABLES_EVERY);
        let mut bytes = Vec::with_capacity(frame.payload().len() + frame.payload().len() / 32 + 3 * 188);
        if key || due {
            self.muxer.write_tables(&mut bytes);
            self.tables_at = Some(frame.dts);
        }
        let written = match frame.kind {
            TagKind::Video => self.muxer.write_video(frame.dts, frame.cts, key, frame.payload(), &mut bytes),
            _ => self.muxer.write_audio(frame.dts, frame.payload(), &mut bytes),
        };
        written.map_err(|error| Complaint::at(frame, &error))?;
        out.push(Made { flags: if key { Flags::KEY } else { Flags::NONE }, bytes });
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<Made>) -> Result<(), Complaint> {
        self.stale = self.muxer.clear_video() | self.muxer.clear_audio();
        (self.video, self.audio, self.tables_at) = (None, None, None);
        Ok(())
    }
}
