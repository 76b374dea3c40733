//! What coded media says about itself: which codec, which profile and level, how large, how fast.
//!
//! | Format | Specification |
//! |---|---|
//! | H.264 | ITU-T H.264, ISO/IEC 14496-15 clause 5.3 |
//!
//! Nothing is decoded here: only headers and parameter sets are read. Every parser takes wire bytes, so none panics,
//! and each keeps its caps at its top.
#![forbid(unsafe_code)]

mod kind;

pub use kind::Codec;
