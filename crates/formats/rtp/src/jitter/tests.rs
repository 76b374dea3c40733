use super::*;
use Ordered::{Gap, Packet};

const MS: fn(u64) -> Duration = Duration::from_millis;

/// Pushes packets with these numbers at these milliseconds; gives what comes out by when, up to `until`.
fn run(arrivals: &[(u64, u64)], until: u64) -> (Vec<(u64, Ordered<u64>)>, JitterBuffer<u64>) {
    let mut buffer = JitterBuffer::new(DEFAULT_WAIT);
    let mut out = Vec::new();
    let mut arrivals = arrivals.iter().copied().peekable();
    for now in 0..=until {
        while let Some((sequence, _)) = arrivals.next_if(|(_, at)| *at == now) {
            buffer.push(sequence, 1000, sequence, MS(now));
            while let Some(next) = buffer.poll(MS(now)) {
                out.push((now, next));
            }
        }
        if buffer.deadline().is_some_and(|due| due <= MS(now)) {
            while let Some(next) = buffer.poll(MS(now)) {
                out.push((now, next));
            }
        }
    }
    (out, buffer)
}

fn check(arrivals: &[(u64, u64)], expect: &[(u64, Ordered<u64>)], dropped: u64) {
    let (out, buffer) = run(arrivals, 1000);
    assert_eq!((out.as_slice(), buffer.dropped()), (expect, dropped), "{arrivals:?}");
}

#[test]
fn order_costs_no_time() {
    check(&[(7, 0), (8, 20), (9, 40)], &[(0, Packet(7)), (20, Packet(8)), (40, Packet(9))], 0);
    check(&[(7, 0), (9, 20), (8, 30)], &[(0, Packet(7)), (30, Packet(8)), (30, Packet(9))], 0);
    let late = [(7, 0), (10, 20), (9, 30), (8, 40)];
    check(&late, &[(0, Packet(7)), (40, Packet(8)), (40, Packet(9)), (40, Packet(10))], 0);
}

#[test]
fn a_gap_is_waited_for_and_given_up() {
    check(&[(7, 0), (9, 20), (10, 200)], &[(0, Packet(7)), (270, Gap(1)), (270, Packet(9)), (270, Packet(10))], 0);
    // The packet comes when it is given up.
    check(&[(7, 0), (9, 20), (8, 300)], &[(0, Packet(7)), (270, Gap(1)), (270, Packet(9))], 1);
    // Two gaps, each for its time.
    let two = [(7, 0), (9, 20), (11, 100)];
    check(&two, &[(0, Packet(7)), (270, Gap(1)), (270, Packet(9)), (350, Gap(1)), (350, Packet(11))], 0);
    // The wait is that of the gap, whatever came behind it first.
    check(
        &[(7, 0), (12, 20), (10, 30)],
        &[(0, Packet(7)), (270, Gap(2)), (270, Packet(10)), (270, Gap(1)), (270, Packet(12))],
        0,
    );
}

#[test]
fn packets_that_come_twice() {
    check(&[(7, 0), (7, 1), (9, 20), (9, 21), (8, 22)], &[(0, Packet(7)), (22, Packet(8)), (22, Packet(9))], 2);
}

#[test]
fn a_source_that_counts_anew() {
    let ahead = [(7, 0), (8000, 20), (8001, 40), (8002, 60)];
    check(&ahead, &[(0, Packet(7)), (40, Gap(0)), (40, Packet(8000)), (40, Packet(8001)), (60, Packet(8002))], 0);
    let back = [(9000, 0), (1, 20), (0, 40), (2, 60)];
    check(&back, &[(0, Packet(9000)), (40, Gap(0)), (40, Packet(0)), (40, Packet(1)), (60, Packet(2))], 0);
    // One packet far away changes nothing, whether it comes once, twice or with another one far away.
    let strays = [(7, 0), (8000, 10), (8, 20), (8000, 30), (9, 40), (20_000, 50), (10, 60)];
    check(&strays, &[(0, Packet(7)), (20, Packet(8)), (40, Packet(9)), (60, Packet(10))], 2);
}

#[test]
fn what_waits_is_bounded() {
    let mut buffer = JitterBuffer::new(Duration::from_secs(3600));
    let mut held = 0_usize;
    for sequence in (0..10_000_u64).filter(|sequence| sequence % 900 != 1) {
        buffer.push(sequence, 1200, (), Duration::ZERO);
        held += 1;
        while let Some(out) = buffer.poll(Duration::ZERO) {
            held -= usize::from(out == Packet(()));
        }
        assert!(held <= MAX_PACKETS && held * 1200 <= MAX_BYTES, "{held}");
    }
    let mut buffer = JitterBuffer::new(Duration::from_secs(3600));
    for sequence in (0..500_u64).filter(|sequence| *sequence != 1) {
        buffer.push(sequence, 60_000, (), Duration::ZERO);
        while buffer.poll(Duration::ZERO).is_some() {}
        assert!(buffer.bytes <= MAX_BYTES);
    }
}

#[test]
fn numbers_are_extended_over_their_wraps() {
    let check = |sequence, near, expect| assert_eq!(extend(sequence, near), expect);
    check(5, 4, 5);
    check(0, 65_535, 65_536);
    check(65_535, 65_536, 65_535);
    check(3, 0x1_fffe, 0x2_0003);
    check(0xfff0, 0x2_0003, 0x1_fff0);
    // There is nothing before the first.
    check(65_535, 0, 65_535);
}
