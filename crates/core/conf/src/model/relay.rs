//! Who may come in, and where streams go on to.

use crate::lookup::{Scope, Value};

section! {
    /// Edge and origin cluster.
    Cluster {
        mode: ClusterMode,
        origin: Vec<String>,
        token_traverse: bool,
        vhost: String,
        debug_srs_upnode: bool,
        origin_cluster: bool,
        coworkers: Vec<String>,
        protocol: PullProtocol,
        follow_client: bool,
    }
}

words! {
    /// Whether a vhost has its own streams.
    ClusterMode {
        /// It has.
        Local = "local",
        /// It is an edge and gets them from its origins.
        Remote = "remote",
    } else Local
}

words! {
    /// How an edge pulls.
    PullProtocol {
        /// RTMP.
        Rtmp = "rtmp",
        /// HTTP-FLV.
        Flv = "flv",
        /// HTTPS-FLV.
        Flvs = "flvs",
    } else Rtmp
}

section! {
    /// Pushing streams on.
    Forward { enabled: bool, destination: Vec<String>, backend: String }
}

section! {
    /// Letting RTMP clients in by the host of their page. An empty list lets everybody in.
    Refer { enabled: bool, all: Vec<String>, publish: Vec<String>, play: Vec<String> }
}

section! {
    /// HTTP callbacks, each a list of URLs.
    HttpHooks {
        enabled: bool,
        on_connect: Vec<String>,
        on_close: Vec<String>,
        on_publish: Vec<String>,
        on_unpublish: Vec<String>,
        on_play: Vec<String>,
        on_stop: Vec<String>,
        on_dvr: Vec<String>,
        on_hls: Vec<String>,
        on_hls_notify: Vec<String>,
    }
}

section! {
    /// Letting clients in by address (protocols.md §12).
    Security { enabled: bool, deny: Vec<Rule>, allow: Vec<Rule> }
}

/// One `allow` or `deny`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whom it is about; none for a word that is no role, with which the rule matches nobody.
    pub role: Option<Role>,
    /// `all`, an IPv4 address or a CIDR.
    pub peers: String,
}

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// To publish.
    Publish,
    /// To play.
    Play,
}

impl Value for Vec<Rule> {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let rule = |words: Vec<String>| {
            let role = match words.first().map(String::as_str) {
                Some("publish") => Some(Role::Publish),
                Some("play") => Some(Role::Play),
                _ => None,
            };
            Rule { role, peers: words.get(1).cloned().unwrap_or_default() }
        };
        scope.occurrences(name).into_iter().map(rule).collect()
    }
}
