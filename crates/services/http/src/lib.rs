//! The HTTP server of SRS: live FLV, TS, fragmented MP4, AAC and MP3 by `http_remux`, and files by `http_server.dir` and `http_static`.
#![forbid(unsafe_code)]

mod carrier;
mod flv;
mod live;
mod mime;
mod mount;
mod range;
mod raw;
mod static_site;
mod websocket;

pub use live::LiveStreams;
pub use static_site::StaticSite;
