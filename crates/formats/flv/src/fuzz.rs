//! Bodies for the fuzzer; a plain test replays the corpora.

use crate::tag::{TagKind, parse_body, tracks, walk};
use crate::{Error, Tag, TagReader, file_header, previous_tag_size, seek, write_tag_header};

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
