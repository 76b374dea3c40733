//! [`MasterPlaylist`]: which variants of a stream there are, and which audio renditions.

mod parse;
mod write;

/// A master playlist (clause 4.4.6; newer revisions say multivariant).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MasterPlaylist {
    /// EXT-X-INDEPENDENT-SEGMENTS: every segment of every media playlist can be decoded without the others.
    pub independent_segments: bool,
    /// EXT-X-MEDIA with TYPE=AUDIO: renditions that variants name by their group.
    pub renditions: Vec<Rendition>,
    /// EXT-X-STREAM-INF, best first: players start with the first.
    pub variants: Vec<Variant>,
}

/// An audio rendition (clause 4.4.6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendition {
    /// GROUP-ID that variants refer to.
    pub group: String,
    /// NAME, for people; not two of the same in a group.
    pub name: String,
    /// DEFAULT: played when nobody chooses; one in a group at most. Such a rendition is always also AUTOSELECT.
    pub default: bool,
    /// AUTOSELECT: may be chosen for the language of the system.
    pub autoselect: bool,
    /// CHANNELS: how many.
    pub channels: Option<u8>,
    /// Its media playlist; [`None`] when it is in the segments of the variants.
    pub uri: Option<String>,
}

/// A variant (clause 4.4.6.2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variant {
    /// BANDWIDTH: the peak of its segments in bits a second, the largest rendition of each group included.
    pub bandwidth: u64,
    /// AVERAGE-BANDWIDTH: the average of its segments in bits a second.
    pub average_bandwidth: Option<u64>,
    /// CODECS: each as RFC 6381 names it. Not written when empty.
    pub codecs: Vec<String>,
    /// RESOLUTION: width and height in pixels.
    pub resolution: Option<(u32, u32)>,
    /// FRAME-RATE: pictures a second, at most. Not written unless from a thousandth to a million.
    pub frame_rate: Option<f64>,
    /// AUDIO: the group of its audio renditions.
    pub audio: Option<String>,
    /// Its media playlist.
    pub uri: String,
}

impl MasterPlaylist {
    /// The answer to a request for a media playlist without a session (`hls_ctx`): the same path with one. `query` is what
    /// the client asked with, without `?`.
    // SRS: bandwidths of 1, no version.
    pub fn of_session(path: &str, session: &str, query: &str) -> Self {
        let separator = if query.is_empty() { "" } else { "&" };
        let uri = format!("{path}?hls_ctx={session}{separator}{query}");
        let variant = Variant { bandwidth: 1, average_bandwidth: Some(1), uri, ..Variant::default() };
        MasterPlaylist { variants: vec![variant], ..MasterPlaylist::default() }
    }
}

#[cfg(test)]
mod tests;
