//! [`StaticSite`]: folders over HTTP, and the FLV and MP4 files in them from any place on.

mod disk;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_RANGES, ALLOW, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::sync::Semaphore;
use weir_conf::Config;
use weir_httpd::{Answer, Asked, Body, Reply, Site, path};

use crate::mime::content_type;
use crate::mount;
use crate::range::{self, Wanted};
use disk::{File, Missing};

/// FLV files whose beginnings are searched at the same time: each takes up to 4 MiB.
const SEARCHES: usize = 8;

/// Where a console lies below `http_server.dir`; it is served on the port of the API too.
const CONSOLE: &str = "/console/";

/// `http_server.dir` and the `http_static` folders of all vhosts. It answers every request: the last of the sites.
#[derive(Debug)]
pub struct StaticSite {
    conf: weir_conf::Live<Config>,
    /// Only paths that begin so are answered.
    below: &'static str,
    searches: Semaphore,
}

impl StaticSite {
    /// The folders of a configuration.
    pub fn new(conf: weir_conf::Live<Config>) -> Arc<StaticSite> {
        Arc::new(StaticSite { conf, below: "/", searches: Semaphore::new(SEARCHES) })
    }

    /// The console alone, for the port of the API.
    pub fn console(conf: weir_conf::Live<Config>) -> Arc<StaticSite> {
        Arc::new(StaticSite { conf, below: CONSOLE, searches: Semaphore::new(SEARCHES) })
    }

    async fn serve(&self, asked: &Asked) -> Result<Reply, Reply> {
        if !matches!(asked.method, Method::GET | Method::HEAD) {
            let mut reply = Reply::plain(StatusCode::METHOD_NOT_ALLOWED);
            reply.headers.push((ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS")));
            return Err(reply);
        }
        let path = path::decode(&asked.path).map_err(|why| Reply::text(StatusCode::BAD_REQUEST, why.to_string()))?;
        let folder = mount::folder(&self.conf.load(), &asked.vhost(), &path);
        let Some(rest) = path.strip_prefix(&folder.prefix) else { return Err(Reply::to_prefix(&folder.prefix, asked)) };
        let rest = rest.to_owned();
        let found = on_disk(move || disk::find(folder.dir.as_ref(), &rest)).await?;
        let file = found.map_err(|missing| refusal(missing, asked))?;
        self.send(asked, file).await
    }

    async fn send(&self, asked: &Asked, file: File) -> Result<Reply, Reply> {
        if asked.header(IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == file.tag)) {
            let mut reply = Reply::empty(StatusCode::NOT_MODIFIED);
            reply.headers.extend(tag(&file));
            return Ok(reply);
        }
        if let Some(start) = start_of(asked, &file) {
            return self.send_flv(file, start).await;
        }
        let len = file.len;
        Ok(match wanted(asked, &file) {
            Wanted::Whole => reply(StatusCode::OK, file, 0, len, Bytes::new()),
            Wanted::Part { from, len: count } => {
                let range = format!("bytes {from}-{}/{len}", from + count - 1);
                with_range(reply(StatusCode::PARTIAL_CONTENT, file, from, count, Bytes::new()), &range)
            }
            Wanted::Nothing => {
                let why = format!("the file has {len} bytes");
                with_range(Reply::text(StatusCode::RANGE_NOT_SATISFIABLE, why), &format!("bytes */{len}"))
            }
        })
    }

    /// An FLV file from a byte offset on: header and sequence headers first.
    async fn send_flv(&self, file: File, start: u64) -> Result<Reply, Reply> {
        let _turn = self.searches.acquire().await;
        let (file, found) = on_disk(move || {
            let found = disk::flv_from(&file, start);
            (file, found)
        })
        .await?;
        let (head, from) = found.map_err(|why| match why {
            disk::NoSeek::PastEnd(why) => Reply::text(StatusCode::RANGE_NOT_SATISFIABLE, why),
            disk::NoSeek::NotFlv(why) => Reply::text(StatusCode::BAD_REQUEST, why),
        })?;
        let len = file.len.saturating_sub(from);
        Ok(reply(StatusCode::OK, file, from, len, head))
    }
}

impl Site for StaticSite {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async move {
            let ours = asked.path.starts_with(self.below) || asked.path == self.below.trim_end_matches('/');
            if ours { Some(self.serve(asked).await.unwrap_or_else(|refusal| refusal)) } else { None }
        })
    }
}

async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Reply> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Reply::plain(StatusCode::INTERNAL_SERVER_ERROR))
}

fn refusal(missing: Missing, asked: &Asked) -> Reply {
    match missing {
        Missing::NotFound => Reply::plain(StatusCode::NOT_FOUND),
        Missing::Outside => Reply::text(StatusCode::FORBIDDEN, "the file is outside of the folder that is served"),
        Missing::Folder => Reply::to_prefix(&format!("{}/", asked.path), asked),
    }
}

/// The offset of `?start=` in an FLV file.
fn start_of(asked: &Asked, file: &File) -> Option<u64> {
    let is_flv = file.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("flv"));
    let start = asked.pairs().get("start")?.parse().ok()?;
    (is_flv && start > 0).then_some(start)
}

/// The range of the header, or for MP4 that of the query.
fn wanted(asked: &Asked, file: &File) -> Wanted {
    if let Some(range) = asked.header(RANGE) {
        // A file that changed since is sent whole.
        return match asked.header(IF_RANGE) {
            Some(tag) if tag != file.tag => Wanted::Whole,
            _ => range::parse(range, file.len),
        };
    }
    let pairs = asked.pairs();
    let is_mp4 = file.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("mp4"));
    match pairs.get("range").or_else(|| pairs.get("bytes")).filter(|_| is_mp4) {
        Some(spec) => range::parse_spec(spec, file.len),
        None => Wanted::Whole,
    }
}

fn reply(status: StatusCode, file: File, from: u64, len: u64, head: Bytes) -> Reply {
    let kind = content_type(&file.path.to_string_lossy());
    let mut headers =
        vec![(ACCEPT_RANGES, HeaderValue::from_static("bytes")), (CONTENT_TYPE, HeaderValue::from_static(kind))];
    headers.extend(tag(&file));
    Reply { status, headers, body: Body::File { path: file.path, from, len, head } }
}

fn tag(file: &File) -> Option<(HeaderName, HeaderValue)> {
    HeaderValue::from_str(&file.tag).ok().map(|tag| (ETAG, tag))
}

fn with_range(mut reply: Reply, range: &str) -> Reply {
    reply.headers.extend(HeaderValue::from_str(range).ok().map(|range| (CONTENT_RANGE, range)));
    reply
}

#[cfg(test)]
mod tests;
