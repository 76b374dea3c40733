use super::{Event, Identity, PublishStyle, ServerConfig, ServerSession};
use crate::Error;
use crate::chunk::write::{csid, write_media, write_message};
use crate::fuzz::{accept, reply, serve};
use crate::message::{Command, Control, UserControl, kind};
use std::time::{Duration, Instant};
use weir_flv::amf0::Value;
use weir_flv::tag::TagKind;

mod bad_input;
mod sample;

/// A server session and what a client sends to it, by hand.
struct Bench {
    session: ServerSession,
    now: Instant,
    /// Whether the session's questions are answered with yes as they come.
    accept: bool,
    events: Vec<Event>,
}

impl Bench {
    /// After the handshake.
    fn new() -> Bench {
        let now = Instant::now();
        let session = ServerSession::new(ServerConfig::default(), now);
        let mut bench = Bench { session, now, accept: true, events: Vec::new() };
        assert_eq!(bench.send(&hello()).unwrap().len(), 3073);
        bench
    }

    /// After connect.
    fn connected() -> Bench {
        let mut bench = Bench::new();
        bench.call("connect", 1.0, connect_args());
        bench.events.clear();
        bench
    }

    /// After publish in the order of FMLE.
    fn publishing() -> Bench {
        let mut bench = Bench::connected();
        bench.call("FCPublish", 3.0, vec![Value::Null, Value::string("cam1")]);
        bench.call("createStream", 4.0, vec![Value::Null]);
        bench.call("publish", 5.0, vec![Value::Null, Value::string("cam1"), Value::string("live")]);
        bench.events.clear();
        bench
    }

    /// After play.
    fn playing() -> Bench {
        let mut bench = Bench::connected();
        bench.call("createStream", 2.0, vec![Value::Null]);
        bench.call("play", 0.0, vec![Value::Null, Value::string("cam1")]);
        bench.events.clear();
        bench
    }

    fn send(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        self.session.handle_input(self.now, bytes)?;
        self.drain()
    }

    fn drain(&mut self) -> Result<Vec<u8>, Error> {
        while let Some(event) = self.session.poll_event() {
            if self.accept {
                accept(&mut self.session, &event)?;
            }
            self.events.push(event);
        }
        Ok(self.output())
    }

    fn output(&mut self) -> Vec<u8> {
        std::iter::from_fn(|| self.session.poll_output()).flatten().collect()
    }

    fn try_call(&mut self, name: &str, transaction: f64, args: Vec<Value>) -> Result<Vec<u8>, Error> {
        self.send(&command(name, transaction, args))
    }

    fn call(&mut self, name: &str, transaction: f64, args: Vec<Value>) -> Vec<u8> {
        self.try_call(name, transaction, args).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    fn media(&mut self, kind: TagKind, timestamp: u32, payload: &[u8]) {
        let mut bytes = Vec::new();
        write_media(&mut bytes, kind, timestamp, payload, 128);
        self.send(&bytes).unwrap();
    }
}

/// C0, C1 and C2 without a digest.
fn hello() -> Vec<u8> {
    [&[3][..], &[0; 3072]].concat()
}

fn command(name: &str, transaction: f64, args: Vec<Value>) -> Vec<u8> {
    let (mut body, mut bytes) = (Vec::new(), Vec::new());
    Command { name: name.into(), transaction, args }.write_to(&mut body);
    write_message(&mut bytes, csid::CONNECTION, kind::COMMAND, 0, 0, &body, 128);
    bytes
}

fn control(control: Control) -> Vec<u8> {
    let (mut body, mut bytes) = (Vec::new(), Vec::new());
    control.write_to(&mut body);
    write_message(&mut bytes, csid::CONTROL, control.message_type(), 0, 0, &body, 128);
    bytes
}

fn connect_args() -> Vec<Value> {
    let object = [("app", Value::string("live")), ("tcUrl", Value::string("rtmp://127.0.0.1/live"))];
    vec![Value::object(object)]
}

fn cam(name: &str) -> Vec<Value> {
    vec![Value::Null, Value::string(name)]
}

/// The commands in what a session sent, with type and chunk size undone.
fn commands(output: &[u8]) -> Vec<Command> {
    let (mut reader, mut input, mut found) = (crate::chunk::ChunkReader::default(), output, Vec::new());
    reader.set_chunk_size(60_000).unwrap();
    while let Some(message) = reader.read(&mut input).unwrap() {
        if message.kind == kind::COMMAND {
            found.push(Command::parse(&message.payload).unwrap());
        }
    }
    found
}

fn status_code(command: &Command) -> &str {
    command.args[1].get("code").and_then(Value::as_str).unwrap()
}

#[test]
fn connect_hands_over_all_that_the_client_said() {
    let mut bench = Bench::new();
    let object = [
        ("app", Value::string("live?k=v")),
        ("tcUrl", Value::string("rtmps://host:443/live?k=v")),
        ("pageUrl", Value::string("http://page/")),
        ("swfUrl", Value::string("http://page/a.swf")),
        ("flashVer", Value::string("LNX 9,0,124,2")),
        ("objectEncoding", Value::Number(3.0)),
    ];
    let args = Value::object([("srs_sig", Value::string("SRS"))]);
    let output = bench.call("connect", 1.0, vec![Value::object(object), args.clone()]);
    let [Event::Connect(connect)] = &bench.events[..] else { panic!("{:?}", bench.events) };
    assert_eq!((&*connect.app, &*connect.tc_url), ("live?k=v", "rtmps://host:443/live?k=v"));
    assert_eq!((&*connect.page_url, &*connect.swf_url), ("http://page/", "http://page/a.swf"));
    assert_eq!((&*connect.flash_ver, connect.object_encoding), ("LNX 9,0,124,2", 3.0));
    assert_eq!(connect.args, Some(args));
    // row: protocols.md §1.1 AMF3
    assert_eq!(commands(&output)[0].args[1].get("objectEncoding"), Some(&Value::Number(3.0)), "echoed");
}

#[test]
fn enhanced_clients_are_told_what_the_server_can() {
    let fourccs = Value::StrictArray(vec![Value::string("hvc1")]);
    for (announced, told) in
        [(("fourCcList", fourccs), true), (("capsEx", Value::Number(0.0)), true), (("x", Value::Null), false)]
    {
        let mut bench = Bench::new();
        let object = [("tcUrl", Value::string("rtmp://127.0.0.1/live")), announced];
        let result = &commands(&bench.call("connect", 1.0, vec![Value::object(object)]))[0];
        let [Event::Connect(connect)] = &bench.events[..] else { panic!("{:?}", bench.events) };
        assert_eq!(connect.enhanced.is_some(), told);
        for object in &result.args[..2] {
            assert_eq!(object.get("capsEx"), told.then_some(&Value::Number(14.0)));
            let hevc = object.get("videoFourCcInfoMap").and_then(|map| map.get("hvc1"));
            assert_eq!(hevc, told.then_some(&Value::Number(4.0)));
        }
        assert_eq!(result.args[1].get("data").and_then(|data| data.get("srs_sig")), Some(&Value::string("weir")));
    }
}

#[test]
fn commands_and_data_may_come_as_amf3() {
    let mut bench = Bench::publishing();
    let mut bytes = Vec::new();
    write_message(&mut bytes, 3, kind::DATA_AMF3, 5, 1, b"\0\x02\0\x0aonMetaData\x05", 128);
    write_message(&mut bytes, 3, kind::COMMAND_AMF3, 0, 0, b"\0\x02\0\x01x\0\0\0\0\0\0\0\0\0\x11\x0a", 128);
    bench.send(&bytes).unwrap();
    let [Event::Media { kind: TagKind::Script, timestamp: 5, payload }, Event::Call { name, args, .. }] =
        &bench.events[..]
    else {
        panic!("{:?}", bench.events)
    };
    assert_eq!((&payload[..], &**name, args.len()), (&b"\x02\0\x0aonMetaData\x05"[..], "x", 0));
}

fn check_style(calls: &[&str], expect: PublishStyle, replies: &[&str]) {
    let mut bench = Bench::connected();
    let mut output = Vec::new();
    for (i, call) in calls.iter().enumerate() {
        output.extend(bench.call(call, i as f64 + 2.0, cam("cam1?k=v")));
    }
    assert_eq!(bench.events, [Event::Publish { name: "cam1?k=v".into(), style: expect }]);
    let names: Vec<String> = commands(&output).into_iter().map(|command| command.name).collect();
    assert_eq!(names, replies);
}

// row: protocols.md §1.3 publish (Flash)
// row: protocols.md §1.3 Haivision order
#[test]
fn three_orders_of_commands_publish() {
    use PublishStyle::{Flash, Fmle, Haivision};
    let (result, published, status) = ("_result", "onFCPublish", "onStatus");
    check_style(&["createStream", "publish"], Flash, &[result, status]);
    let replies = [result, result, result, published, status];
    check_style(&["releaseStream", "FCPublish", "createStream", "publish"], Fmle, &replies);
    check_style(&["createStream", "FCPublish", "publish"], Haivision, &[result, result, published, status]);
}

#[test]
fn media_arrives_only_while_publishing() {
    let mut bench = Bench::connected();
    bench.media(TagKind::Audio, 0, b"early");
    assert_eq!(bench.events, []);
    let mut bench = Bench::publishing();
    bench.media(TagKind::Video, 40, &[7; 1000]);
    bench.media(TagKind::Script, 41, b"\x02\0\x0d@setDataFrame\x02\0\x0aonMetaData\x05");
    bench.media(TagKind::Audio, 42, b"");
    let media = |kind, timestamp, payload: &[u8]| Event::Media { kind, timestamp, payload: payload.to_vec().into() };
    let script = media(TagKind::Script, 41, b"\x02\0\x0aonMetaData\x05");
    assert_eq!(bench.events, [media(TagKind::Video, 40, &[7; 1000]), script]);
    bench.call("FCUnpublish", 6.0, cam("cam1"));
    bench.media(TagKind::Audio, 50, b"late");
    assert_eq!(bench.events.last(), Some(&Event::Unpublish));
}

#[test]
fn an_aggregate_arrives_as_its_tags() {
    let mut bench = Bench::publishing();
    let mut bytes = Vec::new();
    let body =
        [8, 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 0xaf, 0, 0, 0, 12, 9, 0, 0, 1, 0, 0, 19, 0, 0, 0, 0, 0x17, 0, 0, 0, 12];
    write_message(&mut bytes, 4, kind::AGGREGATE, 100, 1, &body, 128);
    bench.send(&bytes).unwrap();
    let times: Vec<u32> =
        bench.events.iter().map(|e| if let Event::Media { timestamp, .. } = e { *timestamp } else { 0 }).collect();
    assert_eq!(times, [100, 110]);
}

// row: protocols.md §1.3 FCUnpublish
#[test]
fn a_connection_publishes_again_and_then_plays() {
    let mut bench = Bench::publishing();
    let replies = commands(&bench.call("FCUnpublish", 6.0, cam("cam1")));
    assert_eq!(replies.iter().map(|c| &*c.name).collect::<Vec<_>>(), ["onFCUnpublish", "_result", "onStatus"]);
    let deadline = bench.session.poll_timeout().unwrap();
    assert_eq!(deadline - bench.now, Duration::from_secs(180));
    bench.call("releaseStream", 7.0, cam("cam2"));
    bench.call("createStream", 8.0, vec![Value::Null]);
    bench.call("publish", 9.0, cam("cam2"));
    bench.call("publish", 10.0, cam("cam3"));
    bench.call("play", 11.0, cam("cam4"));
    let fmle = |name: &str, style| Event::Publish { name: name.into(), style };
    let play = Event::Play { name: "cam4".into(), start: -2.0, duration: -1.0, reset: true };
    assert_eq!(
        bench.events,
        [
            Event::Unpublish,
            fmle("cam2", PublishStyle::Fmle),
            Event::Unpublish,
            fmle("cam3", PublishStyle::Flash),
            Event::Unpublish,
            play
        ]
    );
}

#[test]
fn delete_stream_ends_publishing_without_the_words_of_fc_unpublish() {
    let mut bench = Bench::publishing();
    let replies = commands(&bench.call("deleteStream", 6.0, vec![Value::Null, Value::Number(1.0)]));
    assert_eq!(replies.len(), 1);
    assert_eq!(bench.events, [Event::Unpublish]);
    assert!(!bench.session.is_waiting());
    assert_eq!(bench.call("FCUnpublish", 0.0, cam("cam1")), b"");
}

// row: protocols.md §1.3 closeStream during play
#[test]
fn close_stream_ends_the_play_and_waits_for_another() {
    let mut bench = Bench::playing();
    assert_eq!(bench.session.poll_timeout(), None, "players are not idle");
    assert_eq!(bench.call("closeStream", 0.0, vec![Value::Null]), b"");
    assert_eq!(bench.session.poll_timeout(), Some(bench.now + Duration::from_secs(180)));
    bench.call("play", 0.0, cam("cam2"));
    let play = Event::Play { name: "cam2".into(), start: -2.0, duration: -1.0, reset: true };
    assert_eq!(bench.events, [Event::CloseStream, play]);
}

// row: protocols.md §1.3 play
#[test]
fn play_hands_over_its_numbers() {
    let mut bench = Bench::connected();
    let number = Value::Number;
    let args = vec![Value::Null, Value::string("cam1"), number(-1000.0), number(5000.0), Value::Boolean(false)];
    let output = bench.call("play", 3.0, args);
    assert_eq!(bench.events, [Event::Play { name: "cam1".into(), start: -1000.0, duration: 5000.0, reset: false }]);
    let codes: Vec<_> = commands(&output).iter().map(|c| status_code(c).to_owned()).collect();
    assert_eq!(codes, ["NetStream.Play.Reset", "NetStream.Play.Start"]);
}

// row: protocols.md §1.3 pause true/false
#[test]
fn pause_and_resume_are_answered() {
    let mut bench = Bench::playing();
    for (paused, code, event) in [
        (true, "NetStream.Pause.Notify", UserControl::StreamEof(1)),
        (false, "NetStream.Unpause.Notify", UserControl::StreamBegin(1)),
    ] {
        let output = bench.call("pause", 0.0, vec![Value::Null, Value::Boolean(paused), Value::Number(1234.0)]);
        assert_eq!(status_code(&commands(&output)[0]), code);
        assert!(output.ends_with(&control(Control::User(event))));
        assert_eq!(bench.events.pop(), Some(Event::Pause { paused, millis: 1234.0 }));
    }
}

// row: protocols.md §1.3 any other call
// row: protocols.md §1.3 getStreamLength / checkBandwidth etc.
#[test]
fn any_other_call_gets_an_empty_result_if_it_wants_one() {
    let mut bench = Bench::connected();
    for name in ["getStreamLength", "_checkbw", "checkBandwidth", "anything"] {
        let expect = Command { name: "_result".into(), transaction: 7.0, args: vec![Value::Null, Value::Null] };
        assert_eq!(commands(&bench.call(name, 7.0, cam("cam1"))), [expect]);
        assert_eq!(bench.call(name, 0.0, cam("cam1")), b"");
        let call = |transaction| Event::Call { name: name.into(), transaction, args: cam("cam1") };
        assert_eq!(std::mem::take(&mut bench.events), [call(7.0), call(0.0)]);
    }
}

// row: protocols.md §1.3 createStream
#[test]
fn create_stream_answers_1_three_times() {
    let mut bench = Bench::connected();
    for transaction in [2.0, 3.0, 4.0] {
        let replies = commands(&bench.call("createStream", transaction, vec![Value::Null]));
        assert_eq!((replies[0].transaction, replies[0].number(1)), (transaction, Some(1.0)));
    }
    let error = bench.try_call("createStream", 5.0, vec![Value::Null]).unwrap_err();
    assert_eq!((error.code(), error), (2055, Error::CreateStream));
    let mut bench = Bench::publishing();
    bench.call("createStream", 5.0, vec![Value::Null]);
}

// row: protocols.md §1.1 Ping
#[test]
fn ping_is_answered_and_set_buffer_length_is_not() {
    let mut bench = Bench::playing();
    let buffer = UserControl::SetBufferLength { stream_id: 1, millis: 3000 };
    assert_eq!(bench.send(&control(Control::User(buffer))).unwrap(), b"");
    let ping = control(Control::User(UserControl::PingRequest(77)));
    assert_eq!(bench.send(&ping).unwrap(), control(Control::User(UserControl::PingResponse(77))));
    assert_eq!(bench.events, []);
}

/// The numbers of the acknowledgements that come while 100 messages of 1012 bytes do.
fn acknowledged(bench: &mut Bench) -> Vec<u32> {
    let mut bytes = Vec::new();
    write_message(&mut bytes, 6, kind::VIDEO, 0, 1, &[0; 1000], u32::MAX);
    let size = control(Control::SetChunkSize(60_000));
    bench.send(&size).unwrap();
    let mut input = bench.session.bytes_in();
    let mut numbers = Vec::new();
    for _ in 0..100 {
        let output = bench.send(&bytes).unwrap();
        input += bytes.len() as u64;
        if !output.is_empty() {
            assert_eq!(output, control(Control::Acknowledgement(input as u32)));
            numbers.push(input as u32);
        }
    }
    numbers
}

// row: protocols.md §1.1 Ack
#[test]
fn half_a_window_is_acknowledged() {
    assert_eq!(acknowledged(&mut Bench::publishing()), [], "nobody asked");
    let mut bench = Bench::publishing();
    bench.send(&control(Control::WindowAckSize(20_000))).unwrap();
    let numbers = acknowledged(&mut bench);
    assert_eq!(numbers.len(), 10);
    assert!(numbers.windows(2).all(|pair| pair[1] - pair[0] == 10 * 1012), "{numbers:?}");
    bench.send(&control(Control::WindowAckSize(0))).unwrap();
    assert_eq!(acknowledged(&mut bench), []);
}

#[test]
fn in_ack_size_acknowledges_without_being_asked_and_is_announced() {
    let mut bench = Bench::new();
    bench.accept = false;
    bench.call("connect", 1.0, connect_args());
    let with = super::ConnectReply { in_ack_size: 30_000, ..reply() };
    bench.session.accept_connect(&with).unwrap();
    let output = bench.drain().unwrap();
    let windows = [control(Control::WindowAckSize(2_500_000)), control(Control::WindowAckSize(30_000))].concat();
    assert!(output.starts_with(&windows));
    bench.accept = true;
    assert_eq!(acknowledged(&mut bench).len(), 6);
}

// row: protocols.md §1.1 Outbound chunk size
#[test]
fn the_owner_writes_media_at_the_chunk_size_that_was_announced() {
    let mut bench = Bench::new();
    assert_eq!(bench.session.out_chunk_size(), 128);
    let output = bench.call("connect", 1.0, connect_args());
    assert_eq!(bench.session.out_chunk_size(), 60_000);
    assert!(output[16 + 17..].starts_with(&control(Control::SetChunkSize(60_000))));
    assert_eq!(bench.session.bytes_out(), 3073 + output.len() as u64);
}

#[test]
fn nothing_is_read_while_a_command_waits_for_its_answer() {
    let mut bench = Bench::connected();
    bench.accept = false;
    let mut bytes = command("publish", 5.0, cam("cam1"));
    write_media(&mut bytes, TagKind::Audio, 9, b"sound", 128);
    assert_eq!(bench.send(&bytes).unwrap(), b"");
    assert_eq!(bench.events.len(), 1);
    assert!(bench.session.is_waiting());
    assert_eq!(bench.session.poll_timeout(), None);
    bench.session.accept_publish().unwrap();
    bench.drain().unwrap();
    assert!(matches!(&bench.events[1], Event::Media { timestamp: 9, .. }));
    let error = {
        bench.send(&command("publish", 5.0, cam("cam1"))).unwrap();
        bench.send(&vec![0; super::MAX_HELD + 1]).unwrap_err()
    };
    assert_eq!(error, Error::Pipelined { held: super::MAX_HELD + 1 });
}

/// What a client is told by `refuse`, and that nothing is read from it afterwards.
fn check_refusal(bench: &mut Bench, expect_name: &str, code: &str, refuse: impl FnOnce(&mut ServerSession)) {
    refuse(&mut bench.session);
    let replies = commands(&bench.output());
    let reply = replies.last().unwrap();
    assert_eq!((&*reply.name, status_code(reply)), (expect_name, code));
    assert_eq!(reply.args[1].get("level").and_then(Value::as_str), Some("error"));
    assert_eq!(reply.args[1].get("description").and_then(Value::as_str), Some("no"));
    bench.events.clear();
    assert_eq!(bench.call("createStream", 9.0, vec![Value::Null]), b"");
    assert_eq!((bench.events.len(), bench.session.poll_timeout()), (0, None));
}

// row: protocols.md §1.5 Busy
#[test]
fn a_refusal_is_told_in_the_words_of_rtmp() {
    let waiting = |name: &str, args| {
        let mut bench = if name == "connect" { Bench::new() } else { Bench::connected() };
        bench.accept = false;
        bench.call(name, 1.0, args);
        bench
    };
    let code = "NetConnection.Connect.Rejected";
    check_refusal(&mut waiting("connect", connect_args()), "_error", code, |s| s.refuse_connect("no"));
    let code = "NetStream.Publish.BadName";
    check_refusal(&mut waiting("publish", cam("a")), "onStatus", code, |s| s.refuse_publish(code, "no"));
    let code = "NetStream.Play.StreamNotFound";
    check_refusal(&mut waiting("play", cam("a")), "onStatus", code, |s| s.refuse_play(code, "no"));
}

#[test]
fn a_redirect_leaves_the_connection_open_for_consent() {
    let mut bench = Bench::connected();
    bench.accept = false;
    bench.call("play", 0.0, cam("cam1"));
    bench.session.redirect("rtmp://b/live", "rtmp://b/live/cam1").unwrap();
    let replies = commands(&bench.output());
    let info = &replies[0].args[1];
    assert_eq!(status_code(&replies[0]), "NetConnection.Connect.Rejected");
    assert_eq!(info.get("description").and_then(Value::as_str), Some("RTMP 302 Redirect"));
    let ex = info.get("ex").unwrap();
    assert_eq!(ex.get("code"), Some(&Value::Number(302.0)));
    assert_eq!(ex.get("redirect2"), Some(&Value::string("rtmp://b/live/cam1")));
    bench.events.clear();
    bench.call("redirected", 3.0, cam("yes"));
    assert!(matches!(&bench.events[..], [Event::Call { name, .. }] if name == "redirected"));
}

fn check_timeout(bench: &mut Bench, seconds: u64, awaited: &str) {
    let at = bench.session.poll_timeout().unwrap();
    assert_eq!(at - bench.now, Duration::from_secs(seconds));
    assert_eq!(bench.session.handle_timeout(at - Duration::from_millis(1)), Ok(()));
    let error = bench.session.handle_timeout(at).unwrap_err();
    assert_eq!(error.code(), 1011);
    assert!(error.to_string().starts_with(awaited), "{error}");
}

// row: protocols.md §1.1 Handshake timeout
// row: protocols.md §1.1 Session timeout
#[test]
fn every_wait_has_its_deadline() {
    let now = Instant::now();
    let session = ServerSession::new(ServerConfig::default(), now);
    let mut half = Bench { session, now, accept: true, events: Vec::new() };
    half.session.handle_input(now + Duration::from_secs(10), &hello()[..100]).unwrap();
    check_timeout(&mut half, 30, "the handshake");
    check_timeout(&mut Bench::new(), 30, "connect");
    let mut bench = Bench::connected();
    bench.now += Duration::from_secs(20);
    bench.call("createStream", 2.0, vec![Value::Null]);
    check_timeout(&mut bench, 30, "publish or play");
    assert_eq!(Bench::publishing().session.poll_timeout(), None);
}

/// All that a publisher and then a player do, cut at every byte of it.
#[test]
fn every_cut_gives_the_same_events_and_output() {
    let mut bytes = hello();
    bytes.extend(control(Control::SetChunkSize(200)));
    bytes.extend(control(Control::WindowAckSize(1000)));
    bytes.extend(command("connect", 1.0, connect_args()));
    bytes.extend(command("releaseStream", 2.0, cam("cam1")));
    bytes.extend(command("FCPublish", 3.0, cam("cam1")));
    bytes.extend(command("createStream", 4.0, vec![Value::Null]));
    bytes.extend(command("publish", 5.0, cam("cam1")));
    write_media(&mut bytes, TagKind::Video, 0x0100_0000, &[7; 700], 200);
    write_media(&mut bytes, TagKind::Audio, 21, &[8; 20], 200);
    bytes.extend(control(Control::User(UserControl::PingRequest(7))));
    bytes.extend(command("FCUnpublish", 6.0, cam("cam1")));
    bytes.extend(command("play", 7.0, cam("cam1")));
    bytes.extend(command("closeStream", 0.0, vec![Value::Null]));
    let now = Instant::now();
    let whole = serve(now, &[&bytes]);
    assert_eq!((whole.0.len(), &whole.2), (7, &None));
    for at in 0..=bytes.len() {
        assert_eq!(serve(now, &[&bytes[..at], &bytes[at..]]), whole, "cut at {at}");
    }
    let parts: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(serve(now, &parts), whole);
}

#[test]
fn weir_says_its_own_name() {
    let output = Bench::new().call("connect", 1.0, connect_args());
    let data = commands(&output)[0].args[1].get("data").unwrap().clone();
    assert_eq!(data.get("srs_server"), Some(&Value::string(Identity::default().server)));
    assert!(Identity::default().server.starts_with("weir/"));
}

#[test]
fn the_kept_corpus_replays() {
    crate::fuzz::replay("rtmp_session", crate::fuzz::rtmp_session);
}
