//! The replies of SRS 7.0.18, byte for byte.

use super::{Bench, cam, connect_args};
use crate::chunk::write::{media_head, write_media};
use crate::chunk::{ChunkReader, Message};
use crate::fuzz::reply;
use crate::message::Control;
use crate::server::{ConnectReply, Identity, ServerConfig, ServerSession};
use std::time::Instant;
use weir_flv::amf0::Value;
use weir_flv::tag::TagKind;

/// What SRS sent in answer to `command` of `who`: the parts before and after a cut, and the length of the whole.
fn sample(who: &str, command: &str) -> (Vec<u8>, Vec<u8>, usize) {
    let text = include_str!("../../../testdata/srs-7.0.18-replies.txt");
    let head = format!("## {who} {command} ");
    let section = text.split_once(&head).unwrap().1.split("\n##").next().unwrap();
    let (len, hex) = section.split_once('\n').unwrap();
    let bytes = |hex: &str| hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let (before, after) = hex.split_once("(cut)").unwrap_or((hex, ""));
    (bytes(before), bytes(after), len.parse().unwrap())
}

fn check(output: &[u8], who: &str, command: &str) {
    let (expect, _, len) = sample(who, command);
    assert_eq!(expect.len(), len);
    assert_eq!(output, expect, "after {command} of {who}");
}

/// A session that calls itself SRS, with authors as long as SRS has.
fn srs() -> Bench {
    let authors = "x".repeat(402);
    let identity = Identity {
        sig: "SRS",
        server: "SRS/7.0.18(Hang)",
        license: "MIT",
        url: "https://github.com/ossrs/srs",
        version: "7.0.18",
        authors: authors.leak(),
    };
    let now = Instant::now();
    let session = ServerSession::new(ServerConfig { seed: 0, identity }, now);
    let mut bench = Bench { session, now, accept: false, events: Vec::new() };
    bench.send(&super::hello()).unwrap();
    bench
}

/// Connects with the id that the sample has.
fn connect(bench: &mut Bench, who: &str, id: &str) {
    bench.call("connect", 1.0, connect_args());
    bench.session.accept_connect(&ConnectReply { id: id.into(), ..reply() }).unwrap();
    let output = bench.output();
    let (before, after, len) = sample(who, "connect");
    assert_eq!(output.len(), len);
    assert_eq!(output[..before.len()], before);
    // The cut part ends inside of the authors.
    let same = after.len() - b"6.com> ".len();
    assert_eq!(output[len - same..], after[after.len() - same..]);
    bench.accept = true;
}

#[test]
fn play() {
    let mut bench = srs();
    connect(&mut bench, "player", "5t019071");
    check(&bench.call("createStream", 2.0, vec![Value::Null]), "player", "createStream");
    let mut output = bench.call("play", 0.0, cam("cam1"));
    // Media follows, which the owner writes.
    let (expect, ..) = sample("player", "play");
    for message in media(&expect) {
        let kind = crate::message::media_kind(message.kind).unwrap();
        write_media(&mut output, kind, message.timestamp, &message.payload, bench.session.out_chunk_size());
    }
    // The sample ends inside of the first frame.
    media_head(&mut output, TagKind::Video, 10, 0x2af1);
    assert_eq!(output, expect[..output.len()]);
}

/// Audio, video and script messages on the media chunk streams.
fn media(bytes: &[u8]) -> Vec<Message> {
    let (mut reader, mut input, mut found) = (ChunkReader::default(), bytes, Vec::new());
    reader.set_chunk_size(60_000).unwrap();
    while let Some(message) = reader.read(&mut input).unwrap() {
        if message.csid == 4 || message.csid == 6 {
            found.push(message);
        }
    }
    assert_eq!(found.len(), 3, "metadata and two sequence headers");
    found
}

// row: protocols.md §1.3 releaseStream, FCPublish, createStream, publish (FMLE)
#[test]
fn publish_and_unpublish() {
    let mut bench = srs();
    connect(&mut bench, "publisher", "o5039e14");
    for (transaction, command) in [(2.0, "releaseStream"), (3.0, "FCPublish"), (4.0, "createStream"), (5.0, "publish")]
    {
        check(&bench.call(command, transaction, cam("cam1")), "publisher", command);
    }
    check(&bench.call("FCUnpublish", 6.0, cam("cam1")), "publisher", "FCUnpublish");
}

#[test]
fn publish_while_busy() {
    let mut bench = srs();
    connect(&mut bench, "busy", "52dlczt1");
    for (transaction, command) in [(2.0, "releaseStream"), (3.0, "FCPublish"), (4.0, "createStream")] {
        check(&bench.call(command, transaction, cam("cam1")), "busy", command);
    }
    bench.accept = false;
    check(&bench.call("publish", 5.0, cam("cam1")), "busy", "publish");
    // SRS closes here. weir says why first.
    bench.session.refuse_publish("NetStream.Publish.BadName", "live/cam1 is published by 10.0.0.77");
    assert_eq!(super::status_code(&super::commands(&bench.output())[0]), "NetStream.Publish.BadName");
}

#[test]
fn the_announcements_before_the_connect_result() {
    let mut bench = Bench::new();
    let mut input = &bench.call("connect", 1.0, connect_args())[..];
    let mut reader = ChunkReader::default();
    for expect in [
        Control::WindowAckSize(2_500_000),
        Control::PeerBandwidth { size: 2_500_000, limit: 2 },
        Control::SetChunkSize(60_000),
    ] {
        let message = reader.read(&mut input).unwrap().unwrap();
        assert_eq!(Control::parse(message.kind, &message.payload), Ok(Some(expect)));
        assert_eq!((message.csid, message.stream_id), (2, 0));
    }
}
