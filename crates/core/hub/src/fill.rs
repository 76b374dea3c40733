//! [`PacketFiller`] and [`FrameFiller`]: what fills the lane that the publisher of a stream leaves empty, and [`Wanted`], which
//! says that somebody reads it.

use std::sync::{Arc, Weak};
use std::time::Instant;

use crate::describe::Described;
use crate::frame::Frame;
use crate::packets::{Packet, PacketTrack};
use crate::stat::Client;
use crate::stream::Stream;

/// Whoever keeps this wants the packets of a stream whose publisher sends frames.
#[derive(Debug)]
pub struct Wanted(());

impl Stream {
    /// Wants packets of this stream, whoever publishes it; `start` has them made as long as somebody wants them, where nobody
    /// wanted them before.
    pub fn want_packets(&self, start: impl FnOnce(Weak<Wanted>)) -> Arc<Wanted> {
        let mut wanted = self.wanted();
        if let Some(wanted) = wanted.upgrade() {
            return wanted;
        }
        let first = Arc::new(Wanted(()));
        *wanted = Arc::downgrade(&first);
        drop(wanted);
        start(Arc::downgrade(&first));
        first
    }

    /// Begins to fill the lane of packets with what is made of the frames. New cursors start at the newest key frame if no
    /// more than `kept` bytes came after it. Nothing when there are packets already.
    pub fn fill_packets(self: &Arc<Self>, tracks: Vec<PacketTrack>, kept: u64) -> Option<PacketFiller> {
        let epoch = self.packets().begin_made(tracks, kept)?;
        Some(PacketFiller { stream: self.clone(), epoch })
    }

    /// Begins to fill the lane of frames with what is made of the packets. Nothing when nobody publishes packets.
    pub fn fill_frames(self: &Arc<Self>) -> Option<FrameFiller> {
        let publisher = self.publisher()?;
        self.packets().published().is_sent().then(|| FrameFiller {
            stream: self.clone(),
            publisher,
            described: Described::default(),
        })
    }
}

/// Packets that are made of what a publisher sends in frames. Dropping it ends them.
#[derive(Debug)]
pub struct PacketFiller {
    stream: Arc<Stream>,
    epoch: u32,
}

impl PacketFiller {
    /// Appends one packet, made of what arrived at `now`. False when that publish is over.
    pub fn send(&self, mut packet: Packet, now: Instant) -> bool {
        packet.epoch = self.epoch;
        self.stream.packets().append(packet, now)
    }
}

impl Drop for PacketFiller {
    fn drop(&mut self) {
        self.stream.packets().end_made(self.epoch);
    }
}

/// Frames that are made of what a publisher sends in packets.
#[derive(Debug)]
pub struct FrameFiller {
    stream: Arc<Stream>,
    publisher: Arc<Client>,
    described: Described,
}

impl FrameFiller {
    /// Appends one frame, made of what arrived at `now`. False when that publish is over.
    pub fn send(&mut self, mut frame: Frame, now: Instant) -> bool {
        let news = self.described.read(&mut frame, || self.stream.conf.load().publish.parse_sps);
        let tracks = news.map(|_| self.described.tracks());
        self.stream.append_of(&self.publisher, frame, tracks, now)
    }
}

#[cfg(test)]
mod tests;
