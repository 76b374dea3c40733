//! What is sent without str0m, seen on the way: these sessions are not encrypted.

use std::collections::BTreeMap;
use std::time::Duration;

use weir_rtp::{Header, Kind};

use super::{EXTENSIONS, Extension, Link, outgoing};

/// Seconds from 1900 to 1970, the time of day at the start of a link.
const START: u64 = 2_208_988_800;

/// A link in the clear, after that many packets of each track, and all that went over it.
fn played(packets: u64, loses: impl FnMut(usize) -> bool + 'static) -> (Link, Vec<Vec<u8>>) {
    let extensions = [EXTENSIONS, &[(5, Extension::AbsoluteSendTime)]].concat();
    let mut link = Link::with(true, &extensions, false);
    link.run(Duration::from_secs(1));
    assert_eq!(link.connected, 2);
    link.log = Some(Vec::new());
    link.loses = Box::new(loses);
    for sequence in 1..=packets {
        let now = link.now;
        link.lite.send(outgoing(0, sequence, now));
        link.lite.send(outgoing(1, sequence, now));
        link.lite.advance(now).expect("time passes");
        link.run(Duration::from_millis(20));
    }
    link.loses = Box::new(|_| false);
    link.run(Duration::from_secs(1));
    let log = link.log.take().expect("a log").into_iter();
    (link, log.filter(|(_, from_lite, _)| *from_lite).map(|(.., datagram)| datagram).collect())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(*bytes[at..].first_chunk().expect("a word"))
}

#[test]
fn packets_are_as_they_were_agreed_on() {
    let (link, sent) = played(20, |_| false);
    assert_eq!(link.received.len(), 40);
    for datagram in sent.iter().filter(|datagram| Kind::of(datagram) == Kind::Rtp) {
        let (header, payload) = Header::parse(datagram).expect("a packet in the clear");
        let elements: BTreeMap<u8, Vec<u8>> =
            header.extension.expect("extensions").elements().map(|(id, content)| (id, content.to_vec())).collect();
        let (is_video, level) = (header.ssrc == 1, elements.get(&1));
        assert_eq!(elements[&4], if is_video { b"0" } else { b"1" });
        assert_eq!(level, (!is_video).then_some(&vec![0x80 | 30]));
        assert_eq!((elements[&3].len(), elements[&5].len()), (2, 3));
        assert_eq!(header.payload_type, if is_video { 102 } else { 111 });
        assert_eq!(datagram[payload], vec![header.sequence as u8; 1000]);
    }
}

/// Ten seconds: the first report comes with the first packets, then one each second; times and timestamps go together.
#[test]
fn the_clock_is_reported() {
    let (mut link, sent) = played(500, |_| false);
    let reports: Vec<_> = sent.iter().filter(|datagram| Kind::of(datagram) == Kind::Rtcp).collect();
    for (ssrc, rate) in [(1, 90_000.0), (2, 48_000.0)] {
        let mut told = Vec::new();
        for report in &reports {
            let mut at = 0;
            while at < report.len() {
                if report[at + 1] == 200 && word(report, at + 4) == ssrc {
                    let seconds = f64::from(word(report, at + 8)) - START as f64;
                    let time = seconds + f64::from(word(report, at + 12)) / 4_294_967_296.0;
                    told.push((time, word(report, at + 16), word(report, at + 20), word(report, at + 24)));
                }
                at += 4 + usize::from(u16::from_be_bytes([report[at + 2], report[at + 3]])) * 4;
            }
        }
        assert!((10..=13).contains(&told.len()), "{told:?}");
        let (first, last) = (told[0], told[told.len() - 1]);
        assert!((0.9..1.2).contains(&first.0), "{first:?}");
        // Between two reports the timestamp goes on with the time since the newest packet.
        let (time, ticks) = (last.0 - first.0, f64::from(last.1.wrapping_sub(first.1)));
        let of_packets = f64::from((last.2 - first.2) * 3000);
        assert!((ticks - of_packets).abs() < rate * 1.1, "{time} {ticks} {of_packets}");
        assert_eq!(last.3, last.2 * 1000);
    }
    link.log = Some(Vec::new());
    link.lite.close().expect("it closes");
    link.run(Duration::from_millis(10));
    let said = link.log.take().expect("a log").into_iter().map(|(.., datagram)| datagram);
    let goodbye = [0x80, 201, 0, 1, 0, 0, 0, 1, 0x82, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2];
    assert_eq!({ said }.find(|datagram| Kind::of(datagram) == Kind::Rtcp), Some(goodbye.to_vec()));
}

/// What is sent again has a source and numbers of its own, and the number of before ahead of its payload.
#[test]
fn what_is_sent_again_is_told_apart() {
    let (mut link, sent) = played(100, |count| count % 9 == 0);
    let again: Vec<_> = sent
        .iter()
        .filter(|datagram| Kind::of(datagram) == Kind::Rtp)
        .map(|datagram| (Header::parse(datagram).expect("a packet"), datagram))
        .filter(|((header, _), _)| header.ssrc == 100)
        .collect();
    assert!(again.len() > 3, "{}", again.len());
    for (place, ((header, payload), datagram)) in again.iter().enumerate() {
        let body = &datagram[payload.clone()];
        let number = u16::from_be_bytes([body[0], body[1]]);
        assert_eq!((header.payload_type, header.timestamp, header.marker), (103, u32::from(number) * 3000, true));
        assert_eq!(body[2..], [number as u8; 1000]);
        assert!(place == 0 || header.sequence > again[place - 1].0.0.sequence);
    }
    assert!(link.lite.take_resent() >= again.len() as u64);
}
