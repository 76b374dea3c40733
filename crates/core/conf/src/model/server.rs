//! Sections of the whole server.

use std::time::Duration;

use crate::lookup::{Scope, Value};
use crate::model::Peers;

/// Where the log goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogTank {
    /// Standard output.
    Console,
    /// `srs_log_file`.
    File,
}

impl Value for LogTank {
    /// SRS: any word but `console` is a file.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let in_docker = scope.context.in_docker || scope.bool("in_docker");
        let word = match scope.find(name) {
            None if in_docker => scope.instead(name, "in docker").word().to_owned(),
            _ => scope.text(name),
        };
        if word == "console" { Self::Console } else { Self::File }
    }
}

/// The least level logged, by what it lets through. Both word sets of SRS lead here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// `verbose`; `trace` of v2.
    Trace,
    /// `info`; `debug` of v2.
    Debug,
    /// `trace`; `info` of v2.
    Info,
    /// `warn`.
    Warn,
    /// `error`.
    Error,
    /// An unknown word: SRS logs nothing then.
    Off,
}

impl LogLevel {
    const V1: &'static [(&'static str, Self)] = &[
        ("verbose", Self::Trace),
        ("info", Self::Debug),
        ("trace", Self::Info),
        ("warn", Self::Warn),
        ("error", Self::Error),
    ];
    const V2: &'static [(&'static str, Self)] = &[
        ("trace", Self::Trace),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("warn", Self::Warn),
        ("error", Self::Error),
    ];
}

impl Value for LogLevel {
    /// Reads the words of `srs_log_level`.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.word(name, Self::V1, Self::Off)
    }
}

crate::diff::whole!(LogLevel, LogTank);

impl Value for Option<LogLevel> {
    /// Reads the words of `srs_log_level_v2`, when it is set.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.find(name).map(|_| scope.word(name, LogLevel::V2, LogLevel::Off))
    }
}

section! {
    /// Threads of the server.
    Threads { interval: Duration, workers: usize, send_cpu_target: u32 }
}

section! {
    /// The guard against CPU overload. Thresholds are CPU percent, pulses are seconds.
    CircuitBreaker {
        enabled: bool,
        high_threshold: i64,
        high_pulse: i64,
        critical_threshold: i64,
        critical_pulse: i64,
        dying_threshold: i64,
        dying_pulse: i64,
    }
}

section! {
    /// Log reporting to Tencent Cloud.
    Cls {
        enabled: bool,
        label: String,
        tag: String,
        secret_id: String,
        secret_key: String,
        endpoint: String,
        topic_id: String,
        debug_logging: bool,
        stat_heartbeat: bool,
        heartbeat_ratio: i64,
        stat_streams: bool,
        streams_ratio: i64,
    }
}

section! {
    /// Trace reporting to Tencent Cloud.
    Apm {
        enabled: bool,
        team: String,
        token: String,
        endpoint: String,
        service_name: String,
        debug_logging: bool,
    }
}

section! {
    /// Metrics for Prometheus.
    Exporter { enabled: bool, listen: String, label: String, tag: String }
}

section! {
    /// Reports of this server to a URL.
    Heartbeat {
        enabled: bool,
        interval: Duration,
        url: String,
        device_id: String,
        summaries: bool,
        ports: bool,
    }
}

section! {
    /// Samples of the machine.
    Stats { enabled: bool, network: i64, disk: Vec<String> }
}

section! {
    /// The HTTP API.
    HttpApi {
        enabled: bool,
        listen: String,
        crossdomain: bool,
        raw_api: RawApi,
        auth: Auth,
        https: Https,
    }
}

section! {
    /// Remote control.
    RawApi { enabled: bool, allow_reload: bool }
}

section! {
    /// Who may use the API: by user and password, by token, or both.
    Auth { enabled: bool, username: String, password: String, token: String, trust_loopback: bool, jwt: Jwt }
}

section! {
    /// How signed tokens are verified (RFC 7519). Without any key there are none.
    Jwt { key: String, public_key: String, jwks: String, issuer: String, audience: String }
}

impl Auth {
    /// Whether other machines need a token, of either sort.
    pub fn asks_for_token(&self) -> bool {
        !self.token.is_empty() || self.jwt.is_on()
    }

    /// Whether there is a user whose password somebody else could not guess.
    pub fn has_user(&self) -> bool {
        self.enabled && !self.password.is_empty()
    }
}

impl Jwt {
    /// Whether there is a key to verify them by.
    pub fn is_on(&self) -> bool {
        [&self.key, &self.public_key, &self.jwks].iter().any(|key| !key.is_empty())
    }
}

section! {
    /// TLS beside a plain HTTP endpoint. `key` and `cert` are PEM files.
    Https { enabled: bool, listen: String, key: String, cert: String }
}

section! {
    /// Static files and live streams.
    HttpServer {
        enabled: bool,
        listen: String,
        dir: String,
        crossdomain: bool,
        pages: bool,
        trusted_proxies: Vec<Peers>,
        https: Https,
    }
}

section! {
    /// RTMP over TLS, weir's own. `key` and `cert` are PEM files.
    Rtmps { enabled: bool, listen: Vec<String>, key: String, cert: String }
}

section! {
    /// The SRT listener. Buffers are bytes.
    SrtServer {
        enabled: bool,
        listen: u16,
        maxbw: i64,
        mss: i64,
        connect_timeout: Duration,
        peer_idle_timeout: Duration,
        default_app: String,
        latency: Duration,
        recvlatency: Duration,
        peerlatency: Duration,
        tsbpdmode: bool,
        tlpktdrop: bool,
        sendbuf: i64,
        recvbuf: i64,
        payloadsize: i64,
        passphrase: String,
        pbkeylen: i64,
        sei_filter: bool,
    }
}
