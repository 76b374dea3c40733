//! [`ApiSite`] and [`VersionsSite`]: which path is answered by what.

use std::sync::Arc;

use http::{Method, StatusCode};
use tracing::info;
use weir_httpd::{Answer, Asked, Reply, Site};
use weir_hub::{Client, Hub, Stream};
use weir_net::{Connections, Gauge};

use crate::metrics::Meter;
use crate::page::Page;
use crate::raw::{Raw, Reloads};
use crate::sampler::Sampler;
use crate::server::{self, Features, Identity};
use crate::{clusters, detail, machine, metrics, objects, reply};
use weir_json::Value;

/// `errors.md` §1: no vhost of that id.
const NO_VHOST: u16 = 2014;
/// `errors.md` §1: no stream of that id.
const NO_STREAM: u16 = 2048;
/// `errors.md` §1: no client of that id.
const NO_CLIENT: u16 = 2049;
/// `errors.md` §1: there are no metrics.
const NO_EXPORTER: u16 = 1090;
/// What `/api/v1/tests/errors` answers.
const TEST_ERROR: u16 = 100;

const API: &str = "/api/";
const V1: &str = "/api/v1/";
const VERSIONS: &str = "/api/v1/versions";
const VHOSTS: &str = "/api/v1/vhosts/";
const STREAMS: &str = "/api/v1/streams/";
const CLIENTS: &str = "/api/v1/clients/";
const TEST_ERRORS: &str = "/api/v1/tests/errors";
const METRICS: &str = "/metrics";
/// Below a stream: what SRS does not tell of it.
const DETAIL: &str = "/detail";

/// This API, for programs that read such documents and for people.
const OPENAPI: &str = include_str!("../../../../docs/openapi.json");

/// These answer every path below them. A request without the slash at the end is sent there.
const PREFIXES: [&str; 5] = [API, V1, VHOSTS, STREAMS, CLIENTS];

/// What stands below `/api/v1/` by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Leaf {
    Versions,
    Summaries,
    Usage,
    Process,
    Processors,
    Memory,
    Authors,
    Features,
    Echo,
    TestErrors,
    TestRedirects,
    Raw,
    Clusters,
    OpenApi,
}

/// Their names.
const LEAVES: [(&str, Leaf); 14] = [
    ("versions", Leaf::Versions),
    ("summaries", Leaf::Summaries),
    ("rusages", Leaf::Usage),
    ("self_proc_stats", Leaf::Process),
    ("system_proc_stats", Leaf::Processors),
    ("meminfos", Leaf::Memory),
    ("authors", Leaf::Authors),
    ("features", Leaf::Features),
    ("tests/requests", Leaf::Echo),
    ("tests/errors", Leaf::TestErrors),
    ("tests/redirects", Leaf::TestRedirects),
    ("raw", Leaf::Raw),
    ("clusters", Leaf::Clusters),
    ("openapi.json", Leaf::OpenApi),
];

/// The HTTP API of SRS under `/api/`.
#[derive(Debug)]
pub struct ApiSite {
    parts: Parts,
    raw: Raw,
    own_port: bool,
}

/// What the API tells of, and acts on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Streams and clients.
    pub hub: Arc<Hub>,
    /// The machine.
    pub sampler: Arc<Sampler>,
    /// Who this server is.
    pub identity: Identity,
    /// What it can do.
    pub features: Features,
    /// Reloads of the configuration.
    pub reloads: Arc<Reloads>,
    /// TCP connections.
    pub connections: Arc<Connections>,
    /// How busy each worker thread is.
    pub shards: Vec<Arc<Gauge>>,
    /// What services count, for `/metrics`.
    pub meters: Vec<Meter>,
}

impl ApiSite {
    /// The API of one server. With `own_port` it also answers every path outside `/api/` with the list of `/`, as SRS does,
    /// and must be the last site of its listener; without, such paths are those of the HTTP server on the same port.
    pub fn new(parts: Parts, own_port: bool) -> Arc<ApiSite> {
        let raw = Raw::new(parts.reloads.clone());
        Arc::new(ApiSite { parts, raw, own_port })
    }

    fn route(&self, asked: &Asked) -> Option<Reply> {
        let path = asked.path.as_str();
        if let Some(prefix) = PREFIXES.into_iter().find(|prefix| prefix.strip_suffix('/') == Some(path)) {
            return Some(Reply::to_prefix(prefix, asked));
        }
        let reply = if let Some(id) = path.strip_prefix(VHOSTS) {
            self.vhosts(asked, id)
        } else if let Some(id) = path.strip_prefix(STREAMS) {
            self.streams(asked, id)
        } else if let Some(id) = path.strip_prefix(CLIENTS) {
            self.clients(asked, id)
        } else if let Some(name) = path.strip_prefix(V1) {
            self.leaf(asked, name)
        } else if path.starts_with(API) {
            self.signed("urls", server::api_urls())
        } else if path == METRICS {
            self.metrics()
        } else if self.own_port {
            self.signed("urls", server::root_urls())
        } else {
            return None;
        };
        Some(reply)
    }

    /// What `/api/v1/NAME` answers; what is unknown gets the list of what there is.
    fn leaf(&self, asked: &Asked, name: &str) -> Reply {
        let Some((_, leaf)) = LEAVES.into_iter().find(|(one, _)| *one == name) else { return self.v1_list() };
        let sample = || self.parts.sampler.last();
        let data = match leaf {
            Leaf::Versions => return versions(&self.parts.identity),
            Leaf::TestErrors => return reply::code(TEST_ERROR),
            Leaf::TestRedirects => {
                return Reply { status: StatusCode::MOVED_PERMANENTLY, ..Reply::to_prefix(TEST_ERRORS, asked) };
            }
            Leaf::Raw => return self.raw.answer(asked, &self.parts.hub.conf().http_api),
            Leaf::Clusters => return clusters::answer(&self.parts.hub, asked),
            Leaf::OpenApi => return reply::text("application/json", OPENAPI),
            Leaf::Echo => server::echo(asked),
            Leaf::Summaries => self.parts.sampler.summaries(),
            Leaf::Usage => machine::usage(&sample()),
            Leaf::Process => machine::process(&sample()),
            Leaf::Processors => machine::cpu(&sample()),
            Leaf::Memory => machine::memory(&sample()),
            Leaf::Authors => server::authors(),
            Leaf::Features => self.parts.features.data(),
        };
        self.signed("data", data)
    }

    fn vhosts(&self, asked: &Asked, id: &str) -> Reply {
        if asked.method != Method::GET {
            return Reply::plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        let mut vhosts = objects::vhosts(&self.parts.hub).into_iter();
        if id.is_empty() {
            return self.signed("vhosts", vhosts.map(|(_, vhost)| vhost).collect());
        }
        match vhosts.find(|(one, _)| one == id) {
            Some((_, vhost)) => self.signed("vhost", vhost),
            None => reply::code(NO_VHOST),
        }
    }

    fn metrics(&self) -> Reply {
        let conf = self.parts.hub.conf();
        match conf.exporter.enabled {
            true => reply::text("text/plain; charset=utf-8", metrics::text(&self.parts, &conf.exporter)),
            false => reply::code(NO_EXPORTER),
        }
    }

    fn streams(&self, asked: &Asked, id: &str) -> Reply {
        match asked.method {
            Method::GET if id.is_empty() => {
                let page = Page::parse(&asked.pairs()).of(self.parts.hub.streams());
                self.signed("streams", page.map(|stream| objects::stream(&stream)).collect())
            }
            Method::GET => match id.strip_suffix(DETAIL) {
                Some(id) => self.of_stream(id, |stream| {
                    self.signed("detail", detail::detail(&self.parts.hub, stream, Page::parse(&asked.pairs())))
                }),
                None => self.of_stream(id, |stream| self.signed("stream", objects::stream(stream))),
            },
            Method::DELETE => self.of_stream(id, |stream| self.end_publishers(asked, stream)),
            _ => Reply::plain(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn of_stream(&self, id: &str, reply: impl FnOnce(&Stream) -> Reply) -> Reply {
        match self.parts.hub.streams().iter().find(|stream| stream.id == id) {
            Some(stream) => reply(stream),
            None => reply::code(NO_STREAM),
        }
    }

    fn clients(&self, asked: &Asked, id: &str) -> Reply {
        match asked.method {
            Method::GET if id.is_empty() => {
                let page = Page::parse(&asked.pairs()).of(self.parts.hub.clients());
                self.signed("clients", page.map(|client| objects::client(&client)).collect())
            }
            Method::GET => match self.parts.hub.client(id) {
                Some(client) => self.signed("client", objects::client(&client)),
                None => reply::code(NO_CLIENT),
            },
            Method::DELETE => match self.parts.hub.client(id) {
                Some(client) => self.end(asked, &client),
                None => reply::code(NO_CLIENT),
            },
            _ => Reply::plain(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// Ends who publishes a stream, and who waits to be let in for that: else the next would be there at once.
    fn end_publishers(&self, asked: &Asked, stream: &Stream) -> Reply {
        let publishes = |client: &&Arc<Client>| client.kind.publishes() && client.stream_id == stream.id;
        let mut reply = reply::code(NO_CLIENT);
        for client in self.parts.hub.clients().iter().filter(publishes) {
            reply = self.end(asked, client);
        }
        reply
    }

    fn end(&self, asked: &Asked, client: &Client) -> Reply {
        client.kick();
        let Client { id, ip, key, .. } = client;
        info!("client {id} from {ip} on {key} is put out: {} asked the API to", asked.peer);
        reply::json(&self.parts.identity.signature())
    }

    /// `/api/v1/`: the only list of two members.
    fn v1_list(&self) -> Reply {
        let mut list = self.parts.identity.sign("urls", server::v1_urls());
        if let Value::Object(members) = &mut list {
            members.push(("tests", server::tests_urls()));
        }
        reply::json(&list)
    }

    fn signed(&self, name: &'static str, value: Value) -> Reply {
        reply::json(&self.parts.identity.sign(name, value))
    }
}

impl Site for ApiSite {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async { self.route(asked) })
    }
}

/// `/api/v1/versions` alone, for the port of the HTTP server: probes of orchestrators ask there.
#[derive(Debug)]
pub struct VersionsSite {
    identity: Identity,
}

impl VersionsSite {
    /// That of the server that `identity` names.
    pub fn new(identity: Identity) -> Arc<VersionsSite> {
        Arc::new(VersionsSite { identity })
    }
}

impl Site for VersionsSite {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async { (asked.path == VERSIONS).then(|| versions(&self.identity)) })
    }
}

fn versions(identity: &Identity) -> Reply {
    reply::json(&identity.sign("data", server::version()))
}

#[cfg(test)]
mod tests;
