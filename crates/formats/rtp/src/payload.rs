//! Payload formats: coded pictures and sound cut into RTP payloads, and put together again.
//!
//! Both ends take and give the form that frames of FLV and MP4 have: NAL units behind lengths, OBUs with sizes and
//! without temporal delimiters, frames of VP8 and VP9 and packets of Opus as they are.
//!
//! | Codec | Specification | Not read |
//! |---|---|---|
//! | H.264 | RFC 6184, packetization modes 0 and 1 | interleaved mode (STAP-B, MTAP, FU-B) |
//! | H.265 | RFC 7798 | decoding order numbers (DONL), PACI |
//! | AV1 | RTP Payload Format For AV1 1.0 | |
//! | VP9 | RFC 9628 | |
//! | VP8 | RFC 7741 | |
//! | Opus, G.711 | RFC 7587, RFC 3551 clause 4.5.14 | |

mod av1;
mod depacketizer;
mod h264;
mod h265;
mod nal;
mod packetizer;
mod sets;
mod sound;
mod vp8;
mod vp9;

pub use depacketizer::{AccessUnit, Depacketizer, Fault, Lost, Piece};
pub use packetizer::{DEFAULT_MAX_PAYLOAD, Options, Packetizer, Payload};

#[cfg(test)]
mod tests;
