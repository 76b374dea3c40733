//! [`Timeline`]: one clock for the sound and the pictures of a publish, whatever its timestamps do.
//!
//! Times pass as published while they make sense. A clock that jumps is moved back to where the stream is, so that lengths
//! of segments mean something, and the jump is told.

use weir_base::MediaTime;
use weir_flv::tag::TagKind;

/// A frame this much later than all before it tells of a pause or of another clock, not of a long picture.
const FORWARD: MediaTime = MediaTime::from_millis(10_000);
/// A frame this much earlier than the one before it, of the same kind, tells of another clock, not of disorder.
const BACK: MediaTime = MediaTime::from_millis(1_000);
/// How long a frame is taken to last whose successor tells nothing.
const USUAL: MediaTime = MediaTime::from_millis(40);
/// Frames that share a time are put so far apart: a tick of 90 kHz.
const TICK: MediaTime = MediaTime::from_nanos(11_112);
/// A picture is shown at most this long before or after it is decoded.
const MAX_CTS: MediaTime = MediaTime::from_millis(10_000);
/// Or before: encoders that do not delay pictures for those that are reordered say so by times below 0.
const MIN_CTS: MediaTime = MediaTime::from_millis(-2_000);
/// Frames that arrive for so long with one and the same timestamp tell of a clock that stands still.
const STILL: MediaTime = MediaTime::from_millis(5_000);
/// So many of them, lest a network that hangs be taken for it.
const STILL_FRAMES: u32 = 10;

/// Sound or pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

impl Kind {
    /// That of a tag; none of a script.
    pub fn of(tag: TagKind) -> Option<Kind> {
        match tag {
            TagKind::Audio => Some(Kind::Audio),
            TagKind::Video => Some(Kind::Video),
            TagKind::Script => None,
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Audio => "sound",
            Kind::Video => "pictures",
        }
    }
}

/// Where a frame stands on the clock of its publish.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// When it is decoded. Grows with each frame of a kind, and is never below 0.
    pub at: MediaTime,
    /// What is odd about its timestamp.
    pub oddity: Option<Oddity>,
}

/// What is odd about a timestamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Oddity {
    /// It leaps by so much from where it should be: what follows is another time.
    Jump(MediaTime),
    /// The first frame of this kind is so far ahead of the other kind: it was moved there.
    Apart(MediaTime),
    /// All frames of this kind have the same, for too long: they go on as they arrive.
    Still,
    /// Not the timestamp, but how long after it the picture is shown makes no sense: it is shown at once.
    Composition,
    /// Not the timestamp, but the pace of all: sound passes by so many hundredths faster than its samples last.
    Pace(i64),
}

impl Oddity {
    /// What it is, in words, of frames of a kind.
    pub fn of(self, kind: Kind) -> String {
        let name = kind.name();
        let (by, ahead, behind) = match self {
            Oddity::Jump(by) => (by, "forward", "back"),
            Oddity::Apart(by) => (by, "later", "earlier"),
            Oddity::Still => {
                return format!("timestamps of {name} do not move on: frames get the times at which they arrive");
            }
            Oddity::Composition => {
                return format!("composition times of {name} are implausible and were set to 0");
            }
            Oddity::Pace(by) => {
                let (by, way) = (by.abs(), if by < 0 { "slower" } else { "faster" });
                return format!("{name} runs {by} % {way} by its timestamps than its header tells");
            }
        };
        let way = if by < MediaTime::ZERO { behind } else { ahead };
        let by = format!("{:.1} s", by.millis().unsigned_abs() as f64 / 1000.0);
        match self {
            Oddity::Jump(_) => format!("timestamps of {name} jump {way} by {by}"),
            _ => format!("{name} start {by} {way} than the rest by their timestamps: they were moved there"),
        }
    }
}

/// The clocks of both kinds.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    audio: Option<Clock>,
    video: Option<Clock>,
    still_audio: Option<Still>,
    still_video: Option<Still>,
}

/// Frames that share a timestamp.
#[derive(Clone, Copy, Debug)]
struct Still {
    dts: MediaTime,
    /// When the first of them arrived, in nanoseconds.
    arrived_nanos: i64,
    frames: u32,
    /// Since then they go on as they arrive.
    paced_nanos: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
struct Clock {
    /// Added to what was published.
    offset: MediaTime,
    last: MediaTime,
    /// How long the frame before the last one lasted.
    step: MediaTime,
}

impl Timeline {
    /// The place of a frame that was published with the decoding time `dts` and arrived at `arrived_nanos` of a clock that its
    /// reader chose.
    pub fn place(&mut self, kind: Kind, dts: MediaTime, arrived_nanos: i64) -> Place {
        let still = if kind == Kind::Audio { &mut self.still_audio } else { &mut self.still_video };
        let (dts, is_still) = pace(still, dts, arrived_nanos);
        let (own, other) = match kind {
            Kind::Audio => (self.audio, self.video),
            Kind::Video => (self.video, self.audio),
        };
        let (clock, oddity) = match own {
            None => begin(dts, other),
            Some(own) => go_on(dts, own, other),
        };
        match kind {
            Kind::Audio => self.audio = Some(clock),
            Kind::Video => self.video = Some(clock),
        }
        Place { at: clock.last, oddity: oddity.or(is_still) }
    }

    /// How long the last frame of a kind may last.
    pub fn step(&self, kind: Kind) -> MediaTime {
        let clock = if kind == Kind::Audio { self.audio } else { self.video };
        clock.map_or(USUAL, |clock| clock.step)
    }
}

/// The composition time of a picture that is decoded at `at`, without what no encoder means, and whether it was that. No
/// picture is shown before 0, where the clocks of containers wrap.
pub fn compose(at: MediaTime, cts: MediaTime) -> (MediaTime, Option<Oddity>) {
    if cts > MAX_CTS || cts < MIN_CTS {
        return (MediaTime::ZERO, Some(Oddity::Composition));
    }
    (cts.max(-at), None)
}

/// The timestamp of a frame, or one by its arrival where all have long been the same.
fn pace(still: &mut Option<Still>, dts: MediaTime, arrived_nanos: i64) -> (MediaTime, Option<Oddity>) {
    let Some(same) = still.as_mut().filter(|still| still.dts == dts) else {
        *still = Some(Still { dts, arrived_nanos, frames: 1, paced_nanos: None });
        return (dts, None);
    };
    if let Some(since) = same.paced_nanos {
        return (dts + MediaTime::from_nanos(arrived_nanos.saturating_sub(since)), None);
    }
    same.frames = same.frames.saturating_add(1);
    let lasted = arrived_nanos.saturating_sub(same.arrived_nanos);
    let is_still = same.frames >= STILL_FRAMES && lasted >= STILL.nanos();
    same.paced_nanos = is_still.then_some(arrived_nanos);
    (dts, is_still.then_some(Oddity::Still))
}

/// The first frame of a kind.
fn begin(dts: MediaTime, other: Option<Clock>) -> (Clock, Option<Oddity>) {
    let Some(other) = other else {
        let last = dts.max(MediaTime::ZERO);
        return (Clock { offset: last - dts, last, step: USUAL }, None);
    };
    let at = (dts + other.offset).max(MediaTime::ZERO);
    let apart = at - other.last;
    if apart > FORWARD || apart < -FORWARD {
        let clock = Clock { offset: other.last - dts, last: other.last, step: USUAL };
        return (clock, Some(Oddity::Apart(apart)));
    }
    (Clock { offset: at - dts, last: at, step: USUAL }, None)
}

fn go_on(dts: MediaTime, own: Clock, other: Option<Clock>) -> (Clock, Option<Oddity>) {
    let now = other.map_or(own.last, |other| other.last.max(own.last));
    let fits = |at: MediaTime| at >= own.last - BACK && at <= now + FORWARD;
    let at = dts + own.offset;
    if fits(at) {
        return (own.moved_to(at), None);
    }
    // Where the other kind jumped before, this one follows it.
    if let Some(other) = other.filter(|other| fits(dts + other.offset)) {
        return (Clock { offset: other.offset, ..own }.moved_to(dts + other.offset), None);
    }
    let expected = own.last + own.step;
    (Clock { offset: expected - dts, last: expected, step: own.step }, Some(Oddity::Jump(at - expected)))
}

impl Clock {
    fn moved_to(self, at: MediaTime) -> Clock {
        let step = at - self.last;
        if step <= MediaTime::ZERO {
            return Clock { last: self.last + TICK, ..self };
        }
        Clock { last: at, step: if step < BACK { step } else { self.step }, ..self }
    }
}

#[cfg(test)]
mod tests;
