//! `/rtc/v1/play/` and `/rtc/v1/publish/`: the calls of SRS, in JSON (`http-api.md` §4.1).

use std::net::IpAddr;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value as Given};
use weir_httpd::{Asked, Body, Reply};
use weir_json::{Value, object};
use weir_proto_rtc::Role;

use super::open::{Answered, client};
use super::refused::{BODY, Refused};
use super::target::Target;
use super::wish::Wish;
use super::{MAX_BODY, Signal};

/// SRS: whatever went wrong, with status 200; the log has the reason.
const FAILED: u16 = 400;

impl Signal {
    pub(crate) async fn call(&self, asked: &Asked, role: Role) -> Reply {
        let reply = match self.called(asked, role).await {
            Ok(Answered { sdp, session, .. }) => object! {
                "code": 0,
                "server": &self.parts.ids.server,
                "service": &self.parts.ids.service,
                "pid": self.parts.ids.pid.to_string(),
                "sdp": sdp,
                "sessionid": session,
            },
            Err(refused) => {
                let (client, ip, path) = (client(role), asked.peer.ip(), &asked.path);
                tracing::warn!("{client} {ip} is refused: {path}: {}", refused.logged());
                object! { "code": FAILED }
            }
        };
        json(&reply)
    }

    async fn called(&self, asked: &Asked, role: Role) -> Result<Answered, Refused> {
        let given = read(asked)?;
        let (offer, url) = (needed(&given, "sdp")?, needed(&given, "streamurl")?);
        let conf = self.parts.hub.conf();
        let mut target = Target::of_url(url, asked, role, self.ip(asked, text(&given, "clientip")))?;
        target.hosts.extend(text(&given, "api").map(host_of));
        let mut wish = Wish::read(&asked.pairs(), conf.rtc_server.encrypt)?;
        if role == Role::Publish {
            // SRS: a publisher cannot do without.
            (wish.encrypt, wish.dtls) = (true, true);
        }
        self.open(&target, wish, role, offer, &asked.path).await
    }

    /// The address that the call says is the client's, if a proxy that is trusted made it.
    fn ip(&self, asked: &Asked, told: Option<&str>) -> IpAddr {
        let ip = asked.peer.ip();
        let trusted = |peers: &[weir_conf::Peers]| peers.iter().any(|peers| peers.has(ip));
        let told = told.and_then(|told| told.parse().ok());
        told.filter(|_| trusted(&self.parts.hub.conf().http_server.trusted_proxies)).unwrap_or(ip)
    }
}

fn read(asked: &Asked) -> Result<Map<String, Given>, Refused> {
    let refused = |why: String| Refused::new(StatusCode::BAD_REQUEST, BODY, why);
    if asked.body.len() > MAX_BODY {
        return Err(refused(format!("the body has {} bytes, at most {MAX_BODY} are read", asked.body.len())));
    }
    serde_json::from_slice(&asked.body).map_err(|error| refused(format!("the body is no JSON object: {error}")))
}

fn text<'a>(given: &'a Map<String, Given>, name: &str) -> Option<&'a str> {
    given.get(name)?.as_str().filter(|text| !text.is_empty())
}

fn needed<'a>(given: &'a Map<String, Given>, name: &str) -> Result<&'a str, Refused> {
    text(given, name)
        .ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, BODY, format!("the body has no text called {name}")))
}

/// The host of the URL that the client called, as it says: behind a proxy, `Host` is another one.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}

fn json(value: &Value) -> Reply {
    Reply {
        status: StatusCode::OK,
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body: Body::Bytes(Bytes::from(value.render())),
    }
}
