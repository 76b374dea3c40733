//! The HTTP server of SRS: live FLV by `http_remux`, and files by `http_server.dir` and `http_static`.
#![forbid(unsafe_code)]

mod files;
mod framing;
mod live;
mod mime;
mod mount;
mod range;

pub use files::Files;
pub use live::LiveStreams;
