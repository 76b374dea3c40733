//! [`Muxer`]: one program with at most one video and one audio track.

use crate::Error;
use crate::audio::AudioTrack;
use crate::av1::Av1Track;
use crate::clock::{Clock, HZ};
use crate::nal::NalTrack;
use crate::packet::{Adaptation, Cutter, PesHeader, Pid, wrap};
use crate::psi::{AUDIO_PID, Entry, MP3_PID, Tables, VIDEO_PID};
use weir_base::MediaTime;
use weir_codec::Codec;

/// stream_id of video (table 2-22), and of what the specification does not know.
const VIDEO: u8 = 0xe0;
const PRIVATE_1: u8 = 0xbd;

/// Writes one program. Continuity counters, table version and clock live on across segments: a segment is what was
/// appended between two calls of [`Muxer::write_tables`].
///
/// Nothing is allocated per frame, once `out` and the scratch memory have grown. An error leaves `out` as it was.
#[derive(Clone, Debug)]
pub struct Muxer {
    video: Option<VideoTrack>,
    audio: Option<AudioTrack>,
    tables: Tables,
    clock: Clock,
    video_pid: Pid,
    audio_pid: Pid,
    mp3_pid: Pid,
}

#[derive(Clone, Debug)]
struct VideoTrack {
    entry: Entry,
    framing: Framing,
}

#[derive(Clone, Debug)]
enum Framing {
    Nal(NalTrack),
    Av1(Av1Track),
}

impl VideoTrack {
    fn new(codec: Codec, config: &[u8]) -> Result<Self, Error> {
        let (stream_type, descriptors, framing) = match codec {
            Codec::H264 => (0x1b, Vec::new(), Framing::Nal(NalTrack::avc(config)?)),
            Codec::H265 => (0x24, Vec::new(), Framing::Nal(NalTrack::hevc(config)?)),
            Codec::Av1 => {
                let (track, descriptors) = Av1Track::new(config)?;
                (0x06, descriptors, Framing::Av1(track))
            }
            _ => return Err(Error::NoMapping { codec }),
        };
        Ok(VideoTrack { entry: Entry { stream_type, pid: VIDEO_PID, descriptors }, framing })
    }
}

impl Default for Muxer {
    fn default() -> Self {
        Muxer::new()
    }
}

impl Muxer {
    /// A program without tracks.
    pub fn new() -> Muxer {
        Muxer {
            video: None,
            audio: None,
            tables: Tables::new(),
            clock: Clock::default(),
            video_pid: Pid::new(VIDEO_PID),
            audio_pid: Pid::new(AUDIO_PID),
            mp3_pid: Pid::new(MP3_PID),
        }
    }

    /// Sets or changes the video track. `config` is the decoder configuration record: `avcC`, `hvcC`, `av1C`.
    ///
    /// True when the tables changed and want to be written. An error leaves the track as it was.
    pub fn set_video(&mut self, codec: Codec, config: &[u8]) -> Result<bool, Error> {
        let track = VideoTrack::new(codec, config)?;
        let old = self.video.replace(track);
        if old.is_none() {
            // The clock moves to the PID of video.
            self.clock = Clock::default();
        }
        let same = old.map(|old| old.entry).as_ref() == self.video.as_ref().map(|new| &new.entry);
        Ok(self.note_change(!same))
    }

    /// Sets or changes the audio track. `config` is the AudioSpecificConfig of AAC or the OpusHead of Opus. For MP3 it
    /// is the first frame, or empty: then the track is announced as MPEG-2 audio, which includes MPEG-1. AC-3 and
    /// E-AC-3 need none.
    ///
    /// True when the tables changed and want to be written. An error leaves the track as it was.
    pub fn set_audio(&mut self, codec: Codec, config: &[u8]) -> Result<bool, Error> {
        let track = AudioTrack::new(codec, config)?;
        let same = self.audio.as_ref().is_some_and(|old| old.entry == track.entry);
        self.audio = Some(track);
        Ok(self.note_change(!same))
    }

    /// Takes the video track out of the program. True when the tables changed.
    pub fn clear_video(&mut self) -> bool {
        let changed = self.video.take().is_some();
        if changed {
            self.clock = Clock::default();
        }
        self.note_change(changed)
    }

    /// Takes the audio track out of the program. True when the tables changed.
    pub fn clear_audio(&mut self) -> bool {
        let changed = self.audio.take().is_some();
        self.note_change(changed)
    }

    fn note_change(&mut self, changed: bool) -> bool {
        if changed {
            self.tables.change();
        }
        changed
    }

    /// Appends the program association and the program map: [`crate::TABLES_LEN`] bytes. They belong at the start of
    /// each segment, and on a live stream where players may join; the next frame carries the clock.
    pub fn write_tables(&mut self, out: &mut Vec<u8>) {
        let video = self.video.as_ref().map(|track| &track.entry);
        let audio = self.audio.as_ref().map(|track| &track.entry);
        let entries = if video.is_some() { [video, audio] } else { [audio, None] };
        self.tables.write_to(entries, out);
        self.clock.begin_segment();
    }

    /// Appends one access unit as one PES packet: H.264 and H.265 as NAL units with the length fields that the
    /// configuration tells, AV1 as a temporal unit. An access unit with nothing in it appends nothing.
    ///
    /// Times wrap at 2^33 ticks of 90 kHz, as the format wants; negative ones wrap too.
    pub fn write_video(
        &mut self,
        dts: MediaTime,
        cts: MediaTime,
        key: bool,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let VideoTrack { framing, .. } = self.video.as_mut().ok_or(Error::NoTrack { kind: "video" })?;
        let time = Time { pts: dts + cts, dts };
        match framing {
            Framing::Nal(track) => {
                let scan = track.scan(payload)?;
                if scan.is_empty() {
                    return Ok(());
                }
                let mut len = 0;
                track.parts(scan, key, payload, |part| len += part.len())?;
                let adaptation = self.clock.at_frame(dts, key);
                let mut pes = open_pes(out, &mut self.video_pid, adaptation, VIDEO, time, len);
                track.parts(scan, key, payload, |part| pes.push(part))?;
                debug_assert!(pes.is_complete());
            }
            Framing::Av1(track) => {
                let unit = track.unit(key, payload)?;
                if unit.is_empty() {
                    return Ok(());
                }
                let adaptation = self.clock.at_frame(dts, key);
                open_pes(out, &mut self.video_pid, adaptation, PRIVATE_1, time, unit.len()).push(unit);
            }
        }
        Ok(())
    }

    /// Appends one audio frame as one PES packet: a raw access unit of AAC, a whole frame of MP3, AC-3 or E-AC-3, an
    /// Opus packet. An empty one appends nothing.
    pub fn write_audio(&mut self, pts: MediaTime, payload: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.write_audio_frames(pts, [payload], out)
    }

    /// Appends several frames, of which the first plays at `pts`, as one PES packet: fewer bytes than one for each, and
    /// as much more delay. They must follow each other without a gap, and should be less than 100 ms where there is no
    /// video, since the clock can only stand before them. At most 65 527 bytes fit, framing included.
    pub fn write_audio_frames<'a, I>(&mut self, pts: MediaTime, frames: I, out: &mut Vec<u8>) -> Result<(), Error>
    where
        I: IntoIterator<Item = &'a [u8]>,
        I::IntoIter: Clone,
    {
        let track = self.audio.as_mut().ok_or(Error::NoTrack { kind: "audio" })?;
        let frames = frames.into_iter();
        let mut len = 0;
        track.parts(frames.clone(), |part| len += part.len())?;
        if len > PesHeader::MAX_AUDIO {
            return Err(Error::TooLong { len, max: PesHeader::MAX_AUDIO });
        }
        if len == 0 {
            return Ok(());
        }
        let adaptation = if self.video.is_some() {
            if let Some(reference) = self.clock.beside_audio(pts) {
                self.video_pid.write_clock(reference, out);
            }
            Adaptation::default()
        } else {
            let clock = self.clock.at_frame(pts, false);
            // Any audio frame will do to start with; those with the clock are marked.
            Adaptation { random_access: clock.pcr.is_some(), ..clock }
        };
        let pid = if track.entry.pid == MP3_PID { &mut self.mp3_pid } else { &mut self.audio_pid };
        let mut pes = open_pes(out, pid, adaptation, track.stream_id, Time { pts, dts: pts }, len);
        track.parts(frames, |part| pes.push(part))?;
        debug_assert!(pes.is_complete());
        Ok(())
    }
}

/// When a PES packet is decoded and shown.
#[derive(Clone, Copy)]
struct Time {
    pts: MediaTime,
    dts: MediaTime,
}

/// Writes the header of a PES packet with a payload of `len` bytes.
fn open_pes<'a>(
    out: &'a mut Vec<u8>,
    pid: &'a mut Pid,
    adaptation: Adaptation,
    stream_id: u8,
    time: Time,
    len: usize,
) -> Cutter<'a> {
    let [pts, dts] = [time.pts, time.dts].map(|time| wrap(time.to_ticks(HZ)));
    let header = PesHeader::new(stream_id, pts, dts, len);
    let mut cutter = Cutter::new(out, pid, adaptation, header.bytes().len() + len);
    cutter.push(header.bytes());
    cutter
}

#[cfg(test)]
mod tests;
