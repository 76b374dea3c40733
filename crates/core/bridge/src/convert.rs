//! The task of a converter.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use weir_hub::{Flags, Follower, Frame, Lane};

use crate::{Container, LeftOut, Making};

/// How often a converter of a silent stream looks whether somebody still reads its lane.
const LOOK: Duration = Duration::from_secs(1);

/// Fills a lane as long as it is read.
pub(crate) async fn run(mut follower: Follower, lane: Weak<Lane>, container: Container, mut making: Box<dyn Making>) {
    let mut complaints = Complaints { container, known: Vec::new() };
    while let Some(lane) = lane.upgrade() {
        let now = Instant::now();
        follower.keep_up(now);
        let taken = fill(&follower, &lane, &mut *making, &mut complaints, now);
        follower.advance(taken);
        drop(lane);
        // Either there is more, or it is time to look.
        let _ = tokio::time::timeout(LOOK, follower.appended()).await;
    }
}

/// Makes pieces of what is pending; returns the number of frames.
fn fill(follower: &Follower, lane: &Arc<Lane>, making: &mut dyn Making, told: &mut Complaints, now: Instant) -> usize {
    let conf = follower.stream().conf.load();
    let (mut taken, mut made) = (0, Vec::new());
    for frame in follower.pending() {
        taken += 1;
        if frame.flags.has(Flags::END) {
            making.end();
            told.known.clear();
            lane.end(now);
            continue;
        }
        if let Err(left_out) = making.frame(frame, &mut made) {
            told.tell(follower, frame, left_out);
        }
        for piece in made.drain(..) {
            lane.append(Frame::made(frame.dts, piece.flags, piece.bytes.into()), now, &conf.play);
        }
    }
    taken
}

/// What was left out and said already, so that each thing is said once for a publish.
struct Complaints {
    container: Container,
    known: Vec<LeftOut>,
}

/// So many different complaints of one publish are said.
const MAX_COMPLAINTS: usize = 8;

impl Complaints {
    fn tell(&mut self, follower: &Follower, frame: &Frame, left_out: LeftOut) {
        if self.known.len() >= MAX_COMPLAINTS || self.known.contains(&left_out) {
            return;
        }
        let (container, key) = (self.container.name(), &follower.stream().key);
        let what = match &left_out {
            LeftOut::NotYet => return,
            LeftOut::Codec(codec) => format!("leaves {} out: the container has no place for it", codec.label()),
            LeftOut::Bad(codec, why) => {
                format!("leaves out a frame of {} at {} ms: {why}", codec.label(), frame.dts.millis())
            }
        };
        tracing::warn!("{container} of {key} {what}");
        follower.stream().note_fault(container, &what);
        self.known.push(left_out);
    }
}
