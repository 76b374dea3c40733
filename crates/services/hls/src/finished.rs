//! [`Finished`]: what callbacks are told of a segment.

use std::sync::Arc;
use std::time::Duration;

use weir_hub::{Client, Stream, Unfinished};

/// A finished segment, as `on_hls` and `on_hls_notify` tell of it (hooks.md §3). It is told when the file is there.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The stream.
    pub stream: Arc<Stream>,
    /// Who publishes it.
    pub publisher: Arc<Client>,
    /// How long the segment is.
    pub duration: Duration,
    /// The segment on disk, as configured: relative to the working directory when `hls_path` is.
    pub file: String,
    /// The segment as the playlist calls it.
    pub uri: String,
    /// The same with the folder of the playlist before it unless it is a whole URL.
    pub url: String,
    /// The playlist on disk.
    pub m3u8: String,
    /// The playlist below `hls_path`.
    pub m3u8_url: String,
    /// The number of the segment.
    pub seq_no: u64,
    /// The end of the publish is told of after this.
    pub unfinished: Unfinished,
}
