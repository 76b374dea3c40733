//! [`Pages`]: the pages over HTTP, where the folders of the server have nothing.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderValue, Method, StatusCode};
use weir_conf::{Config, DEFAULT_VHOST, Endpoint, Live, Role};
use weir_httpd::{Answer, Asked, Body, Reply, Site, path};

use crate::assets::{self, Asset};

/// Hashed names never change what they name.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Others are asked for each time; the tag makes the answer short.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Where the pages learn the server's ports.
const PORTS: &str = "/weir.json";

/// A site, with the pages where it finds nothing. Who has pages of their own keeps them.
pub struct Pages {
    conf: Live<Config>,
    files: Arc<dyn Site>,
}

impl Pages {
    /// Asks `files` first.
    pub fn over(files: Arc<dyn Site>, conf: Live<Config>) -> Arc<Pages> {
        Arc::new(Pages { conf, files })
    }
}

impl Site for Pages {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async move {
            let reply = self.files.answer(asked).await;
            if reply.as_ref().is_some_and(|reply| reply.status != StatusCode::NOT_FOUND) {
                return reply;
            }
            self.page(asked).or(reply)
        })
    }
}

impl Pages {
    fn page(&self, asked: &Asked) -> Option<Reply> {
        let is_read = matches!(asked.method, Method::GET | Method::HEAD);
        let conf = self.conf.load();
        if !is_read || !conf.http_server.pages {
            return None;
        }
        if asked.path == PORTS {
            return Some(ports(&conf));
        }
        let asset = assets::get(&path::decode(&asked.path).ok()?)?;
        let is_known = |tags: &str| tags.split(',').any(|tag| tag.trim() == asset.etag);
        Some(if asked.header(IF_NONE_MATCH).is_some_and(is_known) {
            with_head(Reply::empty(StatusCode::NOT_MODIFIED), &asset)
        } else {
            let mut reply = with_head(Reply::empty(StatusCode::OK), &asset);
            reply.headers.push((CONTENT_TYPE, HeaderValue::from_static(asset.mime)));
            reply.body = Body::Bytes(Bytes::from(asset.bytes.into_owned()));
            reply
        })
    }
}

/// The ports of the server, as the pages need them, and who needs a key to publish: null for what is off, and for nobody.
fn ports(conf: &Config) -> Reply {
    let port = |on: bool, listen: Option<&String>| {
        let port = listen.filter(|_| on).and_then(|listen| Endpoint::parse(listen)).map(|endpoint| endpoint.port);
        port.map_or("null".to_owned(), |port| port.to_string())
    };
    let api = &conf.http_api;
    let json = format!(
        r#"{{"api":{},"apiTls":{},"rtmp":{},"rtc":{},"pushKey":{}}}"#,
        port(api.enabled, Some(&api.listen)),
        port(api.enabled && api.https.enabled, Some(&api.https.listen)),
        port(true, conf.listen.first()),
        if conf.rtc_server.enabled { conf.rtc_server.listen.to_string() } else { "null".to_owned() },
        push_key(conf),
    );
    let mut reply = Reply::empty(StatusCode::OK);
    reply.headers = vec![(CACHE_CONTROL, ASK_AGAIN), (CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    reply.body = Body::Bytes(Bytes::from(json));
    reply
}

/// Who needs a key to publish, as JSON. Never the key: anybody may ask.
fn push_key(conf: &Config) -> &'static str {
    let Some(vhost) = conf.vhost(DEFAULT_VHOST) else { return "null" };
    let tokens = &vhost.tokens;
    match tokens.are_needed(Role::Publish) {
        true if tokens.trust_loopback => r#""remote""#,
        true => r#""all""#,
        false => "null",
    }
}

fn with_head(mut reply: Reply, asset: &Asset) -> Reply {
    reply.headers.push((CACHE_CONTROL, if asset.immutable { FOR_GOOD } else { ASK_AGAIN }));
    // A tag is hexadecimal digits.
    reply.headers.extend(HeaderValue::try_from(asset.etag.as_str()).ok().map(|tag| (ETAG, tag)));
    reply
}

#[cfg(test)]
mod tests;
