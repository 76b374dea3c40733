use opus_pure::{Application, OpusEncoder, OpusMSEncoder};

use super::*;
use crate::pcm::Pcm;
use crate::testing::{OPUS, decode_all, encode_all, frequency, snr, tone};

fn browser(frame: usize, hz: f64, set: impl FnOnce(&mut OpusEncoder)) -> Vec<Vec<u8>> {
    let mut encoder = OpusEncoder::new(48_000, 1, Application::Voip).expect("an encoder");
    set(&mut encoder);
    let source = tone(hz, 48_000, 48_000);
    let mut packet = vec![0; 4000];
    let mut encode = |part: &[f32]| {
        let len = encoder.encode(part, frame, &mut packet).expect("good samples");
        packet[..len].to_vec()
    };
    source.chunks_exact(frame).map(&mut encode).collect()
}

#[test]
fn packets_of_every_length() {
    for frame in [120, 240, 480, 960, 1920, 2880] {
        let packets = browser(frame, 440.0, |_| ());
        let planes = decode_all(&mut *decoder(&[]).expect("a decoder"), &packets);
        assert_eq!((planes.len(), planes[0].len()), (2, packets.len() * frame));
        assert!((frequency(&planes[1][9600..43_200], 48_000) - 440.0).abs() < 1.0, "{frame}");
    }
}

#[test]
fn a_tone_goes_through_both_halves_as_late_as_is_said() {
    let source = tone(440.0, 48_000, 48_000);
    let (config, packets) = encode_all(&OPUS, &[&source, &source]);
    let delay = encoder(&OPUS).expect("an encoder").delay();
    assert_eq!(OpusHead::parse(&config).map(|head| (head.channels, usize::from(head.pre_skip))), Ok((2, delay)));
    let heard = decode_all(&mut *decoder(&config).expect("a decoder"), &packets);
    let like = snr(&source[4800..40_000], &heard[0][4800 + delay..]);
    assert!(like > 25.0, "{like} dB");
}

#[test]
fn bitrates() {
    let source = tone(440.0, 48_000, 48_000);
    for bitrate in [8_000, 48_000, 320_000] {
        let (_, packets) = encode_all(&Target { bitrate, ..OPUS }, &[&source, &source]);
        let bits = packets.iter().map(Vec::len).sum::<usize>() as u32 * 8;
        assert!(bits < bitrate * 13 / 10, "{bits} b/s in place of {bitrate}");
    }
    for bad in [Target { channels: 3, ..OPUS }, Target { bitrate: 5_999, ..OPUS }, Target { bitrate: 510_001, ..OPUS }]
    {
        assert!(encoder(&bad).is_err());
    }
}

#[test]
fn a_lost_packet_is_taken_from_the_next_one() {
    let packets = browser(960, 200.0, |encoder| {
        (encoder.use_inband_fec, encoder.packet_loss_perc, encoder.bitrate_bps) = (true, 20, 24_000);
    });
    let lost = 30;
    let mut pcm = Pcm::new();
    let mut whole = decoder(&[]).expect("a decoder");
    let want = decode_all(&mut *whole, &packets).swap_remove(0);
    let like = |next: Option<&[u8]>, pcm: &mut Pcm| {
        let mut decoder = decoder(&[]).expect("a decoder");
        decode_all(&mut *decoder, &packets[..lost]);
        assert!(decoder.conceal(960, next, pcm));
        assert_eq!(pcm.len(), 960);
        snr(&want[lost * 960..(lost + 1) * 960], &pcm.planes()[0])
    };
    let (known, guessed) = (like(Some(&packets[lost + 1]), &mut pcm), like(None, &mut pcm));
    assert!(known >= guessed && guessed > 0.0, "{known} dB in place of {guessed}");
    let mut decoder = decoder(&[]).expect("a decoder");
    assert!(decoder.conceal(333, None, &mut pcm) && pcm.len() == 333);
    assert!(!decoder.conceal(48_000, None, &mut pcm));
}

#[test]
fn a_rest_is_noticed() {
    let mut decoder = decoder(&[]).expect("a decoder");
    let mut pcm = Pcm::new();
    decoder.decode(&[0x78], &mut pcm).expect("a packet of DTX");
    assert!(decoder.is_resting());
    decoder.decode(&browser(960, 440.0, |_| ())[5], &mut pcm).expect("a packet");
    assert!(!decoder.is_resting());
}

#[test]
fn surround() {
    let mut encoder = OpusMSEncoder::new(48_000, 6, 1, Application::Audio).expect("an encoder");
    let layout = encoder.layout().clone();
    let mut config = Vec::new();
    OpusHead { mapping_family: 1, ..head(6, 312) }.write_to(&mut config);
    config[18] = 1;
    config.extend([layout.nb_streams as u8, layout.nb_coupled_streams as u8]);
    config.extend(&layout.mapping);
    let mut surround = decoder(&config).expect("a decoder");
    let centre = tone(440.0, 48_000, 9600);
    let samples: Vec<f32> = centre.iter().flat_map(|sample| [0.0, *sample, 0.0, 0.0, 0.0, 0.0]).collect();
    let (mut packet, mut pcm) = (vec![0; 8000], Pcm::new());
    for part in samples.chunks_exact(960 * 6) {
        let len = encoder.encode(part, 960, &mut packet).expect("good samples");
        surround.decode(&packet[..len], &mut pcm).expect("a good packet");
    }
    assert_eq!(pcm.speakers()[1], Speaker::Center);
    let loudest = |plane: &[f32]| plane.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    assert!(loudest(&pcm.planes()[1]) > 0.4 && loudest(&pcm.planes()[0]) < 0.1);
    config[22] ^= 1;
    assert!(decoder(&config).is_err());
}

#[test]
fn what_is_broken_is_said() {
    assert!(decoder(b"OpusHead").is_err());
    let mut config = Vec::new();
    head(3, 0).write_to(&mut config);
    assert!(decoder(&config).is_err());
    let (mut decoder, mut pcm) = (decoder(&[]).expect("a decoder"), Pcm::new());
    for bad in [&[][..], &[0x03], &[0xff, 0xff, 0xff]] {
        assert!(matches!(decoder.decode(bad, &mut pcm), Err(Error::Broken { .. })), "{bad:02x?}");
    }
}
