//! What a server session tells its owner.

use bytes::Bytes;
use weir_flv::amf0::Value;
use weir_flv::fit::Takes;
use weir_flv::tag::TagKind;

/// Something that a client did.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// It connected to an application. Answer with `accept_connect` or `refuse_connect`.
    Connect(Box<Connect>),
    /// It wants to publish. Answer with `accept_publish` or `refuse_publish`.
    Publish {
        /// The stream as sent, with its query.
        name: String,
        /// The order of commands that led here.
        style: PublishStyle,
    },
    /// It wants to play. Answer with `accept_play`, `refuse_play` or `redirect`.
    Play {
        /// The stream as sent, with its query.
        name: String,
        /// As sent; -2 (live or recorded) when it was left out.
        start: f64,
        /// SRS: milliseconds after which the play is to end; -1 and -2 are no limit.
        duration: f64,
        /// Whether the playlist is to be flushed.
        reset: bool,
    },
    /// It stopped publishing. Answer with `unpublished` once the stream is free.
    Unpublish,
    /// It stopped playing. Write no more media until it plays again.
    CloseStream,
    /// It paused or resumed; the reply is sent already.
    Pause {
        /// True when it paused.
        paused: bool,
        /// Milliseconds where the player stands.
        millis: f64,
    },
    /// A frame of the stream that it publishes. Never empty.
    Media {
        /// What it is.
        kind: TagKind,
        /// Milliseconds, modulo 2^32.
        timestamp: u32,
        /// The body of the FLV tag. Script data begins with the name of its event, `@setDataFrame` is taken off.
        payload: Bytes,
    },
    /// Any other call; it got an empty result if it asked for one.
    Call {
        /// The procedure.
        name: String,
        /// Number of the call, 0 when no result is wanted.
        transaction: f64,
        /// What follows, the command object first.
        args: Vec<Value>,
    },
}

/// The fields of `connect`. Texts that were not sent are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Connect {
    /// The application as the client names it; the one that counts is in `tc_url`.
    pub app: String,
    /// The URL of the application, as sent.
    pub tc_url: String,
    /// The page that embeds the player.
    pub page_url: String,
    /// The Flash movie.
    pub swf_url: String,
    /// What the client calls itself.
    pub flash_ver: String,
    /// 0 for AMF0, 3 for AMF3. Everything is sent in AMF0 nevertheless.
    pub object_encoding: f64,
    /// What it can take as a player, if it says anything of Enhanced RTMP.
    pub enhanced: Option<Takes>,
    /// A second object, which edges of SRS fill with who they are.
    pub args: Option<Value>,
}

/// How a client came to publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishStyle {
    /// `createStream`, `publish`.
    Flash,
    /// `releaseStream`, `FCPublish`, `createStream`, `publish`: FMLE, ffmpeg, OBS.
    Fmle,
    /// `createStream`, `FCPublish`, `publish`: Haivision.
    Haivision,
}
