//! Values that cannot work (config.md §7, §14).

use std::collections::BTreeMap;

use crate::endpoint::{BadEndpoint, Endpoint};
use crate::load::Facts;
use crate::lookup::{Context, Scope};
use crate::model::{AUTO, Config, DtlsVersion, IceServer, LogTank, Peers, Role};
use crate::place::Place;
use crate::report::Note;
use crate::table::{self, Kind};
use crate::tree::Directive;

/// Chunk sizes outside are warned about.
const CHUNK_SIZE: std::ops::RangeInclusive<i64> = 128..=65_536;

/// Files that the server opens beside one for each connection.
const SPARE_FILES: i64 = 128;

/// Bytes of a shared key that HS256 asks for (RFC 7518 §3.2).
const SHARED_KEY: usize = 32;

/// What the checks look at.
pub(super) struct Values<'a> {
    context: &'a Context<'a>,
    config: &'a Config,
    facts: &'a Facts,
    root: Scope<'a>,
}

impl<'a> Values<'a> {
    pub(super) fn new(context: &'a Context<'a>, config: &'a Config, facts: &'a Facts) -> Self {
        Self { context, config, facts, root: Scope::root(context) }
    }

    pub(super) fn not_empty(&self) {
        if self.context.root.is_empty() {
            self.error(Place::Nowhere, "the configuration is empty", Some("at least listen is needed"));
        }
    }

    pub(super) fn listen_given(&self) {
        if self.config.listen.is_empty() && !self.context.root.is_empty() {
            self.error(Place::Nowhere, "listen is missing: no RTMP endpoint is given", Some("add \"listen 1935;\""));
        }
    }

    pub(super) fn listen(&self) {
        self.endpoints(&self.root, "listen", &self.config.listen);
        if self.config.rtmps.enabled {
            self.endpoints(&self.root.block("rtmps"), "listen", &self.config.rtmps.listen);
        }
        let (api, server) = (&self.config.http_api, &self.config.http_server);
        for (block, enabled, listen, https) in [
            ("http_api", api.enabled, &api.listen, &api.https),
            ("http_server", server.enabled, &server.listen, &server.https),
        ] {
            let scope = self.root.block(block);
            if enabled && !listen.is_empty() {
                self.endpoints(&scope, "listen", std::slice::from_ref(listen));
            }
            if https.enabled {
                self.endpoints(&scope.block("https"), "listen", std::slice::from_ref(&https.listen));
            }
        }
    }

    fn endpoints(&self, scope: &Scope<'_>, name: &str, words: &[String]) {
        for (n, word) in words.iter().enumerate() {
            let place = || word_place(scope, name, n);
            let help = Some("write PORT, IP:PORT or [IPv6]:PORT");
            match Endpoint::read(word) {
                Ok(_) => {}
                Err(BadEndpoint::Ip) => {
                    self.error(place(), format!("\"{word}\" does not start with an IP address"), help)
                }
                Err(BadEndpoint::Port) => self.error(place(), format!("\"{word}\" has no port from 1 to 65535"), help),
            }
        }
    }

    pub(super) fn heartbeat(&self) {
        if self.config.heartbeat.interval.is_zero() {
            let place = self.place("heartbeat", "interval");
            self.error(place, "heartbeat.interval must be above 0 seconds", Some("a fraction is cut off: 0.9 is 0"));
        }
    }

    pub(super) fn stats(&self) {
        let (network, place) = (self.config.stats.network, || self.place("stats", "network"));
        let Some(count) = self.facts.local_ips else {
            if network < 0 {
                self.error(place(), format!("stats.network cannot be {network}"), None);
            }
            return;
        };
        if !usize::try_from(network).is_ok_and(|index| index < count) {
            let message = format!("stats.network is {network}, but this machine has {count} addresses, counted from 0");
            self.error(place(), message, None);
        }
    }

    /// Both HTTP servers, and the rules for sharing a port (config.md §7).
    pub(super) fn http(&self) {
        let (api, server) = (&self.config.http_api, &self.config.http_server);
        for (block, listen) in [("http_api", &api.listen), ("http_server", &server.listen)] {
            if listen.is_empty() {
                self.error(self.place(block, "listen"), format!("{block}.listen is empty"), None);
            }
        }
        let shared = api.listen == server.listen;
        let tls_shared = api.https.listen == server.https.listen;
        if shared && !tls_shared {
            let message = format!(
                "http_api and http_server share the endpoint {}, but not the HTTPS endpoint: {} and {}",
                api.listen, api.https.listen, server.https.listen
            );
            self.error(self.place("http_api", "listen"), message, Some("share both or none"));
        }
        if tls_shared && !shared {
            let message = format!(
                "http_api and http_server share the HTTPS endpoint {}, but not the HTTP endpoint: {} and {}",
                api.https.listen, api.listen, server.listen
            );
            self.error(self.https_place("http_api"), message, Some("share both or none"));
        }
        for (block, plain, tls) in
            [("http_api", api.enabled, api.https.enabled), ("http_server", server.enabled, server.https.enabled)]
        {
            if tls && !plain {
                let message = format!("{block}.https is on, but {block} is off");
                self.error(self.https_place(block), message, Some("HTTPS needs the plain server too"));
            }
        }
    }

    /// Who may use the API.
    pub(super) fn operators(&self) {
        self.shared_key(&self.root.block("http_api").block("auth").block("jwt"), "http_api.auth.jwt");
    }

    pub(super) fn log_file(&self) {
        if self.config.srs_log_tank == LogTank::File && self.config.srs_log_file.is_empty() {
            self.error(Place::Nowhere, "the log goes to a file, but srs_log_file is empty", None);
        }
    }

    pub(super) fn vhosts(&self) {
        let scopes: Vec<Scope<'_>> = self.root.blocks("vhost").collect();
        for scope in &scopes {
            self.http_remux(scope);
        }
        for scope in &scopes {
            let forward = scope.block("forward").bool("enabled");
            if forward && !scope.block("publish").span("kickoff_for_idle").is_zero() {
                let place = scope.block("publish").find("kickoff_for_idle").map_or(Place::Nowhere, |found| found.place);
                let message = format!("vhost {}: kickoff_for_idle cannot be used with forward", scope.first_word());
                self.error(place, message, Some("a forwarded stream has no players here, and would be dropped"));
            }
        }
        for scope in &scopes {
            self.ingest_ids(scope);
            self.security(scope);
            self.http_hooks(scope);
            self.tokens(scope);
        }
    }

    /// What would let everybody in, or nobody.
    fn tokens(&self, vhost: &Scope<'_>) {
        let (tokens, name) = (vhost.block("tokens"), vhost.first_word());
        for (n, word) in tokens.find("need").map(|found| found.words).unwrap_or_default().iter().enumerate() {
            if Role::parse(word).is_none() {
                let message =
                    format!("vhost {name}: tokens.need has no place for {word}: nobody would be asked for it");
                self.error(word_place(&tokens, "need", n), message, Some("it is publish, play, or both"));
            }
        }
        self.shared_key(&tokens.block("jwt"), &format!("vhost {name}: tokens.jwt"));
        self.hls_sessions(vhost);
    }

    /// Without sessions, nobody knows who may have a playlist, or segments.
    fn hls_sessions(&self, vhost: &Scope<'_>) {
        let (tokens, hls) = (vhost.block("tokens"), vhost.block("hls"));
        let is_needed = tokens.bool("enabled") && tokens.get::<Vec<Role>>("need").contains(&Role::Play);
        if !is_needed || !hls.bool("enabled") {
            return;
        }
        let (name, place) = (vhost.first_word(), |directive| hls.find(directive).map_or(Place::Nowhere, |at| at.place));
        if !hls.bool("hls_ctx") {
            let message = format!("vhost {name}: players need a token, but none is asked for by HLS with hls_ctx off");
            self.error(place("hls_ctx"), message, Some("sessions keep players apart: leave hls_ctx on"));
        } else if !hls.bool("hls_ts_ctx") {
            let message =
                format!("vhost {name}: players need a token, but anybody gets segments of HLS with hls_ts_ctx off");
            self.context.note(Note::warning(place("hls_ts_ctx"), message));
        }
    }

    /// A key that can be guessed, in a block `jwt` that is called `path`.
    fn shared_key(&self, jwt: &Scope<'_>, path: &str) {
        let Some(found) = jwt.find("key").filter(|found| !found.word().is_empty()) else { return };
        if found.word() == AUTO {
            let help = "write the key by which the tokens are signed";
            self.error(found.place, format!("{path}.key cannot be auto: nobody could sign by it"), Some(help));
        } else if found.word().len() < SHARED_KEY {
            let message = format!("{path}.key has {} bytes: it may be guessed from one token", found.word().len());
            let help = format!("{SHARED_KEY} random bytes or more (RFC 7518 §3.2)");
            self.context.note(Note::warning(found.place, message).help(help));
        }
    }

    /// Rules that match nobody: a door may be open that was meant to be shut.
    fn security(&self, vhost: &Scope<'_>) {
        let security = vhost.block("security");
        if !security.bool("enabled") {
            return;
        }
        let rules: Vec<&Directive> = ["deny", "allow"].into_iter().flat_map(|name| security.all(name)).collect();
        for rule in &rules {
            let who = rule.args.get(1).map(|arg| arg.text.as_str()).unwrap_or_default();
            let help = match (rule.arg0(), Peers::parse(who)) {
                ("play" | "publish", Some(_)) => continue,
                ("play" | "publish", None) => "the second word is all, an address, or a network such as 10.0.0.0/8",
                _ => "the first word is play or publish",
            };
            let vhost = vhost.first_word();
            let message = format!("vhost {vhost}: security.{} {} {who} matches nobody", rule.name, rule.arg0());
            self.context.note(Note::warning(&rule.pos, message).maybe_help(Some(help.to_owned())));
        }
        if rules.is_empty() {
            let place = security.find("enabled").map_or(Place::Nowhere, |found| found.place);
            let message = format!("vhost {}: security is on without a rule: nobody is let in", vhost.first_word());
            self.context.note(Note::warning(place, message));
        }
    }

    /// URLs that cannot be called: where somebody has to be asked, nobody is let in.
    fn http_hooks(&self, vhost: &Scope<'_>) {
        let hooks = vhost.block("http_hooks");
        if !hooks.bool("enabled") {
            return;
        }
        let is_http = |url: &str| url.starts_with("http://") || url.starts_with("https://");
        for row in table::children("vhost.http_hooks").filter(|row| row.kind == Kind::List) {
            let urls = hooks.all(row.name()).next().map_or(&[][..], |directive| &directive.args);
            for url in urls.iter().filter(|url| !is_http(&url.text)) {
                let message =
                    format!("vhost {}: http_hooks.{} cannot call {}", vhost.first_word(), row.name(), url.text);
                let help = "a URL begins with http:// or https://".to_owned();
                self.context.note(Note::warning(&url.pos, message).maybe_help(Some(help)));
            }
        }
    }

    /// One live mount for a vhost, and HLS in charge of .ts. SRS sees the mount only after `enabled on`.
    fn http_remux(&self, vhost: &Scope<'_>) {
        let remuxes: Vec<&Directive> = vhost.all("http_remux").collect();
        if let Some(second) = remuxes.get(1) {
            self.error(&second.pos, format!("vhost {}: only one http_remux is allowed", vhost.first_word()), None);
        }
        let hls = vhost.all("hls").any(|hls| hls.children.iter().any(is_on));
        for remux in remuxes {
            let on = remux.children.iter().position(is_on).unwrap_or(remux.children.len());
            let mounts = remux.children.iter().skip(on).filter(|child| child.name == "mount");
            if let (true, Some(mount)) = (hls, mounts.into_iter().find(|mount| mount.arg0().ends_with(".ts"))) {
                let message = format!("vhost {}: http_remux cannot serve .ts where hls is on", vhost.first_word());
                self.error(mount.value_pos(), message, Some("the segments of HLS end in .ts too"));
            }
            let mut mounts = remux.children.iter().skip(on).filter(|child| child.name == "mount");
            let is_fmp4 = vhost.block("hls").bool("enabled") && vhost.block("hls").bool("hls_use_fmp4");
            if let (true, Some(mount)) = (is_fmp4, mounts.find(|mount| mount.arg0().ends_with(".mp4"))) {
                let message = format!("vhost {}: http_remux cannot serve .mp4 with hls_use_fmp4", vhost.first_word());
                self.error(mount.value_pos(), message, Some("initialisation segments of HLS end in .mp4 too"));
            }
        }
    }

    fn ingest_ids(&self, vhost: &Scope<'_>) {
        let mut seen: BTreeMap<&str, &Directive> = BTreeMap::new();
        for ingest in vhost.all("ingest") {
            if let Some(first) = seen.get(ingest.arg0()) {
                let message = format!("vhost {}: ingest \"{}\" is given twice", vhost.first_word(), ingest.arg0());
                self.error(ingest.value_pos(), message, Some(&format!("the first one is at {}", first.pos)));
            }
            seen.entry(ingest.arg0()).or_insert(ingest);
        }
    }

    /// Outside of the range is only warned about.
    pub(super) fn chunk_sizes(&self) {
        for scope in std::iter::once(self.root.clone()).chain(self.root.blocks("vhost")) {
            let Some(found) = scope.find("chunk_size") else { continue };
            let size = scope.int_of("chunk_size", &found);
            if !CHUNK_SIZE.contains(&size) {
                let message = format!("chunk_size {size} is outside of 128 to 65536: some clients will not play");
                self.context.note(Note::warning(found.place, message));
            }
        }
    }

    /// What of WebRTC means something else than it says.
    pub(super) fn webrtc(&self) {
        self.ice_servers();
        let server = self.root.block("rtc_server");
        if !server.bool("enabled") {
            return;
        }
        if let Some(found) = server.find("ecdsa").filter(|_| !server.bool("ecdsa")) {
            let message = "rtc_server.ecdsa is off, but the DTLS of this version has ciphers for ECDSA certificates alone: \
                           the certificate is ECDSA P-256";
            self.context.note(Note::warning(found.place, message));
        }
        for vhost in self.root.blocks("vhost") {
            let rtc = vhost.block("rtc");
            let old = rtc.find("dtls_version").filter(|found| found.word() == DtlsVersion::V1_0.as_str());
            if let (true, Some(found)) = (rtc.bool("enabled"), old) {
                let name = vhost.first_word();
                let message =
                    format!("vhost {name}: rtc.dtls_version is dtls1.0, which nobody should speak: 1.2 is spoken");
                self.context
                    .note(Note::warning(found.place, message).help("see RFC 8996; every browser knows DTLS 1.2"));
            }
        }
    }

    /// What no client could use.
    fn ice_servers(&self) {
        for server in self.root.block("rtc_server").all("ice_server") {
            let words: Vec<String> = server.args.iter().map(|arg| arg.text.clone()).collect();
            if let Err(why) = IceServer::parse(&words) {
                let help = "write ice_server stun:HOST:PORT; or ice_server turn:HOST:PORT USER PASSWORD;";
                self.error(server.value_pos(), format!("rtc_server.ice_server {} {why}", server.arg0()), Some(help));
            }
        }
    }

    /// What the process itself cannot be.
    pub(super) fn process(&self) {
        let config = self.config;
        if config.asprocess && config.daemon {
            let place = self.root_place("asprocess");
            self.error(place, "asprocess is on, but so is daemon", Some("add \"daemon off;\""));
        }
        let place = || self.root_place("max_connections");
        if config.max_connections <= 0 {
            let message = format!("max_connections must be above 0, not {}", config.max_connections);
            self.error(place(), message, None);
        } else if let Some(limit) = self.facts.open_files {
            let needed = config.max_connections.saturating_add(SPARE_FILES);
            if u64::try_from(needed).is_ok_and(|needed| needed >= limit) {
                let message = format!(
                    "max_connections is {}, but the process may open only {limit} files, and {SPARE_FILES} are spare",
                    config.max_connections
                );
                self.error(place(), message, Some(&format!("allow more than {needed} with ulimit -n, or lower it")));
            }
        }
        if config.is_full {
            let help = "copy the directives you need into a file of your own";
            self.error(
                self.root_place("is_full"),
                "this file is a reference (is_full on), not a configuration",
                Some(help),
            );
        }
    }

    fn root_place(&self, name: &str) -> Place {
        self.root.find(name).map_or(Place::Nowhere, |found| found.place)
    }

    fn place(&self, block: &str, name: &str) -> Place {
        self.root.block(block).find(name).map_or(Place::Nowhere, |found| found.place)
    }

    /// Where HTTPS of `block` is turned on, or its endpoint given.
    fn https_place(&self, block: &str) -> Place {
        let https = self.root.block(block).block("https");
        let found = https.find("listen").or_else(|| https.find("enabled"));
        found.map_or_else(|| self.place(block, "listen"), |found| found.place)
    }

    fn error(&self, place: impl Into<Place>, message: impl Into<String>, help: Option<&str>) {
        self.context.note(Note::error(place, message).maybe_help(help.map(str::to_owned)));
    }
}

/// The place of word `n` of a list.
fn word_place(scope: &Scope<'_>, name: &str, n: usize) -> Place {
    match scope.find(name).map(|found| found.place) {
        Some(Place::File(first)) => {
            let words = scope.all(name).next().and_then(|directive| directive.args.get(n));
            Place::File(words.map_or(first, |arg| arg.pos.clone()))
        }
        Some(place) => place,
        None => Place::Nowhere,
    }
}

fn is_on(child: &Directive) -> bool {
    child.name == "enabled" && child.arg0() == "on"
}
