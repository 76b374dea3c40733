//! [`LiveStreams`]: streams as endless files, at the mounts of `http_remux`.

mod pump;
mod session;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, REFERER, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use weir_bridge::{Container, Empty};
use weir_conf::Vhost;
use weir_httpd::{
    Asked, Body, CORS, Live, LocalTask, Reply, SERVER, Switch, Taken, refusal_status, refuse, refuse_head, refuse_with,
};
use weir_hub::{ClientKind, Hub, Refusal, Request, Stream, StreamKey, Subscriber};
use weir_net::fanout::Framing;

use crate::carrier::Carrier;
use crate::flv::FlvFraming;
use crate::mime;
use crate::mount::{self, Template};
use crate::raw::RawFraming;
use crate::websocket::{self, Refused};
use pump::{Begun, Pump};

/// The app of a stream whose mount has no place for one, while nobody publishes it.
const DEFAULT_APP: &str = "live";

/// The live mounts of all vhosts.
#[derive(Debug)]
pub struct LiveStreams {
    hub: Arc<Hub>,
}

/// What a stream is sent as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Flv,
    Made(Container),
}

/// The extensions of live mounts.
const FORMATS: [(&str, Format); 5] = [
    (".flv", Format::Flv),
    (".ts", Format::Made(Container::Ts)),
    (".mp4", Format::Made(Container::Mp4)),
    (".aac", Format::Made(Container::Aac)),
    (".mp3", Format::Made(Container::Mp3)),
];

impl Format {
    fn name(self) -> &'static str {
        match self {
            Format::Flv => "HTTP-FLV",
            Format::Made(Container::Ts) => "HTTP-TS",
            Format::Made(Container::Mp4) => "HTTP-fMP4",
            Format::Made(Container::Aac) => "HTTP-AAC",
            Format::Made(Container::Mp3) => "HTTP-MP3",
        }
    }
}

/// A stream that a request names.
struct Target {
    format: Format,
    extension: &'static str,
    vhost: Arc<Vhost>,
    app: String,
    stream: String,
    /// The last part of the path: the stream with its extension.
    name: String,
}

/// Longest path of a live stream, in bytes: RTMP takes no longer names either.
const MAX_PATH: usize = 1024;

impl LiveStreams {
    /// The mounts of the hub's configuration; a reload changes them.
    pub fn new(hub: Arc<Hub>) -> Arc<LiveStreams> {
        Arc::new(LiveStreams { hub })
    }

    /// The stream that a request names by the mount of its vhost.
    fn target(&self, asked: &Asked) -> Option<Target> {
        let short = asked.path.len() <= MAX_PATH;
        if !short || !matches!(asked.method, Method::GET | Method::HEAD) {
            return None;
        }
        let (extension, format) = FORMATS.into_iter().find(|(extension, _)| asked.path.ends_with(extension))?;
        let conf = self.hub.conf();
        let path = weir_httpd::path::decode(&asked.path).ok()?;
        let vhost = conf.vhost(&asked.vhost())?;
        if !vhost.http_remux.enabled {
            return None;
        }
        let template = Template::parse(&vhost.http_remux.mount, &vhost.name)?;
        let mounted = FORMATS.iter().find(|(extension, _)| template.has_extension(extension))?.0;
        let named = template.with_extension(mounted, extension).find(&path)?;
        let app = match named.app {
            Some(app) => app,
            None => self.app_of(&vhost.name, &named.stream).unwrap_or_else(|| DEFAULT_APP.to_owned()),
        };
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let target = Target { format, extension, app, stream: named.stream, name, vhost };
        // A stream that is published is there, in every format. One that is not waits in that of the mount, and must not
        // hide what else has this path: SRS mounts it only where no folder but the root is, and only for an app of as many
        // levels as the template has.
        let waits_here = || {
            let in_folder = mount::folder(&conf, &target.vhost.name, &path).prefix != "/";
            let pairs = asked.pairs();
            let seeks_in_file = ["start", "range", "bytes"].iter().any(|name| pairs.get(name).is_some());
            extension == mounted && !in_folder && !seeks_in_file && !target.app.contains('/')
        };
        (self.is_live(&target) || waits_here()).then_some(target)
    }

    fn is_live(&self, target: &Target) -> bool {
        self.find(target).is_some_and(|stream| stream.is_live())
    }

    fn find(&self, target: &Target) -> Option<Arc<Stream>> {
        self.hub.find(&StreamKey {
            vhost: Arc::from(target.vhost.name.as_str()),
            app: Arc::from(target.app.as_str()),
            name: Arc::from(target.stream.as_str()),
        })
    }

    /// Lets a player in. Fails with a status and why.
    async fn admit(&self, target: &Target, id: &str, asked: &Asked) -> Result<Subscriber, (StatusCode, String)> {
        let has_nothing = |empty: Empty| (StatusCode::UNSUPPORTED_MEDIA_TYPE, empty.to_string());
        if let (Format::Made(container), Some(stream)) = (target.format, self.find(target)) {
            weir_bridge::check(&stream, container).map_err(has_nothing)?;
        }
        let refused = |refusal: Refusal| (refusal_status(&refusal), format!("{refusal} (code {})", refusal.code()));
        let mut player = self.hub.subscribe(&target.request(id, asked)).await.map_err(refused)?;
        if let Format::Made(container) = target.format {
            // Gates take their time, in which the stream may have told what it is made of.
            weir_bridge::check(player.stream(), container).map_err(has_nothing)?;
            let lane = weir_bridge::lane(player.stream(), container, target.vhost.http_remux.fast_cache);
            player.switch(lane);
        }
        Ok(player)
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
            is_local: asked.is_local(),
            vhost: asked.vhost(),
            app: self.app.clone(),
            stream: self.stream.clone(),
            name: self.name.clone(),
            param,
            tc_url: format!("http://{}/{}", asked.host(), self.app),
            page_url: asked.header(REFERER).unwrap_or_default().to_owned(),
            swf_url: String::new(),
            bearer: asked.bearer().map(str::to_owned),
        }
    }
}

impl Live for LiveStreams {
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

impl LiveStreams {
    async fn play_plain(&self, mut taken: Taken) {
        let Some(target) = self.target(&taken.asked) else {
            // The configuration changed since the request was claimed.
            return refuse(&mut taken.socket, StatusCode::NOT_FOUND, "Not Found", taken.cors).await;
        };
        let (head, carrier) = match (websocket::opening(&taken.asked), taken.http_10) {
            (Ok(Some(accept)), _) => (switching_head(&accept, taken.cors), Carrier::WebSocket),
            (Ok(None), true) => (target.response_head(Carrier::Bare, taken.cors), Carrier::Bare),
            (Ok(None), false) => (target.response_head(Carrier::Chunked, taken.cors), Carrier::Chunked),
            (Err(why), _) => {
                let fields = why.fields();
                return refuse_with(&mut taken.socket, why.status(), fields, why.why(), taken.cors).await;
            }
        };
        if taken.asked.method == Method::HEAD {
            return self.play_head(&target, &mut taken, &head).await;
        }
        let Some(admitted) = self.unless_gone(&target, &taken).await else { return };
        match admitted {
            Ok(subscriber) => {
                let framing = target.framing(head, carrier);
                let (id, asked, cors) = (taken.id.clone(), taken.asked.clone(), taken.cors);
                let played = session::play(subscriber, framing, taken, target.format, carrier).await;
                if let Some((mut socket, empty)) = played {
                    target.log_refusal(&id, &asked, &empty.to_string());
                    refuse(&mut socket, StatusCode::UNSUPPORTED_MEDIA_TYPE, &empty.to_string(), cors).await;
                }
            }
            Err((status, why)) => {
                target.log_refusal(&taken.id, &taken.asked, &why);
                refuse(&mut taken.socket, status, &why, taken.cors).await;
            }
        }
    }

    /// Lets a player in, unless it goes before there is an answer.
    async fn unless_gone(
        &self,
        target: &Target,
        Taken { id, asked, socket, .. }: &Taken,
    ) -> Option<Result<Subscriber, (StatusCode, String)>> {
        tokio::select! {
            biased;
            admitted = self.admit(target, id, asked) => Some(admitted),
            () = weir_net::closed(socket) => {
                tracing::debug!(cid = id, "client {} left before it was answered", asked.peer.ip());
                None
            }
        }
    }

    /// What a GET hears first: who asks is let in as for one, and goes.
    async fn play_head(&self, target: &Target, taken: &mut Taken, head: &[u8]) {
        match self.unless_gone(target, taken).await {
            None => {}
            Some(Ok(_)) => {
                // Whether the client hears it is the client's affair.
                let _ = taken.socket.write_all(head).await;
            }
            Some(Err((status, why))) => {
                target.log_refusal(&taken.id, &taken.asked, &why);
                refuse_head(&mut taken.socket, status, &why, taken.cors).await;
            }
        }
    }

    async fn stream_reply(&self, id: String, asked: Asked, hangup: CancellationToken) -> Reply {
        let Some(target) = self.target(&asked) else { return Reply::plain(StatusCode::NOT_FOUND) };
        let accept = match websocket::opening(&asked) {
            Ok(accept) => accept,
            Err(why) => return opening_refused(why),
        };
        match self.admit(&target, &id, &asked).await {
            Ok(_) if asked.method == Method::HEAD => target.reply(mpsc::channel(1).1),
            Ok(subscriber) => {
                let carrier = if accept.is_some() { Carrier::WebSocket } else { Carrier::Bare };
                let framing = target.framing(Vec::new(), carrier);
                match (Pump::begin(subscriber, framing, target.format).await, accept) {
                    (Ok(begun), None) => target.reply(begun.into_body(hangup)),
                    (Ok(begun), Some(accept)) => switching_reply(&accept, begun),
                    (Err((status, why)), _) => Reply::text(status, why),
                }
            }
            Err((status, why)) => {
                target.log_refusal(&id, &asked, &why);
                Reply::text(status, why)
            }
        }
    }
}

impl Target {
    fn log_refusal(&self, id: &str, asked: &Asked, why: &str) {
        let (app, stream, ip, format) = (&self.app, &self.stream, asked.peer.ip(), self.format.name());
        tracing::warn!(cid = id, "player {ip} is refused: {format} of {app}/{stream}: {why}");
    }

    fn framing(&self, head: Vec<u8>, carrier: Carrier) -> Box<dyn Framing + Send> {
        match self.format {
            Format::Flv => Box::new(FlvFraming::new(head, carrier, self.vhost.http_remux.clone())),
            Format::Made(_) => Box::new(RawFraming::new(head, carrier)),
        }
    }

    fn content_type(&self) -> &'static str {
        mime::content_type(self.extension)
    }

    fn reply(&self, pieces: mpsc::Receiver<std::io::Result<Bytes>>) -> Reply {
        let content = HeaderValue::from_static(self.content_type());
        Reply { status: StatusCode::OK, headers: vec![(CONTENT_TYPE, content)], body: Body::Stream(pieces) }
    }

    /// The response head of an endless file.
    fn response_head(&self, carrier: Carrier, cors: bool) -> Vec<u8> {
        let mut head = head_with("200 OK", "Close", cors);
        head.push_str(&format!("Content-Type: {}\r\nServer: {SERVER}\r\n", self.content_type()));
        if carrier == Carrier::Chunked {
            head.push_str("Transfer-Encoding: chunked\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// The response head that opens a WebSocket.
fn switching_head(accept: &str, cors: bool) -> Vec<u8> {
    let head = head_with("101 Switching Protocols", "Upgrade", cors);
    format!("{head}Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\nServer: {SERVER}\r\n\r\n").into_bytes()
}

/// The same through hyper.
fn switching_reply(accept: &str, begun: Begun) -> Reply {
    let field = |value| HeaderValue::from_static(value);
    let mut headers = vec![(CONNECTION, field("Upgrade")), (UPGRADE, field("websocket"))];
    // Base64 is what a field may hold.
    headers.extend(HeaderValue::try_from(accept).ok().map(|accept| (SEC_WEBSOCKET_ACCEPT, accept)));
    let switch = Switch::new(|socket| Box::pin(begun.converse(socket)));
    Reply { status: StatusCode::SWITCHING_PROTOCOLS, headers, body: Body::Switch(switch) }
}

/// The answer to an opening that is none, through hyper.
fn opening_refused(why: Refused) -> Reply {
    let mut reply = Reply::text(why.status(), why.why());
    let fields = why.fields().iter().filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_static(value)))
    });
    reply.headers.extend(fields);
    reply
}

fn head_with(status: &str, connection: &str, cors: bool) -> String {
    let mut head = format!("HTTP/1.1 {status}\r\nConnection: {connection}\r\n");
    for (name, value) in CORS.iter().filter(|_| cors) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head
}

#[cfg(test)]
mod tests;
