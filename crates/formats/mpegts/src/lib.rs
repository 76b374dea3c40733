//! MPEG transport streams (ISO/IEC 13818-1, "the specification" below): elementary payloads go in, packets of 188 bytes
//! come out.
//!
//! | Codec | stream_type | Carried as |
//! |---|---|---|
//! | H.264 | 0x1b | byte stream, annex B (clause 2.14) |
//! | H.265 | 0x24 | byte stream, annex B (clause 2.17) |
//! | AV1 | 0x06, registration `AV01` | OBUs with start codes (Carriage of AV1 in MPEG-2 TS, AOM) |
//! | AAC | 0x0f | ADTS |
//! | MP3 | 0x03 or 0x04 | frames |
//! | AC-3 | 0x81, registration `AC-3` | frames (ATSC A/52 annex A) |
//! | E-AC-3 | 0x87, registration `EAC3` | frames (ATSC A/52 annex G) |
//! | Opus | 0x06, registration `Opus` | packets with control headers (ETSI TS Opus draft 0.1.3) |
//!
//! Other codecs have no mapping that players know: [`Error::NoMapping`].
#![forbid(unsafe_code)]

mod audio;
mod av1;
mod clock;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod muxer;
mod nal;
mod packet;
mod psi;

pub use error::Error;
pub use muxer::Muxer;
pub use packet::PACKET_LEN;
pub use psi::{AUDIO_PID, MP3_PID, PMT_PID, TABLES_LEN, VIDEO_PID};
