//! HLS playlists: values in, text out; and text in, values out, for those who check what was written.
//!
//! The specification is HTTP Live Streaming 2nd Edition (draft-pantos-hls-rfc8216bis), low latency included. Clauses are
//! those of its revision 16.
//!
//! - [`MediaPlaylist`] writes itself, in SRS's form byte for byte or with exact durations, in full or as a delta update;
//! - [`MasterPlaylist`] lists variants and audio renditions, and has the form that opens a session of `hls_ctx`;
//! - [`with_query`] gives every URI of a written playlist a query, so that one text serves all sessions;
//! - [`check`] and [`check_update`] tell which rules of the specification a text, or one text after another, breaks.
//!
//! What is written can always be parsed: values that would break the syntax are replaced, see [`MediaPlaylist::write_to`].
#![forbid(unsafe_code)]

mod attributes;
mod check;
mod date;
mod decorate;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod master;
mod media;
mod text;

pub use attributes::Broken;
pub use check::{Finding, Level, check, check_update};
pub use decorate::{append_query, with_query};
pub use error::Error;
pub use master::{MasterPlaylist, Rendition, Variant};
pub use media::{
    Form, HintKind, Key, Map, MediaPlaylist, OpenSegment, Part, PreloadHint, RenditionReport, Segment, SegmentStart,
    ServerControl,
};
