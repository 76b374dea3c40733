//! [`Clock`]: where in time the sound of a packet belongs, and what has to be done so that it gets there.

use weir_base::MediaTime;

/// A gap up to this long is filled; behind a longer one, sound starts anew. In ms.
const FILLED_MS: i64 = 200;
/// The same after a packet that announced a rest (DTX): Opus sends one every 400 ms then, some of which may be lost.
const REST_MS: i64 = 1000;
/// A step in time has to be at least this part of a packet (in percent) to be a lost or a repeated one.
const STEP_PERCENT: i64 = 75;
/// And at least this long, in ms: timestamps of RTMP are milliseconds, and some are rounded more than once.
const MIN_STEP_MS: i64 = 5;
/// And this many times what timestamps stray without loss.
const STEP_STRAYS: i64 = 3;
/// What a single step counts at most in that, in ms.
const STRAY_MOST_MS: i64 = 100;
/// Timestamps beyond count as this one, in ns: differences of such ones can be subtracted from each other.
const FURTHEST: i64 = i64::MAX / 8;
/// Time over which the distance between timestamps and sound is averaged, in ms.
const AVERAGE_MS: i64 = 1000;
/// From this distance on samples are put in or left out, until it is below the other one; in µs.
const CORRECT_FROM_US: i64 = 1500;
const CORRECT_TO_US: i64 = 250;
/// Of a thousand samples, so many are put in or left out: below what is heard, and more as the distance grows.
const CORRECT_PER_MILLE: i64 = 4;
const CORRECT_PER_MILLE_MOST: i64 = 25;
/// The distance at which most are.
const CORRECT_MOST_AT_MS: i64 = 10;
/// Time of even timestamps over which a rate is measured, twice, before it is believed; in ms.
const MEASURED_MS: i64 = 500;
/// A rate that is off by less is followed by putting samples in; in per mille.
const LIE_PER_MILLE: u64 = 20;
/// Two measures of one rate agree within this; in per mille.
const AGREE_PER_MILLE: u64 = 10;
/// Rates that are believed, in Hz, and those that are usual; a measure is one of these when it is near.
const BELIEVED: std::ops::RangeInclusive<u64> = 6_000..=100_000;
const USUAL: [u32; 13] = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/// What has to be done before a packet is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It follows what was there.
    Follows,
    /// Something was lost: so much time has to be filled first.
    Fill(MediaTime),
    /// So much of its beginning has been heard already.
    Skip(MediaTime),
    /// It belongs elsewhere: sound starts anew with it.
    Jump,
}

/// Keeps the sound of a stream where its timestamps say that it belongs.
///
/// The clock knows the time of each sample at the output: these follow each other without a gap from the first packet
/// on. A packet whose timestamp is elsewhere is late, early or jittery, or the rate of the stream is not what it is said
/// to be; the clock tells these apart and says what to do. All of it is arithmetic: no sample is looked at.
#[derive(Clone, Debug)]
pub struct Clock {
    rate: u32,
    epoch: MediaTime,
    /// Samples at the output whose input has come: up to the last change of rate, and put in or left out since.
    base: i64,
    /// Samples at the input since then, and their rate.
    fed: u64,
    fed_rate: u32,
    last: Option<Last>,
    stray: i64,
    /// The packet before was heard already, all of it.
    late: bool,
    offset: i64,
    correcting: bool,
    pace: Pace,
}

/// The packet before.
#[derive(Clone, Copy, Debug)]
struct Last {
    pts: MediaTime,
    length: i64,
}

impl Clock {
    /// A clock of sound at `rate` samples a second at the output, whose first packet has not come.
    pub fn new(rate: u32) -> Self {
        Clock {
            rate,
            epoch: MediaTime::ZERO,
            base: 0,
            fed: 0,
            fed_rate: rate,
            last: None,
            stray: 0,
            late: false,
            offset: 0,
            correcting: false,
            pace: Pace::default(),
        }
    }

    /// The time of the first sample at the output.
    pub fn epoch(&self) -> MediaTime {
        self.epoch
    }

    /// True when sound has a place in time: a packet has come.
    pub fn is_running(&self) -> bool {
        self.last.is_some()
    }

    /// What was missing up to now has been filled without waiting for a packet: one from before is late.
    pub fn filled(&mut self) {
        let pts = self.position();
        self.last = self.last.map(|last| Last { pts, ..last });
    }

    /// The time up to which there is sound.
    pub fn position(&self) -> MediaTime {
        let fed = i128::from(self.fed) * i128::from(self.rate) / i128::from(self.fed_rate.max(1));
        self.epoch + MediaTime::from_ticks(self.base.saturating_add(fed as i64), self.rate)
    }

    /// How far timestamps are ahead of the sound, on average over the last second.
    pub fn offset(&self) -> MediaTime {
        MediaTime::from_nanos(self.offset)
    }

    /// The rate that the stream really has, when that is not `declared`: see [`Clock::fed`].
    pub fn true_rate(&self, declared: u32) -> u32 {
        self.pace.lie.filter(|lie| lie.declared == declared).map_or(declared, |lie| lie.rate)
    }

    /// Sound has ended; the next packet, wherever it belongs, is a first one. What was learned of the stream is kept.
    pub fn stop(&mut self) {
        let pace = std::mem::take(&mut self.pace);
        *self = Clock { stray: self.stray, pace, ..Clock::new(self.rate) };
    }

    /// Sound starts with a packet of this timestamp.
    pub fn start(&mut self, pts: MediaTime) {
        self.stop();
        self.epoch = pts;
        self.last = Some(Last { pts, length: 0 });
    }

    /// True when a gap of this length is filled.
    pub fn is_filled(&self, gap: MediaTime, rests: bool) -> bool {
        gap <= MediaTime::from_millis(if rests { REST_MS } else { FILLED_MS })
    }

    /// A packet with this timestamp has come. `rests` says that the one before announced that none might come.
    pub fn arrive(&mut self, pts: MediaTime, rests: bool) -> Step {
        let pts = MediaTime::from_nanos(pts.nanos().clamp(-FURTHEST, FURTHEST));
        let Some(last) = self.last.filter(|_| self.fed > 0 || self.base > 0) else {
            self.start(pts);
            return Step::Follows;
        };
        let ahead = pts - self.position();
        let strays = (pts - last.pts).nanos().saturating_sub(last.length);
        self.last = Some(Last { pts, length: last.length });
        self.pace.arrive((pts - last.pts).nanos());
        if !self.is_filled(ahead, rests) || !self.is_filled(-ahead, rests) {
            return Step::Jump;
        }
        let step =
            (last.length / 100 * STEP_PERCENT).max(MIN_STEP_MS * 1_000_000).max(self.stray.saturating_mul(STEP_STRAYS));
        // Packets that are lost or come twice are off by whole packets, and do not stray.
        if strays.abs() < last.length / 2 || !is_whole_packets(strays.abs(), last.length) {
            self.stray += (strays.abs().min(STRAY_MOST_MS * 1_000_000) - self.stray) / 64;
        }
        let beyond = ahead.nanos() - self.offset;
        let late = std::mem::take(&mut self.late);
        if last.length > 0 && strays >= step && beyond >= step {
            return Step::Fill(MediaTime::from_nanos(whole_packets(beyond, last.length)));
        }
        if last.length > 0 && (late || strays <= -step) && beyond <= -step {
            self.late = -beyond >= last.length;
            return Step::Skip(MediaTime::from_nanos(-beyond));
        }
        self.offset += beyond / (AVERAGE_MS * 1_000_000 / last.length.max(1_000_000)).max(1);
        Step::Follows
    }

    /// A packet had so many samples, at the rate that it declares; `used` of them, at the rate that the resampler counts
    /// with, are fed to the output. Says when the rate has turned out to be another one than [`Clock::true_rate`] said.
    pub fn decoded(&mut self, samples: usize, declared: u32) -> bool {
        let rate = self.true_rate(declared);
        let length = MediaTime::from_ticks(samples as i64, rate).nanos();
        if let Some(last) = &mut self.last {
            last.length = length;
        }
        self.pace.decoded(samples, declared, rate)
    }

    /// So many samples, at `rate` samples a second, were added to the sound.
    pub fn fed(&mut self, samples: usize, rate: u32) {
        if rate != self.fed_rate {
            self.base = (self.position() - self.epoch).to_ticks(self.rate);
            (self.fed, self.fed_rate) = (0, rate);
        }
        self.fed = self.fed.saturating_add(samples as u64);
    }

    /// How many samples have to be put into (or, below 0, left out of) the next `samples` at the output. The clock counts
    /// with it that this is done.
    pub fn correct(&mut self, samples: usize) -> i32 {
        let distance = self.offset.abs();
        self.correcting = distance > if self.correcting { CORRECT_TO_US } else { CORRECT_FROM_US } * 1000;
        if !self.correcting {
            return 0;
        }
        let samples = samples.min(1 << 20) as i64;
        let per_mille = (distance / 1000 * CORRECT_PER_MILLE_MOST / (CORRECT_MOST_AT_MS * 1000))
            .clamp(CORRECT_PER_MILLE, CORRECT_PER_MILLE_MOST);
        let needed = MediaTime::from_nanos(distance).to_ticks(self.rate);
        let by = needed.min((samples * per_mille / 1000).max(1)).min(samples / 8) * self.offset.signum();
        self.base += by;
        self.offset -= MediaTime::from_ticks(by, self.rate).nanos();
        by as i32
    }
}

/// A gap that is nearly a whole number of packets is that: timestamps are rounded.
fn whole_packets(gap: i64, length: i64) -> i64 {
    if is_whole_packets(gap, length) { (gap + length / 2) / length * length } else { gap }
}

fn is_whole_packets(gap: i64, length: i64) -> bool {
    let over = gap.checked_rem(length).unwrap_or(0);
    over.min(length - over) <= length / 8
}

/// Measures the rate of a stream by its timestamps.
#[derive(Clone, Debug, Default)]
struct Pace {
    /// Time between the last two packets, and on average, in ns.
    spacing: i64,
    average: i64,
    /// The rate that packets declare.
    declared: u32,
    /// Time and samples of even packets.
    span: i64,
    samples: u64,
    /// What the time before amounted to.
    measured: Option<u64>,
    lie: Option<Lie>,
}

#[derive(Clone, Copy, Debug)]
struct Lie {
    declared: u32,
    rate: u32,
}

impl Pace {
    fn arrive(&mut self, spacing: i64) {
        let even = spacing.saturating_sub(self.average).abs() <= (self.average / 4).max(2_000_000);
        self.average += spacing.saturating_sub(self.average) / if even { 16 } else { 2 };
        self.spacing = spacing;
        if !even || spacing <= 0 {
            (self.span, self.samples, self.measured) = (0, 0, None);
        } else if self.samples > 0 {
            self.span = self.span.saturating_add(spacing);
        }
    }

    /// True when the rate is another one than `rate` from now on.
    fn decoded(&mut self, samples: usize, declared: u32, rate: u32) -> bool {
        if declared != self.declared {
            self.declared = declared;
            (self.span, self.samples, self.measured) = (0, 0, None);
        }
        // A span is from packet to packet: the samples of the last packet are not in it yet.
        if self.span < MEASURED_MS * 1_000_000 {
            self.samples += samples as u64;
            return false;
        }
        let counted = std::mem::replace(&mut self.samples, samples as u64);
        let span = std::mem::take(&mut self.span) as u64;
        let measure = counted.saturating_mul(1_000_000_000) / span;
        let before = self.measured.replace(measure);
        let agree = before.is_some_and(|before| apart(measure, before) <= AGREE_PER_MILLE);
        if !agree || apart(measure, rate.into()) <= LIE_PER_MILLE || !BELIEVED.contains(&measure) {
            return false;
        }
        let usual = USUAL.iter().copied().find(|usual| apart(measure, (*usual).into()) <= AGREE_PER_MILLE + 2);
        let rounded = ((measure + 25) / 50 * 50) as u32;
        self.lie = Some(Lie { declared, rate: usual.unwrap_or(rounded) });
        true
    }
}

/// By how many per mille two rates differ.
fn apart(a: u64, b: u64) -> u64 {
    a.abs_diff(b) * 1000 / b.max(1)
}

#[cfg(test)]
mod tests;
