//! `/metrics`: the metrics of SRS (`http-api.md` §3.5), and weir's own, for Prometheus.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use weir_conf::Exporter;
use weir_hub::{Stream, Traffic, VhostStat};

use crate::exposition::{Exposition, MetricKind, Significant};
use crate::site::Parts;

/// So many streams, and so many vhosts, have numbers of their own: those with the most bytes. A monitoring system keeps a
/// series for each name that it ever saw, and clients make names up.
const MAX_SERIES: usize = 1000;
/// The label of the series that all others are summed up in.
const REST: [(&str, &str); 1] = [("rest", "true")];

use MetricKind::{Counter, Gauge};

/// Numbers of a service that the API does not know.
#[derive(Clone)]
pub struct Meter {
    /// The metric's name: `weir_` and more.
    pub name: &'static str,
    /// What sort of number it is.
    pub kind: MetricKind,
    /// What it tells, in a sentence.
    pub help: &'static str,
    /// Reads it. There must be no more different labels than a monitoring system can keep.
    pub read: Arc<dyn Fn() -> Vec<Reading> + Send + Sync>,
}

/// One number of a [`Meter`], and its labels.
pub type Reading = (Vec<(&'static str, String)>, u64);

impl Meter {
    /// A gauge without labels.
    pub fn gauge(name: &'static str, help: &'static str, read: impl Fn() -> u64 + Send + Sync + 'static) -> Meter {
        Meter { name, kind: Gauge, help, read: Arc::new(move || vec![(Vec::new(), read())]) }
    }

    /// A counter without labels; its name ends with `_total`.
    pub fn counter(name: &'static str, help: &'static str, read: impl Fn() -> u64 + Send + Sync + 'static) -> Meter {
        Meter { kind: Counter, ..Meter::gauge(name, help, read) }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("name", &self.name).finish_non_exhaustive()
    }
}

/// All metrics of this moment.
pub(crate) fn text(parts: &Parts, exporter: &Exporter) -> String {
    let mut out = Exposition::default();
    let streams = parts.hub.streams();
    machine(&mut out, parts, exporter);
    clients(&mut out, parts, streams.len());
    sockets(&mut out, parts);
    vhosts(&mut out, parts, &streams);
    stream_series(&mut out, &streams);
    for meter in &parts.meters {
        let mut family = out.family(meter.name, meter.kind, meter.help);
        for (labels, value) in (meter.read)() {
            let labels: Vec<_> = labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
            family.sample(&labels, value);
        }
    }
    out.finish()
}

/// SRS's metrics of machine, build and process.
fn machine(out: &mut Exposition, parts: &Parts, exporter: &Exporter) {
    let uname = nix::sys::utsname::uname().ok();
    let word = |read: fn(&nix::sys::utsname::UtsName) -> &std::ffi::OsStr| {
        uname.as_ref().map_or(String::new(), |uname| read(uname).to_string_lossy().into_owned())
    };
    out.family("srs_node_uname_info", Gauge, "The system, as uname(2) tells it.").sample(
        &[
            ("sysname", &word(|uname| uname.sysname())),
            ("nodename", &word(|uname| uname.nodename())),
            ("release", &word(|uname| uname.release())),
            ("version", &word(|uname| uname.version())),
            ("machine", &word(|uname| uname.machine())),
        ],
        1,
    );
    let identity = &parts.identity;
    let pid = identity.pid.to_string();
    let built = crate::server::built();
    let mut labels = vec![
        ("server", identity.server_id.as_str()),
        ("service", &identity.service_id),
        ("pid", &pid),
        ("build_date", &built),
        ("major", env!("CARGO_PKG_VERSION_MAJOR")),
        ("version", crate::server::VERSION),
        ("code", "weir"),
    ];
    let named = [("label", exporter.label.as_str()), ("tag", &exporter.tag)];
    labels.extend(named.into_iter().filter(|(_, value)| !value.is_empty()));
    out.family("srs_build_info", Gauge, "Always 1; the labels tell what runs.").sample(&labels, 1);
    let (cpu, kbytes) = parts.sampler.load();
    let help = "Percent of one processor that the server uses; several threads may pass 100.";
    out.family("srs_cpu_percent", Gauge, help).sample(&[], Significant(cpu * 100.0));
    out.family("srs_memory", Gauge, "Memory of the server, in kB.").sample(&[], kbytes);
}

/// SRS's metrics of traffic, streams and clients; refusals, which SRS does not tell apart.
fn clients(out: &mut Exposition, parts: &Parts, streams: usize) {
    let (hub, traffic) = (&parts.hub, parts.hub.traffic());
    let refusals = hub.refusals();
    let refused: u64 = refusals.values().sum();
    let help = ["Bytes to clients.", "Bytes from clients.", "Streams with a publisher or a player."];
    out.family("srs_send_bytes_total", Counter, help[0]).sample(&[], traffic.bytes_sent());
    out.family("srs_receive_bytes_total", Counter, help[1]).sample(&[], traffic.bytes_received());
    out.family("srs_streams", Gauge, help[2]).sample(&[], streams);
    out.family("srs_clients", Gauge, "Publishers and players.").sample(&[], hub.client_count());
    out.family("srs_clients_total", Counter, "Publishers and players since the start.").sample(&[], hub.arrivals());
    out.family("srs_clients_errs_total", Counter, "Clients that were refused since the start.").sample(&[], refused);
    let mut family =
        out.family("weir_refusals_total", Counter, "Clients that were refused, by SRS's number for the reason.");
    for (code, count) in refusals {
        family.sample(&[("code", &code.to_string())], count);
    }
}

fn sockets(out: &mut Exposition, parts: &Parts) {
    let connections = &parts.connections;
    let help = "TCP connections of all listeners.";
    out.family("weir_connections", Gauge, help).sample(&[], connections.open());
    out.family("weir_connections_limit", Gauge, "The most there may be (max_connections).")
        .sample(&[], connections.limit());
    let help = "TCP connections since the start.";
    out.family("weir_connections_accepted_total", Counter, help).sample(&[], connections.accepted());
    let help = "TCP connections that were closed because there were max_connections.";
    out.family("weir_connections_refused_total", Counter, help).sample(&[], connections.refused());
    let names: Vec<String> = (0..parts.shards.len()).map(|index| index.to_string()).collect();
    let mut family = out.family("weir_shard_cpu_percent", Gauge, "Percent of its core that a worker thread uses.");
    for (name, gauge) in names.iter().zip(&parts.shards) {
        family.sample(&[("shard", name)], gauge.cpu_percent());
    }
    let help = "How long frames wait for others before a worker thread sends them, in milliseconds.";
    let mut family = out.family("weir_shard_merge_window_ms", Gauge, help);
    for (name, gauge) in names.iter().zip(&parts.shards) {
        family.sample(&[("shard", name)], gauge.window_ms());
    }
}

/// A number of each vhost or stream.
struct Column<T> {
    name: &'static str,
    kind: MetricKind,
    help: &'static str,
    read: fn(&T) -> u64,
}

const fn column<T>(name: &'static str, kind: MetricKind, help: &'static str, read: fn(&T) -> u64) -> Column<T> {
    Column { name, kind, help, read }
}

/// A vhost, and how many streams and clients it has.
struct Vhost {
    stat: Arc<VhostStat>,
    streams: u64,
    clients: u64,
}

const VHOST_COLUMNS: [Column<Vhost>; 7] = [
    column("weir_vhost_send_bytes_total", Counter, "Bytes to clients of a vhost.", |one| one.stat.traffic.bytes_sent()),
    column("weir_vhost_receive_bytes_total", Counter, "Bytes from clients of a vhost.", |one| {
        one.stat.traffic.bytes_received()
    }),
    column("weir_vhost_send_kbps", Gauge, "Rate to clients of a vhost, mean of 30 seconds.", |one| {
        one.stat.traffic.rates().send_30s
    }),
    column("weir_vhost_receive_kbps", Gauge, "Rate from clients of a vhost, mean of 30 seconds.", |one| {
        one.stat.traffic.rates().recv_30s
    }),
    column(
        "weir_vhost_skipped_frames_total",
        Counter,
        "Frames that players of a vhost missed because they were too slow.",
        |one| one.stat.skipped(),
    ),
    column("weir_vhost_streams", Gauge, "Streams of a vhost.", |one| one.streams),
    column("weir_vhost_clients", Gauge, "Clients of a vhost.", |one| one.clients),
];

const STREAM_COLUMNS: [Column<Arc<Stream>>; 7] = [
    column("weir_stream_send_bytes_total", Counter, "Bytes to players of a stream.", |one| one.traffic.bytes_sent()),
    column(
        "weir_stream_receive_bytes_total",
        Counter,
        "Bytes from the publisher and the players of a stream.",
        |one| one.traffic.bytes_received(),
    ),
    column("weir_stream_send_kbps", Gauge, "Rate to players of a stream, mean of 30 seconds.", |one| {
        one.traffic.rates().send_30s
    }),
    column("weir_stream_receive_kbps", Gauge, "Rate from the publisher of a stream, mean of 30 seconds.", |one| {
        one.traffic.rates().recv_30s
    }),
    column("weir_stream_frames_total", Counter, "Audio and video frames published to a stream.", |one| one.frames()),
    column(
        "weir_stream_skipped_frames_total",
        Counter,
        "Frames that players of a stream missed because they were too slow.",
        |one| one.skipped(),
    ),
    column("weir_stream_clients", Gauge, "Publisher and players of a stream.", |one| one.clients() as u64),
];

fn vhosts(out: &mut Exposition, parts: &Parts, streams: &[Arc<Stream>]) {
    let mut used = HashMap::<&str, (u64, u64)>::new();
    for stream in streams {
        let (streams, clients) = used.entry(&stream.vhost().id).or_default();
        (*streams, *clients) = (*streams + 1, *clients + stream.clients() as u64);
    }
    let vhost = |stat: Arc<VhostStat>| {
        let (streams, clients) = used.get(stat.id.as_str()).copied().unwrap_or_default();
        Vhost { stat, streams, clients }
    };
    let all: Vec<_> = parts.hub.vhosts().into_iter().map(vhost).collect();
    let all = busiest(&all, |one| &one.stat.traffic);
    columns(out, &VHOST_COLUMNS, &all, |one| [("vhost", &*one.stat.name)]);
}

fn stream_series(out: &mut Exposition, streams: &[Arc<Stream>]) {
    let all = busiest(streams, |one| &one.traffic);
    columns(out, &STREAM_COLUMNS, &all, |one| {
        [("vhost", &*one.key.vhost), ("app", &*one.key.app), ("stream", &*one.key.name)]
    });
    let rest = all.len().saturating_sub(MAX_SERIES);
    let help = "Streams that are summed up in the series with the label rest.";
    out.family("weir_streams_in_rest", Gauge, help).sample(&[], rest);
}

/// Those with the most bytes first, if there are too many for a series each.
fn busiest<T>(all: &[T], traffic: impl Fn(&T) -> &Traffic) -> Vec<&T> {
    let bytes = |one: &T| traffic(one).bytes_sent().saturating_add(traffic(one).bytes_received());
    let mut keyed: Vec<(u64, &T)> = all.iter().map(|one| (bytes(one), one)).collect();
    if keyed.len() > MAX_SERIES {
        keyed.select_nth_unstable_by_key(MAX_SERIES - 1, |(bytes, _)| Reverse(*bytes));
    }
    keyed.into_iter().map(|(_, one)| one).collect()
}

fn columns<'a, T, const N: usize>(
    out: &mut Exposition,
    columns: &[Column<T>],
    all: &[&'a T],
    labels: impl Fn(&'a T) -> [(&'static str, &'a str); N],
) {
    let (shown, rest) = all.split_at(all.len().min(MAX_SERIES));
    for column in columns {
        let mut family = out.family(column.name, column.kind, column.help);
        for one in shown {
            family.sample(&labels(one), (column.read)(one));
        }
        if !rest.is_empty() {
            family.sample(&REST, rest.iter().map(|one| (column.read)(one)).sum::<u64>());
        }
    }
}
