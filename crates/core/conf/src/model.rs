//! The typed configuration. Fields mirror the names and nesting of directives; `docs/configuration.md` says what each
//! does, and the table gives each its default.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::lookup::{Context, Scope};
use section::Section;

#[macro_use]
mod section;
mod caster;
mod output;
mod process;
mod relay;
mod rtc;
mod server;
mod vhost;

pub use caster::{Caster, Sip, StreamCaster};
pub use output::{Dash, Dvr, DvrPlan, Hds, Hls, HlsAudio, HlsGroup, HlsOnError, HlsVideo};
pub use process::{Engine, Exec, Ingest, IngestInput, InputKind, OptionLine, Transcode};
pub use relay::{
    Cluster, ClusterMode, Forward, HttpHooks, Limits, Peers, PullProtocol, Refer, Role, Rule, Security, Tokens,
};
pub use rtc::{BlackHole, DtlsRole, DtlsVersion, IceLogin, IceServer, IpFamily, Rtc, RtcProtocol, RtcServer, RtcTcp};
pub use server::{
    Apm, Auth, CircuitBreaker, Cls, Exporter, Heartbeat, HttpApi, HttpServer, Https, Jwt, LogLevel, LogTank, RawApi,
    Rtmps, SrtServer, Stats, Threads,
};
pub use vhost::{HttpRemux, HttpStatic, Play, Publish, Srt, TimeJitter, Vhost, Vhosts};

/// The vhost that serves every name without a vhost of its own.
pub const DEFAULT_VHOST: &str = "__defaultVhost__";

section! {
    /// A whole configuration.
    Config {
        listen: Vec<String>,
        pid: String,
        chunk_size: u32,
        ff_log_dir: String,
        ff_log_level: String,
        srs_log_tank: LogTank,
        srs_log_level: LogLevel,
        srs_log_level_v2: Option<LogLevel>,
        srs_log_file: String,
        max_connections: i64,
        daemon: bool,
        utc_time: bool,
        pithy_print_ms: Duration,
        work_dir: String,
        asprocess: bool,
        empty_ip_ok: bool,
        server_id: String,
        secrets: String,
        in_docker: bool,
        grace_start_wait: Duration,
        grace_final_wait: Duration,
        force_grace_quit: bool,
        disable_daemon_for_docker: bool,
        inotify_auto_reload: bool,
        auto_reload_for_docker: bool,
        tcmalloc_release_rate: f64,
        query_latest_version: bool,
        first_wait_for_qlv: Duration,
        is_full: bool,
        threads: Threads,
        circuit_breaker: CircuitBreaker,
        tencentcloud_cls: Cls,
        tencentcloud_apm: Apm,
        exporter: Exporter,
        heartbeat: Heartbeat,
        stats: Stats,
        http_api: HttpApi,
        http_server: HttpServer,
        rtmps: Rtmps,
        srt_server: SrtServer,
        rtc_server: RtcServer,
        stream_caster: Vec<StreamCaster>,
        vhosts = "vhost": Vhosts,
    }
}

impl Config {
    /// Reads everything from the environment, the tree and the table.
    pub(crate) fn read(context: &Context<'_>) -> Self {
        let root = Scope::root(context);
        let mut config = Self::read_section(&root);
        config.in_docker |= context.in_docker;
        if config.http_api.listen == config.http_server.listen
            && root.block("http_api").block("https").find("listen").is_none()
        {
            config.http_api.https.listen.clone_from(&config.http_server.https.listen);
        }
        config.rtc_server.candidate = expand_all(&config.rtc_server.candidate, context);
        config.tcmalloc_release_rate = config.tcmalloc_release_rate.clamp(0.0, 10.0);
        if context.env_only {
            config.vhosts = Vhosts::new(vec![Arc::new(Vhost::synthesised(&root))]);
        }
        config
    }

    /// The vhost that serves `name`: the one of that name, else the default one. A disabled vhost of that name is still
    /// the one: the caller refuses it.
    pub fn vhost(&self, name: &str) -> Option<Arc<Vhost>> {
        self.vhosts.of_host(name).or_else(|| self.vhosts.named(DEFAULT_VHOST)).cloned()
    }

    /// Whether a directive says `auto`: then [`Config::fill_secrets`] is owed.
    pub fn has_auto(&self) -> bool {
        let of_vhost =
            |vhost: &Arc<Vhost>| [&vhost.tokens.publish, &vhost.tokens.play].iter().any(|keys| is_auto(keys));
        self.http_api.auth.token == AUTO || self.vhosts.iter().any(of_vhost)
    }

    /// Puts keys where the configuration says `auto`.
    pub fn fill_secrets(&mut self, secrets: &Secrets) {
        let fill = |word: &mut String, secret: &str| {
            if word == AUTO {
                secret.clone_into(word);
            }
        };
        fill(&mut self.http_api.auth.token, &secrets.admin);
        self.vhosts.change(|vhost| {
            vhost.tokens.publish.iter_mut().for_each(|word| fill(word, &secrets.publish));
            vhost.tokens.play.iter_mut().for_each(|word| fill(word, &secrets.play));
        });
    }

    /// Whether to go to the background: `daemon`, unless docker forbids it.
    pub fn runs_as_daemon(&self) -> bool {
        self.daemon && !(self.in_docker && self.disable_daemon_for_docker)
    }

    /// Whether to reload when the file changes: `inotify_auto_reload`, or docker.
    pub fn reloads_on_change(&self) -> bool {
        self.inotify_auto_reload || (self.in_docker && self.auto_reload_for_docker)
    }

    /// The least level to log: `srs_log_level_v2` when it is set.
    pub fn log_level(&self) -> LogLevel {
        self.srs_log_level_v2.unwrap_or(self.srs_log_level)
    }

    /// The file that keeps the server id between runs: the pid file with `.id` for `.pid` (config.md §3).
    pub fn id_file(&self) -> PathBuf {
        let stem = self.pid.strip_suffix(".pid").unwrap_or(&self.pid);
        PathBuf::from(format!("{stem}.id"))
    }
}

/// What stands for a key of the server's own.
pub(crate) const AUTO: &str = "auto";

fn is_auto(keys: &[String]) -> bool {
    keys.iter().any(|key| key == AUTO)
}

/// Keys of one server, which no other has.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// Lets publishers in.
    pub publish: String,
    /// Lets players in.
    pub play: String,
    /// Lets operators use the API.
    pub admin: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

/// Replaces each `$NAME`, also one that the environment gave; its value may be several words (config.md §1, special
/// forms).
fn expand_all(words: &[String], context: &Context<'_>) -> Vec<String> {
    let expanded = words.iter().map(|word| context.env.expand(word));
    expanded.flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[cfg(test)]
mod tests;
