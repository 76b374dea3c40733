use super::*;
use crate::Speaker;

/// Panics at every packet but those that begin with a 1.
struct Fragile;

impl AudioDecoder for Fragile {
    fn decode(&mut self, payload: &[u8], out: &mut Pcm) -> Result<(), Error> {
        assert_eq!(payload.first(), Some(&1), "a panic of a decoder");
        out.start(8000, Speaker::MONO);
        out.push_interleaved(&[f32::NAN, f32::INFINITY, 2.0, -2.0]);
        Ok(())
    }

    fn conceal(&mut self, _: usize, _: Option<&[u8]>, _: &mut Pcm) -> bool {
        panic!("a panic of a decoder");
    }
}

#[test]
fn a_panic_is_an_error_and_the_decoder_is_made_anew() {
    let (codec, mut pcm) = (Codec::G711a, Pcm::new());
    let mut decoder = Guarded { codec, config: Vec::new(), inner: Some(Box::new(Fragile)) };
    decoder.decode(&[1], &mut pcm).expect("a good packet");
    assert_eq!(pcm.planes()[0], [0.0, 0.0, 1.0, -1.0]);
    assert!(!decoder.conceal(10, None, &mut pcm));
    // G.711 now, which takes any byte.
    decoder.decode(&[0], &mut pcm).expect("another decoder");
    decoder.inner = Some(Box::new(Fragile));
    assert_eq!(decoder.decode(&[0], &mut pcm), Err(Error::Panicked { codec }));
    assert!(decoder.inner.is_none() && !decoder.is_resting());
}

#[test]
fn codecs_that_are_not_there() {
    assert!(decoder(Codec::Flac, &[]).is_err());
    assert!(encoder(&Target { codec: Codec::Mp3, bitrate: 64_000, channels: 2 }).is_err());
}
