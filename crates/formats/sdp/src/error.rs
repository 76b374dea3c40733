/// Why a text is not a session description. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When the text is longer than any description.
    #[error("session description has {len} bytes, at most {max} are read")]
    TooLong {
        /// Bytes of the text.
        len: usize,
        /// Bytes that are read.
        max: usize,
    },
    /// When one line is longer than any.
    #[error("line {line} has {len} bytes, at most {max} are read")]
    LineTooLong {
        /// Where it stands.
        line: usize,
        /// Bytes of the line.
        len: usize,
        /// Bytes that are read.
        max: usize,
    },
    /// When there is more of something than any description has.
    #[error("line {line}: more than {max} {what}")]
    TooMany {
        /// Where the first that is too many stands.
        line: usize,
        /// Of what there are too many.
        what: &'static str,
        /// How many are read.
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
    /// When a line is not what it has to be.
    #[error("line {line}: expected {expected}, found {found:?}")]
    Syntax {
        /// Where it stands.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What stands there, shortened.
        found: String,
    },
    /// When the text is empty.
    #[error("session description is empty")]
    Empty,
}
