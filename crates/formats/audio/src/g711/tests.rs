use super::*;

#[track_caller]
fn check(decode: fn(u8) -> i16, encode: fn(i16) -> u8, known: &[(u8, i16)]) {
    for (byte, sample) in known {
        assert_eq!(decode(*byte), *sample, "{byte:#x}");
    }
    for byte in 0..=u8::MAX {
        let sample = decode(byte);
        assert_eq!(decode(encode(sample)), sample, "{byte:#x}");
    }
    for sample in (i16::MIN..=i16::MAX).step_by(7) {
        let error = (i32::from(sample) - i32::from(decode(encode(sample)))).abs();
        assert!(error <= (i32::from(sample).abs() / 16).max(16), "{sample} is off by {error}");
    }
}

#[test]
fn samples_of_both_laws() {
    // The values of the tables in G.711, widened to 16 bits.
    check(ulaw_to_linear, linear_to_ulaw, &[(0xff, 0), (0x7f, 0), (0x80, 32_124), (0x00, -32_124), (0xf0, 120)]);
    check(alaw_to_linear, linear_to_alaw, &[(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256), (0x85, 4224)]);
}

#[test]
fn packets_that_are_none() {
    let (mut decoder, mut pcm) = (Decoder::new(Codec::G711a), Pcm::new());
    assert!(decoder.decode(&[], &mut pcm).is_err());
    assert!(decoder.decode(&vec![0; MAX_SAMPLES + 1], &mut pcm).is_err());
    assert!(decoder.decode(&[0xd5], &mut pcm).is_ok());
    assert!(encoder(&Target { codec: Codec::G711a, bitrate: 64_000, channels: 2 }).is_err());
}
