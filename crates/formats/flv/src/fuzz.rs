//! Bodies for the fuzzer; a plain test replays the corpora.

use crate::fit::{Fit, Form, Takes, fit};
use crate::tag::{PacketType, TagInfo, TagKind, parse_body, tracks, walk};
use crate::{Error, Tag, TagReader, file_header, previous_tag_size, seek, write_tag_header};
use weir_codec::Codec;

/// AMF0 values: any bytes.
pub use crate::amf0::fuzz::amf0;

/// The head of a tag body: the first byte chooses the kind, the rest is the body.
pub fn flv_tag(data: &[u8]) {
    let Some((first, body)) = data.split_first() else { return };
    let kind = match first % 3 {
        0 => TagKind::Audio,
        1 => TagKind::Video,
        _ => TagKind::Script,
    };
    if let Ok(info) = parse_body(kind, body) {
        assert!(info.header_len.saturating_add(info.payload_len) <= body.len());
        assert_eq!(info.payload(body).len(), info.payload_len);
    }
    if let Ok(Some(tracks)) = tracks(kind, body) {
        assert!(tracks.count() <= body.len().max(1));
    }
    for track in walk(kind, body) {
        let _ = (crate::video_info(&track, track.payload(body)), crate::audio_info(&track, track.payload(body)));
    }
    let _ = crate::metadata::OnMetaData::parse(body);
}

/// A body for a reader: the first five bytes choose the kind and the reader, the rest is the body. What it gets is a body
/// that it takes as it is, and each track in it has the payload that it had before.
pub fn flv_fit(data: &[u8]) {
    let Some(([first, bits @ ..], body)) = data.split_first_chunk::<5>() else { return };
    let kind = if first & 1 == 0 { TagKind::Audio } else { TagKind::Video };
    let (side, takes) = (first & 2 != 0, Takes::of_bits(u32::from_be_bytes(*bits)));
    let Some(fitted) = fitted(kind, body, side, takes) else { return };
    check_fit(kind, body, &fitted, takes);
    // And back: whoever takes all codecs in one form only has the payloads too.
    for takes in [Takes::LEGACY.with(Form::Legacy, Codec::H265).with(Form::Legacy, Codec::Av1), enhanced_only()] {
        if let Some(back) = self::fitted(kind, &fitted, side, takes) {
            check_fit(kind, &fitted, &back, takes);
        }
    }
}

fn enhanced_only() -> Takes {
    Takes::of_bits(0).with_every_fourcc(TagKind::Audio).with_every_fourcc(TagKind::Video)
}

/// The body that a reader gets.
pub(crate) fn fitted(kind: TagKind, body: &[u8], side: bool, takes: Takes) -> Option<Vec<u8>> {
    match fit(kind, body, side, takes) {
        Fit::Whole => Some(body.to_vec()),
        Fit::Nothing => None,
        Fit::Parts(parts) => {
            let mut out = parts.head().to_vec();
            parts.ranges().for_each(|range| out.extend_from_slice(body.get(range).expect("a range of the body")));
            assert_eq!(out.len(), parts.total());
            Some(out)
        }
    }
}

fn check_fit(kind: TagKind, before: &[u8], after: &[u8], takes: Takes) {
    assert!(matches!(fit(kind, after, false, takes), Fit::Whole), "{after:02x?} is not what {takes:?} takes");
    if takes.is_everything() {
        return assert_eq!(before, after);
    }
    let mut all = walk(kind, before);
    for track in walk(kind, after) {
        let same = |one: &TagInfo| one.codec == track.codec && one.payload(before) == track.payload(after);
        let found = all.find(same).expect("a track of the body before");
        assert_eq!(found.is_sequence_header(), track.is_sequence_header());
        assert!(track.track == found.track || !track.many_tracks && track.track == 0);
        let timed = track.packet == PacketType::Coded && !matches!(track.codec, Codec::Av1);
        assert!(!timed || found.composition_ms == track.composition_ms);
    }
}

/// An FLV stream: every way to cut it in two, and byte by byte, gives the same; what was read is written and read
/// again.
pub fn flv_stream(data: &[u8]) {
    // Every split costs a pass, so long inputs are only cut in some places.
    let step = data.len() / 64 + 1;
    let (tags, end) = read([data]);
    for at in (0..data.len()).step_by(step) {
        let (head, tail) = data.split_at(at);
        assert_eq!(read([head, tail]), (tags.clone(), end.clone()), "cut at {at}");
    }
    if data.len() <= 4096 {
        assert_eq!(read(data.chunks(1)), (tags.clone(), end));
    }
    let mut out = file_header(true, true).to_vec();
    for tag in &tags {
        write_tag_header(&mut out, tag.kind, tag.timestamp_ms, tag.body.len());
        out.extend_from_slice(&tag.body);
        out.extend_from_slice(&previous_tag_size(tag.body.len()));
    }
    assert_eq!(read([&out[..]]), (tags, None));
    let _ = seek::ranges(data, data.len() as u64, 1000);
}

/// The tags of a stream that arrives in `parts`, and how it failed.
fn read<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Tag>, Option<Error>) {
    let mut reader = TagReader::new();
    let mut tags = Vec::new();
    for part in parts {
        reader.push(part);
        loop {
            match reader.poll_tag() {
                Ok(Some(tag)) => tags.push(tag),
                Ok(None) => break,
                Err(error) => return (tags, Some(error)),
            }
        }
    }
    (tags, None)
}

#[cfg(test)]
mod tests;
