//! A virtual host: how players and publishers are treated, and the blocks of the services.

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::diff::{Compare, child};
use crate::env::Env;
use crate::lookup::{Context, Scope, Value};
use crate::model::section::Section;
use crate::model::{
    Cluster, DEFAULT_VHOST, Dash, Dvr, Exec, Forward, Hds, Hls, HttpHooks, Ingest, Limits, Refer, Rtc, Security,
    Tokens, Transcode,
};

/// Most messages of one merged write, whatever `mw_msgs` says.
const MAX_MW_MSGS: usize = 128;

/// A virtual host. Fields mirror the directives of the block.
#[derive(Clone, Debug, PartialEq)]
pub struct Vhost {
    /// The first word of the block.
    pub name: String,
    /// `enabled`.
    pub enabled: bool,
    /// `min_latency` for RTMP and HTTP players.
    pub min_latency: bool,
    /// `tcp_nodelay`.
    pub tcp_nodelay: bool,
    /// `chunk_size` in bytes, that of the server when the vhost has none.
    pub chunk_size: u32,
    /// `in_ack_size` in bytes; 0 for none.
    pub in_ack_size: u32,
    /// `out_ack_size` in bytes.
    pub out_ack_size: u32,
    /// `play {}` for RTMP and HTTP players.
    pub play: Play,
    /// What `min_latency` and `play {}` mean for WebRTC players, whose defaults differ.
    pub rtc_play: RtcPlay,
    /// `publish {}`.
    pub publish: Publish,
    /// `http_remux {}`.
    pub http_remux: HttpRemux,
    /// `http_static {}`.
    pub http_static: HttpStatic,
    /// `http_hooks {}`.
    pub http_hooks: HttpHooks,
    /// `hls {}`.
    pub hls: Hls,
    /// `dash {}`.
    pub dash: Dash,
    /// `hds {}`.
    pub hds: Hds,
    /// `dvr {}`.
    pub dvr: Dvr,
    /// `rtc {}`.
    pub rtc: Rtc,
    /// `srt {}`.
    pub srt: Srt,
    /// `cluster {}`.
    pub cluster: Cluster,
    /// `forward {}`.
    pub forward: Forward,
    /// `refer {}`.
    pub refer: Refer,
    /// `security {}`.
    pub security: Security,
    /// `limits {}`.
    pub limits: Limits,
    /// `tokens {}`.
    pub tokens: Tokens,
    /// `exec {}`.
    pub exec: Exec,
    /// Every `transcode {}`, in order.
    pub transcode: Vec<Transcode>,
    /// Every `ingest {}`, in order.
    pub ingest: Vec<Ingest>,
}

impl Vhost {
    /// The default vhost of a server without a file (config.md §2): only the environment and defaults speak.
    pub(crate) fn synthesised(root: &Scope<'_>) -> Self {
        Self::read_block(&root.block("vhost"), DEFAULT_VHOST)
    }

    fn read_block(scope: &Scope<'_>, name: &str) -> Self {
        let min_latency = scope.bool("min_latency");
        Self {
            name: name.to_owned(),
            enabled: scope.get("enabled"),
            min_latency,
            tcp_nodelay: scope.get("tcp_nodelay"),
            chunk_size: scope.get("chunk_size"),
            in_ack_size: scope.get("in_ack_size"),
            out_ack_size: scope.get("out_ack_size"),
            play: Play::read_play(&scope.block("play"), min_latency),
            rtc_play: RtcPlay::read_play(scope),
            publish: scope.get("publish"),
            http_remux: scope.get("http_remux"),
            http_static: scope.get("http_static"),
            http_hooks: scope.get("http_hooks"),
            hls: scope.get("hls"),
            dash: scope.get("dash"),
            hds: scope.get("hds"),
            dvr: scope.get("dvr"),
            rtc: scope.get::<Rtc>("rtc").keep_ranges(&scope.block("rtc")),
            srt: scope.get("srt"),
            cluster: scope.get("cluster"),
            forward: scope.get("forward"),
            refer: scope.get("refer"),
            security: scope.get("security"),
            limits: scope.get("limits"),
            tokens: scope.get("tokens"),
            exec: scope.get("exec"),
            transcode: scope.get("transcode"),
            ingest: scope.get("ingest"),
        }
    }
}

/// Calls the macro `$of` with every field that is a directive.
macro_rules! directives {
    ($of:ident) => {
        $of!(
            enabled,
            min_latency,
            tcp_nodelay,
            chunk_size,
            in_ack_size,
            out_ack_size,
            play,
            publish,
            http_remux,
            http_static,
            http_hooks,
            hls,
            dash,
            hds,
            dvr,
            rtc,
            srt,
            cluster,
            forward,
            refer,
            security,
            limits,
            tokens,
            exec,
            transcode,
            ingest,
        )
    };
}

impl Compare for Vhost {
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
        macro_rules! compare {
            ($($field:ident),* $(,)?) => {
                // A field that is not compared is an error here. What WebRTC makes of `play` follows from the rest.
                let Self { name: _, rtc_play: _, $($field),* } = self;
                $($field.compare(&new.$field, &child(path, stringify!($field)), found);)*
            };
        }
        directives!(compare);
    }

    fn keep(&mut self, old: &Self, path: &str, kept: &BTreeSet<String>) {
        macro_rules! keep {
            ($($field:ident),* $(,)?) => {
                $(self.$field.keep(&old.$field, &child(path, stringify!($field)), kept);)*
            };
        }
        directives!(keep);
    }
}

impl Default for Vhost {
    /// The default vhost with every default of the table.
    fn default() -> Self {
        let env = Env::default();
        Self::synthesised(&Scope::root(&Context::without_file(&env)))
    }
}

/// Every vhost, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Vhosts {
    list: Vec<Arc<Vhost>>,
    by_name: HashMap<String, usize>,
    /// By the name in lower case.
    by_host: HashMap<String, usize>,
}

impl Vhosts {
    /// Of these. Of two with the same name the first one counts.
    pub(crate) fn new(list: Vec<Arc<Vhost>>) -> Self {
        let mut vhosts = Self::default();
        for vhost in list {
            if !vhosts.by_name.contains_key(&vhost.name) {
                vhosts.by_name.insert(vhost.name.clone(), vhosts.list.len());
                vhosts.by_host.entry(vhost.name.to_ascii_lowercase()).or_insert(vhosts.list.len());
                vhosts.list.push(vhost);
            }
        }
        vhosts
    }

    /// Changes each of them.
    pub(crate) fn change(&mut self, change: impl Fn(&mut Vhost)) {
        self.list.iter_mut().for_each(|vhost| change(Arc::make_mut(vhost)));
    }

    /// The vhost of exactly this name.
    pub fn named(&self, name: &str) -> Option<&Arc<Vhost>> {
        self.by_name.get(name).and_then(|index| self.list.get(*index))
    }

    /// The vhost of a name as a client writes it: of exactly this one, else of the same host spelled in another case (RFC
    /// 9110 §4.2.3), or with the dot at the end that makes it absolute.
    pub fn of_host(&self, host: &str) -> Option<&Arc<Vhost>> {
        self.named(host).or_else(|| {
            let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
            self.by_host.get(&host).and_then(|index| self.list.get(*index))
        })
    }

    /// The same, to change it.
    pub(crate) fn named_mut(&mut self, name: &str) -> Option<&mut Vhost> {
        self.by_name.get(name).and_then(|index| self.list.get_mut(*index)).map(Arc::make_mut)
    }
}

impl Deref for Vhosts {
    type Target = [Arc<Vhost>];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl PartialEq for Vhosts {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

crate::diff::whole!(Vhosts);

impl Value for Vhosts {
    /// Every vhost with a name.
    fn read(scope: &Scope<'_>, _: &str) -> Self {
        let named = scope.blocks("vhost").filter_map(|block| {
            let name = block.node.map(|node| node.arg0()).filter(|name| !name.is_empty())?;
            Some(Arc::new(Vhost::read_block(&block, name)))
        });
        Self::new(named.collect())
    }
}

section! {
    /// How players are served.
    Play {
        gop_cache: bool,
        gop_cache_max_frames: usize,
        queue_length: Duration,
        queue_bytes: usize,
        mw_fixed: bool,
        time_jitter: TimeJitter,
        atc: bool,
        mix_correct: bool,
        atc_auto: bool,
        mw_latency: Duration,
        mw_msgs: usize,
        send_min_interval: Duration,
        reduce_sequence_header: bool,
    }
}

impl Play {
    fn read_play(scope: &Scope<'_>, min_latency: bool) -> Self {
        let mut play = Self::read_section(scope);
        let condition = min_latency.then_some("with min_latency");
        play.mw_msgs = mw_msgs(scope, condition);
        play
    }
}

/// Merged writing for WebRTC players.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RtcPlay {
    /// `min_latency`, on unless the configuration says off.
    pub min_latency: bool,
    /// `play.mw_latency`, 0 with `min_latency`.
    pub mw_latency: Duration,
    /// `play.mw_msgs`.
    pub mw_msgs: usize,
}

impl RtcPlay {
    fn read_play(vhost: &Scope<'_>) -> Self {
        let play = vhost.block("play");
        // SRS: the same word is read by another rule here, off only when it is off.
        let min_latency = match vhost.find("min_latency") {
            Some(found) => found.word() != "off",
            None => vhost.instead("min_latency", "for WebRTC").word() == "on",
        };
        let found = play.find("mw_latency").unwrap_or_else(|| play.instead("mw_latency", "for WebRTC"));
        let mw_latency = if min_latency { Duration::ZERO } else { play.span_of("mw_latency", &found) };
        let condition = if min_latency { "with min_latency" } else { "for WebRTC without min_latency" };
        Self { min_latency, mw_latency, mw_msgs: mw_msgs(&play, Some(condition)) }
    }
}

/// `mw_msgs`, whose default depends on `condition`.
fn mw_msgs(play: &Scope<'_>, condition: Option<&str>) -> usize {
    let default = || condition.map_or_else(|| play.default_of("mw_msgs"), |when| play.instead("mw_msgs", when));
    let value = play.int_of("mw_msgs", &play.find("mw_msgs").unwrap_or_else(default));
    let count = usize::try_from(value).unwrap_or(0);
    if count > MAX_MW_MSGS {
        play.warn_range("mw_msgs", &format!("cannot be {value}: {MAX_MW_MSGS} is used"));
    }
    count.min(MAX_MW_MSGS)
}

words! {
    /// What is done to the timestamps of a player.
    TimeJitter {
        /// Monotonic, starting at 0.
        Full = "full",
        /// Starting at 0.
        Zero = "zero",
        /// As published.
        Off = "off",
    } else Off
}

section! {
    /// How publishers are read.
    Publish {
        mr: bool,
        mr_latency: Duration,
        firstpkt_timeout: Duration,
        normal_timeout: Duration,
        parse_sps: bool,
        try_annexb_first: bool,
        kickoff_for_idle: Option<Duration>,
    }
}

impl Value for Option<Duration> {
    /// A time for which 0 means never.
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        Some(scope.span(name)).filter(|span| !span.is_zero())
    }
}

section! {
    /// Live streams over HTTP.
    HttpRemux {
        enabled: bool,
        mount: String,
        fast_cache: Duration,
        drop_if_not_match: bool,
        has_audio: bool,
        has_video: bool,
        guess_has_av: bool,
    }
}

section! {
    /// A folder over HTTP.
    HttpStatic { enabled: bool, mount: String, dir: String }
}

section! {
    /// SRT in a vhost.
    Srt { enabled: bool, srt_to_rtmp: bool }
}
