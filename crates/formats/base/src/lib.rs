//! What every format shares: media time and bounded reading of wire bytes.
//!
//! This floor is pure: bytes in, values out. No IO, no clock, no configuration.
#![forbid(unsafe_code)]

mod reader;
mod time;

pub use reader::{ByteReader, Short};
pub use time::MediaTime;
