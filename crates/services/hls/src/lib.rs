//! HLS of live streams: segments of MPEG-TS or fragmented MP4, low latency, keys, sessions, groups of renditions.
//!
//! A task follows each publish and wakes up by time, not by frame. It gives frames to a `Writer`, which is pure: it puts
//! their times in order, cuts them and has them muxed; to one more for each further track that is a rendition of its own.
//! What comes of it goes to an `Output` each: the playlist, the segments in memory, and their way to the disk, which threads
//! of their own write. The site serves the live streams from memory; what it does not know is left to the site that serves
//! files.
#![forbid(unsafe_code)]

mod blob;
mod budget;
mod catalogue;
mod container;
mod crypt;
mod cut;
mod disk;
mod finished;
mod group;
mod hls;
mod news;
mod output;
mod plan;
mod sessions;
mod site;
mod source;
#[cfg(test)]
mod testing;
mod writer;

pub use finished::Finished;
pub use hls::Hls;
