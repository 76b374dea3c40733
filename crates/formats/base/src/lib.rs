//! What every format shares: media time and bounded reading of wire bytes.
//!
//! This floor is pure: bytes in, values out. No IO, no clock, no configuration.
#![forbid(unsafe_code)]

/// The version of weir.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// How weir signs itself where a protocol has a field for it.
pub const SIGNATURE: &str = concat!("weir/", env!("CARGO_PKG_VERSION"));

mod reader;
mod time;

pub use reader::{ByteReader, Short};
pub use time::MediaTime;
