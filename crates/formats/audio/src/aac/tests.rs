use super::*;
use crate::pcm::{Pcm, Speaker};
use crate::testing::{AAC, adts, decode_all, encode_all, share, snr, tone};

const LC: &[u8] = include_bytes!("../../testdata/ffmpeg-lc-44100-stereo.aac");
const SURROUND: &[u8] = include_bytes!("../../testdata/ffmpeg-lc-48000-51.aac");
const HE: &[u8] = include_bytes!("../../testdata/fdk-he-48000-stereo.aac");
const HE_V2: &[u8] = include_bytes!("../../testdata/fdk-hev2-48000-stereo.aac");

/// The rate that is heard, the samples of a packet, and the tone of the first two channels.
#[track_caller]
fn check(file: &[u8], config: Option<&[u8]>, rate: u32, samples: usize, tones: [f64; 2]) {
    let (implied, frames) = adts(file);
    let config = config.unwrap_or(&implied);
    let mut pcm = Pcm::new();
    let mut first = decoder(config).expect("a decoder");
    first.decode(frames[0], &mut pcm).expect("a good frame");
    assert_eq!((pcm.rate(), pcm.len()), (rate, samples));
    let planes = decode_all(&mut *decoder(config).expect("a decoder"), &frames);
    for (plane, hz) in planes.iter().zip(tones) {
        let heard = share(&plane[plane.len() / 3..plane.len() / 2], rate, hz);
        assert!(heard > 0.8, "{heard} of the power is at {hz} Hz");
    }
}

#[test]
fn low_complexity() {
    check(LC, None, 44_100, 1024, [440.0, 660.0]);
    #[cfg(not(feature = "fdk-aac"))]
    check(SURROUND, None, 48_000, 1024, [440.0, 660.0]);
}

#[test]
fn high_efficiency_announced_or_not() {
    check(HE, None, 48_000, 2048, [440.0, 660.0]);
    // SBR at 48 kHz over LC at 24 kHz, in front of it and behind it.
    check(HE, Some(&[0x2b, 0x11, 0x88, 0x00]), 48_000, 2048, [440.0, 660.0]);
    check(HE, Some(&[0x13, 0x10, 0x56, 0xe5, 0x98]), 48_000, 2048, [440.0, 660.0]);
}

#[test]
fn parametric_stereo() {
    let (config, frames) = adts(HE_V2);
    let planes = decode_all(&mut *decoder(&config).expect("a decoder"), &frames);
    assert_eq!(planes.len(), 2);
    assert_eq!(planes[0].len(), frames.len() * 2048);
}

#[test]
#[cfg(not(feature = "fdk-aac"))]
fn speakers_of_surround() {
    use Speaker::*;
    let (config, frames) = adts(SURROUND);
    let mut pcm = Pcm::new();
    decoder(&config).expect("a decoder").decode(frames[3], &mut pcm).expect("a good frame");
    assert_eq!(pcm.speakers(), [Left, Right, Center, Lfe, SurroundLeft, SurroundRight]);
}

#[test]
fn the_same_as_symphonia() {
    use symphonia_core::codecs::audio::{AudioCodecParameters, AudioDecoder as _, well_known::CODEC_ID_AAC};
    use symphonia_core::packet::PacketRef;
    use symphonia_core::units::{Duration, Timestamp};
    let (config, frames) = adts(LC);
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_AAC).with_extra_data(config.clone().into());
    let mut other = symphonia_codec_aac::AacDecoder::try_new(&parameters, &Default::default()).expect("a decoder");
    let (mut theirs, mut planes) = (Vec::new(), Vec::<Vec<f32>>::new());
    for frame in &frames {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, frame);
        other.decode_ref(&packet).expect("a good frame").copy_to_vecs_planar(&mut planes);
        theirs.extend_from_slice(&planes[0]);
    }
    let ours = decode_all(&mut *decoder(&config).expect("a decoder"), &frames);
    assert_eq!(ours[0].len(), theirs.len());
    let like = snr(&theirs, &ours[0]);
    assert!(like > 80.0, "{like} dB");
}

#[test]
fn a_tone_goes_through_both_halves_as_late_as_is_said() {
    let source = tone(440.0, 48_000, 48_000);
    let delay = encoder(&AAC).expect("an encoder").delay();
    let (config, packets) = encode_all(&AAC, &[&source, &source]);
    assert_eq!(config[..2], [0x11, 0x90]);
    let heard = decode_all(&mut *decoder(&config).expect("a decoder"), &packets);
    let like = snr(&source[4800..40_000], &heard[0][4800 + delay..]);
    assert!(like > 25.0, "{like} dB");
}

#[test]
fn bitrates() {
    let source = tone(440.0, 48_000, 48_000);
    for (bitrate, channels) in [(8_000, 2), (48_000, 2), (320_000, 2), (320_000, 1), (1_000_000, 2)] {
        let target = Target { bitrate, channels, ..AAC };
        let planes = [&source[..], &source];
        let (_, packets) = encode_all(&target, &planes[..usize::from(channels)]);
        let bits = packets.iter().map(Vec::len).sum::<usize>() as u32 * 8;
        assert!(bits < bitrate.max(16_000) * 11 / 10, "{bits} b/s in place of {bitrate}");
    }
    assert!(encoder(&Target { channels: 3, ..AAC }).is_err());
    assert!(encoder(&Target { channels: 0, ..AAC }).is_err());
    assert!(encoder(&Target { bitrate: 0, ..AAC }).is_err());
}

#[test]
fn what_is_broken_is_said_and_the_next_frame_is_decoded() {
    for config in [&[][..], &[0x11], &[0xff; 8], &[0x0f, 0xff, 0xff, 0xff]] {
        assert!(matches!(decoder(config), Err(Error::Undecoded { .. })), "{config:02x?}");
    }
    let (config, frames) = adts(LC);
    let (mut decoder, mut pcm) = (decoder(&config).expect("a decoder"), Pcm::new());
    for bad in [&[][..], &[0xff; 40], &frames[3][..20]] {
        assert!(matches!(decoder.decode(bad, &mut pcm), Err(Error::Broken { .. })));
        assert!(decoder.decode(frames[4], &mut pcm).is_ok());
    }
}
