//! Session descriptions: text in, values out; and values in, text out.
//!
//! | Part | Specification |
//! |---|---|
//! | lines, origin, media, rtpmap, fmtp, direction | RFC 8866 |
//! | rtcp-fb | RFC 4585 clause 4.2; RFC 5104 clause 7 |
//! | rtcp-mux, rtcp-rsize | RFC 5761; RFC 5506 |
//! | mid, group | RFC 5888; RFC 8843 (BUNDLE) |
//! | extmap | RFC 8285 clause 5 |
//! | ice-*, candidate | RFC 8839 clause 5; RFC 6544 clause 4.5 (tcptype) |
//! | setup, fingerprint | RFC 4145 clause 4; RFC 8122 clause 5 |
//! | ssrc, ssrc-group, msid | RFC 5576 clause 4; RFC 8830 |
//! | rid, simulcast | RFC 8851 clause 10; RFC 8853 clause 5.1 |
//! | fragments of trickle ICE | RFC 8840 clause 9 |
//!
//! [`Session::parse`] reads what it knows into fields and keeps other attributes in [`Session::other`] and
//! [`Media::other`]; other lines (`i=`, `b=`, `k=` and the like) are not kept. What holds for the whole session is given
//! to each section of media. [`Session::write_to`] writes the lines in the order of SRS.
#![forbid(unsafe_code)]

mod candidate;
mod error;
mod fragment;
#[doc(hidden)]
pub mod fuzz;
mod media;
mod session;
mod simulcast;
mod text;

pub use candidate::{Candidate, Transport};
pub use error::Error;
pub use fragment::Fragment;
pub use media::{Direction, ExtMap, Fingerprint, Kind, Media, Msid, Payload, Setup, Source, SourceGroup};
pub use session::{Group, Origin, Session};
pub use simulcast::{Rid, RidDirection, Simulcast, SimulcastStream};
pub use text::Attribute;
