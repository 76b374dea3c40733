//! Fragmented MP4: what HLS, DASH and HTTP-fMP4 send, one initialisation segment and then fragments.
//!
//! | Format | Specification |
//! |---|---|
//! | Boxes, movie, movie fragments | ISO/IEC 14496-12 |
//! | Brands and the shape of chunks | ISO/IEC 23000-19 (CMAF) |
//! | `avc1`, `hvc1` | ISO/IEC 14496-15 |
//! | `mp4a` and `esds` | ISO/IEC 14496-14, ISO/IEC 14496-1 clause 7.2.6 |
//! | `av01` | AV1 Codec ISO Media File Format Binding |
//! | `vp08`, `vp09` | VP Codec ISO Media File Format Binding |
//! | `Opus`, `fLaC` | Encapsulation of Opus, of FLAC, in ISO Base Media File Format |
//! | `ac-3`, `ec-3` | ETSI TS 102 366 annex F |
//!
//! The decoder configuration of a [`Track`] is what the sequence header of an enhanced FLV stream carries:
//!
//! | Codec | [`Track::config`] |
//! |---|---|
//! | H.264 | AVCDecoderConfigurationRecord |
//! | H.265 | HEVCDecoderConfigurationRecord; its parameter sets are declared complete, as `hvc1` demands |
//! | AV1 | AV1CodecConfigurationRecord |
//! | VP8, VP9 | VPCodecConfigurationRecord, with the four bytes of version and flags or, as some send it, without |
//! | AAC | AudioSpecificConfig |
//! | Opus | OpusHead (RFC 7845 clause 5.1) |
//! | FLAC | `fLaC` and metadata blocks, STREAMINFO first; or what else [`weir_codec::flac::StreamInfo`] reads |
//! | AC-3 | the content of AC3SpecificBox, which [`weir_codec::ac3::dac3`] makes of the first sync frame |
//! | E-AC-3 | the content of EC3SpecificBox, which [`weir_codec::ac3::dec3`] makes of the first access unit |
//! | MP3 | not read: [`Media`] says all |
//!
//! Samples are the payload of coded FLV tags: access units whose NAL units carry their length in as many bytes as the
//! configuration says, raw AAC frames, temporal units of AV1 without delimiters. Nothing in them is read or changed.
#![forbid(unsafe_code)]

mod boxes;
mod entry;
mod error;
mod fragment;
#[doc(hidden)]
pub mod fuzz;
mod init;
mod segment;
mod track;

pub use error::Error;
pub use fragment::{Run, Sample, write_fragment, write_fragment_head};
pub use init::init_segment;
pub use segment::{SegmentType, write_styp};
pub use track::{Media, Track};
