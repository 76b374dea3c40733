//! What no honest client sends: each ends the connection with a reason, or changes nothing.

use super::{Bench, cam, command, connect_args, control, hello, status_code};
use crate::Error;
use crate::chunk::write::{csid, write_media, write_message};
use crate::fuzz::{rtmp_session, serve};
use crate::message::{Control, kind};
use crate::server::{Event, MAX_COMMAND, ServerConfig, ServerSession};
use proptest::prelude::*;
use std::time::Instant;
use weir_flv::amf0::Value;
use weir_flv::tag::TagKind;

/// Bytes that end the connection with `code` right away.
fn check_fails(bytes: &[u8], code: u16) {
    let (events, _, error) = serve(Instant::now(), &[bytes]);
    let error = error.expect("an error");
    assert_eq!(error.code(), code, "{error}");
    assert_eq!(events, []);
    rtmp_session(bytes);
}

fn after_hello(bytes: &[u8]) -> Vec<u8> {
    [&hello(), bytes].concat()
}

#[test]
fn garbage_for_a_handshake() {
    check_fails(b"GET / HTTP/1.1\r\n\r\n", 2016);
    check_fails(&[0x16, 3, 1, 2, 0, 1], 2016);
    check_fails(&[0xf3, 255, 255], 2054);
}

#[test]
fn half_a_handshake_then_silence() {
    let now = Instant::now();
    let mut session = ServerSession::new(ServerConfig::default(), now);
    session.handle_input(now, &hello()[..700]).unwrap();
    assert_eq!(session.poll_output(), None);
    let error = session.handle_timeout(session.poll_timeout().unwrap()).unwrap_err();
    assert_eq!((error.code(), &*error.to_string()), (1011, "the handshake did not come within 30 s"));
}

#[test]
fn a_chunk_without_predecessor() {
    check_fails(&after_hello(&[0xc3]), 2001);
    check_fails(&after_hello(&[0x43, 0, 0, 0, 0, 0, 1, 20]), 2001);
}

#[test]
fn a_message_size_that_changes_midway() {
    let mut bytes = command("connect", 1.0, vec![Value::string("x".repeat(200))]);
    bytes.truncate(140);
    bytes.extend_from_slice(&[0x43, 0, 0, 0, 0, 255, 255, 20]);
    check_fails(&after_hello(&bytes), 2013);
}

#[test]
fn chunk_sizes_of_0_and_2_to_the_31() {
    for size in [0, 1, 127, 1 << 31] {
        check_fails(&after_hello(&control(Control::SetChunkSize(size))), 2010);
    }
}

#[test]
fn a_message_of_16_mib_that_never_ends() {
    let mut bench = Bench::publishing();
    bench.send(&control(Control::SetChunkSize(0x7fff_ffff))).unwrap();
    bench.send(&[6, 0, 0, 0, 255, 255, 255, 9, 1, 0, 0, 0]).unwrap();
    for _ in 0..100 {
        bench.send(&[0; 1000]).unwrap();
    }
    assert_eq!(bench.events, []);
    assert!(bench.session.link.reserved() <= 2 * 100_000);
}

#[test]
fn amf_nested_100_000_deep() {
    let deep = |levels| {
        let mut body = b"\x02\0\x07connect\0\x3f\xf0\0\0\0\0\0\0".to_vec();
        body.extend(b"\x0a\0\0\0\x01".repeat(levels));
        let mut bytes = Vec::new();
        write_message(&mut bytes, csid::CONNECTION, kind::COMMAND, 0, 0, &body, 128);
        after_hello(&bytes)
    };
    check_fails(&deep(10_000), 2003);
    check_fails(&deep(100_000), 2051);
}

#[test]
fn publish_and_play_before_connect() {
    for name in ["publish", "play", "createStream", "releaseStream", "x"] {
        check_fails(&after_hello(&command(name, 2.0, cam("cam1"))), 2005);
    }
    let long = command(&"é".repeat(100), 2.0, vec![]);
    let error = serve(Instant::now(), &[&after_hello(&long)]).2.unwrap();
    assert_eq!(error, Error::NotConnected { command: "é".repeat(32) });
}

// row: errors.md §2 2005 / 2006
#[test]
fn connect_without_a_url_or_with_a_bad_one() {
    let connect = |args| after_hello(&command("connect", 1.0, args));
    check_fails(&connect(vec![]), 2005);
    check_fails(&connect(vec![Value::Null]), 2005);
    check_fails(&connect(vec![Value::object([("app", Value::string("live"))])]), 2005);
    for url in ["live", "rtmp://", "rtmp://host:port/live"] {
        check_fails(&connect(vec![Value::object([("tcUrl", Value::string(url))])]), 2006);
    }
    let long = format!("rtmp://host/{}", "x".repeat(9000));
    check_fails(&connect(vec![Value::object([("tcUrl", Value::string(long))])]), 2051);
}

#[test]
fn names_that_no_stream_may_have() {
    for (call, code) in [("publish", "NetStream.Publish.BadName"), ("play", "NetStream.Play.Failed")] {
        for name in ["../etc", "a/../../b", "a\0b", &"x".repeat(4096)] {
            let mut bench = Bench::connected();
            let error = bench.try_call(call, 5.0, cam(name)).unwrap_err();
            assert_eq!(error.code(), 2051, "{error}");
            let replies = super::commands(&bench.output());
            assert_eq!(status_code(&replies[0]), code, "the client is told why");
            assert_eq!(bench.events, []);
            assert_eq!(bench.try_call(call, 6.0, cam("cam1")), Ok(vec![]), "nothing is read after an error");
        }
    }
}

#[test]
fn a_command_without_end() {
    let bytes = command("connect", 1.0, vec![Value::string("x".repeat(MAX_COMMAND))]);
    check_fails(&after_hello(&bytes), 2051);
}

// Red5 CVE-2017-5878, librtmp CVE-2015-8270 and its like: AMF3 and typed objects are not decoded at all.
#[test]
fn amf3_and_typed_objects() {
    let mut bench = Bench::connected();
    let mut bytes = Vec::new();
    for tail in [&b"\x11\x0a\x0b\x01\x04\x80\xff\xff\xff"[..], b"\x10\0\x04Evil\0\x01a\x05\0\0\x09"] {
        let body = [&b"\0\x02\0\x01x\0\0\0\0\0\0\0\0\0"[..], tail].concat();
        write_message(&mut bytes, csid::CONNECTION, kind::COMMAND_AMF3, 0, 0, &body, 128);
    }
    bench.send(&bytes).unwrap();
    let args: Vec<_> =
        bench.events.iter().map(|e| if let Event::Call { args, .. } = e { args.len() } else { 9 }).collect();
    assert_eq!(args, [0, 1]);
}

// xiu #25 and #71: arithmetic on timestamps, backwards and over the wraps.
#[test]
fn timestamps_in_any_order() {
    let mut bench = Bench::publishing();
    let times = [0, 0xff_fffe, 0xff_ffff, 0x0100_0000, u32::MAX, 0, 5, 3, 1 << 31];
    for time in times {
        bench.media(TagKind::Audio, time, b"x");
    }
    let got: Vec<_> =
        bench.events.iter().map(|e| if let Event::Media { timestamp, .. } = e { *timestamp } else { 1 }).collect();
    assert_eq!(got, times);
}

#[test]
fn a_publisher_killed_inside_of_a_message_has_published_the_ones_before() {
    let mut bench = Bench::publishing();
    let mut bytes = Vec::new();
    write_media(&mut bytes, TagKind::Audio, 1, &[1; 100], 128);
    write_media(&mut bytes, TagKind::Video, 2, &[2; 1000], 128);
    bench.send(&bytes[..500]).unwrap();
    assert_eq!(bench.events.len(), 1);
}

#[test]
fn control_messages_that_are_cut() {
    for kind in 1..=6u8 {
        let mut bytes = Vec::new();
        write_message(&mut bytes, csid::CONTROL, kind, 0, 0, &[0], 128);
        check_fails(&after_hello(&bytes), 2007);
    }
}

#[test]
fn a_window_of_1_does_not_answer_every_byte() {
    let mut bench = Bench::publishing();
    bench.send(&control(Control::WindowAckSize(1))).unwrap();
    let mut bytes = Vec::new();
    (0..1000).for_each(|_| write_media(&mut bytes, TagKind::Audio, 0, b"x", 128));
    let output = bench.send(&bytes).unwrap();
    assert!(output.len() < bytes.len() / 10, "{} bytes for {}", output.len(), bytes.len());
}

#[test]
fn connect_twice_is_a_call_like_any_other() {
    let mut bench = Bench::connected();
    bench.call("connect", 9.0, connect_args());
    assert!(matches!(&bench.events[..], [Event::Call { .. }]));
}

proptest! {
    #[test]
    fn any_bytes_after_the_handshake(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        rtmp_session(&after_hello(&bytes));
    }
}
