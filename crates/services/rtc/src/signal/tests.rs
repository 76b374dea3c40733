use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::{HOST, LINK};
use http::{HeaderMap, StatusCode};
use weir_conf::{Config, Live};
use weir_httpd::{Body, Reply};
use weir_hub::{Denial, Refusal, Request};
use weir_proto_rtc::Credentials;

use super::*;
use crate::random;
use crate::sessions::{Agents, NoSession, Open, Opened, Opening};

mod bad;
mod calls;
mod requests;
mod restart;
mod whip;

const PLAY_OFFER: &str = include_str!("../../../../formats/sdp/testdata/aiortc-play.sdp");
const PUBLISH_OFFER: &str = include_str!("../../../../formats/sdp/testdata/aiortc-publish.sdp");
/// What SRS answered them.
const SRS_PLAY: &str = include_str!("../../../../formats/sdp/testdata/srs-answer-play.sdp");
const SRS_PUBLISH: &str = include_str!("../../../../formats/sdp/testdata/srs-answer-publish.sdp");

/// As SRS had it when the samples were taken, and what the tests need beside.
const CONF: &str = "listen 1935; rtc_server { enabled on; candidate 10.77.0.1; } \
                    http_server { trusted_proxies 10.0.0.1; } \
                    vhost __defaultVhost__ { rtc { enabled on; } } \
                    vhost off.example.com { rtc { enabled off; } } \
                    vhost gone.example.com { enabled off; }";

/// Opens what it is asked to, unless it is told to refuse.
#[derive(Default)]
struct Fake {
    refusal: Mutex<Option<Refusal>>,
    seen: Mutex<Vec<(Request, Open)>>,
    held: Mutex<Vec<(Open, Credentials)>>,
}

impl Fake {
    fn open<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a> {
        let remote = &open.plan.remote;
        let remote = Credentials { ufrag: remote.ice_ufrag.clone(), pwd: remote.ice_pwd.clone() };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push((request.clone(), open.clone()));
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
        if refusal.is_none() {
            self.held.lock().unwrap_or_else(PoisonError::into_inner).push((open, remote));
        }
        Box::pin(async move { refusal.map_or(Ok(Opened { fingerprint: [0xC6; 32] }), Err) })
    }

    fn of<T>(
        &self,
        session: &str,
        token: &str,
        then: impl FnOnce(&mut Vec<(Open, Credentials)>, usize) -> T,
    ) -> Result<T, NoSession> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|(open, _)| open.session == session).ok_or(NoSession::Unknown)?;
        if held[at].0.token == token { Ok(then(&mut held, at)) } else { Err(NoSession::WrongToken) }
    }
}

impl Sessions for Fake {
    fn publish<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a> {
        assert_eq!(open.plan.role, Role::Publish);
        self.open(request, open)
    }

    fn play<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a> {
        assert_eq!(open.plan.role, Role::Play);
        self.open(request, open)
    }

    fn end(&self, session: &str, token: &str) -> Result<(), NoSession> {
        self.of(session, token, |held, at| drop(held.remove(at)))
    }

    fn agents(&self, session: &str, token: &str) -> Result<Agents, NoSession> {
        self.of(session, token, |held, at| Agents { own: held[at].0.own.clone(), remote: held[at].1.clone() })
    }

    fn restart(&self, session: &str, token: &str, remote: Credentials) -> Result<Credentials, NoSession> {
        self.of(session, token, |held, at| {
            let own = Credentials { ufrag: random::word(8), pwd: random::word(32) };
            (held[at].0.own, held[at].1) = (own.clone(), remote);
            own
        })
    }
}

struct House {
    fake: Arc<Fake>,
    hub: Arc<Hub>,
    signal: Signal,
}

impl House {
    fn new() -> House {
        House::with(CONF)
    }

    fn with(conf: &str) -> House {
        let conf = Config::from_text(conf).expect("a configuration").config;
        let (hub, fake) = (Hub::new(Live::new(conf)), Arc::<Fake>::default());
        let ids = Ids { server: "vid-sample1".to_owned(), service: "369186c6".to_owned(), pid: 24003 };
        let parts = Parts { hub: hub.clone(), sessions: fake.clone(), ids };
        let ports = Ports::of(&hub.conf().rtc_server);
        let nobody = Arc::new(|_| -> std::pin::Pin<Box<dyn Future<Output = Vec<IpAddr>> + Send>> {
            Box::pin(std::future::ready(Vec::new()))
        });
        House { fake, hub, signal: Signal { parts, candidates: Candidates::on(ports, nobody, Vec::new) } }
    }

    /// What the media half was asked last.
    fn seen(&self) -> (Request, Open) {
        self.fake.seen.lock().expect("not poisoned").last().cloned().expect("it was asked")
    }

    async fn ask(&self, asked: &Asked) -> Reply {
        self.signal.answer(asked).await.expect("a path of WebRTC")
    }

    async fn post(&self, target: &str, body: &str) -> Reply {
        self.ask(&asked("POST", target, body)).await
    }

    /// A session by WHIP, and the target that ends it.
    async fn published(&self) -> (Reply, String) {
        let reply = self.post("/rtc/v1/whip/?app=live&stream=w1", PUBLISH_OFFER).await;
        let location = field(&reply, "location").expect("a Location");
        (reply, location)
    }
}

fn asked(method: &str, target: &str, body: &str) -> Asked {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("10.77.0.1:1985"));
    Asked {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        peer: ([10, 77, 0, 1], 40000).into(),
        secure: false,
        body: body.to_owned().into(),
    }
}

fn with_field(mut asked: Asked, name: &'static str, value: &str) -> Asked {
    asked.headers.insert(name, value.parse().expect("a value"));
    asked
}

fn field(reply: &Reply, name: &str) -> Option<String> {
    let found = reply.headers.iter().find(|(one, _)| one == name)?;
    Some(found.1.to_str().expect("text").to_owned())
}

fn text(reply: &Reply) -> String {
    match &reply.body {
        Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
        other => panic!("{other:?}"),
    }
}

/// Checks a refusal: its status, its number, and what it says.
fn check_refused(reply: &Reply, status: u16, code: Option<u32>, why: &str) {
    let told = text(reply);
    assert_eq!(reply.status.as_u16(), status, "{told}");
    assert_eq!(field(reply, "content-type").as_deref(), Some("application/problem+json"));
    let problem: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["title"].as_str(), reply.status.canonical_reason());
    assert_eq!(problem.get("code").and_then(serde_json::Value::as_u64), code.map(u64::from), "{told}");
    assert!(problem["detail"].as_str().expect("a sentence").contains(why), "{told}");
}

/// A line of an answer without what differs from session to session, and from server to server.
fn shape(line: &str) -> String {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    match name {
        _ if line.starts_with("o=") => "o=".to_owned(),
        // Beyond the first payload type, weir answers others and retransmissions.
        _ if line.starts_with("m=") => line.split(' ').take(4).collect::<Vec<_>>().join(" "),
        "a=ice-ufrag" | "a=ice-pwd" => format!("{name}:{}", value.len()),
        "a=fingerprint" => format!("{name}:{}", value.len()),
        "a=ssrc" => {
            let (_, attribute) = value.split_once(' ').expect("an attribute of a source");
            let (name, value) = attribute.split_once(':').expect("a value");
            format!("a=ssrc {name} {}", value.len())
        }
        _ => line.to_owned(),
    }
}

/// Every line of SRS's answer is in ours, in its order.
fn check_like_srs(ours: &str, srs: &str) {
    let ours: Vec<String> = ours.lines().map(shape).collect();
    let mut rest = ours.iter();
    for line in srs.lines().map(shape) {
        assert!(rest.any(|one| *one == line), "{line} is not in its place in {ours:#?}");
    }
}
