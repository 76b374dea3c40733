//! WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, IF_MATCH, LOCATION};
use http::{HeaderValue, Method, StatusCode};
use weir_httpd::{Asked, Body, Reply};
use weir_hub::connection_id;
use weir_proto_rtc::{Credentials, Fragment, Role, host_candidates};

use super::open::{Answered, client};
use super::refused::{FRAGMENT, NO_SESSION, Refused, SDP, SDP_SYNTAX, WRONG_TOKEN};
use super::target::{self, Target};
use super::wish::{self, Wish};
use super::{MAX_BODY, Signal, links};
use crate::candidates::{Called, Host};
use crate::sessions::NoSession;

/// Types that are certainly no description. Others pass: SRS looks at none, and clients send what their HTTP library says.
const OTHER_TYPES: [&str; 4] = ["application/json", "application/xml", "text/html", "text/xml"];

impl Signal {
    pub(crate) async fn standard(&self, asked: &Asked, role: Role) -> Reply {
        let role = if asked.pairs().get("action") == Some("play") { Role::Play } else { role };
        let done = match asked.method {
            Method::POST => return self.offered(asked, role).await,
            Method::PATCH => self.patch(asked).await,
            Method::DELETE => self.delete(asked),
            _ => Err(Refused::http(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("{} means nothing here: an offer comes by POST", asked.method),
            )),
        };
        done.unwrap_or_else(|refused| {
            let (way, ip) = (way(role), asked.peer.ip());
            tracing::warn!("client {ip} is refused: {} by {way}: {}", asked.method, refused.logged());
            refused.reply()
        })
    }

    async fn offered(&self, asked: &Asked, role: Role) -> Reply {
        let target = match Target::of_query(asked, role) {
            Ok(target) => target,
            Err(refused) => return refuse(asked, role, &connection_id(), &refused),
        };
        match self.post(asked, role, &target).await {
            Ok(answered) => self.created(asked, answered),
            Err(refused) => refuse(asked, role, &target.request.id, &refused),
        }
    }

    async fn post(&self, asked: &Asked, role: Role, target: &Target) -> Result<Answered, Refused> {
        check_type(asked)?;
        let offer = text(asked)?;
        let wish = Wish::read(&asked.pairs(), self.parts.hub.conf().rtc_server.encrypt)?;
        self.open(target, wish, role, offer, way(role)).await
    }

    /// SRS: the path is that of WHIP for players too.
    fn created(&self, asked: &Asked, answered: Answered) -> Reply {
        let Answered { sdp, session, token, ufrag } = answered;
        let pairs = asked.pairs();
        let (app, stream) = target::names(&pairs);
        let mut location =
            format!("/rtc/v1/whip/?action=delete&token={token}&app={app}&stream={stream}&session={session}");
        if let Some(eip) = wish::eip(&pairs) {
            // For a restart, whose answer names candidates as well.
            location += &format!("&eip={eip}");
        }
        let links = self.ice_servers(links::Told::Admitted);
        // What stood in a request target and in a description that was read may stand in a field.
        let fields = [(LOCATION, HeaderValue::try_from(location)), (ETAG, HeaderValue::try_from(tag(&ufrag)))];
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name, value.ok()?)));
        let headers = std::iter::once((CONTENT_TYPE, SDP)).chain(fields).chain(links).collect();
        Reply { status: StatusCode::CREATED, headers, body: Body::Bytes(Bytes::from(sdp)) }
    }

    /// Candidates of the client (RFC 9725 clause 4.3.2), which need not be known: it is the client that makes the checks.
    /// Or a restart of ICE (clause 4.3.3).
    async fn patch(&self, asked: &Asked) -> Result<Reply, Refused> {
        let (session, token) = named(asked)?;
        let agents = self.parts.sessions.agents(&session, &token).map_err(no_session)?;
        check_fragment_type(asked)?;
        let body = text(asked)?;
        let fragment = Fragment::parse(body).map_err(|error| {
            Refused::new(StatusCode::BAD_REQUEST, SDP_SYNTAX, format!("not a fragment of a description: {error}"))
        })?;
        let new = fragment.ice_ufrag.filter(|ufrag| *ufrag != agents.remote.ufrag);
        let is_held = check_tag(asked, &tag(&agents.own.ufrag))?;
        let Some(ufrag) = new else { return Ok(Reply::empty(StatusCode::NO_CONTENT)) };
        let pwd = fragment
            .ice_pwd
            .ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, SDP_SYNTAX, "a new ice-ufrag without its ice-pwd"))?;
        if !is_held {
            let why = "a restart of ICE needs If-Match, with the ETag of the session or *";
            return Err(Refused::http(StatusCode::PRECONDITION_REQUIRED, why));
        }
        let own = self.parts.sessions.restart(&session, &token, Credentials { ufrag, pwd }).map_err(no_session)?;
        tracing::info!("WebRTC session {session} restarts ICE: client {} asked for it", asked.peer.ip());
        Ok(self.restarted(asked, &own, mid(body)).await)
    }

    async fn restarted(&self, asked: &Asked, own: &Credentials, mid: &str) -> Reply {
        let eip = wish::eip(&asked.pairs()).and_then(Host::parse);
        let called = Called { eip, hosts: target::host(asked).into_iter().collect() };
        let found = self.candidates.find(&self.parts.hub.conf().rtc_server, &called).await;
        let fragment = Fragment {
            ice_ufrag: Some(own.ufrag.clone()),
            ice_pwd: Some(own.pwd.clone()),
            candidates: host_candidates(found),
            end_of_candidates: true,
        };
        let mut text = "a=ice-lite\r\n".to_owned();
        fragment.write_to(&mut text, mid);
        let tag = HeaderValue::try_from(tag(&own.ufrag)).ok().map(|tag| (ETAG, tag));
        let headers = std::iter::once((CONTENT_TYPE, FRAGMENT)).chain(tag).collect();
        Reply { status: StatusCode::OK, headers, body: Body::Bytes(Bytes::from(text)) }
    }

    fn delete(&self, asked: &Asked) -> Result<Reply, Refused> {
        let (session, token) = named(asked)?;
        match self.parts.sessions.end(&session, &token) {
            Ok(()) => {
                tracing::info!("WebRTC session {session} ends: client {} asked for it", asked.peer.ip());
                Ok(Reply::empty(StatusCode::OK))
            }
            // SRS: what is over need not be ended.
            Err(NoSession::Unknown) => Ok(Reply::empty(StatusCode::OK)),
            Err(why) => Err(no_session(why)),
        }
    }
}

fn way(role: Role) -> &'static str {
    match role {
        Role::Publish => "WHIP",
        Role::Play => "WHEP",
    }
}

fn refuse(asked: &Asked, role: Role, cid: &str, refused: &Refused) -> Reply {
    let (client, ip, way) = (client(role), asked.peer.ip(), way(role));
    let pairs = asked.pairs();
    let (app, stream) = target::names(&pairs);
    tracing::warn!(cid, "{client} {ip} is refused: {way} of {app}/{stream}: {}", refused.logged());
    refused.reply()
}

/// The session that the URL of the request names, and the token for it.
fn named(asked: &Asked) -> Result<(String, String), Refused> {
    let pairs = asked.pairs();
    let get = |name| pairs.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    get("session").zip(get("token")).ok_or_else(|| {
        let why = "the URL has no session and token: take the one that Location told";
        Refused::new(StatusCode::UNAUTHORIZED, WRONG_TOKEN, why)
    })
}

fn no_session(why: NoSession) -> Refused {
    match why {
        NoSession::Unknown => {
            Refused::new(StatusCode::NOT_FOUND, NO_SESSION, "there is no such session, or it is over")
        }
        NoSession::WrongToken => {
            Refused::new(StatusCode::FORBIDDEN, WRONG_TOKEN, "the token is not that of the session")
        }
    }
}

/// The body, which is a description or a part of one.
fn text(asked: &Asked) -> Result<&str, Refused> {
    if asked.body.len() > MAX_BODY {
        let why = format!("the body has {} bytes, at most {MAX_BODY} are read", asked.body.len());
        return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, SDP_SYNTAX, why));
    }
    std::str::from_utf8(&asked.body).map_err(|error| {
        Refused::new(StatusCode::BAD_REQUEST, SDP_SYNTAX, format!("not a session description: {error}"))
    })
}

/// The type of the body, without parameters.
fn media_type(asked: &Asked) -> String {
    let field = asked.header(CONTENT_TYPE).unwrap_or_default();
    field.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn check_type(asked: &Asked) -> Result<(), Refused> {
    let given = media_type(asked);
    let is_other = OTHER_TYPES.contains(&given.as_str())
        || given.starts_with("multipart/")
        || given.ends_with("+json")
        || FRAGMENT == given.as_str();
    if is_other { Err(wrong_type(&given, "application/sdp")) } else { Ok(()) }
}

fn check_fragment_type(asked: &Asked) -> Result<(), Refused> {
    let given = media_type(asked);
    let fits = given.is_empty() || FRAGMENT == given.as_str();
    if fits { Ok(()) } else { Err(wrong_type(&given, "application/trickle-ice-sdpfrag")) }
}

fn wrong_type(given: &str, needed: &str) -> Refused {
    Refused::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the body is {given}, needed is {needed}"))
}

/// The ETag of a session: it changes with the ICE agent of this side, at each restart.
fn tag(ufrag: &str) -> String {
    format!("\"{ufrag}\"")
}

/// Whether the client says which state of the session it knows. Fails when it knows another (RFC 9110 clause 13.1.1).
fn check_tag(asked: &Asked, tag: &str) -> Result<bool, Refused> {
    let fields = asked.headers.get_all(IF_MATCH);
    let mut known = fields.iter().filter_map(|field| field.to_str().ok()).flat_map(|field| field.split(','));
    if fields.iter().next().is_none() {
        return Ok(false);
    }
    // The star has quotes in the example of WHEP (draft-ietf-wish-whep), and so in clients.
    match known.any(|one| matches!(one.trim(), "*" | "\"*\"") || one.trim() == tag) {
        true => Ok(true),
        false => {
            let why = format!("If-Match does not hold the ETag of the session, {tag}: ICE has restarted since");
            Err(Refused::http(StatusCode::PRECONDITION_FAILED, why))
        }
    }
}

/// The section that a fragment is about, the first of the bundle.
fn mid(fragment: &str) -> &str {
    fragment.lines().find_map(|line| line.strip_prefix("a=mid:")).map_or("0", str::trim)
}
