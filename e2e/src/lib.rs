//! The built server against real clients: what a test needs to start one, feed it, watch it, and compare what came out.
//!
//! - [`Server`]: the binary in a folder of its own, on free ports, with its log at hand
//! - [`clients`]: ffmpeg, rtmpdump, GStreamer, VLC, `weir-bench`, each pushing or recording, and what reads
//!   the API; all bounded in time
//! - [`TagPublisher`]: sends tags that no encoder would
//! - [`table`]: which codec comes out where, for the tests and for `docs/codecs.md`
//! - [`Seen`], [`Shown`]: what Chromium shows; [`console`]: what a page hears from the API; [`ClockPublisher`]: pictures that tell how old they are
//! - [`rtc`]: Chromium and aiortc, which publish and play WebRTC; [`relay`]: a bad network on their way
//! - [`fixture`]: the files that are pushed
//! - [`packets`]: what a file holds, packet by packet; [`Decoded`]: what a decoder makes of it
//! - [`netns`]: two machines with a wire between them
//! - [`ports`]: free ones, and whether somebody listens
//! - [`HookServer`]: what callbacks told it
//! - [`http`], [`rtmp`]: raw bytes to the server and its raw answers
//!
//! Everything here panics when it fails, with what the server logged: it is only ever called from tests.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a harness for tests: failing loudly is its job")]

pub mod binary;
mod browser;
pub mod clients;
mod clock;
mod decoded;
pub mod fixture;
mod hook_server;
pub mod http;
mod load;
pub mod netns;
pub mod packets;
pub mod ports;
mod process;
mod publisher;
pub mod relay;
pub mod rtc;
pub mod rtmp;
mod server;
pub mod table;
mod wait;

pub use browser::{Seen, Shown, console};
pub use clock::ClockPublisher;
pub use decoded::Decoded;
pub use hook_server::{HookServer, Told};
pub use packets::Packets;
pub use process::{Ended, Running};
pub use publisher::{TagPublisher, tags};
pub use server::{Refusal, Server, signal, weir};
pub use wait::{eventually, eventually_some, pause};
