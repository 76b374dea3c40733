//! Where clients go: URL templates, and the URLs they make.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};

/// A URL with at most one `%d`, which becomes the number of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    url: String,
    is_tcp: bool,
}

impl Template {
    /// Checks that the URL is one this tool can go to. A host name is looked up in [`Template::targets`].
    pub(crate) fn parse(url: &str) -> Result<Self> {
        if url.matches("%d").count() > 1 {
            bail!("{url}: one %d at most");
        }
        Url::parse(&url.replace("%d", "0"))?;
        Ok(Self { url: url.to_owned(), is_tcp: false })
    }

    /// Media of WebRTC goes over TCP.
    pub(crate) fn over_tcp(self, is_tcp: bool) -> Self {
        Self { is_tcp, ..self }
    }

    /// The URLs of clients `first`, `first + 1`, … `count` of them; the host is looked up once.
    pub(crate) fn targets(&self, first: u32, count: u32) -> Result<Vec<Target>> {
        let url = Url::parse(&self.url.replace("%d", &first.to_string()))?;
        let address = url.resolve()?;
        (0..count)
            .map(|i| {
                let url = Url::parse(&self.url.replace("%d", &first.saturating_add(i).to_string()))?;
                let kind = match url.kind()? {
                    Kind::Rtc { host, path, .. } => Kind::Rtc { host, path, is_tcp: self.is_tcp },
                    kind => kind,
                };
                Ok(Target { address, kind })
            })
            .collect()
    }
}

/// What one client connects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) kind: Kind,
}

/// What it says there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rtmp {
        tc_url: String,
        app: String,
        stream: String,
    },
    /// `.flv` is read, any other endless body only counted.
    Http {
        host: String,
        path: String,
    },
    /// WebRTC by WHIP or WHEP.
    Rtc {
        host: String,
        path: String,
        /// Media over TCP.
        is_tcp: bool,
    },
    /// SRTP of the floor, without a handshake.
    Srtp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Rtmp,
    Http,
    Srtp,
}

#[derive(Debug)]
struct Url {
    scheme: Scheme,
    /// Host and port as written.
    authority: String,
    /// With its leading `/`, and the query.
    path: String,
}

impl Url {
    fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = match url.split_once("://") {
            Some(("rtmp", rest)) => (Scheme::Rtmp, rest),
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(("srtp", rest)) => (Scheme::Srtp, rest),
            _ => bail!("{url}: rtmp://… and http://… are known, and srtp://… of the floor"),
        };
        let (authority, path) = match rest.split_once('/') {
            Some(parts) => parts,
            None if scheme == Scheme::Srtp => (rest, ""),
            None => bail!("{url}: names no stream"),
        };
        let url = Self { scheme, authority: authority.to_owned(), path: format!("/{path}") };
        url.kind()?;
        Ok(url)
    }

    fn kind(&self) -> Result<Kind> {
        match self.scheme {
            Scheme::Srtp => return Ok(Kind::Srtp),
            Scheme::Http => {
                let (host, path) = (self.authority.clone(), self.path.clone());
                let is_rtc = is_signalling(&path);
                return Ok(if is_rtc { Kind::Rtc { host, path, is_tcp: false } } else { Kind::Http { host, path } });
            }
            Scheme::Rtmp => {}
        }
        // The query belongs to the stream, and may hold slashes.
        let (path, query) = self.path.split_at(self.path.find('?').unwrap_or(self.path.len()));
        match path.trim_matches('/').rsplit_once('/') {
            Some((app, stream)) if !stream.is_empty() => Ok(Kind::Rtmp {
                tc_url: format!("rtmp://{}/{app}", self.authority),
                app: app.to_owned(),
                stream: format!("{stream}{query}"),
            }),
            _ => bail!("rtmp://{}{}: needs an app and a stream", self.authority, self.path),
        }
    }

    fn resolve(&self) -> Result<SocketAddr> {
        let has_port = self.authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let default = if self.scheme == Scheme::Http { 80 } else { 1935 };
        let authority = if has_port { self.authority.clone() } else { format!("{}:{default}", self.authority) };
        let mut found = authority.to_socket_addrs().with_context(|| format!("cannot look up {authority}"))?;
        found.next().with_context(|| format!("{authority} has no address"))
    }
}

/// One of the path's parts says so, as it does at most servers.
fn is_signalling(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').any(|part| matches!(part, "whip" | "whep" | "whip-play"))
}

#[cfg(test)]
mod tests;
