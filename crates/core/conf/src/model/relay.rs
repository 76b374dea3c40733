//! Who may come in, and where streams go on to.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::lookup::{Scope, Value};
use crate::model::Jwt;

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
        secret: String,
        retries: u32,
    }
}

section! {
    /// Letting clients in by a key or a signed token.
    Tokens { enabled: bool, need: Vec<Role>, publish: Vec<String>, play: Vec<String>, trust_loopback: bool, jwt: Jwt }
}

impl Tokens {
    /// Whether clients that want this need one, wherever they are.
    pub fn are_needed(&self, role: Role) -> bool {
        self.enabled && self.need.contains(&role)
    }

    /// Whether a client needs one that is on this machine, on its own behalf, or is not.
    pub fn asks(&self, role: Role, is_local: bool) -> bool {
        self.are_needed(role) && !(self.trust_loopback && is_local)
    }
}

impl Value for Vec<Role> {
    /// Words that are no role are an error, of which the checks tell.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let words: Vec<String> = scope.get(name);
        words.iter().filter_map(|word| Role::parse(word)).collect()
    }
}

section! {
    /// How many clients are let in; 0 is any number.
    Limits { publishers: u32, players: u32, per_address: u32 }
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
    /// Whose addresses; none for words that are no addresses, with which the rule matches nobody.
    pub peers: Option<Peers>,
}

/// Addresses of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// All.
    All,
    /// Those of a network; a single address is a network of one.
    Net(IpNet),
}

impl Peers {
    /// `all`, an address, or a network such as `10.0.0.0/8` or `fd00::/8`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        if word == "all" {
            return Some(Self::All);
        }
        let net = word.parse::<IpAddr>().map(IpNet::from).or_else(|_| word.parse::<IpNet>());
        net.ok().map(Self::Net)
    }

    /// Whether an address is among them. An IPv4 address that came over IPv6 is one of IPv4.
    pub fn has(&self, ip: IpAddr) -> bool {
        match self {
            Self::All => true,
            Self::Net(net) => net.contains(&ip.to_canonical()),
        }
    }

    /// Whether every address of IPv6 is among them, or every one of IPv4.
    pub fn are_all(&self, v6: bool) -> bool {
        match self {
            Self::All => true,
            Self::Net(net) => net.prefix_len() == 0 && matches!(net, IpNet::V6(_)) == v6,
        }
    }
}

impl Value for Vec<Peers> {
    /// Words that are no addresses are left out, with a warning.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let words: Vec<String> = scope.get(name);
        let parse = |word: &String| {
            let peers = Peers::parse(word);
            if peers.is_none() {
                scope.warn_range(name, &format!("has no place for {word}: it is no address and no network"));
            }
            peers
        };
        words.iter().filter_map(parse).collect()
    }
}

impl fmt::Display for Peers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Net(net) if net.prefix_len() == net.max_prefix_len() => write!(f, "{}", net.addr()),
            Self::Net(net) => write!(f, "{net}"),
        }
    }
}

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// To publish.
    Publish,
    /// To play.
    Play,
}

impl Role {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "publish" => Some(Self::Publish),
            "play" => Some(Self::Play),
            _ => None,
        }
    }

    /// `publish` or `play`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Play => "play",
        }
    }
}

impl Value for Vec<Rule> {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let rule = |words: Vec<String>| {
            let role = words.first().and_then(|word| Role::parse(word));
            Rule { role, peers: words.get(1).and_then(|word| Peers::parse(word)) }
        };
        scope.occurrences(name).into_iter().map(rule).collect()
    }
}
