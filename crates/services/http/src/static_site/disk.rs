//! What touches the disk. All of it blocks.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use weir_flv::Error;
use weir_flv::seek::{self, MAX_SEARCH};

/// Sequence headers nearly always come within this many bytes; more is read only when they do not.
const FIRST_SEARCH: usize = 256 * 1024;

/// A regular file within the folder that is served.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) len: u64,
    /// Changes with the file.
    pub(super) tag: String,
}

/// Why there is no file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Missing {
    NotFound,
    /// A symbolic link leads out of the folder.
    Outside,
    /// It is a folder, and the path does not end with `/`.
    Folder,
}

/// The file of a decoded path below `root`; that of a folder is its `index.html`.
pub(super) fn find(root: &Path, path: &str) -> Result<File, Missing> {
    let root = root.canonicalize().map_err(|_| Missing::NotFound)?;
    let mut wanted = root.clone();
    // Without `..`, which the listener refuses, and without a root, nothing leads up but links.
    wanted.extend(path.split('/').filter(|part| !matches!(*part, "" | "." | "..")));
    let wants_folder = path.is_empty() || path.ends_with('/');
    if wants_folder {
        wanted.push("index.html");
    }
    let path = wanted.canonicalize().map_err(|_| Missing::NotFound)?;
    if !path.starts_with(&root) {
        return Err(Missing::Outside);
    }
    let meta = path.metadata().map_err(|_| Missing::NotFound)?;
    if meta.is_dir() {
        return Err(if wants_folder { Missing::NotFound } else { Missing::Folder });
    }
    if !meta.is_file() {
        return Err(Missing::NotFound);
    }
    let changed = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    Ok(File { path, len: meta.len(), tag: format!("\"{:x}-{:x}\"", changed.as_nanos(), meta.len()) })
}

/// Why a file cannot be played from an offset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum NoSeek {
    /// SRS's code 3014.
    PastEnd(String),
    /// SRS's code 3013, or no FLV at all.
    NotFlv(String),
}

/// What to send before the rest of an FLV file, and where the rest begins.
pub(super) fn flv_from(file: &File, start: u64) -> Result<(Bytes, u64), NoSeek> {
    let mut beginning = read_beginning(file, FIRST_SEARCH)?;
    let is_short = beginning.len() < FIRST_SEARCH;
    let is_enough = seek::find(&beginning).is_ok_and(|found| found.audio.is_some() && found.video.is_some());
    if !is_short && !is_enough {
        beginning = read_beginning(file, MAX_SEARCH)?;
    }
    let ranges = seek::ranges(&beginning, file.len, start).map_err(|error| match error {
        Error::StartPastEnd { .. } => NoSeek::PastEnd(error.to_string()),
        _ => NoSeek::NotFlv(error.to_string()),
    })?;
    let (rest, before) = ranges.split_last().map_or((0, [].as_slice()), |(last, before)| (last.start, before));
    let mut head = Vec::new();
    for range in before {
        let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
        head.extend_from_slice(bounds.and_then(|(from, to)| beginning.get(from..to)).unwrap_or_default());
    }
    Ok((Bytes::from(head), rest))
}

fn read_beginning(file: &File, len: usize) -> Result<Vec<u8>, NoSeek> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(&file.path).and_then(|file| file.take(len as u64).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| NoSeek::NotFlv(format!("the file cannot be read: {}", error.kind())))
}
