//! FLV and AMF0: the shape in which RTMP and HTTP-FLV carry media.
//!
//! | Format | Specification |
//! |---|---|
//! | FLV tags | Adobe Flash Video File Format 10.1, annex E |
//! | Enhanced tags (FourCC, ModEx, multitrack) | Veovera Enhanced RTMP v1 and v2 |
//! | AMF0 | Adobe Action Message Format AMF0 |
#![forbid(unsafe_code)]

pub mod amf0;
mod compose;
mod describe;
mod error;
pub mod fit;
#[doc(hidden)]
pub mod fuzz;
pub mod metadata;
mod reader;
pub mod seek;
pub mod tag;
mod writer;

pub use compose::{Unit, compose};
pub use describe::{audio_info, video_info};
pub use error::Error;
pub use reader::{FileHeader, Tag, TagReader};
pub use writer::{FILE_HEADER_LEN, TAG_HEADER_LEN, file_header, previous_tag_size, restamp_tag, write_tag_header};
