//! Bodies for the fuzzer; a plain test replays the corpora.

use weir_base::MediaTime;
use weir_codec::Codec;

use crate::{MAX_CHANNELS, MAX_SAMPLES, Pcm, Target, Transcoder, decoder};

const CODECS: [Codec; 5] = [Codec::Aac, Codec::Mp3, Codec::Opus, Codec::G711a, Codec::G711u];

/// What of an input is used: more packets find nothing new, and an hour of sound would look like a hang.
const MAX_PACKETS: usize = 24;

/// The first byte is a codec, then come the configuration and packets, each behind a byte for its length.
///
/// None panics in a decoder, nor beyond it, and none makes more sound than the cap.
pub fn decoders(data: &[u8]) {
    let Some((codec, rest)) = codec_of(data) else { return };
    let mut packets = chunks(rest);
    let Ok(mut decoder) = decoder(codec, packets.next().unwrap_or_default()) else { return };
    let mut pcm = Pcm::new();
    for packet in packets.take(MAX_PACKETS) {
        if decoder.decode(packet, &mut pcm).is_ok() {
            check(&pcm);
        }
        if decoder.conceal(480, Some(packet), &mut pcm) {
            check(&pcm);
        }
    }
}

/// As [`decoders`], with two more bytes before each packet: how far its timestamp is from the last one, in ms.
///
/// What comes out has timestamps in steps of its duration but where sound starts anew, and there is no more of it than was
/// put in or filled.
pub fn transcoder(data: &[u8]) {
    let Some((codec, rest)) = codec_of(data) else { return };
    let target = match data.len() % 3 {
        0 => Target { codec: Codec::Opus, bitrate: 48_000, channels: 2 },
        1 => Target { codec: Codec::Aac, bitrate: 48_000, channels: 1 },
        _ => Target { codec: Codec::G711u, bitrate: 64_000, channels: 1 },
    };
    let mut packets = chunks(rest);
    let Ok(mut transcoder) = Transcoder::new(codec, packets.next().unwrap_or_default(), target) else { return };
    let (mut pts, mut out) = (0, Vec::new());
    for packet in packets.take(MAX_PACKETS) {
        let Some((step, payload)) = packet.split_at_checked(2) else { continue };
        let step = i16::from_be_bytes([step[0], step[1]]);
        pts += i64::from(step);
        if step == i16::MIN {
            let _ = transcoder.configure(payload);
            continue;
        }
        let jumps = transcoder.counts().jumps;
        out.clear();
        let _ = transcoder.push(MediaTime::from_millis(pts), payload, &mut out);
        assert!(out.len() < 120, "{} packets of one", out.len());
        if transcoder.counts().jumps == jumps {
            for pair in out.windows(2) {
                let step = (pair[1].pts - pair[0].pts).to_ticks(transcoder.rate());
                assert_eq!(step, i64::from(pair[0].samples));
            }
        }
    }
    let _ = transcoder.finish(&mut out);
}

fn codec_of(data: &[u8]) -> Option<(Codec, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((CODECS[usize::from(*first) % CODECS.len()], rest))
}

fn chunks(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, behind) = rest.split_first()?;
        let (chunk, behind) = behind.split_at(usize::from(*len).min(behind.len()));
        rest = behind;
        Some(chunk)
    })
}

fn check(pcm: &Pcm) {
    assert!(pcm.len() <= MAX_SAMPLES && pcm.planes().len() <= MAX_CHANNELS);
    assert!(pcm.planes().iter().all(|plane| plane.len() == pcm.len()));
    assert!(pcm.planes().iter().flatten().all(|sample| (-1.0..=1.0).contains(sample)));
}

#[cfg(test)]
mod tests;
