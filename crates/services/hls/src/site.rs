//! HLS over HTTP.

mod wait;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERER};
use http::{HeaderValue, Method, StatusCode};
use weir_conf::Role;
use weir_httpd::{Answer, Asked, Body, Reply, Site, path, refusal_status};
use weir_hub::{ClientKind, Refusal, Request, StreamKey, connection_id};
use weir_playlist::{MasterPlaylist, with_query};

use crate::blob::{Blob, Sort};
use crate::catalogue::Resource;
use crate::group::Group;
use crate::hls::Hls;
use crate::output::Output;
use crate::plan::Plan;
use crate::sessions::{Known, is_plausible};
use wait::{CROWDED, Reload, Waited};

const PLAYLIST: HeaderValue = HeaderValue::from_static("application/vnd.apple.mpegurl");
/// A playlist is never the same for long.
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
/// Many ask for the newest segment at once. Its name may be used again soon, since numbers begin anew.
const SEGMENT_AGE: HeaderValue = HeaderValue::from_static("max-age=10");
/// A session.
const CTX: &str = "hls_ctx";

impl Site for Hls {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async move {
            match self.find(asked)? {
                Resource::Playlist(output) => self.playlist(asked, &output).await,
                Resource::Group(group) => self.group(asked, &group).await,
                Resource::Blob(blob, plan) => self.blob(asked, &blob, &plan),
                Resource::Hint(output) => {
                    let Ok(_place) = self.shared().waiting.try_acquire() else { return Some(crowded()) };
                    wait::for_hint(&output, || !matches!(self.find(asked), Some(Resource::Hint(_)))).await;
                    match self.find(asked)? {
                        Resource::Blob(blob, plan) => self.blob(asked, &blob, &plan),
                        _ => None,
                    }
                }
            }
        })
    }

    fn at_once(&self, asked: &Asked) -> Option<Reply> {
        match self.find(asked)? {
            Resource::Blob(blob, plan) => self.blob(asked, &blob, &plan),
            _ => None,
        }
    }
}

impl Hls {
    /// What a request names.
    fn find(&self, asked: &Asked) -> Option<Resource> {
        if !matches!(asked.method, Method::GET | Method::HEAD) {
            return None;
        }
        let path = path::decode(&asked.path).ok()?;
        let conf = self.hub().conf();
        let vhost = conf.vhost(&asked.vhost());
        self.shared().catalogue.find(vhost.as_ref().map_or("", |vhost| &vhost.name), &path)
    }

    async fn playlist(&self, asked: &Asked, output: &Arc<Output>) -> Option<Reply> {
        // Without a segment there is no playlist, and no session.
        if !output.has_segments() {
            return None;
        }
        let plan = output.plan();
        let mut query = String::new();
        if plan.hls.hls_ctx {
            let groups = output.groups();
            let own = std::iter::once(&output.source.stream);
            let keys: Vec<&StreamKey> = own.chain(groups.iter().map(|one| &one.key)).collect();
            match self.session(asked, &keys, plan.hls.hls_window).await {
                Ok(Session::Known(id)) => query = format!("{CTX}={id}"),
                Ok(Session::New(id)) => return Some(self.master(asked, &id)),
                Err(reply) => return Some(reply),
            }
        }
        let reload = match Reload::of(asked, plan.has_parts()) {
            Ok(reload) => reload,
            Err(why) => return Some(Reply::text(StatusCode::BAD_REQUEST, why)),
        };
        if let Waited::Refused(status, why) = reload.wait(output, &self.shared().waiting).await {
            return Some(Reply::text(status, why));
        }
        let text = output.text(reload.delta)?;
        if !plan.hls.hls_ts_ctx {
            query.clear();
        }
        // Segments of a vhost that the host does not name are found by the same parameter.
        if let Some(vhost) = vhost_in(asked) {
            let separator = if query.is_empty() { "" } else { "&" };
            query.push_str(&format!("{separator}vhost={vhost}"));
        }
        let body = match std::str::from_utf8(&text) {
            Ok(text) if !query.is_empty() => Bytes::from(with_query(text, &query)),
            _ => text,
        };
        self.count(asked, body.len());
        Some(playlist_reply(body))
    }

    async fn group(&self, asked: &Asked, group: &Group) -> Option<Reply> {
        let member = group.members.iter().find_map(|source| self.shared().output(source))?;
        let plan = member.plan();
        // The session and the rest of what was asked go on with each rendition.
        let mut query = without(&asked.query, CTX);
        if plan.hls.hls_ctx {
            group.playlist(self.shared(), "")?;
            match self.session(asked, &[&group.key], plan.hls.hls_window).await {
                Ok(Session::Known(id) | Session::New(id)) => {
                    let rest = if query.is_empty() { String::new() } else { format!("&{query}") };
                    query = format!("{CTX}={id}{rest}");
                }
                Err(reply) => return Some(reply),
            }
        }
        let text = group.playlist(self.shared(), &query)?;
        Some(playlist_reply(text.into()))
    }

    fn blob(&self, asked: &Asked, blob: &Arc<Blob>, plan: &Plan) -> Option<Reply> {
        if !self.may_have(asked, blob, plan) {
            return Some(Reply::text(StatusCode::UNAUTHORIZED, "its playlist lets it in, by hls_ctx (tokens.play)"));
        }
        // What goes through a cipher is never sent from pages.
        if asked.method == Method::GET && !asked.secure && blob.is_hot() {
            let blob = blob.clone();
            self.control().spawn_blocking(move || blob.store());
        }
        let body = blob.body()?;
        self.count(asked, blob.len);
        let content_type = HeaderValue::from_static(blob.sort.content_type());
        let headers = vec![(CONTENT_TYPE, content_type), (CACHE_CONTROL, SEGMENT_AGE)];
        Some(Reply { status: StatusCode::OK, headers, body })
    }

    /// SRS: segments are for all. Where players need a token, they need the session of one: names are easy to guess. Keys of
    /// segments carry no session, and are of no use without these.
    fn may_have(&self, asked: &Asked, blob: &Blob, plan: &Plan) -> bool {
        if !plan.hls.hls_ts_ctx || blob.sort == Sort::Key {
            return true;
        }
        let stream = &plan.source.stream;
        let Ok(vhost) = self.hub().vhost(&stream.vhost) else { return true };
        if !vhost.tokens.asks(Role::Play, asked.is_local()) {
            return true;
        }
        let groups = Group::of(plan);
        let keys: Vec<&StreamKey> = std::iter::once(stream).chain(groups.iter().map(|one| &one.key)).collect();
        asked.pairs().get(CTX).is_some_and(|id| self.sessions().find(id, &keys, Instant::now()) == Known::Yes)
    }

    /// Adds bytes to the session of a request.
    fn count(&self, asked: &Asked, bytes: usize) {
        if asked.method != Method::HEAD
            && let Some(id) = asked.pairs().get(CTX)
        {
            self.sessions().count(id, bytes as u64, Instant::now());
        }
    }

    /// The answer to a player without a session: where to go on.
    fn master(&self, asked: &Asked, id: &str) -> Reply {
        let mut text = String::new();
        MasterPlaylist::of_session(&asked.path, id, &without(&asked.query, CTX)).write_to(&mut text);
        playlist_reply(text.into())
    }

    /// The session of a request, a new one if need be: the player is admitted then. As an error, the reply that refuses it.
    async fn session(&self, asked: &Asked, keys: &[&StreamKey], window: std::time::Duration) -> Result<Session, Reply> {
        let pairs = asked.pairs();
        let given = pairs.get(CTX).filter(|id| is_plausible(id));
        let known = given.map_or(Known::No, |id| self.sessions().find(id, keys, Instant::now()));
        let id = match (known, given) {
            (Known::Yes, Some(id)) => return Ok(Session::Known(id.to_owned())),
            (Known::Kicked, _) => {
                let why = "Not Found: the session was ended by the operator, the stream is at its end (EOF)";
                return Err(Reply::text(StatusCode::NOT_FOUND, why));
            }
            // SRS: an id that is not known is taken over, unless somebody has it.
            (Known::No, Some(id)) if self.hub().client(id).is_none() => id.to_owned(),
            _ => connection_id(),
        };
        let Some(key) = keys.first() else { return Err(Reply::plain(StatusCode::NOT_FOUND)) };
        let request = request(asked, key, &id);
        let visit = self.hub().visit(&request).await.map_err(|refusal| refused(&request, &refusal))?;
        // Somebody else may have taken the id meanwhile.
        let id = visit.client().id.clone();
        tracing::info!(cid = id, "client {} plays {key} (HLS)", request.ip);
        self.sessions().begin(&id, visit, (*key).clone(), window.saturating_mul(2), Instant::now());
        Ok(Session::New(id))
    }
}

/// The session of a request.
enum Session {
    Known(String),
    New(String),
}

fn request(asked: &Asked, key: &StreamKey, id: &str) -> Request {
    let query = without(&asked.query, CTX);
    Request {
        id: id.to_owned(),
        kind: ClientKind::HlsPlay,
        ip: asked.peer.ip(),
        is_local: asked.is_local(),
        vhost: key.vhost.to_string(),
        app: key.app.to_string(),
        stream: key.name.to_string(),
        name: asked.path.rsplit('/').next().unwrap_or_default().to_owned(),
        param: if query.is_empty() { String::new() } else { format!("?{query}") },
        tc_url: format!("http://{}/{}", asked.host(), key.app),
        page_url: asked.header(REFERER).unwrap_or_default().to_owned(),
        swf_url: String::new(),
        bearer: asked.bearer().map(str::to_owned),
    }
}

fn refused(request: &Request, refusal: &Refusal) -> Reply {
    tracing::warn!(
        cid = request.id,
        "player {} is refused: HLS of {}/{}: {refusal} (code {})",
        request.ip,
        request.app,
        request.stream,
        refusal.code()
    );
    Reply::text(refusal_status(refusal), refusal.to_string())
}

fn crowded() -> Reply {
    Reply::text(StatusCode::SERVICE_UNAVAILABLE, CROWDED)
}

fn playlist_reply(text: Bytes) -> Reply {
    let headers = vec![(CONTENT_TYPE, PLAYLIST), (CACHE_CONTROL, NO_CACHE)];
    Reply { status: StatusCode::OK, headers, body: Body::Bytes(text) }
}

/// The vhost that a request names by a parameter, if that can stand in a playlist as it is.
fn vhost_in(asked: &Asked) -> Option<String> {
    let pairs = asked.pairs();
    let named = pairs.get("vhost").or_else(|| pairs.get("domain")).filter(|name| !name.is_empty())?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    named.bytes().all(is_plain).then(|| named.to_owned())
}

/// A query without one of its pairs.
fn without(query: &str, key: &str) -> String {
    let is_other = |pair: &&str| pair.split('=').next() != Some(key) && !pair.is_empty();
    query.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests;
