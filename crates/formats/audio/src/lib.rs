//! Coded sound turned into other coded sound: AAC, MP3, Opus and G.711 in; AAC-LC, Opus and G.711 out.
//!
//! This floor is pure: bytes in, values out. No IO, no clock, no configuration.
//!
//! [`Transcoder`] is what a bridge uses. It is made when the first player asks for a codec that the publisher does not
//! send, is fed each packet with its timestamp, and dropped after the last such player:
//!
//! ```
//! use weir_audio::{Target, Transcoder};
//! use weir_base::MediaTime;
//! use weir_codec::Codec;
//!
//! # fn main() -> Result<(), weir_audio::Error> {
//! let target = Target { codec: Codec::Opus, bitrate: 48_000, channels: 2 };
//! let asc = [0x11, 0x90]; // the publisher's sequence header
//! let mut transcoder = Transcoder::new(Codec::Aac, &asc, target)?;
//! let opus_head = transcoder.config().to_vec(); // never changes, whatever the publisher does
//! # let packets: Vec<(MediaTime, Vec<u8>)> = Vec::new();
//! let mut out = Vec::new();
//! for (pts, payload) in packets {
//!     if let Err(error) = transcoder.push(pts, &payload, &mut out) {
//!         // Log it: players hear silence. Going on is fine.
//!     }
//!     for packet in out.drain(..) {
//!         // packet.pts, packet.samples at transcoder.rate(), packet.payload
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! - **Time.** The timestamp of a packet that comes out is that of the first sample which a decoder makes of it, minus
//!   nothing: what the encoder delays is taken off, so sound stays with the pictures whether or not a player knows of
//!   priming. The first packets may therefore come before the first timestamp that was pushed, by 7 ms (Opus) or 21 ms
//!   (AAC). Packets follow each other without a gap and last as long as they say.
//! - **Gaps.** What is lost for up to 200 ms is filled (concealment, forward error correction of Opus); a longer gap, or
//!   a jump of the publisher's timestamps, is one in what comes out too. An Opus publisher that rests (DTX) is filled for
//!   up to 1 s. Nothing comes out while nothing is pushed: [`Transcoder::fill_until`] is for a bridge that has a timer.
//! - **Clocks.** What comes out follows the publisher's timestamps, within 2 ms on average, by samples put in or left out. A
//!   publisher whose rate is not what its header says is found out within 2 s.
//! - **Headers.** When the publisher sends another sequence header, [`Transcoder::configure`] takes it.
//! - **Harm.** No packet makes it panic, or use more memory or time than a packet of 120 ms of sound deserves.
#![forbid(unsafe_code)]

mod aac;
mod clock;
mod codec;
mod conceal;
mod error;
pub mod fuzz;
mod g711;
mod mix;
mod mp3;
mod opus;
mod pcm;
mod resample;
mod stretch;
mod transcoder;

pub use clock::{Clock, Step};
pub use codec::{AudioDecoder, AudioEncoder, decoder, encoder};
pub use error::Error;
pub use g711::{alaw_to_linear, linear_to_alaw, linear_to_ulaw, ulaw_to_linear};
pub use mix::mix;
pub use pcm::{MAX_CHANNELS, MAX_SAMPLES, Pcm, Speaker};
pub use resample::Resampler;
pub use stretch::stretch;
pub use transcoder::{Counts, Packet, Target, Transcoder};

#[cfg(test)]
mod testing;
