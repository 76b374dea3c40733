//! Playing an FLV file from a byte offset: the pseudo-streaming of `?start=`.

use crate::tag::{self, TagKind};
use crate::{Error, FILE_HEADER_LEN, TAG_HEADER_LEN, TagReader};
use std::ops::Range;

/// How much of a file's beginning is worth searching for sequence headers: a `keyframes` index of several hours comes
/// before them.
pub const MAX_SEARCH: usize = 4 << 20;

/// Where the parts stand that a player needs before any frame. Byte ranges of the file; a tag's range ends with its
/// previous-tag-size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The file header and the first previous-tag-size.
    pub header: Range<u64>,
    /// The first script tag.
    pub metadata: Option<Range<u64>>,
    /// The audio decoder configuration.
    pub audio: Option<Range<u64>>,
    /// The video decoder configuration.
    pub video: Option<Range<u64>>,
}

/// The byte ranges of a file of `file_len` bytes to send for `start`, in order: header, sequence headers, then all
/// from `start`. `beginning` is the file's first bytes, up to [`MAX_SEARCH`].
///
/// A `start` that is not behind the sequence headers gets the whole file. Fails with [`Error::StartPastEnd`] and
/// [`Error::NoSequenceHeader`], or when the file is not FLV.
pub fn ranges(beginning: &[u8], file_len: u64, start: u64) -> Result<Vec<Range<u64>>, Error> {
    if start > file_len {
        return Err(Error::StartPastEnd { start, len: file_len });
    }
    let found = find(beginning)?;
    let mut parts: Vec<_> = [found.audio, found.video].into_iter().flatten().collect();
    parts.sort_by_key(|part| part.start);
    let Some(frames) = parts.last().map(|last| last.end) else {
        return Err(Error::NoSequenceHeader { searched: beginning.len() });
    };
    if start < frames {
        return Ok(std::iter::once(0..file_len).collect());
    }
    parts.insert(0, found.header);
    parts.push(start..file_len);
    Ok(parts)
}

/// Searches the first bytes of a file. Stops where the sequence headers must have come: a kind whose first tag is a
/// frame has none.
pub fn find(beginning: &[u8]) -> Result<Beginning, Error> {
    let mut reader = TagReader::new();
    reader.push(beginning);
    let mut found = Beginning { header: 0..FILE_HEADER_LEN as u64, metadata: None, audio: None, video: None };
    let (mut audio_open, mut video_open) = (true, true);
    while let (true, Some(tag)) = (audio_open || video_open, reader.poll_tag()?) {
        let end = reader.position().saturating_add(4);
        let range = end.saturating_sub((TAG_HEADER_LEN + tag.body.len() + 4) as u64)..end;
        let is_config = tag::parse_body(tag.kind, &tag.body).is_ok_and(|info| info.is_sequence_header());
        let range = is_config.then(|| range.clone()).or((tag.kind == TagKind::Script).then_some(range));
        match tag.kind {
            TagKind::Script if found.metadata.is_none() => found.metadata = range,
            TagKind::Audio if audio_open => (found.audio, audio_open) = (range, false),
            TagKind::Video if video_open => (found.video, video_open) = (range, false),
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
