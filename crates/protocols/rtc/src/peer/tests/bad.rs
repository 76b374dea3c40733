//! What breaks, lies and attacks: on the way, and behind the keys.

use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use weir_rtp::Kind;

use super::{CLIENT, EXTENSIONS, Extension, Link, Outgoing, Output, Peer, SERVER, address, forge, outgoing};

/// The sources of the link: media, its retransmissions, sound.
const MEDIA: u32 = 1;
const RTX: u32 = 100;

/// An RTP packet of who knows the keys, without extensions.
fn packet(flags: u8, pt: u8, sequence: u16, ssrc: u32, body: &[u8]) -> Vec<u8> {
    let header = [&[0x80 | flags, pt][..], &sequence.to_be_bytes(), &[0, 0, 0, 9], &ssrc.to_be_bytes()].concat();
    forge::rtp(&[&header[..], body].concat(), header.len())
}

/// A report: `count` is what stands in the first byte, `body` follows the header.
fn report(count: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let words = (body.len() / 4) as u16;
    [&[0x80 | count, kind][..], &words.to_be_bytes(), body].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// A link whose full side tells its keys, after five packets of each track.
fn forged(lite_sends: bool, extensions: &[(u8, Extension)]) -> Link {
    let mut link = Link::connected(lite_sends, extensions);
    forge::learn(&link.full);
    link.check_media(lite_sends, 1);
    link.run(Duration::from_secs(2));
    link
}

/// Every datagram comes twice, and again after five seconds.
fn check_replay(lite_sends: bool) {
    let mut link = Link::connected(lite_sends, EXTENSIONS);
    link.log = Some(Vec::new());
    let (mut twice, mut again) = (0, 0);
    for sequence in 1..=400 {
        let now = link.now;
        link.sender(lite_sends).send(outgoing(0, sequence, now));
        link.sender(lite_sends).send(outgoing(1, sequence, now));
        link.sender(lite_sends).advance(now).expect("time passes");
        link.run(Duration::from_millis(20));
        let log = link.log.take().expect("a log");
        for (_, from_lite, datagram) in &log[twice..] {
            link.inject(!from_lite, datagram);
        }
        twice = log.len();
        while log.get(again).is_some_and(|(at, ..)| *at + Duration::from_secs(5) < link.now) {
            link.inject(!log[again].1, &log[again].2);
            again += 1;
        }
        link.log = Some(log);
    }
    assert!(again > 200);
    let seen: HashSet<_> = link.received.iter().map(|packet| (packet.track, packet.sequence)).collect();
    assert_eq!((link.received.len(), seen.len()), (800, 800));
}

#[test]
fn what_comes_again_is_told_once() {
    check_replay(true);
    check_replay(false);
}

/// Ahead of each datagram comes what `spoil` makes of it: of the first dozen of each kind.
fn check_spoiled(lite_sends: bool, spoil: impl Fn(&[u8], usize) -> Option<Vec<u8>> + 'static) {
    let mut link = Link::new(lite_sends, EXTENSIONS);
    let kinds = Rc::new(Cell::new([0; 5]));
    let count = kinds.clone();
    link.spoil = Some(Box::new(move |datagram| {
        let kind = match Kind::of(datagram) {
            Kind::Stun => 0,
            Kind::Dtls => 1,
            Kind::Rtp => 2,
            Kind::Rtcp => 3,
            Kind::Unknown => 4,
        };
        let mut kinds = count.get();
        kinds[kind] += 1;
        count.set(kinds);
        (0..).map_while(|at| spoil(datagram, at)).filter(|_| kinds[kind] <= 12).collect()
    }));
    link.run(Duration::from_secs(1));
    assert_eq!(link.connected, 2);
    for sequence in (1..200).step_by(5) {
        link.check_media(lite_sends, sequence);
        link.received.clear();
    }
    assert!(kinds.get()[..4].iter().all(|count| *count > 3), "{kinds:?}");
}

#[test]
fn datagrams_may_be_cut_short_at_every_length() {
    for lite_sends in [true, false] {
        check_spoiled(lite_sends, |datagram, at| (at < datagram.len()).then(|| datagram[..at].to_vec()));
    }
}

/// Ahead of a flight come all of its records but the last, and then one that no key fits.
#[test]
fn records_that_no_key_fits_are_lost() {
    const FORGED: [u8; 13] = [22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40];
    for lite_sends in [true, false] {
        check_spoiled(lite_sends, |datagram, at| {
            let mut last = 0;
            while let Some(head) = datagram[last..].first_chunk::<13>() {
                let next = last + 13 + usize::from(head[11]) * 256 + usize::from(head[12]);
                if next >= datagram.len() {
                    break;
                }
                last = next;
            }
            (at == 0 && Kind::of(datagram) == Kind::Dtls).then(|| [&datagram[..last], &FORGED, &[7; 40]].concat())
        });
    }
}

#[test]
fn bits_may_turn_around() {
    for lite_sends in [true, false] {
        check_spoiled(lite_sends, |datagram, at| {
            // Every bit of the first bytes, one bit of each that follows. The handshake vouches for itself only at its end.
            let bit = if at < 32 * 8 { at } else { (at - 31 * 8) * 8 + at % 8 };
            let mut spoiled = datagram.to_vec();
            *spoiled.get_mut(bit / 8)? ^= 0x80 >> (bit % 8);
            (Kind::of(datagram) != Kind::Dtls).then_some(spoiled)
        });
    }
}

/// Handshakes over a way that loses, repeats, delays and spoils datagrams come to an end: most to a good one.
#[test]
fn handshakes_over_bad_ways() {
    let (mut good, mut bad, total) = (0, 0, 60);
    for seed in 0..total {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut link = Link::new(true, EXTENSIONS);
        let end = link.now + Duration::from_secs(30);
        let mut late: Vec<(bool, Vec<u8>)> = Vec::new();
        let mut failed = false;
        while link.connected < 2 && !failed && link.now < end {
            failed = link.try_drain(true).and(link.try_drain(false)).is_err();
            late.extend(link.way.drain(..));
            random.shuffle(&mut late);
            let later = late.split_off(late.len() - late.len() / 3);
            for (from_lite, mut datagram) in std::mem::replace(&mut late, later) {
                if random.u8(..) < 50 {
                    continue;
                }
                if seed % 2 == 0 && random.u8(..) < 25 {
                    let at = random.usize(..datagram.len());
                    datagram[at] ^= 1 << random.u8(..8);
                }
                let (from, peer) = if from_lite { (SERVER, &mut link.full) } else { (CLIENT, &mut link.lite) };
                for _ in 0..random.usize(1..3) {
                    failed = failed || peer.receive(link.now, address(from), false, &datagram).is_err();
                }
                failed = failed || link.try_drain(!from_lite).is_err();
                if failed {
                    break;
                }
            }
            link.now += Duration::from_millis(10);
            failed = failed || link.lite.advance(link.now).is_err() || link.full.advance(link.now).is_err();
        }
        good += u64::from(link.connected == 2);
        bad += u64::from(failed);
    }
    println!("{good} of {total} handshakes connected, {bad} failed at once");
    assert!(good >= total * 2 / 3, "{good} of {total}, {bad} failed");
}

#[test]
fn padding_that_is_not_there() {
    let mut link = forged(false, EXTENSIONS);
    let mut sequence = 100;
    let mut check = |flags: u8, body: &[u8], expect: Option<usize>| {
        let before = link.received.len();
        link.inject(true, &packet(flags, 102, sequence, MEDIA, body));
        sequence += 1;
        let told = link.received.get(before).map(|packet| packet.payload.len());
        assert_eq!(told, expect, "{} bytes", body.len());
    };
    check(0x20, &[7, 7, 7, 1], Some(3));
    check(0x20, &[7, 7, 7, 5], None);
    check(0x20, &[7, 7, 7, 255], None);
    check(0x20, &[&[7; 300][..], &[255]].concat(), Some(46));
    // RFC 3550 §5.1 counts itself: a count of nothing is none, and nothing is taken away.
    check(0x20, &[7, 7, 7, 0], Some(4));
    check(0x20, &[0, 0, 0, 4], Some(0));
    check(0x20, &[], Some(0));
    check(0x00, &[], Some(0));
    link.check_media(false, 200);
}

#[test]
fn retransmissions_that_are_too_short() {
    let mut link = forged(false, EXTENSIONS);
    for (place, body) in [&[][..], &[0], &[0, 200], &[0, 201, 7]].into_iter().enumerate() {
        for flags in [0, 0x20] {
            link.inject(true, &packet(flags, 103, 100 + 2 * place as u16 + u16::from(flags >> 5), RTX, body));
        }
    }
    link.check_media(false, 300);
}

#[test]
fn headers_that_lie() {
    let mut link = forged(false, EXTENSIONS);
    let mut sequence = 100u16;
    let tails: [&[u8]; 6] = [
        &[],
        &[0xbe, 0xde, 0xff, 0xff],
        &[0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0],
        &[0xbe, 0xde, 0, 1, 0x4f, b'a', b'b', b'c'],
        &[0xbe, 0xde, 0, 2, 0x30, 1, 0x30, 1, 0x40, b'9', 0xf0, 0],
        &[0x10, 0, 0, 1, 1, 200, 3, 0],
    ];
    for flags in 0x10..=0x1f {
        for pt in [102, 103, 111, 0, 127] {
            for ssrc in [0, MEDIA, RTX, 2, 77] {
                for tail in tails {
                    sequence += 1;
                    let header =
                        [&[0x80 | flags, pt][..], &sequence.to_be_bytes(), &[0; 4], &words(&[ssrc]), tail].concat();
                    for header_len in [12, header.len()] {
                        link.inject(true, &forge::rtp(&header, header_len));
                    }
                }
            }
        }
    }
    link.check_media(false, 10_000);
}

#[test]
fn packets_larger_than_any_way_carries() {
    let mut link = forged(false, EXTENSIONS);
    for (place, len) in [1_400, 2_000, 3_000, 60_000].into_iter().enumerate() {
        link.inject(true, &packet(0, 102, 100 + place as u16, MEDIA, &vec![7; len]));
    }
    link.check_media(false, 200);
    let mut player = forged(true, EXTENSIONS);
    for (place, len) in [Peer::MAX_PAYLOAD, 1_990, 2_000, 60_000].into_iter().enumerate() {
        let packet = Outgoing { payload: vec![7; len].into(), ..outgoing(0, 10 + place as u64, player.now) };
        player.lite.send(packet);
        player.lite.advance(player.now).expect("time passes");
        player.run(Duration::from_millis(20));
    }
    assert_eq!(player.received.last().map(|packet| packet.payload.len()), Some(Peer::MAX_PAYLOAD));
    player.check_media(true, 100);
}

/// Who knows the addresses but not the keys names sources that are not there.
#[test]
fn forged_sources_do_not_take_a_track() {
    for extensions in [EXTENSIONS, &[]] {
        let mut link = Link::connected(false, extensions);
        let forged = |ssrc: u32, pt: u8| {
            let mid = [0xbe, 0xde, 0, 1, 0x40, b'0', 0, 0];
            [&[0x90, pt, 0, 9, 0, 0, 0, 9][..], &words(&[ssrc]), &mid, &[7; 60]].concat()
        };
        for ssrc in 1000..1100 {
            link.inject(true, &forged(ssrc, 102));
            // The source of media, as that of its retransmissions.
            link.inject(true, &forged(MEDIA, 103));
        }
        link.check_media(false, 1);
        for ssrc in 2000..2100 {
            link.inject(true, &forged(ssrc, 102));
            link.inject(true, &forged(ssrc + 1000, 103));
        }
        link.check_media(false, 10);
    }
}

/// A player that asks again for everything, all the time.
#[test]
fn storms_of_requests_cost_little() {
    let mut link = forged(true, EXTENSIONS);
    let mut sequence = 100;
    let mut index = 1000;
    let (mut sent, mut bytes) = (0, 0);
    for _ in 0..50 {
        let now = link.now;
        for _ in 0..10 {
            sequence += 1;
            sent += 1;
            link.lite.send(outgoing(0, sequence, now));
        }
        link.lite.advance(now).expect("time passes");
        link.drain(true);
        // Each of these asks for 5,000 packets; there are two hundred of them every second.
        for _ in 0..4 {
            let entries: Vec<u32> = (0..300).map(|at| (sequence as u32 - at % 30) << 16 | 0xffff).collect();
            let nack = report(1, 205, &words(&[&[9, MEDIA], &entries[..]].concat()));
            index += 1;
            link.inject(true, &forge::rtcp(&nack, index));
        }
        link.lite.advance(now).expect("time passes");
        link.drain(true);
        bytes += link.way.iter().filter(|(from_lite, _)| *from_lite).map(|(_, datagram)| datagram.len()).sum::<usize>();
        link.run(Duration::from_millis(20));
    }
    println!("{sent} packets of 1,000 bytes became {bytes} bytes");
    assert!(bytes < 4 * sent * 1000, "{bytes}");
    // It stopped, and a player that behaves again is served again.
    link.run(Duration::from_secs(3));
    link.loses = Box::new(|count| count % 7 == 0);
    for sequence in 10_000..10_100 {
        let now = link.now;
        link.lite.send(outgoing(0, sequence, now));
        link.lite.advance(now).expect("time passes");
        link.run(Duration::from_millis(20));
    }
    link.loses = Box::new(|_| false);
    link.run(Duration::from_secs(1));
    let seen: HashSet<_> =
        link.received.iter().filter(|packet| packet.sequence >= 10_000).map(|packet| packet.sequence).collect();
    assert_eq!(seen.len(), 100);
}

#[test]
fn reports_that_lie() {
    let mut link = forged(true, EXTENSIONS);
    let mut random = fastrand::Rng::with_seed(8);
    let mut index = 1000;
    for round in 0..20_000u32 {
        let ssrc = [0, 1, 2, 100, 77, u32::MAX][random.usize(..6)];
        let mut body = words(&[random.u32(..), ssrc]);
        body.extend((0..random.usize(..40)).map(|_| if random.bool() { random.u8(..) } else { 0 }));
        if round % 3 == 0 {
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut datagram = report(random.u8(..32), random.u8(192..=223), &body);
        if round % 5 == 0 {
            let at = random.usize(2..4);
            datagram[at] = random.u8(..);
        }
        if round % 7 == 0 {
            datagram[0] |= 0x20;
        }
        if round % 11 == 0 {
            datagram.extend_from_slice(&report(random.u8(..32), 200 + random.u8(..8), &words(&[1, 1, 1, 1, 1])));
        }
        index += 1;
        link.inject(true, &forge::rtcp(&datagram, index));
        if round % 50 == 0 {
            link.run(Duration::from_millis(5));
        }
    }
    assert!(link.lite.is_alive());
    link.check_media(true, 100);
}

/// Key frames are wanted a thousand times a second, of sources that are there and of others.
#[test]
fn floods_of_key_frame_requests_are_told_as_few() {
    let mut link = forged(true, EXTENSIONS);
    let before = link.asked.len();
    for index in 0..1000 {
        let kind = report(1, 206, &words(&[9, if index % 3 == 0 { 77 } else { MEDIA }]));
        link.inject(true, &forge::rtcp(&kind, 1000 + index));
        if index % 10 == 0 {
            link.run(Duration::from_millis(10));
        }
    }
    assert!(link.asked[before..].iter().all(|track| *track == 0));
    assert!(link.asked.len() - before <= 1000);
    link.check_media(true, 100);
}

/// The first handshake message, over and over, from who passed the check.
#[test]
fn floods_of_handshakes_from_one_who_passed_the_check() {
    let mut link = Link::new(true, EXTENSIONS);
    link.log = Some(Vec::new());
    link.run(Duration::from_secs(1));
    let log = link.log.take().expect("a log");
    let hello = log.into_iter().find(|(_, from_lite, datagram)| !from_lite && datagram[0] == 22).expect("a hello").2;
    link.check_media(true, 1);
    let mut random = fastrand::Rng::with_seed(6);
    let mut answers = 0;
    for round in 0..10_000 {
        let mut hello = hello.clone();
        if round % 2 == 0 {
            // Another record, message and random.
            hello[5..11].iter_mut().for_each(|byte| *byte = random.u8(..4));
            hello[30..50].iter_mut().for_each(|byte| *byte = random.u8(..));
        }
        let before = link.way.len();
        link.inject(true, &hello);
        answers += link.way.len() - before;
        if round % 100 == 0 {
            link.run(Duration::from_millis(1));
        }
    }
    println!("10,000 hellos got {answers} answers");
    assert!(answers <= 10_000);
    link.check_media(true, 100);
}

/// Records of the connection that nobody encrypted, of whoever knows the addresses.
#[test]
fn forged_records_do_not_end_a_session() {
    let mut link = Link::connected(true, EXTENSIONS);
    let mut random = fastrand::Rng::with_seed(6);
    for kind in 20..64u8 {
        for epoch in 0..3u8 {
            for len in [0usize, 1, 2, 12, 24, 25, 60, 1000] {
                let mut record = vec![kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, random.u8(..), random.u8(..)];
                record.extend_from_slice(&(len as u16).to_be_bytes());
                record.extend((0..len).map(|_| random.u8(..)));
                link.inject(true, &record);
                link.inject(false, &record);
            }
        }
        link.run(Duration::from_millis(2));
    }
    // An alert in the clear, as of before the handshake: close_notify, and a fatal one.
    for alert in [[1, 0], [2, 0], [2, 40]] {
        let record = [&[21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 1, 0, 0, 2][..], &alert].concat();
        link.inject(true, &record);
        link.inject(false, &record);
    }
    link.run(Duration::from_secs(1));
    link.check_media(true, 1);
}

/// The same before the handshake, of ten thousand clients with another random each: they come by the way of one whose check
/// passed.
#[test]
fn floods_of_first_handshakes() {
    let mut link = Link::new(true, EXTENSIONS);
    let mut hello = None;
    for _ in 0..100 {
        link.now += Duration::from_millis(10);
        link.full.advance(link.now).expect("time passes");
        link.lite.advance(link.now).expect("time passes");
        link.drain(true);
        link.drain(false);
        for (from_lite, datagram) in std::mem::take(&mut link.way) {
            match Kind::of(&datagram) {
                Kind::Dtls => hello = Some(datagram),
                _ => link.inject(!from_lite, &datagram),
            }
        }
    }
    let hello = hello.expect("it wants to connect");
    let mut random = fastrand::Rng::with_seed(6);
    let (mut bytes, mut count, mut ended) = (0, 0, None);
    for round in 0..10_000u32 {
        let mut hello = hello.clone();
        hello[9..11].copy_from_slice(&(round as u16).to_be_bytes());
        hello[27..59].iter_mut().for_each(|byte| *byte = random.u8(..));
        if let Err(why) = link.lite.receive(link.now, address(CLIENT), false, &hello) {
            ended = Some((round, why));
            break;
        }
        while let Ok(Output::Datagram(datagram)) = link.lite.poll() {
            (bytes, count) = (bytes + datagram.len(), count + 1);
        }
    }
    println!("{count} answers of {bytes} bytes, ended by {ended:?}");
    assert!((1..10_000).contains(&count));
    assert!(bytes < 10_000 * hello.len());
}
