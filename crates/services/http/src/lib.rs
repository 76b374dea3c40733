//! The HTTP server of SRS: live FLV by `http_remux`, and files by `http_server.dir` and `http_static`.
#![forbid(unsafe_code)]

mod framing;
mod live;
mod mime;
mod mount;
mod range;
mod static_site;

pub use live::LiveFlv;
pub use static_site::StaticSite;
