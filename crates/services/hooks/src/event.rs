//! The bodies of events (hooks.md §3), members in SRS's order.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use weir_conf::{DEFAULT_VHOST, Vhost};
use weir_hub::{Client, ClientKind, Closed, Entry, Request, Stream};
use weir_json::{Value, object};

/// Who tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ids {
    /// The server, kept between runs.
    pub server: String,
    /// This run of it.
    pub service: String,
}

/// A finished segment of HLS.
#[derive(Clone, Debug)]
pub struct Segment {
    /// The stream.
    pub stream: Arc<Stream>,
    /// Who publishes it.
    pub publisher: Arc<Client>,
    /// How long the segment is.
    pub duration: Duration,
    /// The segment on disk, as configured.
    pub file: String,
    /// The segment as the playlist calls it.
    pub uri: String,
    /// The same with the folder of the playlist before it, unless it is a whole URL.
    pub url: String,
    /// The playlist on disk.
    pub m3u8: String,
    /// The playlist below `hls_path`.
    pub m3u8_url: String,
    /// The number of the segment.
    pub seq_no: u64,
}

/// A finished file of DVR.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The stream.
    pub stream: Arc<Stream>,
    /// Who publishes it.
    pub publisher: Arc<Client>,
    /// The file, as configured.
    pub file: String,
}

/// Whom an event is about.
pub(crate) struct Subject<'a> {
    client_id: &'a str,
    ip: IpAddr,
    pub(crate) vhost: &'a str,
    app: &'a str,
    stream: &'a str,
    /// The stream's own name, also where `stream` has an extension.
    name: &'a str,
    tc_url: String,
    param: &'a str,
    page_url: &'a str,
    stream_id: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(crate) fn of_request(vhost: &'a Vhost, request: &'a Request) -> Subject<'a> {
        let (stream, tc_url) = match request.kind {
            // SRS: a player of a live HTTP stream asks as if by RTMP, and by the name of its vhost.
            ClientKind::FlvPlay => (&request.stream, format!("rtmp://{}/{}", vhost.name, request.app)),
            // SRS: and one of HLS for the playlist.
            _ => (&request.name, request.tc_url.clone()),
        };
        Subject {
            client_id: &request.id,
            ip: request.ip,
            vhost: &vhost.name,
            app: &request.app,
            stream,
            name: &request.stream,
            tc_url,
            param: &request.param,
            page_url: &request.page_url,
            stream_id: None,
        }
    }

    pub(crate) fn of_entry(entry: &'a Entry) -> Subject<'a> {
        Subject::of_guest(&entry.vhost, &entry.request, &entry.stream.id)
    }

    pub(crate) fn of_guest(vhost: &'a Vhost, request: &'a Request, stream_id: &'a str) -> Subject<'a> {
        Subject { stream_id: Some(stream_id), ..Subject::of_request(vhost, request) }
    }

    pub(crate) fn of_publisher(client: &'a Client, stream: &'a Stream) -> Subject<'a> {
        Subject {
            client_id: &client.id,
            ip: client.ip,
            vhost: &stream.key.vhost,
            app: &stream.key.app,
            stream: &stream.key.name,
            name: &stream.key.name,
            tc_url: client.tc_url.clone(),
            param: &client.param,
            page_url: &client.page_url,
            stream_id: Some(&stream.id),
        }
    }

    pub(crate) fn on_connect(self, ids: &Ids) -> Value {
        let mut body = self.head(ids, "on_connect");
        body.put("stream", self.stream);
        body.put("param", self.param);
        body.put("tcUrl", self.tc_url);
        body.put("pageUrl", self.page_url);
        body
    }

    /// `on_publish`, `on_unpublish` and `on_stop` have the same members.
    pub(crate) fn of_stream(&self, ids: &Ids, action: &'static str) -> Value {
        let mut body = self.with_names(ids, action);
        self.sign_stream(&mut body);
        body
    }

    pub(crate) fn on_play(self, ids: &Ids) -> Value {
        let mut body = self.head(ids, "on_play");
        body.put("stream", self.stream);
        body.put("tcUrl", &self.tc_url);
        body.put("param", self.param);
        body.put("pageUrl", self.page_url);
        self.sign_stream(&mut body);
        body
    }

    pub(crate) fn on_dvr(self, ids: &Ids, cwd: &str, file: &str) -> Value {
        let mut body = self.with_names(ids, "on_dvr");
        body.put("cwd", cwd);
        body.put("file", file);
        self.sign_stream(&mut body);
        body
    }

    pub(crate) fn on_hls(self, ids: &Ids, cwd: &str, segment: &Segment) -> Value {
        let mut body = self.with_names(ids, "on_hls");
        body.put("duration", segment.duration.as_secs_f64());
        body.put("cwd", cwd);
        body.put("file", &segment.file);
        body.put("url", &segment.url);
        body.put("m3u8", &segment.m3u8);
        body.put("m3u8_url", &segment.m3u8_url);
        body.put("seq_no", segment.seq_no);
        self.sign_stream(&mut body);
        body
    }

    pub(crate) fn on_forward(self, ids: &Ids) -> Value {
        object! {
            "action": "on_forward",
            "server_id": &ids.server,
            "service_id": &ids.service,
            "client_id": self.client_id,
            "ip": self.ip.to_canonical().to_string(),
            "vhost": self.vhost,
            "app": self.app,
            "tcUrl": self.tc_url,
            "stream": self.stream,
            "param": self.param,
        }
    }

    /// The URL of `on_hls_notify` for a segment: the segment's own, when that is whole (hooks.md §3).
    pub(crate) fn on_hls_notify(&self, ids: &Ids, template: &str, segment: &Segment) -> String {
        if segment.uri.starts_with("http://") || segment.uri.starts_with("https://") {
            return segment.uri.clone();
        }
        let name = |name: &str| escape(name, |byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte));
        // These are parts of a URL already, and keep what has a meaning there.
        let part = |part: &str| escape(part, |byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte));
        let variables = [
            ("[server_id]", name(&ids.server)),
            ("[service_id]", name(&ids.service)),
            ("[app]", name(self.app)),
            ("[stream]", name(self.stream)),
            ("[ts_url]", part(&segment.uri)),
            ("[param]", part(self.param)),
        ];
        // What follows a number sign never reaches a server.
        fill(template, &variables).replace('#', "%23")
    }

    fn head(&self, ids: &Ids, action: &'static str) -> Value {
        head(ids, action, self.client_id, self.ip, self.vhost, self.app)
    }

    fn with_names(&self, ids: &Ids, action: &'static str) -> Value {
        let mut body = self.head(ids, action);
        body.put("tcUrl", &self.tc_url);
        body.put("stream", self.stream);
        body.put("param", self.param);
        body
    }

    fn sign_stream(&self, body: &mut Value) {
        let (app, name) = (self.app, self.name);
        let url =
            if self.vhost == DEFAULT_VHOST { format!("/{app}/{name}") } else { format!("{}/{app}/{name}", self.vhost) };
        body.put("stream_url", url);
        if let Some(id) = self.stream_id {
            body.put("stream_id", id);
        }
    }
}

pub(crate) fn on_close(ids: &Ids, closed: &Closed) -> Value {
    let mut body = head(ids, "on_close", &closed.id, closed.ip, &closed.vhost.name, &closed.app);
    body.put("send_bytes", closed.sent);
    body.put("recv_bytes", closed.received);
    body
}

/// What nearly every event begins with.
fn head(ids: &Ids, action: &'static str, client_id: &str, ip: IpAddr, vhost: &str, app: &str) -> Value {
    object! {
        "server_id": &ids.server,
        "service_id": &ids.service,
        "action": action,
        "client_id": client_id,
        "ip": ip.to_canonical().to_string(),
        "vhost": vhost,
        "app": app,
    }
}

/// A text as it may stand in a URL (RFC 3986 §2.1): the bytes that may not stay are escaped.
fn escape(text: &str, may_stay: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if may_stay(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A template with its variables put in: once, so that what a client calls itself is not taken for a variable.
fn fill(template: &str, variables: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let known = variables.iter().find_map(|(name, value)| Some((value, from.strip_prefix(name)?)));
        rest = match known {
            Some((value, after)) => {
                out.push_str(value);
                after
            }
            None => {
                out.push('[');
                from.get(1..).unwrap_or_default()
            }
        };
    }
    out + rest
}

#[cfg(test)]
mod tests;
