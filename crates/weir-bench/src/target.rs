//! Where clients go: URL templates, and the URLs they make.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};

/// A URL with at most one `%d`, which becomes the number of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(String);

impl Template {
    /// Checks that the URL is one this tool can go to. A host name is looked up in [`Template::targets`].
    pub(crate) fn parse(url: &str) -> Result<Self> {
        if url.matches("%d").count() > 1 {
            bail!("{url}: one %d at most");
        }
        Url::parse(&url.replace("%d", "0"))?;
        Ok(Self(url.to_owned()))
    }

    /// The URLs of clients `first`, `first + 1`, … `count` of them; the host is looked up once.
    pub(crate) fn targets(&self, first: u32, count: u32) -> Result<Vec<Target>> {
        let url = Url::parse(&self.0.replace("%d", &first.to_string()))?;
        let address = url.resolve()?;
        (0..count)
            .map(|i| {
                let url = Url::parse(&self.0.replace("%d", &first.saturating_add(i).to_string()))?;
                Ok(Target { address, kind: url.kind()? })
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
}

#[derive(Debug)]
struct Url {
    http: bool,
    /// Host and port as written.
    authority: String,
    /// With its leading `/`, and the query.
    path: String,
}

impl Url {
    fn parse(url: &str) -> Result<Self> {
        let (http, rest) = match url.split_once("://") {
            Some(("rtmp", rest)) => (false, rest),
            Some(("http", rest)) => (true, rest),
            _ => bail!("{url}: rtmp://… and http://… are known"),
        };
        let (authority, path) = rest.split_once('/').with_context(|| format!("{url}: names no stream"))?;
        let url = Self { http, authority: authority.to_owned(), path: format!("/{path}") };
        url.kind()?;
        Ok(url)
    }

    fn kind(&self) -> Result<Kind> {
        if self.http {
            return Ok(Kind::Http { host: self.authority.clone(), path: self.path.clone() });
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
        let default = if self.http { 80 } else { 1935 };
        let authority = if has_port { self.authority.clone() } else { format!("{}:{default}", self.authority) };
        let mut found = authority.to_socket_addrs().with_context(|| format!("cannot look up {authority}"))?;
        found.next().with_context(|| format!("{authority} has no address"))
    }
}

#[cfg(test)]
mod tests;
