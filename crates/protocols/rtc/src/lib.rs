//! WebRTC as values: what an offer asks for, what is answered, and a [`Peer`] that eats datagrams and yields datagrams,
//! packets of media and a deadline.
#![forbid(unsafe_code)]

mod capture;
mod peer;

pub use peer::{
    Certificate, Credentials, Datagram, Event, Extension, Fingerprint, Format, Outgoing, Output, Peer, PeerError,
    PeerSetup, Received, Track, TrackDirection,
};
