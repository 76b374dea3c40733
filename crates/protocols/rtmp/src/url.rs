//! What a tcUrl and a stream name point at: `schema://HOST[:PORT]/APP` and the last part of the path.

use crate::Error;

/// A tcUrl or one of the other texts of `connect`. Signed tokens run to some KiB.
pub const MAX_URL: usize = 8 << 10;

/// An app or stream name without its query. They become names of files and directories; longer ones cannot.
pub const MAX_NAME: usize = 1024;

/// The vhost that takes what no other does.
pub const DEFAULT_VHOST: &str = "__defaultVhost__";
/// The app of a URL that names none.
pub const DEFAULT_APP: &str = "__defaultApp__";

/// Where a client wants to go. The vhost is what the client says; which of the configured ones takes it is not decided
/// here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// `rtmp`, `rtmps` or any other, as text.
    pub schema: String,
    /// The host, an IPv6 address without brackets.
    pub host: String,
    /// The port, by default that of the schema.
    pub port: u16,
    /// `vhost=` or `domain=` of the query, or else the host.
    pub vhost: String,
    /// The path but for its last part, without slashes at the ends.
    pub app: String,
    /// The last part of the path. Empty in [`Target::of_app`] only.
    pub stream: String,
    /// The query with its leading `?`, or empty.
    pub param: String,
    /// The URL as sent, but for `...vhost...`, which is written `?vhost=`.
    pub tc_url: String,
}

impl Target {
    /// What is known at `connect`, when no stream has been named yet.
    pub fn of_app(tc_url: &str) -> Result<Target, Error> {
        Target::resolve(tc_url, "")
    }

    /// What is known at `publish` and `play`, with `name` as sent. A stream that is named nowhere else is taken from
    /// the app or the query; if it is not there either that is an error, as is a name that cannot be one.
    pub fn parse(tc_url: &str, name: &str) -> Result<Target, Error> {
        let mut target = Target::resolve(tc_url, name)?;
        if target.stream.is_empty() {
            target.guess_stream();
        }
        if target.stream.is_empty() {
            return Err(Error::NoStreamName);
        }
        check_name("app name", &target.app)?;
        check_name("stream name", &target.stream)?;
        Ok(target)
    }

    fn resolve(tc_url: &str, name: &str) -> Result<Target, Error> {
        let tc_url = tc_url.replace("...vhost...", "?vhost=");
        let bad = |why| Error::TcUrl { url: cut(&tc_url, 128).to_owned(), why };
        let (schema, rest) = tc_url.split_once("://").ok_or(bad("it has no schema"))?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = host_and_port(authority).ok_or(bad("its port is no number"))?;
        let host = strip(host, true);
        if schema.is_empty() || host.is_empty() {
            return Err(bad("it names no host"));
        }
        let (app, app_query) = cut_query(rest);
        let (name, name_query) = cut_query(name);
        // The query of the app may hold the stream behind a slash; it is sorted out when no stream is found.
        let path = without_definst(&format!("{}/{}", app.trim_end_matches('/'), name.trim_start_matches('/')));
        let (app, stream) = path.rsplit_once('/').unwrap_or(("", &path));
        let mut target = Target {
            schema: schema.to_owned(),
            port: port.unwrap_or(default_port(schema)),
            app: strip(app, false),
            stream: strip(stream, false),
            param: join_query(name_query, app_query),
            vhost: String::new(),
            host,
            tc_url: tc_url.clone(),
        };
        if target.app.is_empty() {
            target.app = DEFAULT_APP.to_owned();
        }
        target.take_vhost();
        Ok(target)
    }

    fn take_vhost(&mut self) {
        let asked = query_value(&self.param, "vhost").or_else(|| query_value(&self.param, "domain"));
        // Behind a slash in the query comes the stream.
        let asked = asked.map(|value| value.split('/').next().unwrap_or_default());
        self.vhost = match asked {
            Some(vhost) if vhost != DEFAULT_VHOST => strip(vhost, true),
            _ => self.host.clone(),
        };
        if asked == Some(DEFAULT_VHOST) && !self.param.contains(['&', ';', '/']) {
            // SRS: a query that says nothing but this is no query.
            self.param.clear();
        }
    }

    /// `live/cam` as app alone is app `live` and stream `cam`; else the stream may stand behind a slash in the query.
    fn guess_stream(&mut self) {
        let (app, stream) = self.app.split_once('/').unwrap_or((&self.app, ""));
        let (app, stream) = (app.to_owned(), stream.to_owned());
        self.app = app;
        self.stream = stream;
        if self.stream.is_empty()
            && let Some((param, stream)) = self.param.split_once('/')
        {
            let (param, stream) = (param.to_owned(), strip(stream, false));
            self.param = param;
            self.stream = stream;
        }
    }
}

/// Refuses what no app or stream may be called. `what` is for the message; a query may follow the name.
pub fn check_name(what: &'static str, name: &str) -> Result<(), Error> {
    let (path, _) = cut_query(name);
    let why = if path.len() > MAX_NAME || name.len() > MAX_URL {
        "it is too long"
    } else if name.contains(|c: char| c.is_control() && !c.is_ascii_whitespace()) {
        "it holds a control character"
    } else if path.split('/').any(|part| matches!(strip(part, false).as_str(), "." | "..")) {
        "it leads out of its directory"
    } else {
        return Ok(());
    };
    Err(Error::Name { what, why, len: name.len() })
}

/// The first `max` bytes of a text, or fewer where that would cut a character.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    let end = (0..=max.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default();
    text.get(..end).unwrap_or_default()
}

/// `None` when there is a port and it is no number.
fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some((host, rest)) = authority.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None => Some((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port.trim().parse().ok()?))),
        None => Some((authority, None)),
    }
}

/// SRS: the port of HTTP for whatever is neither rtmp nor https, rtmps among it.
fn default_port(schema: &str) -> u16 {
    match schema {
        "rtmp" => 1935,
        "https" => 443,
        _ => 80,
    }
}

/// The text in front of `?` or `#`, and the one behind it.
fn cut_query(text: &str) -> (&str, &str) {
    let at = text.find(['?', '#']).unwrap_or(text.len());
    let (path, query) = text.split_at(at);
    (path, query.get(1..).unwrap_or_default())
}

fn join_query(first: &str, second: &str) -> String {
    let parts: Vec<&str> = [first, second].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// The value of a key in a query that begins with `?`.
fn query_value<'a>(param: &'a str, key: &str) -> Option<&'a str> {
    let pairs = param.trim_start_matches('?').split(['&', ';', '?', '#']);
    pairs.filter_map(|pair| pair.split_once('=')).find(|(k, v)| *k == key && !v.is_empty()).map(|(_, v)| v)
}

/// Flash servers put the default instance of an app into its path.
fn without_definst(path: &str) -> String {
    path.split('/').filter(|part| *part != "_definst_").collect::<Vec<_>>().join("/")
}

/// Takes white space out everywhere, and slashes at the ends or (`everywhere`) all over.
fn strip(text: &str, everywhere: bool) -> String {
    let text: String = text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
    if everywhere { text.replace('/', "") } else { text.trim_matches('/').to_owned() }
}

#[cfg(test)]
mod tests;
