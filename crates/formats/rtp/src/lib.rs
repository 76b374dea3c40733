//! RTP packets: their headers, what their payloads say of themselves, one stream made of several; coded pictures and sound
//! cut into payloads and put together again.
//!
//! | Part | Specification |
//! |---|---|
//! | [`Header`], [`Extension`] | RFC 3550 clause 5.1; RFC 8285 clause 4 |
//! | [`Kind`] | RFC 7983 clause 7; RFC 5761 clause 4 |
//! | [`stun`] | RFC 8489 clauses 5, 14.3 and 14.5 |
//! | [`video`] | H.264 RFC 6184, H.265 RFC 7798, VP8 RFC 7741, VP9 RFC 9628, AV1 RTP Payload Format For AV1 1.0 |
//! | [`payload`] | the same, and Opus RFC 7587, G.711 RFC 3551 clause 4.5.14 |
//! | [`jitter`], [`clock`] | RFC 3550 clauses 5.1, 6.4.1 and A.1 |
//! | [`rtcp`] | RFC 3550 clause 6; RFC 4585 clauses 6.2.1 and 6.3.1; RFC 5104 clause 4.3.1 |
//! | [`splice`] | RFC 3550 clause 5.1 (numbers, timestamps); RFC 7741 and RFC 9628 clause 4.2 (picture ids) |
//!
//! Packets that go on as they are, are looked at and never copied: every reader borrows from the datagram. All of them
//! take wire bytes, so none panics.
#![forbid(unsafe_code)]

pub mod clock;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod header;
pub mod jitter;
mod kind;
pub mod payload;
pub mod rtcp;
pub mod splice;
pub mod stun;
pub mod video;

pub use error::Error;
pub use header::{Elements, Extension, Header, header_len};
pub use kind::{Kind, is_rtcp, peek_payload_type, peek_ssrc};
