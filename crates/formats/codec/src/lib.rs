//! What coded media says about itself: which codec, which profile and level, how large, how fast.
//!
//! | Format | Specification |
//! |---|---|
//! | H.264 | ITU-T H.264; ISO/IEC 14496-15 clause 5.3.3 (`avcC`) |
//! | H.265 | ITU-T H.265; ISO/IEC 14496-15 clause 8.3.3 (`hvcC`) |
//! | AV1 | AV1 Bitstream clause 5.5; AV1 Codec ISO Media File Format Binding (`av1C`) |
//! | VP8, VP9 | VP Codec ISO Media File Format Binding (`vpcC`); RFC 6386 clause 9.1; VP9 Bitstream clause 6.2 |
//! | AAC | ISO/IEC 14496-3 clause 1.6.2 (AudioSpecificConfig); ISO/IEC 13818-7 clause 6.2 (ADTS) |
//! | MP3 | ISO/IEC 11172-3 clause 2.4.1.3 |
//! | Opus | RFC 7845 clause 5.1 (OpusHead); RFC 6716 clause 3.1 |
//! | FLAC | RFC 9639 clauses 8.2 and 9.1 |
//! | AC-3, E-AC-3 | ETSI TS 102 366 clauses 4.3 and E.1.2; annex F (`dac3`, `dec3`) |
//! | codecs parameters | RFC 6381, and the binding of each codec to ISO-BMFF |
//!
//! Nothing is decoded here: only headers and parameter sets are read. Every parser takes wire bytes, so none panics,
//! and each keeps its caps at its top.
#![forbid(unsafe_code)]

pub mod aac;
pub mod ac3;
pub mod av1;
pub mod avc;
mod bits;
mod codec_string;
mod error;
pub mod flac;
#[doc(hidden)]
pub mod fuzz;
pub mod hevc;
mod info;
mod kind;
pub mod mp3;
pub mod nal;
pub mod opus;
mod span;
pub mod vp8;
pub mod vp9;

pub use bits::BitReader;
pub use codec_string::codec_string;
pub use error::Error;
pub use info::{AudioInfo, VideoInfo};
pub use kind::Codec;
pub use span::{Span, frame_duration, samples_per_frame};
