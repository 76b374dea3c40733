//! The initialisation segment: `ftyp` and `moov` (ISO/IEC 14496-12 clauses 4.3 and 8.2).

use crate::Error;
use crate::boxes::BoxWriter;
use crate::entry::Entry;
use crate::track::{Media, Track};
use weir_codec::Codec;

/// Tracks of one movie. FLV numbers 256 at most, and a player loads them all.
const MAX_TRACKS: usize = 256;

/// Ticks a second of the movie, in which a fragmented one measures nothing.
const MOVIE_TIMESCALE: u32 = 1000;

/// The track is enabled, part of the movie and of its preview (clause 8.3.2.3).
const TKHD_FLAGS: u32 = 7;

/// `und`, packed in five bits a letter: no language is told.
const UNDETERMINED: u16 = 0x55c4;

/// Appends `ftyp` and `moov` with `mvex`: what a player needs before fragments of these tracks.
///
/// Durations are 0, since a stream has none yet, and so is the edit list: the priming of Opus stands in `dOps`. On an
/// error nothing is appended.
pub fn init_segment(tracks: &[Track], out: &mut Vec<u8>) -> Result<(), Error> {
    if !(1..=MAX_TRACKS).contains(&tracks.len()) {
        return Err(Error::TrackCount { count: tracks.len(), max: MAX_TRACKS });
    }
    let mut entries = Vec::with_capacity(tracks.len());
    for (index, track) in tracks.iter().enumerate() {
        if track.id == 0 || tracks.iter().take(index).any(|before| before.id == track.id) {
            return Err(Error::TrackId { id: track.id });
        }
        entries.push(Entry::of(track)?);
    }
    let mut w = BoxWriter::new(out);
    write_ftyp(&mut w, tracks);
    w.boxed(b"moov", |w| {
        write_mvhd(w, tracks);
        for (track, entry) in tracks.iter().zip(&entries) {
            write_trak(w, track, entry);
        }
        w.boxed(b"mvex", |w| tracks.iter().for_each(|track| write_trex(w, track)));
    });
    Ok(())
}

/// `iso6` is the brand of what fragments use; `cmfc` that of CMAF, whose files have one track.
fn write_ftyp(w: &mut BoxWriter<'_>, tracks: &[Track]) {
    w.boxed(b"ftyp", |w| {
        w.bytes(b"iso6");
        w.u32(0);
        w.bytes(b"iso6mp41");
        if tracks.len() == 1 {
            w.bytes(b"cmfc");
        }
        if tracks.iter().any(|track| track.codec == Codec::Av1) {
            w.bytes(b"av01");
        }
    });
}

fn write_mvhd(w: &mut BoxWriter<'_>, tracks: &[Track]) {
    let last = tracks.iter().map(|track| track.id).max().unwrap_or(0);
    w.full_box(b"mvhd", 0, 0, |w| {
        w.zeros(8);
        w.u32(MOVIE_TIMESCALE);
        w.u32(0);
        // Normal speed, full volume.
        w.u32(0x0001_0000);
        w.u16(0x0100);
        w.zeros(10);
        w.unity_matrix();
        w.zeros(24);
        w.u32(last.saturating_add(1));
    });
}

fn write_trak(w: &mut BoxWriter<'_>, track: &Track, entry: &Entry) {
    w.boxed(b"trak", |w| {
        write_tkhd(w, track);
        w.boxed(b"mdia", |w| {
            w.full_box(b"mdhd", 0, 0, |w| {
                w.zeros(8);
                w.u32(track.timescale.max(1));
                w.u32(0);
                w.u16(UNDETERMINED);
                w.u16(0);
            });
            let (handler, name) = if track.media.is_video() { (b"vide", "Video\0") } else { (b"soun", "Sound\0") };
            w.full_box(b"hdlr", 0, 0, |w| {
                w.u32(0);
                w.bytes(handler);
                w.zeros(12);
                w.bytes(name.as_bytes());
            });
            write_minf(w, track, entry);
        });
    });
}

fn write_tkhd(w: &mut BoxWriter<'_>, track: &Track) {
    w.full_box(b"tkhd", 0, TKHD_FLAGS, |w| {
        w.zeros(8);
        w.u32(track.id);
        w.zeros(8);
        // Reserved, layer, alternate group.
        w.zeros(12);
        w.u16(if track.media.is_video() { 0 } else { 0x0100 });
        w.u16(0);
        w.unity_matrix();
        let (width, height) = shown_size(&track.media);
        w.u32(u32::from(width) << 16);
        w.u32(u32::from(height) << 16);
    });
}

/// The size at which a picture is shown.
fn shown_size(media: &Media) -> (u16, u16) {
    let Media::Video { width, height } = media else { return (0, 0) };
    (u16::try_from(*width).unwrap_or(u16::MAX), u16::try_from(*height).unwrap_or(u16::MAX))
}

fn write_minf(w: &mut BoxWriter<'_>, track: &Track, entry: &Entry) {
    w.boxed(b"minf", |w| {
        if track.media.is_video() {
            w.full_box(b"vmhd", 0, 1, |w| w.zeros(8));
        } else {
            w.full_box(b"smhd", 0, 0, |w| w.zeros(4));
        }
        w.boxed(b"dinf", |w| {
            w.full_box(b"dref", 0, 0, |w| {
                w.u32(1);
                // The media is in this file.
                w.full_box(b"url ", 0, 1, |_| {});
            });
        });
        w.boxed(b"stbl", |w| {
            w.full_box(b"stsd", 0, 0, |w| {
                w.u32(1);
                entry.write(w);
            });
            // Fragments hold all samples.
            w.full_box(b"stts", 0, 0, |w| w.u32(0));
            w.full_box(b"stsc", 0, 0, |w| w.u32(0));
            w.full_box(b"stsz", 0, 0, |w| w.zeros(8));
            w.full_box(b"stco", 0, 0, |w| w.u32(0));
        });
    });
}

/// `trex`: its defaults are 0, because every fragment says all itself and can so be read alone.
fn write_trex(w: &mut BoxWriter<'_>, track: &Track) {
    w.full_box(b"trex", 0, 0, |w| {
        w.u32(track.id);
        w.u32(1);
        w.zeros(12);
    });
}

#[cfg(test)]
mod tests;
