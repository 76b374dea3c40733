//! The task of a converter.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use weir_hub::{Flags, Follower, Frame, Lane};

use crate::timeline::Oddity;
use crate::told::Told;
use crate::{Complaint, Container, Empty, Making, check};

/// How often a converter of a silent stream looks whether somebody still reads its lane.
const LOOK: Duration = Duration::from_secs(1);

/// Tracks are told one after the other: a stream that has nothing for a container for so long has nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Fills a lane as long as it is read.
pub(crate) async fn run(mut follower: Follower, lane: Weak<Lane>, container: Container, mut making: Box<dyn Making>) {
    let mut told = Told::new(follower.stream().clone(), container.name());
    let mut lack = Lack::default();
    let began = Instant::now();
    while let Some(lane) = lane.upgrade() {
        let now = Instant::now();
        follower.keep_up(now);
        let frames = lane.frames();
        let taken = fill(&follower, &lane, &mut *making, &mut told, now, now - began);
        follower.advance(taken);
        let empty = if lane.frames() == frames { check(follower.stream(), container).err() } else { None };
        if let Some(empty) = lack.lasts(empty, now) {
            close(&follower, &lane, &mut *making, &empty, now);
        }
        drop(lane);
        // Either there is more, or it is time to look.
        let _ = tokio::time::timeout(LOOK, follower.appended()).await;
    }
}

/// Makes pieces of what is pending, `passed` after the converter began; returns the number of frames.
fn fill(
    follower: &Follower,
    lane: &Arc<Lane>,
    making: &mut dyn Making,
    told: &mut Told<Complaint>,
    now: Instant,
    passed: Duration,
) -> usize {
    let conf = follower.stream().conf.load();
    let arrived_nanos = i64::try_from(passed.as_nanos()).unwrap_or(i64::MAX);
    let (mut taken, mut made) = (0, Vec::new());
    for frame in follower.pending() {
        taken += 1;
        let ends = frame.flags.has(Flags::END);
        let done = if ends { making.end(&mut made) } else { making.frame(frame, arrived_nanos, &mut made) };
        if let Err(complaint) = done {
            tell(told, frame, complaint);
        }
        for piece in made.drain(..) {
            lane.append(Frame::made(frame.dts, piece.flags, piece.bytes.into()), now, &conf.play);
        }
        if ends {
            told.forget();
            lane.end(now);
        }
    }
    taken
}

/// Since when a stream has had nothing for the container.
#[derive(Debug, Default)]
struct Lack(Option<Instant>);

impl Lack {
    /// Tells once why there is nothing, when that has lasted.
    fn lasts(&mut self, empty: Option<Empty>, now: Instant) -> Option<Empty> {
        let Some(empty) = empty else {
            self.0 = None;
            return None;
        };
        let since = *self.0.get_or_insert(now);
        (now - since >= PATIENCE).then(|| {
            self.0 = None;
            empty
        })
    }
}

/// Ends the lane for those who wait for what does not come.
fn close(follower: &Follower, lane: &Lane, making: &mut dyn Making, empty: &Empty, now: Instant) {
    let key = &follower.stream().key;
    tracing::warn!("{} of {key} ends for its players: {empty}", empty.container.name());
    // What it had is over; what comes, should the stream change again, begins anew.
    let _ = making.end(&mut Vec::new());
    lane.close(Bytes::from(empty.to_string()), now);
}

fn tell(told: &mut Told<Complaint>, frame: &Frame, complaint: Complaint) {
    if complaint == Complaint::NotYet {
        return;
    }
    told.tell(complaint, |complaint| match complaint {
        Complaint::NotYet => "waits".to_owned(),
        Complaint::Codec(codec) => format!("leaves {} out: the container has no place for it", codec.label()),
        Complaint::Bad(codec, why) => {
            format!("leaves out a frame of {} at {} ms: {why}", codec.label(), frame.dts.millis())
        }
        Complaint::Odd(kind, oddity @ Oddity::Jump(_)) => format!("goes on where it was: {}", oddity.of(*kind)),
        Complaint::NoKey => "has had no key frame for 10 s: pictures cannot be shown before one".to_owned(),
        Complaint::Odd(kind, oddity) => format!("has odd times: {}", oddity.of(*kind)),
    });
}

#[cfg(test)]
mod tests;
