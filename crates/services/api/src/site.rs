//! [`ApiSite`] and [`VersionsSite`]: which path is answered by what.

use std::sync::Arc;

use http::{Method, StatusCode};
use tracing::info;
use weir_httpd::{Answer, Asked, Reply, Site};
use weir_hub::Hub;

use crate::page::Page;
use crate::raw::{Raw, Reloads};
use crate::sampler::Sampler;
use crate::server::{self, Features, Identity};
use crate::{machine, objects, reply};
use weir_json::Value;

/// `errors.md` §1: no vhost of that id.
const NO_VHOST: u16 = 2014;
/// `errors.md` §1: no stream of that id.
const NO_STREAM: u16 = 2048;
/// `errors.md` §1: no client of that id.
const NO_CLIENT: u16 = 2049;
/// What `/api/v1/tests/errors` answers.
const TEST_ERROR: u16 = 100;

const API: &str = "/api/";
const V1: &str = "/api/v1/";
const VERSIONS: &str = "/api/v1/versions";
const VHOSTS: &str = "/api/v1/vhosts/";
const STREAMS: &str = "/api/v1/streams/";
const CLIENTS: &str = "/api/v1/clients/";
const TEST_ERRORS: &str = "/api/v1/tests/errors";

/// These answer every path below them. A request without the slash at the end is sent there.
const PREFIXES: [&str; 5] = [API, V1, VHOSTS, STREAMS, CLIENTS];

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
}

impl ApiSite {
    /// The API of one server. With `own_port` it also answers every path outside `/api/` with the list of `/`, as SRS does,
    /// and must be the last site of its listener; without, such paths are those of the HTTP server on the same port.
    pub fn new(parts: Parts, own_port: bool) -> Arc<ApiSite> {
        let raw = Raw::new(parts.hub.conf().http_api.raw_api.clone(), parts.reloads.clone());
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
        } else if self.own_port {
            self.signed("urls", server::root_urls())
        } else {
            return None;
        };
        Some(reply)
    }

    /// What `/api/v1/NAME` answers; what is unknown gets the list of what there is.
    fn leaf(&self, asked: &Asked, name: &str) -> Reply {
        let sample = || self.parts.sampler.last();
        let data = match name {
            "versions" => return versions(&self.parts.identity),
            "tests/errors" => return reply::code(TEST_ERROR),
            "tests/redirects" => {
                return Reply { status: StatusCode::MOVED_PERMANENTLY, ..Reply::to_prefix(TEST_ERRORS, asked) };
            }
            "raw" => return self.raw.answer(asked, &self.parts.hub.conf().http_api),
            "tests/requests" => server::echo(asked),
            "summaries" => self.parts.sampler.summaries(),
            "rusages" => machine::usage(&sample()),
            "self_proc_stats" => machine::process(&sample()),
            "system_proc_stats" => machine::cpu(&sample()),
            "meminfos" => machine::memory(&sample()),
            "authors" => server::authors(),
            "features" => self.parts.features.data(),
            _ => return self.v1_list(),
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

    fn streams(&self, asked: &Asked, id: &str) -> Reply {
        if asked.method != Method::GET {
            return Reply::plain(StatusCode::METHOD_NOT_ALLOWED);
        }
        let streams = self.parts.hub.streams();
        if id.is_empty() {
            let page = Page::parse(&asked.pairs()).of(streams);
            return self.signed("streams", page.map(|stream| objects::stream(&stream)).collect());
        }
        match streams.iter().find(|stream| stream.id == id) {
            Some(stream) => self.signed("stream", objects::stream(stream)),
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
            Method::DELETE => self.kick(asked, id),
            _ => Reply::plain(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn kick(&self, asked: &Asked, id: &str) -> Reply {
        let Some(client) = self.parts.hub.client(id) else { return reply::code(NO_CLIENT) };
        client.kick();
        info!("client {id} from {} on {} is put out: {} asked the API to", client.ip, client.key, asked.peer);
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
