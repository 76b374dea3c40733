//! [`LiveFlv`]: streams as endless FLV files, at the mounts of `http_remux`.

mod session;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, REFERER};
use http::{HeaderValue, Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use weir_conf::{HttpRemux, Vhost};
use weir_httpd::{Asked, Body, CORS, Live, LocalTask, Reply, SERVER, Taken, refuse};
use weir_hub::{ClientKind, Hub, Refusal, Request, StreamKey};

use crate::framing::FlvFraming;
use crate::mount::{self, Template};

const CONTENT: HeaderValue = HeaderValue::from_static("video/x-flv");
/// The app of a stream whose mount has no place for one, while nobody publishes it.
const DEFAULT_APP: &str = "live";

/// The live mounts of all vhosts.
#[derive(Debug)]
pub struct LiveFlv {
    hub: Arc<Hub>,
}

/// A stream that a request names.
struct Target {
    vhost: Arc<Vhost>,
    app: String,
    stream: String,
    /// The last part of the path: the stream with its extension.
    name: String,
}

/// Longest path of a live stream, in bytes: RTMP takes no longer names either.
const MAX_PATH: usize = 1024;

impl LiveFlv {
    /// The mounts of the hub's configuration; a reload changes them.
    pub fn new(hub: Arc<Hub>) -> Arc<LiveFlv> {
        Arc::new(LiveFlv { hub })
    }

    /// The stream that a request names by the mount of its vhost.
    fn target(&self, asked: &Asked) -> Option<Target> {
        let short = asked.path.len() <= MAX_PATH;
        if !short || !matches!(asked.method, Method::GET | Method::HEAD) || !asked.path.ends_with(".flv") {
            return None;
        }
        let conf = self.hub.conf();
        let path = weir_httpd::path::decode(&asked.path).ok()?;
        let vhost = conf.vhost(&asked.vhost())?;
        if !vhost.http_remux.enabled {
            return None;
        }
        let template = Template::parse(&vhost.http_remux.mount, &vhost.name).filter(|one| one.has_extension(".flv"))?;
        let named = template.find(&path)?;
        let app = match named.app {
            Some(app) => app,
            None => self.app_of(&vhost.name, &named.stream).unwrap_or_else(|| DEFAULT_APP.to_owned()),
        };
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let target = Target { app, stream: named.stream, name, vhost };
        // A stream that is published is there. One that is not must not hide what else has this path: SRS mounts it
        // only where no folder but the root is, and only for an app of as many levels as the template has.
        let waits_here = || {
            let in_folder = mount::folder(&conf, &target.vhost.name, &path).prefix != "/";
            let seeks_in_file = asked.pairs().get("start").is_some();
            !in_folder && !seeks_in_file && !target.app.contains('/')
        };
        (self.is_live(&target) || waits_here()).then_some(target)
    }

    fn is_live(&self, target: &Target) -> bool {
        let key = StreamKey {
            vhost: Arc::from(target.vhost.name.as_str()),
            app: Arc::from(target.app.as_str()),
            name: Arc::from(target.stream.as_str()),
        };
        self.hub.find(&key).is_some_and(|stream| stream.is_live())
    }

    /// The app in which somebody publishes a stream of this name.
    fn app_of(&self, vhost: &str, stream: &str) -> Option<String> {
        let streams = self.hub.streams();
        let live = streams.iter().find(|one| one.is_live() && &*one.key.vhost == vhost && &*one.key.name == stream);
        live.map(|one| one.key.app.to_string())
    }
}

impl Target {
    fn request(&self, id: &str, asked: &Asked) -> Request {
        let param = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
        Request {
            id: id.to_owned(),
            kind: ClientKind::FlvPlay,
            ip: asked.peer.ip(),
            vhost: asked.vhost(),
            app: self.app.clone(),
            stream: self.stream.clone(),
            name: self.name.clone(),
            param,
            tc_url: format!("http://{}/{}", asked.host(), self.app),
            page_url: asked.header(REFERER).unwrap_or_default().to_owned(),
            swf_url: String::new(),
        }
    }

    fn remux(&self) -> HttpRemux {
        self.vhost.http_remux.clone()
    }
}

impl Live for LiveFlv {
    fn claims(&self, asked: &Asked) -> bool {
        self.target(asked).is_some()
    }

    fn play(self: Arc<Self>, taken: Taken) -> LocalTask {
        Box::pin(async move { self.play_plain(taken).await })
    }

    fn stream(
        self: Arc<Self>,
        id: String,
        asked: Asked,
        hangup: CancellationToken,
    ) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
        Box::pin(async move { self.stream_reply(id, asked, hangup).await })
    }
}

impl LiveFlv {
    async fn play_plain(&self, mut taken: Taken) {
        let Some(target) = self.target(&taken.asked) else {
            // The configuration changed since the request was claimed.
            return refuse(&mut taken.socket, StatusCode::NOT_FOUND, "Not Found", taken.cors).await;
        };
        if let Err(refusal) = self.hub.vhost(&taken.asked.vhost()) {
            return self.refuse_plain(taken, &target, &refusal).await;
        }
        let chunked = !taken.http_10;
        let head = response_head(chunked, taken.cors);
        if taken.asked.method == Method::HEAD {
            // Whether the client hears it is the client's affair.
            let _ = taken.socket.write_all(&head).await;
            return;
        }
        let request = target.request(&taken.id, &taken.asked);
        match self.hub.subscribe(&request).await {
            Ok(subscriber) => {
                let framing = FlvFraming::new(head, chunked, target.remux());
                session::play(subscriber, framing, taken).await;
            }
            Err(refusal) => self.refuse_plain(taken, &target, &refusal).await,
        }
    }

    async fn refuse_plain(&self, mut taken: Taken, target: &Target, refusal: &Refusal) {
        target.log_refusal(&taken.id, &taken.asked, refusal);
        refuse(&mut taken.socket, status(refusal), &refusal.to_string(), taken.cors).await;
    }

    async fn stream_reply(&self, id: String, asked: Asked, hangup: CancellationToken) -> Reply {
        let Some(target) = self.target(&asked) else { return Reply::plain(StatusCode::NOT_FOUND) };
        if let Err(refusal) = self.hub.vhost(&asked.vhost()) {
            target.log_refusal(&id, &asked, &refusal);
            return Reply::text(status(&refusal), refusal.to_string());
        }
        if asked.method == Method::HEAD {
            return flv(mpsc::channel(1).1);
        }
        match self.hub.subscribe(&target.request(&id, &asked)).await {
            Ok(subscriber) => {
                match session::stream(subscriber, FlvFraming::new(Vec::new(), false, target.remux()), hangup).await {
                    Some(pieces) => flv(pieces),
                    None => Reply::text(StatusCode::FORBIDDEN, "the player was ended through the API"),
                }
            }
            Err(refusal) => {
                target.log_refusal(&id, &asked, &refusal);
                Reply::text(status(&refusal), refusal.to_string())
            }
        }
    }
}

impl Target {
    fn log_refusal(&self, id: &str, asked: &Asked, refusal: &Refusal) {
        let (app, stream, ip) = (&self.app, &self.stream, asked.peer.ip());
        tracing::warn!(
            cid = id,
            "player {ip} is refused: HTTP-FLV of {app}/{stream}: {refusal} (code {})",
            refusal.code()
        );
    }
}

fn flv(pieces: mpsc::Receiver<std::io::Result<Bytes>>) -> Reply {
    Reply { status: StatusCode::OK, headers: vec![(CONTENT_TYPE, CONTENT)], body: Body::Stream(pieces) }
}

/// Why SRS would close the socket.
fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownVhost { .. } | Refusal::DisabledVhost { .. } | Refusal::NoStreamName => StatusCode::NOT_FOUND,
        _ => StatusCode::FORBIDDEN,
    }
}

/// The response head of an endless FLV file.
fn response_head(chunked: bool, cors: bool) -> Vec<u8> {
    let mut head = String::from("HTTP/1.1 200 OK\r\nConnection: Close\r\n");
    for (name, value) in CORS.iter().filter(|_| cors) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Type: video/x-flv\r\nServer: {SERVER}\r\n"));
    if chunked {
        head.push_str("Transfer-Encoding: chunked\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

#[cfg(test)]
mod tests;
