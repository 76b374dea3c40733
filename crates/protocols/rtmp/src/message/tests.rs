use super::{Command, Control, MAX_TAGS, UserControl, script, split, write_set_data_frame};
use crate::Error;
use bytes::Bytes;
use weir_flv::amf0::Value;
use weir_flv::tag::TagKind;

fn check(control: Control, message_type: u8, body: &[u8]) {
    let mut written = Vec::new();
    control.write_to(&mut written);
    assert_eq!((control.message_type(), &written[..]), (message_type, body));
    assert_eq!(Control::parse(message_type, body), Ok(Some(control)));
    for len in 0..body.len() {
        let parsed = Control::parse(message_type, &body[..len]);
        let expect = Error::Control { kind: message_type, len };
        // The limit type may be missing.
        assert!(message_type == 6 && len == 4 || parsed == Err(expect), "{len} bytes of {control:?}");
    }
}

#[test]
fn control_messages() {
    check(Control::SetChunkSize(4096), 1, &[0, 0, 16, 0]);
    check(Control::Abort(6), 2, &[0, 0, 0, 6]);
    check(Control::Acknowledgement(1), 3, &[0, 0, 0, 1]);
    check(Control::WindowAckSize(2_500_000), 5, &[0, 0x26, 0x25, 0xa0]);
    check(Control::PeerBandwidth { size: 2_500_000, limit: 2 }, 6, &[0, 0x26, 0x25, 0xa0, 2]);
    check(Control::User(UserControl::StreamBegin(1)), 4, &[0, 0, 0, 0, 0, 1]);
    check(Control::User(UserControl::StreamEof(1)), 4, &[0, 1, 0, 0, 0, 1]);
    let buffer = UserControl::SetBufferLength { stream_id: 1, millis: 3000 };
    check(Control::User(buffer), 4, &[0, 3, 0, 0, 0, 1, 0, 0, 0x0b, 0xb8]);
    check(Control::User(UserControl::PingRequest(9)), 4, &[0, 6, 0, 0, 0, 9]);
    check(Control::User(UserControl::PingResponse(9)), 4, &[0, 7, 0, 0, 0, 9]);
    check(Control::User(UserControl::Other(31)), 4, &[0, 31]);
    assert_eq!(Control::parse(20, &[]), Ok(None));
}

fn command(bytes: &[u8]) -> Result<Command, Error> {
    Command::parse(bytes)
}

#[test]
fn a_command_is_written_and_read() {
    let args = vec![Value::Null, Value::string("cam"), Value::Number(-2.0)];
    let call = Command { name: "play".into(), transaction: 5.0, args };
    let mut body = Vec::new();
    call.write_to(&mut body);
    assert_eq!(command(&body), Ok(call.clone()));
    body.insert(0, 0);
    assert_eq!(command(&body), Ok(call.clone()), "with the byte of AMF3");
    assert_eq!((call.text(1), call.number(2), call.text(2), call.text(9)), (Some("cam"), Some(-2.0), None, None));
}

#[test]
fn what_is_broken_behind_the_name_is_left_out() {
    let head = b"\x02\0\x04play\0\0\0\0\0\0\0\0\0\x05";
    for tail in [&b"\x11\x0a\x01"[..], b"\x02\xff\xff", b"\x0e"] {
        assert_eq!(command(&[&head[..], tail].concat()).unwrap().args, [Value::Null]);
    }
}

#[test]
fn a_command_needs_a_name_and_a_number() {
    for body in [&b""[..], b"\0", b"\x05", b"\x02\0\x04play", b"\x02\0\x04play\x05", b"\x01\0\x05"] {
        assert_eq!(command(body), Err(Error::NoCommand), "{body:?}");
    }
    assert!(matches!(command(b"\x02\xff"), Err(Error::Amf { kind: 20, .. })));
    assert!(matches!(command(b"\x11\x02"), Err(Error::Amf { kind: 20, .. })));
}

// ZLM #4787.
#[test]
fn nesting_without_end_is_an_error_even_behind_the_name() {
    let deep = b"\x0a\0\0\0\x01".repeat(100_000);
    let error = command(&[&b"\x02\0\x07connect\0\x3f\xf0\0\0\0\0\0\0"[..], &deep].concat()).unwrap_err();
    assert_eq!(
        (error.code(), &*error.to_string()),
        (2003, "message of type 20: values nest deeper than 64 levels at offset 339")
    );
}

#[test]
fn script_data_begins_with_the_name_of_its_event() {
    let body = b"\x02\0\x0aonMetaData\x05";
    let mut set = Vec::new();
    write_set_data_frame(&mut set, body);
    for sent in [body.to_vec(), set.clone(), [&[0][..], body].concat(), [&[0][..], &set].concat()] {
        assert_eq!(script(&Bytes::from(sent)), body[..]);
    }
    assert_eq!(script(&Bytes::new()), Bytes::new());
}

/// One FLV tag, with the size behind it that aggregates have too.
fn tag(tag_type: u8, time: u32, body: &[u8]) -> Vec<u8> {
    let (t, len) = (time.to_be_bytes(), u8::try_from(body.len()).unwrap());
    [&[tag_type, 0, 0, len, t[1], t[2], t[3], t[0], 0, 0, 0], body, &[0, 0, 0, 11 + len]].concat()
}

fn check_split(timestamp: u32, tags: &[Vec<u8>], expect: &[(TagKind, u32, &[u8])]) {
    let tags = split(timestamp, &Bytes::from(tags.concat())).unwrap();
    let got: Vec<_> = tags.iter().map(|tag| (tag.kind, tag.timestamp, &tag.payload[..])).collect();
    assert_eq!(got, expect);
}

// row: protocols.md §1.1 Aggregate (22)
#[test]
fn an_aggregate_is_split_and_its_times_start_at_the_messages() {
    use TagKind::{Audio, Script, Video};
    let tags = [tag(8, 500, b"a"), tag(9, 520, b"vv"), tag(18, 540, b"s"), tag(7, 0, b"?")];
    check_split(1000, &tags, &[(Audio, 1000, b"a"), (Video, 1020, b"vv"), (Script, 1040, b"s")]);
    check_split(0, &[], &[]);
    // Backwards, over the wrap, and with the extended byte of the time.
    check_split(0, &[tag(8, 5, b"a"), tag(8, 3, b"b")], &[(Audio, 0, b"a"), (Audio, u32::MAX - 1, b"b")]);
    check_split(9, &[tag(8, u32::MAX, b"a"), tag(8, 0, b"b")], &[(Audio, 9, b"a"), (Audio, 10, b"b")]);
    // The last size may be missing.
    let mut last = tag(8, 0, b"a");
    last.truncate(12);
    check_split(7, &[last], &[(Audio, 7, b"a")]);
}

#[test]
fn an_aggregate_that_is_cut_or_overfull_is_refused() {
    let whole = tag(8, 0, b"abc");
    for len in 1..14 {
        let error = split(0, &Bytes::copy_from_slice(&whole[..len])).unwrap_err();
        assert!(matches!(error, Error::Aggregate { .. }), "{len} bytes");
        assert_eq!(error.code(), 2007);
    }
    let body = Bytes::from(tag(8, 0, b"").repeat(MAX_TAGS + 1));
    assert_eq!(split(0, &body), Err(Error::AggregateTags { len: body.len() }));
}
