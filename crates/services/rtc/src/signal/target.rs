//! [`Target`]: which stream is wanted, and who wants it.

use std::net::IpAddr;

use http::StatusCode;
use http::header::{HOST, REFERER};
use weir_httpd::query::Query;
use weir_httpd::{Asked, path};
use weir_hub::{ClientKind, Request, connection_id};
use weir_proto_rtc::Role;
use weir_proto_rtmp::url;

use super::refused::{PARAMETERS, Refused};

/// What a URL of WHIP and WHEP means that does not say it.
const APP: &str = "live";
const STREAM: &str = "livestream";

/// Which stream is wanted, and who wants it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) request: Request,
    /// Hosts by which the client called the server.
    pub(crate) hosts: Vec<String>,
}

impl Target {
    /// Of a URL of WHIP and WHEP. SRS: such a client has no tcUrl, and its parameters begin without `?`.
    pub(crate) fn of_query(asked: &Asked, role: Role) -> Result<Target, Refused> {
        let pairs = asked.pairs();
        let (app, stream) = names(&pairs);
        let (app, stream) = (decoded("app", app)?, decoded("stream", stream)?);
        let request = Request {
            vhost: asked.vhost(),
            app,
            name: stream.clone(),
            stream,
            param: asked.query.clone(),
            ..nobody(asked, role, asked.peer.ip())
        };
        Ok(Target { request, hosts: host(asked).into_iter().collect() })
    }

    /// Of `webrtc://HOST[:PORT]/APP/STREAM[?PARAMETERS]` in a call of SRS.
    pub(crate) fn of_url(stream_url: &str, asked: &Asked, role: Role, ip: IpAddr) -> Result<Target, Refused> {
        let refused =
            |why: &dyn std::fmt::Display| Refused::new(StatusCode::BAD_REQUEST, PARAMETERS, format!("streamurl {why}"));
        let (tc_url, name) = split(stream_url);
        let url = url::Target::parse(tc_url, name).map_err(|error| refused(&error))?;
        let (app, stream) = (decoded("app", &url.app)?, decoded("stream", &url.stream)?);
        let param = match role {
            Role::Play => url.param,
            // SRS.
            Role::Publish if url.param.is_empty() => "upstream=rtc".to_owned(),
            Role::Publish => format!("{}&upstream=rtc", url.param),
        };
        let request = Request {
            vhost: url.vhost,
            app,
            name: stream.clone(),
            stream,
            param,
            tc_url: url.tc_url,
            ..nobody(asked, role, ip)
        };
        Ok(Target { request, hosts: host(asked).into_iter().chain([url.host]).collect() })
    }

    /// `live/cam1`.
    pub(crate) fn shown(&self) -> String {
        format!("{}/{}", self.request.app, self.request.stream)
    }
}

/// App and stream of a URL of WHIP and WHEP, as they are written there.
pub(crate) fn names(pairs: &Query) -> (&str, &str) {
    let name = |key, default| pairs.get(key).filter(|text| !text.is_empty()).unwrap_or(default);
    (name("app", APP), name("stream", STREAM))
}

/// The host by which the client called the API, with its port.
pub(crate) fn host(asked: &Asked) -> Option<String> {
    asked.header(HOST).map(str::to_owned)
}

/// A request for no stream yet.
fn nobody(asked: &Asked, role: Role, ip: IpAddr) -> Request {
    Request {
        id: connection_id(),
        kind: match role {
            Role::Publish => ClientKind::RtcPublish,
            Role::Play => ClientKind::RtcPlay,
        },
        ip,
        // Whom a proxy speaks for is not where the proxy is.
        is_local: asked.is_local() && ip == asked.peer.ip(),
        vhost: String::new(),
        app: String::new(),
        stream: String::new(),
        name: String::new(),
        param: String::new(),
        tc_url: String::new(),
        page_url: asked.header(REFERER).unwrap_or_default().to_owned(),
        swf_url: String::new(),
        bearer: asked.bearer().map(str::to_owned),
    }
}

/// The tcUrl and the name with its query. A URL of another form is left to the rules of RTMP.
fn split(stream_url: &str) -> (&str, &str) {
    let path_end = stream_url.find(['?', '#']).unwrap_or(stream_url.len());
    let path = stream_url.get(..path_end).unwrap_or_default();
    let after_host = path.find("://").map_or(0, |at| at + 3);
    let slashes = path.get(after_host..).unwrap_or_default().matches('/').count();
    match path.rfind('/') {
        Some(at) if slashes > 1 => {
            (stream_url.get(..at).unwrap_or_default(), stream_url.get(at + 1..).unwrap_or_default())
        }
        _ => (stream_url, ""),
    }
}

/// A name with its `%XX` replaced, so that it is the one that paths of live streams have.
fn decoded(what: &'static str, text: &str) -> Result<String, Refused> {
    let refused =
        |why: &dyn std::fmt::Display| Refused::new(StatusCode::BAD_REQUEST, PARAMETERS, format!("{what}: {why}"));
    let name = path::decode(text).map_err(|unclean| refused(&unclean))?;
    url::check_name(what, &name).map_err(|error| refused(&error))?;
    let name = name.trim_matches('/');
    if name.is_empty() { Err(refused(&"it is empty")) } else { Ok(name.to_owned()) }
}
