//! WebRTC as values: what an offer asks for, what is answered, and a [`Peer`] that eats datagrams and yields datagrams,
//! packets of media and a deadline.
//!
//! - [`Offer`] is a checked offer; [`publish`] and [`play`] decide what of it is taken, a [`Plan`];
//! - [`Plan::answer`] writes the answer, in SRS's form and with what weir adds to it;
//! - [`Ask`] is the other half: it makes an offer and reads the answer into a [`Plan`] of its own side;
//! - [`Peer`] does what a plan says.
//!
//! There is no clock here, and no randomness in descriptions: callers bring both.
#![forbid(unsafe_code)]

mod answer;
mod ask;
mod capture;
mod formats;
#[doc(hidden)]
pub mod fuzz;
mod offer;
mod peer;
mod plan;
mod refusal;
mod srtp;

pub use answer::{AnswerParts, PlayRules, PublishRules, host_candidates, play, publish};
pub use ask::{Ask, AskParts, Asked};
pub use formats::TrackFormat;
pub use offer::Offer;
pub use peer::{
    Certificate, Credentials, Datagram, Destination, Event, Extension, Fingerprint, Format, Outgoing, Output, Peer,
    PeerError, PeerSetup, Received, Track, TrackDirection,
};
pub use plan::{
    AgreedFormat, DtlsRole, Feedback, MediaKind, MediaPlan, Plan, RefusedSection, Remote, Role, Section, SourcePair,
};
pub use refusal::{Fault, Refusal, Side, Spot};
pub use weir_sdp::{Candidate, Direction, Fragment, Setup, Transport};
