use super::*;

/// Bits a second, packets of the first picture, and packets a second of a stream over ten seconds.
fn measure(shape: Shape) -> (f64, usize, usize) {
    let packets = Packets::new(shape);
    let (mut place, mut key) = (Place::default(), false);
    let (mut bytes, mut count, mut first) = (0, 0, None);
    while packets.due(&place) < Duration::from_secs(10) {
        let burst = packets.step(&mut place, &mut key);
        let payloads: Vec<_> = burst.layers().flatten().collect();
        bytes += payloads.iter().map(|payload| payload.len()).sum::<usize>();
        count += payloads.len();
        first = first.or(burst.is_video.then_some(payloads.len()));
        assert!(payloads.iter().all(|payload| payload.len() + RTP_HEADER <= shape.packet as usize));
    }
    (bytes as f64 * 8.0 / 10.0, first.expect("a picture"), count / 10)
}

#[test]
fn it_has_the_bit_rate_that_was_asked_for() {
    for bitrate in [100, 600, 4000] {
        for (sound, fps) in [(0, 30), (64, 25)] {
            let (rate, first, _) = measure(Shape { bitrate, sound, fps, ..Shape::default() });
            let asked = f64::from(bitrate) * 1000.0;
            assert!((rate - asked).abs() < asked * 0.05, "{rate} of {asked}");
            assert!(first >= 2);
        }
    }
}

#[test]
fn layers_have_a_third_of_the_bits_of_the_next() {
    let (rate, ..) = measure(Shape { bitrate: 2700, sound: 0, layers: 3, ..Shape::default() });
    assert!((rate - 3_900_000.0).abs() < 200_000.0, "{rate}");
}

#[test]
fn a_key_frame_comes_when_it_is_asked_for() {
    let packets = Packets::new(Shape { sound: 0, ..Shape::default() });
    let mut place = Place::default();
    let mut is_key = |mut asked: bool| {
        let burst = packets.step(&mut place, &mut asked);
        assert!(!asked);
        burst.layers().flatten().next().is_some_and(|payload| is_parameter_sets(payload))
    };
    let keys: Vec<usize> = (0..120).filter(|i| is_key(*i == 60)).collect();
    assert_eq!(keys, [0, 50, 60, 110]);
}

#[test]
fn marks_are_read_again() {
    let packets = Packets::new(Shape::default());
    let (mut place, mut key) = (Place::default(), false);
    for _ in 0..100 {
        for payload in packets.step(&mut place, &mut key).layers().flatten() {
            let marked = marked(payload, 12_345);
            assert_eq!(read_mark(&marked), (!is_parameter_sets(payload)).then_some(12_345));
            assert_eq!(read_mark(payload), None);
            assert_eq!(marked.len(), payload.len());
        }
    }
    assert_eq!(read_mark(b"short"), None);
}
