//! What the tests of this crate share: hubs, requests and frames made from a few words.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use weir_base::MediaTime;
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_flv::tag::TagKind;

use crate::{ClientKind, Frame, Hub, Publisher, Request, Subscriber, testing};

/// A hub whose default vhost holds `vhost`.
pub(crate) fn hub(vhost: &str) -> Arc<Hub> {
    Hub::new(Live::new(conf(vhost)))
}

pub(crate) fn conf(vhost: &str) -> Config {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ {vhost} }} vhost off.example {{ enabled off; }}");
    let source = Source::Text { name: "test".to_owned(), text };
    Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config
}

pub(crate) fn request(kind: ClientKind, stream: &str) -> Request {
    Request { vhost: "127.0.0.1".to_owned(), ..testing::request(kind, stream) }
}

pub(crate) async fn publish(hub: &Arc<Hub>) -> Publisher {
    hub.publish(&request(ClientKind::FmlePublish, "cam")).await.expect("nobody publishes yet")
}

pub(crate) async fn play(hub: &Arc<Hub>) -> Subscriber {
    hub.subscribe(&request(ClientKind::RtmpPlay, "cam")).await.expect("everybody may play")
}

/// `K` key picture, `P` other picture, `V` video configuration, `a` audio, `C` audio configuration, `M` metadata, at a
/// time in milliseconds: `K40`.
pub(crate) fn frame(word: &str) -> Frame {
    let (letter, millis) = word.split_at(1);
    let (kind, body): (TagKind, &[u8]) = match letter {
        "K" => (TagKind::Video, &[0x17, 1, 0, 0, 0, 9]),
        "P" => (TagKind::Video, &[0x27, 1, 0, 0, 0, 9]),
        "V" => (TagKind::Video, &[0x17, 0, 0, 0, 0, 1]),
        "W" => (TagKind::Video, &[0x17, 0, 0, 0, 0, 2]),
        "a" => (TagKind::Audio, &[0xaf, 1, 9]),
        "C" => (TagKind::Audio, &[0xaf, 0, 0x12, 0x10]),
        "M" => (TagKind::Script, b"\x02\x00\x0aonMetaData"),
        other => panic!("no frame is called {other}"),
    };
    Frame::from_flv(kind, MediaTime::from_millis(millis.parse().expect("a time")), Bytes::from_static(body))
}

pub(crate) fn send(publisher: &mut Publisher, words: &str) {
    send_at(publisher, words, Instant::now());
}

pub(crate) fn send_at(publisher: &mut Publisher, words: &str, now: Instant) {
    for word in words.split_whitespace() {
        publisher.send(frame(word), now);
    }
}

/// The word for a frame at a timestamp; `E` is the end of a publish.
pub(crate) fn word(frame: &Frame, timestamp: u32) -> String {
    let body = frame.flv();
    let letter = match (frame.kind, body.first(), body.get(1)) {
        (TagKind::Script, None, _) => "E",
        (TagKind::Script, ..) => "M",
        (TagKind::Audio, _, Some(0)) => "C",
        (TagKind::Audio, ..) => "a",
        (_, Some(0x17), Some(0)) if body.last() == Some(&2) => "W",
        (_, Some(0x17), Some(0)) => "V",
        (_, Some(0x17), _) => "K",
        _ => "P",
    };
    format!("{letter}{timestamp}")
}

/// What a player would send now, and moves it past.
pub(crate) fn read(subscriber: &mut Subscriber) -> String {
    let now = Instant::now();
    let (mut words, mut taken) = (Vec::new(), 0);
    let (frames, mut clock) = subscriber.cursor.pending_and_clock();
    for frame in frames {
        words.extend(clock.stamp(frame, now).map(|timestamp| word(frame, timestamp)));
        taken += 1;
    }
    subscriber.cursor.advance(taken);
    words.join(" ")
}
