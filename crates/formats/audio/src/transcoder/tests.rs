use super::*;
use crate::testing::{AAC, OPUS, ULAW, adts, encode_all, frequency, hear, push_all, steepest, tone};

const LC: &[u8] = include_bytes!("../../testdata/ffmpeg-lc-44100-stereo.aac");

/// A stream as a publisher sends it: its configuration, and packets at the time at which their first sample is heard.
struct Source {
    target: Target,
    config: Vec<u8>,
    packets: Vec<(MediaTime, Vec<u8>)>,
}

impl Source {
    /// Of these samples, the first of which is heard at 10 s.
    fn new(target: Target, samples: &[f32]) -> Self {
        let planes = [samples, samples];
        let (config, packets) = encode_all(&target, &planes[..usize::from(target.channels)]);
        let encoder = codec::encoder(&target).expect("an encoder");
        let at = |index: usize| {
            let ticks = (index * encoder.frame()) as i64 - encoder.delay() as i64;
            MediaTime::from_millis(10_000) + MediaTime::from_ticks(ticks, encoder.rate())
        };
        let packets = packets.into_iter().enumerate().map(|(index, packet)| (at(index), packet)).collect();
        Source { target, config, packets }
    }

    fn tone(target: Target, hz: f64, seconds: usize) -> Self {
        let rate = codec::encoder(&target).expect("an encoder").rate();
        Self::new(target, &tone(hz, rate, rate as usize * seconds))
    }

    fn to(&self, target: Target) -> Transcoder {
        Transcoder::new(self.target.codec, &self.config, target).expect("codecs that are there")
    }
}

/// Each packet begins where the one before ended.
#[track_caller]
fn assert_gapless(packets: &[Packet], rate: u32) {
    let start = packets[0].pts;
    for (index, packet) in packets.iter().enumerate() {
        let ticks = index as i64 * i64::from(packet.samples);
        assert!((packet.pts - start - MediaTime::from_ticks(ticks, rate)).nanos().abs() < 2, "packet {index}");
    }
}

/// Half a second of silence, then a beep: it is heard when it was made, and as loud.
#[track_caller]
fn check_beep(from: Target, to: Target) {
    let rate = codec::encoder(&from).expect("an encoder").rate();
    let mut samples = vec![0.0; rate as usize / 2];
    samples.extend(tone(440.0, rate, rate as usize / 2));
    let source = Source::new(from, &samples);
    let mut transcoder = source.to(to);
    let out = push_all(&mut transcoder, source.packets);
    assert_gapless(&out, transcoder.rate());
    let (start, heard) = hear(&transcoder, &out);
    let at = heard.iter().position(|sample| sample.abs() > 0.1).expect("a beep");
    let onset = start + MediaTime::from_ticks(at as i64, transcoder.rate());
    let late = (onset - MediaTime::from_millis(10_500)).nanos() as f64 / 1e6;
    assert!(late.abs() < 3.0, "{late} ms late");
    let loudest = heard.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    assert!((0.4..0.65).contains(&loudest), "{loudest}");
    let beep = &heard[at + transcoder.rate() as usize / 10..at + transcoder.rate() as usize / 3];
    assert!((frequency(beep, transcoder.rate()) - 440.0).abs() < 0.5);
}

#[test]
fn a_beep_is_heard_when_it_was_made() {
    for (from, to) in [(AAC, OPUS), (OPUS, AAC), (ULAW, OPUS), (ULAW, AAC), (OPUS, ULAW), (AAC, ULAW), (ULAW, ULAW)] {
        check_beep(from, to);
    }
    let mono = |target| Target { channels: 1, ..target };
    check_beep(mono(AAC), OPUS);
    check_beep(AAC, mono(OPUS));
    check_beep(mono(OPUS), AAC);
    check_beep(ULAW, Target { codec: Codec::G711a, ..ULAW });
}

#[test]
fn nothing_clicks_at_the_start() {
    for (from, to) in [(AAC, OPUS), (OPUS, AAC), (ULAW, AAC)] {
        let mut source = Source::tone(from, 440.0, 1);
        // A player comes in the middle of a tone.
        source.packets.drain(..17);
        let mut transcoder = source.to(to);
        let out = push_all(&mut transcoder, source.packets);
        let (_, heard) = hear(&transcoder, &out);
        let usual = steepest(&tone(440.0, transcoder.rate(), 9600));
        assert!(steepest(&heard) < usual * 2.0, "{} instead of {usual}", steepest(&heard));
    }
}

/// Some packets are lost: what comes out has no gap, and nothing in it is steeper than a tone by much.
#[track_caller]
fn check_loss(from: Target, to: Target, lost: impl Fn(usize) -> bool) -> Counts {
    let source = Source::tone(from, 440.0, 2);
    let mut transcoder = source.to(to);
    let sent = source.packets.into_iter().enumerate().filter(|(index, _)| !lost(*index)).map(|(_, packet)| packet);
    let out = push_all(&mut transcoder, sent);
    assert_gapless(&out, transcoder.rate());
    let (start, heard) = hear(&transcoder, &out);
    let end = start + MediaTime::from_ticks(heard.len() as i64, transcoder.rate());
    assert!(end > MediaTime::from_millis(11_950), "{end:?}");
    let usual = steepest(&tone(440.0, transcoder.rate(), 9600));
    let steepest = steepest(&heard);
    assert!(steepest < usual * 2.5, "{from:?} to {to:?}: {steepest} in place of {usual}");
    transcoder.counts()
}

#[test]
fn losses_are_filled() {
    for (from, to) in [(AAC, OPUS), (OPUS, AAC), (ULAW, OPUS)] {
        assert_eq!(check_loss(from, to, |index| index % 20 == 10).jumps, 0);
        assert_eq!(check_loss(from, to, |index| (30..38).contains(&index)).filled, 1);
    }
}

#[test]
fn a_long_gap_is_a_gap() {
    let mut source = Source::tone(AAC, 440.0, 2);
    let later = MediaTime::from_millis(5000);
    source.packets.iter_mut().skip(50).for_each(|packet| packet.0 += later);
    let expect = source.packets[50].0;
    let mut transcoder = source.to(OPUS);
    let out = push_all(&mut transcoder, source.packets);
    let gaps: Vec<usize> =
        (1..out.len()).filter(|index| out[*index].pts - out[index - 1].pts != MediaTime::from_millis(20)).collect();
    let [gap] = gaps[..] else { panic!("gaps at {gaps:?}") };
    assert_eq!(transcoder.counts().jumps, 1);
    assert!((out[gap].pts - expect).nanos().abs() < 10_000_000);
    assert!(out[gap - 1].pts < expect);
    assert_gapless(&out[gap..], 48_000);
    let usual = steepest(&tone(440.0, 48_000, 9600));
    assert!(steepest(&hear(&transcoder, &out).1) < usual * 2.0);
}

#[test]
fn packets_that_come_twice_are_heard_once() {
    let source = Source::tone(OPUS, 440.0, 1);
    let twice = source.packets.iter().flat_map(|packet| [packet.clone(), packet.clone()]);
    let (mut once, mut again) = (source.to(AAC), source.to(AAC));
    let expect = push_all(&mut once, source.packets.clone()).len();
    assert_eq!(push_all(&mut again, twice).len(), expect);
    assert_eq!(again.counts().skipped, 50);
}

#[test]
fn broken_packets_are_made_up_for_and_many_of_them_are_said() {
    let source = Source::tone(AAC, 440.0, 3);
    let (mut transcoder, mut out, mut said) = (source.to(OPUS), Vec::new(), Vec::new());
    for (index, (pts, packet)) in source.packets.iter().enumerate() {
        let broken = index == 7 || index >= 20;
        let packet = if broken { &[0xff; 30][..] } else { packet };
        said.extend(transcoder.push(*pts, packet, &mut out).err().map(|error| (index, error)));
    }
    assert!(matches!(said[..], [(69, Error::Undecodable { packets: 50, .. })]), "{said:?}");
    assert_eq!(transcoder.counts().broken, source.packets.len() as u64 - 19);
    assert_gapless(&out, 48_000);
    assert!(out.len() > 140, "{}", out.len());
    let (pts, packet) = &source.packets[source.packets.len() - 1];
    let long = [packet.as_slice(), &[0; MAX_PAYLOAD]].concat();
    transcoder.push(*pts, &long, &mut out).expect("it was said once");
}

#[test]
fn another_configuration_in_the_middle() {
    let source = Source::tone(AAC, 660.0, 2);
    let (config, frames) = adts(LC);
    let mut transcoder = Transcoder::new(Codec::Aac, &config, OPUS).expect("codecs that are there");
    let head = transcoder.config().to_vec();
    let mut out = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let pts = MediaTime::from_ticks(index as i64 * 1024, 44_100);
        transcoder.push(pts, frame, &mut out).expect("good packets");
    }
    assert!(transcoder.configure(&[0xff]).is_err());
    transcoder.configure(&source.config).expect("a good configuration");
    transcoder.configure(&source.config).expect("the same one");
    let start = MediaTime::from_ticks(frames.len() as i64 * 1024, 44_100) - source.packets[0].0;
    for (pts, packet) in &source.packets {
        transcoder.push(*pts + start, packet, &mut out).expect("good packets");
    }
    assert_eq!(transcoder.config(), head);
    assert_gapless(&out, 48_000);
    assert_eq!(transcoder.counts().jumps + transcoder.counts().filled, 0);
    let (_, heard) = hear(&transcoder, &out);
    for (part, hz) in [(14_400..38_400, 440.0), (62_400..100_000, 660.0)] {
        let tone = frequency(&heard[part], 48_000);
        assert!((tone - hz).abs() < 0.5, "{tone} in place of {hz}");
    }
}

#[test]
fn a_rate_that_lies_is_found_out() {
    let mut source = Source::tone(AAC, 440.0, 6);
    // 44.1 kHz, stereo.
    source.config = vec![0x12, 0x10];
    let mut transcoder = source.to(OPUS);
    let end = source.packets.len();
    let mut out = Vec::new();
    for (pts, packet) in &source.packets[..end] {
        transcoder.push(*pts, packet, &mut out).expect("good packets");
    }
    assert!(transcoder.offset().nanos().abs() < 2_000_000, "{:?}", transcoder.offset());
    assert_eq!((transcoder.counts().lies, transcoder.counts().jumps), (1, 0));
    let (_, heard) = hear(&transcoder, &out);
    assert_gapless(&out, 48_000);
    assert!((frequency(&heard[240_000..280_000], 48_000) - 440.0).abs() < 0.5);
}

#[test]
fn a_publisher_that_rests() {
    let source = Source::tone(OPUS, 440.0, 1);
    let mut transcoder = source.to(AAC);
    let mut packets = source.packets;
    // DTX: nothing but the table of contents, and 400 ms later the next one.
    let (last, rest) = (packets[49].0, packets[10].1.clone());
    packets[49].1.truncate(1);
    packets.push((last + MediaTime::from_millis(400), vec![packets[49].1[0]]));
    packets.push((last + MediaTime::from_millis(800), rest));
    let out = push_all(&mut transcoder, packets);
    assert_gapless(&out, 48_000);
    assert_eq!((transcoder.counts().filled, transcoder.counts().jumps), (2, 0));
}

#[test]
fn what_does_not_come_is_filled_when_it_is_asked_for() {
    let source = Source::tone(OPUS, 440.0, 1);
    let mut transcoder = source.to(AAC);
    let mut out = Vec::new();
    let ms = MediaTime::from_millis;
    transcoder.fill_until(ms(50_000), &mut out).expect("nothing to do");
    for (pts, packet) in &source.packets[..40] {
        transcoder.push(*pts, packet, &mut out).expect("good packets");
    }
    let (before, end) = (out.len(), source.packets[40].0);
    transcoder.fill_until(end, &mut out).expect("nothing to do");
    transcoder.fill_until(end + ms(1000), &mut out).expect("too far away");
    assert_eq!(out.len(), before);
    transcoder.fill_until(end + ms(100), &mut out).expect("sound that is made up");
    assert!((4..=5).contains(&(out.len() - before)));
    // What comes after all has been heard already.
    for (pts, packet) in &source.packets[40..50] {
        transcoder.push(*pts, packet, &mut out).expect("good packets");
    }
    assert_eq!(transcoder.counts().skipped, 5);
    assert_gapless(&out, 48_000);
}

#[test]
fn an_hour_of_a_clock_that_is_off() {
    let source = Source::tone(ULAW, 440.0, 1);
    let mut transcoder = source.to(ULAW);
    let (mut out, mut made, mut last) = (Vec::new(), 0, MediaTime::ZERO);
    // 100 ppm fast, in the milliseconds of RTMP.
    let pts = |index: u64| MediaTime::from_millis((index as f64 * 20.0 * 1.0001) as i64);
    for index in 0..180_000 {
        let packet = &source.packets[(index % 50) as usize].1;
        transcoder.push(pts(index), packet, &mut out).expect("good packets");
        made += out.len() as i64;
        for packet in out.drain(..) {
            assert!(index == 0 || packet.pts - last == MediaTime::from_millis(20));
            last = packet.pts;
        }
    }
    let drift = pts(180_000) - MediaTime::from_millis(made * 20);
    // What waits for a whole packet, and how far the clock lets it come.
    assert!((0..22).contains(&drift.millis()), "{drift:?}");
    assert!(transcoder.offset().nanos().abs() < 2_000_000, "{:?}", transcoder.offset());
    // 0.36 s, sample by sample.
    let corrected = transcoder.counts().corrected;
    assert!((2_700..3_100).contains(&corrected), "{corrected}");
}
