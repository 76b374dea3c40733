//! Both halves over a link that carries bytes in pieces.

use super::{ClientConfig, ClientSession, Event, Goal};
use crate::chunk::write::{continuation_head, media_head, write_media};
use crate::fuzz::{accept, reply};
use crate::message::Control;
use crate::server::{self, ServerConfig, ServerSession};
use std::time::{Duration, Instant};
use weir_flv::amf0::Value;
use weir_flv::tag::TagKind;

/// A client and a server, and a link that takes `latency` and delivers `piece` bytes at a time.
struct Pair {
    client: ClientSession,
    server: ServerSession,
    now: Instant,
    latency: Duration,
    piece: usize,
    seen: Vec<Event>,
    served: Vec<server::Event>,
    refuse: bool,
}

impl Pair {
    fn new(config: ClientConfig, piece: usize) -> Pair {
        let now = Instant::now();
        let client = ClientSession::new(config, now);
        let server = ServerSession::new(ServerConfig { seed: 2, ..Default::default() }, now);
        let latency = Duration::from_millis(40);
        Pair { client, server, now, latency, piece, seen: Vec::new(), served: Vec::new(), refuse: false }
    }

    /// Lets both talk until neither has anything to say.
    fn drive(&mut self) {
        loop {
            let sent: Vec<u8> = std::iter::from_fn(|| self.client.poll_output()).flatten().collect();
            self.up(&sent);
            let answer: Vec<u8> = std::iter::from_fn(|| self.server.poll_output()).flatten().collect();
            self.down(&answer);
            if sent.is_empty() && answer.is_empty() {
                return;
            }
        }
    }

    fn up(&mut self, bytes: &[u8]) {
        self.now += self.latency;
        for part in bytes.chunks(self.piece) {
            self.server.handle_input(self.now, part).unwrap();
            while let Some(event) = self.server.poll_event() {
                match event {
                    server::Event::Publish { .. } if self.refuse => {
                        self.server.refuse_publish("NetStream.Publish.BadName", "taken");
                    }
                    server::Event::Play { .. } if self.refuse => {
                        self.server.redirect("rtmp://b/live", "rtmp://b/live/cam1").unwrap();
                    }
                    server::Event::Connect(_) if self.refuse && self.client.config.goal == Goal::Connect => {
                        self.server.refuse_connect("go away");
                    }
                    _ => accept(&mut self.server, &event).unwrap(),
                }
                self.served.push(event);
            }
        }
    }

    fn down(&mut self, bytes: &[u8]) {
        self.now += self.latency;
        for part in bytes.chunks(self.piece) {
            self.client.handle_input(self.now, part).unwrap();
            self.seen.extend(std::iter::from_fn(|| self.client.poll_event()));
        }
    }
}

fn config(goal: Goal) -> ClientConfig {
    ClientConfig {
        seed: 1,
        goal,
        tc_url: "rtmp://127.0.0.1/live".into(),
        app: "live".into(),
        stream: "cam1?k=v".into(),
        page_url: "http://page/".into(),
        flash_ver: "weir".into(),
        args: Some(Value::object([("srs_id", Value::string("x"))])),
        chunk_size: 4096,
        ..Default::default()
    }
}

#[test]
fn a_publisher_gets_through_in_pieces_of_any_size() {
    for (complex, piece) in [(false, 1), (true, 1), (false, 7), (true, 1537), (false, 100_000)] {
        let mut pair = Pair::new(ClientConfig { complex, ..config(Goal::Publish) }, piece);
        pair.drive();
        assert!(matches!(&pair.seen[..], [Event::Connected { .. }, Event::Publishing]), "{:?}", pair.seen);
        let [server::Event::Connect(connect), server::Event::Publish { name, style }] = &pair.served[..] else {
            panic!("{:?}", pair.served)
        };
        assert_eq!((&*connect.tc_url, &*connect.page_url), ("rtmp://127.0.0.1/live", "http://page/"));
        assert_eq!(connect.args, pair.client.config.args);
        assert_eq!((&**name, *style), ("cam1?k=v", server::PublishStyle::Fmle));
        assert_eq!(pair.client.poll_timeout(), None);

        let mut bytes = Vec::new();
        let body = vec![7; 10_000];
        assert_eq!(pair.client.out_chunk_size(), 4096);
        write_media(&mut bytes, TagKind::Video, 0x0200_0000, &body, 4096);
        pair.up(&bytes);
        let media = server::Event::Media { kind: TagKind::Video, timestamp: 0x0200_0000, payload: body.into() };
        assert_eq!(pair.served.last(), Some(&media));

        pair.client.finish();
        pair.drive();
        assert_eq!(pair.served.last(), Some(&server::Event::Unpublish));
        let Some(Event::Status { code, .. }) = pair.seen.last() else { panic!("{:?}", pair.seen) };
        assert_eq!(code, "NetStream.Unpublish.Success");
    }
}

/// Media that goes out in `[head, body]` pieces as the fan-out writes it, with control messages between.
#[test]
fn a_player_gets_media_in_pieces_of_any_size() {
    for piece in [1, 13, 100_000] {
        let mut pair = Pair::new(config(Goal::Play), piece);
        pair.drive();
        assert_eq!(
            pair.seen.last(),
            Some(&Event::Media {
                kind: TagKind::Script,
                timestamp: 0,
                payload: b"\x02\0\x11|RtmpSampleAccess\x01\x01\x01\x01"[..].into()
            })
        );
        assert!(pair.seen.contains(&Event::Playing));
        let size = pair.server.out_chunk_size() as usize;
        let body = vec![3; 150_000];
        for timestamp in [0, 0xff_ffff] {
            let mut bytes = Vec::new();
            media_head(&mut bytes, TagKind::Video, timestamp, body.len());
            for (i, part) in body.chunks(size).enumerate() {
                if i > 0 {
                    continuation_head(&mut bytes, TagKind::Video, timestamp);
                }
                bytes.extend_from_slice(part);
            }
            pair.down(&bytes);
            let payload = body.clone().into();
            assert_eq!(pair.seen.last(), Some(&Event::Media { kind: TagKind::Video, timestamp, payload }));
            pair.drive();
        }
        pair.client.finish();
        pair.drive();
        assert_eq!(pair.served.last(), Some(&server::Event::CloseStream));
    }
}

#[test]
fn a_refusal_reaches_the_client_in_the_servers_words() {
    let refused = |code: &str, description: &str| Event::Refused { code: code.into(), description: description.into() };
    for (goal, expect) in [
        (Goal::Connect, refused("NetConnection.Connect.Rejected", "go away")),
        (Goal::Publish, refused("NetStream.Publish.BadName", "taken")),
    ] {
        let mut pair = Pair::new(config(goal), 1000);
        pair.refuse = true;
        pair.drive();
        assert_eq!(pair.seen.last(), Some(&expect));
    }
}

#[test]
fn a_redirect_reaches_the_client_and_its_consent_the_server() {
    let mut pair = Pair::new(config(Goal::Play), 1000);
    pair.refuse = true;
    pair.drive();
    let redirect = Event::Redirect { tc_url: "rtmp://b/live".into(), full_url: "rtmp://b/live/cam1".into() };
    assert_eq!(pair.seen.last(), Some(&redirect));
    pair.client.call("redirected", vec![Value::Null, Value::string("rtmp://b/live")]);
    pair.drive();
    assert!(matches!(pair.served.last(), Some(server::Event::Call { name, .. }) if name == "redirected"));
}

#[test]
fn connect_alone_asks_whether_a_client_would_be_let_in() {
    let mut pair = Pair::new(config(Goal::Connect), 1000);
    pair.drive();
    let [Event::Connected { info, .. }] = &pair.seen[..] else { panic!("{:?}", pair.seen) };
    assert_eq!(info.get("code").and_then(Value::as_str), Some("NetConnection.Connect.Success"));
    assert_eq!(pair.served.len(), 1);
    assert_eq!(pair.client.poll_timeout(), None);
    assert_eq!(pair.client.bytes_out(), pair.server.bytes_in());
    assert_eq!(pair.client.bytes_in(), pair.server.bytes_out());
}

#[test]
fn both_ends_say_what_they_can() {
    let announce = vec![("capsEx".to_owned(), Value::Number(6.0))];
    let mut pair = Pair::new(ClientConfig { announce, ..config(Goal::Connect) }, 1000);
    pair.drive();
    let [Event::Connected { info, properties }] = &pair.seen[..] else { panic!("{:?}", pair.seen) };
    assert_eq!(
        (info.get("capsEx"), properties.get("capsEx")),
        (Some(&Value::Number(14.0)), Some(&Value::Number(14.0)))
    );
    let [server::Event::Connect(connect)] = &pair.served[..] else { panic!("{:?}", pair.served) };
    assert!(connect.enhanced.is_some_and(|takes| takes.has_multitrack() && takes.has_mod_ex()));
}

#[test]
fn a_server_that_does_not_answer_in_30_s_is_given_up() {
    let now = Instant::now();
    let mut client = ClientSession::new(config(Goal::Play), now);
    assert_eq!(client.poll_output().unwrap().len(), 1537);
    let at = client.poll_timeout().unwrap();
    assert_eq!(at - now, Duration::from_secs(30));
    assert_eq!(client.handle_timeout(now), Ok(()));
    assert_eq!(client.handle_timeout(at).unwrap_err().code(), 1011);
}

#[test]
fn a_client_answers_what_the_server_announces() {
    let mut pair = Pair::new(config(Goal::Play), 1000);
    pair.drive();
    assert_eq!(reply().window_ack, 2_500_000);
    let mut bytes = Vec::new();
    write_media(&mut bytes, TagKind::Video, 0, &vec![0; 1_300_000], pair.server.out_chunk_size());
    pair.down(&bytes);
    let mut ack = Vec::new();
    Control::Acknowledgement(u32::try_from(pair.client.bytes_in()).unwrap()).write_to(&mut ack);
    assert!(pair.client.poll_output().unwrap().ends_with(&ack));
}
