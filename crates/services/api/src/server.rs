//! What the endpoints about the server itself show.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use weir_httpd::Asked;

use crate::sampler::unix_ms;
use weir_json::{Value, object};

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// When this crate was compiled, in Unix seconds.
const BUILT: &str = env!("WEIR_BUILT");

/// Who answers: in every full reply of the API.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The id of the server, kept between runs: `vid-` and 7 characters, or as configured.
    pub server_id: String,
    /// The id of this run: 8 characters.
    pub service_id: String,
    /// The process id.
    pub pid: u32,
}

impl Identity {
    /// A reply with code 0, this identity, and one member more.
    pub(crate) fn sign(&self, name: &'static str, value: Value) -> Value {
        let Value::Object(mut members) = self.signature() else { return Value::Null };
        members.push((name, value));
        Value::Object(members)
    }

    /// A reply with code 0 and this identity alone.
    pub(crate) fn signature(&self) -> Value {
        object! {
            "code": 0,
            "server": &self.server_id,
            "service": &self.service_id,
            "pid": self.pid.to_string(),
        }
    }
}

/// Which services this build has, beyond live streaming, for `/api/v1/features`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    /// HLS.
    pub hls: bool,
    /// HDS.
    pub hds: bool,
    /// HTTP callbacks.
    pub callback: bool,
    /// Recording.
    pub dvr: bool,
    /// Transcoding by ffmpeg.
    pub transcode: bool,
    /// Ingest by ffmpeg.
    pub ingest: bool,
    /// Stream casters.
    pub caster: bool,
}

impl Features {
    /// `data` of `/api/v1/features`.
    pub(crate) fn data(self) -> Value {
        let options = format!("--target={}-{}", std::env::consts::ARCH, std::env::consts::OS);
        let switches = self.switches();
        let words: Vec<_> =
            switches.iter().map(|(name, on)| format!("--{name}={}", if *on { "on" } else { "off" })).collect();
        object! {
            "options": options,
            "options2": words.join(" "),
            "build": built(),
            "build2": BUILT,
            "features": Value::Object(switches.map(|(name, on)| (name, on.into())).into()),
        }
    }

    fn switches(self) -> [(&'static str, bool); 15] {
        [
            ("ssl", true),
            ("hls", self.hls),
            ("hds", self.hds),
            ("callback", self.callback),
            ("api", true),
            ("httpd", true),
            ("dvr", self.dvr),
            ("transcode", self.transcode),
            ("ingest", self.ingest),
            ("stat", true),
            ("caster", self.caster),
            ("complex_send", true),
            ("tcp_nodelay", true),
            // SRS: the size of the send buffer is a matter of the kernel unless built otherwise.
            ("so_sendbuf", false),
            ("mr", true),
        ]
    }
}

/// The time of the build, in UTC.
pub(crate) fn built() -> String {
    let second = BUILT.parse().unwrap_or(0);
    let zoned = Timestamp::from_second(second).unwrap_or_default().to_zoned(TimeZone::UTC);
    zoned.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `urls` of `/`. Members of services that are not there are left out.
pub(crate) fn root_urls() -> Value {
    object! { "api": "the HTTP API" }
}

/// `urls` of `/api/`.
pub(crate) fn api_urls() -> Value {
    object! { "v1": "version 1 of the HTTP API" }
}

/// `urls` of `/api/v1/`. Members of services that are not there are left out.
pub(crate) fn v1_urls() -> Value {
    object! {
        "versions": "the version of weir",
        "summaries": "process and machine at a glance: processor, memory, disks, network, connections",
        "rusages": "what the process used, as getrusage(2) counts it",
        "self_proc_stats": "the process, as /proc/self/stat shows it",
        "system_proc_stats": "the processors, as /proc/stat shows them",
        "meminfos": "the memory, as /proc/meminfo shows it",
        "authors": "licence and authors",
        "features": "what this build can do",
        "requests": "this list; see tests.requests",
        "vhosts": "vhosts in use, or the one of an id",
        "streams": "streams, or the one of an id; ?start= and ?count= choose a page, of 10 at least; ID/detail tells more; DELETE ends a publisher",
        "clients": "publishers and players, or the one of an id; ?start= and ?count= as above; DELETE ends one",
        "raw": "?rpc=raw tells what is allowed, ?rpc=reload reads the configuration again, ?rpc=reload-fetch how that went",
        "clusters": "?vhost=, ?app= and ?stream= of a stream: where it is published, if that is here",
        "openapi.json": "this API as an OpenAPI document",
    }
}

/// `tests` of `/api/v1/`, beside `urls`.
pub(crate) fn tests_urls() -> Value {
    object! {
        "requests": "what was asked",
        "errors": "always code 100",
        "redirects": "always a redirect to /api/v1/tests/errors",
        "[vhost]": "/api/v1/tests/errors of the vhost error.srs.com",
    }
}

/// `data` of `/api/v1/versions`.
pub(crate) fn version() -> Value {
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    object! {
        "major": number(env!("CARGO_PKG_VERSION_MAJOR")),
        "minor": number(env!("CARGO_PKG_VERSION_MINOR")),
        "revision": number(env!("CARGO_PKG_VERSION_PATCH")),
        "version": VERSION,
    }
}

/// `data` of `/api/v1/authors`.
pub(crate) fn authors() -> Value {
    object! { "license": env!("CARGO_PKG_LICENSE"), "contributors": "the authors of weir; its history names each" }
}

/// `data` of `/api/v1/tests/requests`.
pub(crate) fn echo(asked: &Asked) -> Value {
    let scheme = if asked.secure { "https" } else { "http" };
    object! {
        "uri": format!("{scheme}://{}{}", asked.host(), asked.path),
        "path": &asked.path,
        "METHOD": asked.method.as_str(),
        // SRS: not the header fields of the request but these, and the first is spelt so.
        "headers": object! {
            "sigature": "weir",
            "version": VERSION,
            "link": env!("CARGO_PKG_REPOSITORY"),
            "time": unix_ms(),
        },
    }
}
