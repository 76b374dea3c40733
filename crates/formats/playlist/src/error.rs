use crate::attributes::Broken;

/// Why a text is not a playlist. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When the first line is not the one that all playlists have.
    #[error("playlist does not start with #EXTM3U")]
    NotAPlaylist,
    /// When the text is longer than any playlist.
    #[error("playlist has {len} bytes, at most {max} are read")]
    TooLong {
        /// Bytes of the text.
        len: usize,
        /// Bytes that are read.
        max: usize,
    },
    /// When a line has a control character.
    #[error("line {line} has control character {code:#04x}")]
    Control {
        /// Where it stands.
        line: usize,
        /// The character.
        code: u32,
    },
    /// When an attribute list cannot be read.
    #[error("line {line}: {tag}: {broken}")]
    Attributes {
        /// Where it stands.
        line: usize,
        /// The tag before it.
        tag: &'static str,
        /// What is wrong with it.
        broken: Broken,
    },
    /// When a tag or an attribute has a value that it must not have.
    #[error("line {line}: {name} is {value:?}")]
    Value {
        /// Where it stands.
        line: usize,
        /// The tag or attribute.
        name: &'static str,
        /// What it says, shortened.
        value: String,
    },
    /// When a tag lacks an attribute that it must have.
    #[error("line {line}: {tag} has no {attribute}")]
    Missing {
        /// Where it stands.
        line: usize,
        /// The tag.
        tag: &'static str,
        /// What is missing.
        attribute: &'static str,
    },
    /// When a URI has no tag before it that says what it is, or such a tag no URI behind it.
    #[error("line {line}: {what}")]
    Lone {
        /// Where it stands.
        line: usize,
        /// What stands alone.
        what: &'static str,
    },
    /// When a media playlist does not tell its target duration.
    #[error("playlist has no EXT-X-TARGETDURATION")]
    NoTargetDuration,
    /// When a delta update leaves out segments that the playlist before it does not have.
    #[error("segments {first} to {last} are skipped, and the playlist before ends with {known}")]
    Skipped {
        /// Media sequence number of the first segment left out.
        first: u64,
        /// Media sequence number of the last segment left out.
        last: u64,
        /// What is known, in words: a media sequence number, or nothing.
        known: String,
    },
    /// When a master playlist is read as a media playlist, or the other way round.
    #[error("line {line}: {tag} belongs to the other kind of playlist")]
    OtherKind {
        /// Where it stands.
        line: usize,
        /// The tag that tells.
        tag: &'static str,
    },
}

/// What a message quotes of a value: its first characters.
pub(crate) fn excerpt(value: &str) -> String {
    const MAX: usize = 60;
    value.chars().take(MAX).collect()
}
