//! [`Tally`]: what a player got of RTP, and what it missed.

use std::time::Instant;

/// Tracks of sound and pictures.
const TRACKS: usize = 2;

/// What came.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    tracks: [Track; TRACKS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Track {
    packets: u64,
    /// The first and the highest sequence number, over their wraps, since measuring began.
    range: Option<(u64, u64)>,
    /// When the last packet came, and its timestamp.
    last: Option<(Instant, u32)>,
    /// Seconds: RFC 3550, clause 6.4.1.
    jitter: f64,
}

impl Tally {
    /// A packet; `clock` is in ticks a second.
    pub(super) fn packet(&mut self, is_video: bool, sequence: u64, timestamp: u32, clock: u32, now: Instant) {
        let Some(track) = self.tracks.get_mut(usize::from(is_video)) else { return };
        track.packets += 1;
        let (first, highest) = track.range.unwrap_or((sequence, sequence));
        track.range = Some((first, highest.max(sequence)));
        // A picture has several packets; what was sent again tells of the way no more.
        if sequence < highest || track.last.is_some_and(|(_, before)| before == timestamp) {
            return;
        }
        if let Some((at, before)) = track.last.replace((now, timestamp)) {
            let passed = f64::from(timestamp.wrapping_sub(before).cast_signed()) / f64::from(clock.max(1));
            let differs = (now.saturating_duration_since(at).as_secs_f64() - passed).abs();
            track.jitter += (differs - track.jitter) / 16.0;
        }
    }

    /// A publisher has sent a packet.
    pub(super) fn sent(&mut self, is_video: bool) {
        if let Some(track) = self.tracks.get_mut(usize::from(is_video)) {
            track.packets += 1;
        }
    }

    /// Measuring begins.
    pub(super) fn open_window(&mut self) {
        for track in &mut self.tracks {
            (track.packets, track.range) = (0, None);
        }
    }

    /// Packets since measuring began.
    pub(super) fn packets(&self) -> u64 {
        self.tracks.iter().map(|track| track.packets).sum()
    }

    /// Packets between the first and the last one that never came, also not by retransmission.
    pub(super) fn missing(&self) -> u64 {
        let missing = |track: &Track| {
            let (first, highest) = track.range?;
            Some((highest - first + 1).saturating_sub(track.packets))
        };
        self.tracks.iter().filter_map(missing).sum()
    }

    /// Of pictures if there are any, seconds.
    pub(super) fn jitter(&self) -> Option<f64> {
        self.tracks.iter().rev().find(|track| track.range.is_some()).map(|track| track.jitter)
    }
}

#[cfg(test)]
mod tests;
