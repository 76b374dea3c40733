//! The one list of services: which the configuration switches on, and where each listens.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use weir_admit::{Jwts, Rules, Tokens};
use weir_api::{ApiSite, Features, Identity, Meter, Parts, Reloads, Sampler, VersionsSite};
use weir_conf::{Config, Endpoint, Live};
use weir_fetch::Fetch;
use weir_hls::Hls;
use weir_hooks::Hooks;
use weir_http::{LiveStreams, StaticSite};
use weir_httpd::{Httpd, Site};
use weir_hub::Hub;
use weir_net::shard::Shards;
use weir_net::tls::Certificate;
use weir_net::{Connections, Door};
use weir_rtmp::Rtmp;
use weir_web::Pages;

use crate::callbacks::{self, Segments};
use crate::listeners::{LISTEN, Listeners};
use crate::log::Log;
use crate::reload::{Origin, Reloader};
use crate::rtc::{Sockets, WebRtc};
use crate::secrets::Made;
use crate::signals::{Ask, Signals};
use crate::{Failure, process, server_id};

/// Streams that nobody uses are looked for this often.
const SWEEP: Duration = Duration::from_secs(1);

/// What RTMP is called in the log.
const RTMP: &str = "RTMP";
/// And WebRTC.
const RTC: &str = "WebRTC";

/// A listening socket and what serves it.
struct Listening {
    socket: TcpListener,
    certificate: Option<Arc<Certificate>>,
    service: Service,
}

/// What a port speaks.
#[derive(Clone)]
enum Service {
    Rtmp(Arc<Rtmp>),
    Http(Arc<Httpd>),
}

/// Opens every door and serves until a signal ends it.
pub(crate) async fn serve(config: Config, origin: Origin, log: &Log, print: Option<Made>) -> Result<(), Failure> {
    let parent = if config.asprocess { Some(process::parent_to_follow(nix::unistd::getppid())?) } else { None };
    let reloads = Arc::new(Reloads::default());
    let conf = Live::new(config);
    let mut signals = Signals::install(conf.clone(), reloads.clone())?;
    let config = conf.load().clone();
    let workers = match config.threads.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let limit = usize::try_from(config.max_connections).unwrap_or(0);
    let id = server_id::resolve(&config.server_id, &config.id_file());
    let hub = Hub::new(conf.clone());
    let identity = Identity { server_id: id, service_id: weir_hub::service_id(), pid: std::process::id() };

    let fetch = Fetch::new(Handle::current())?;
    let hooks = Hooks::new(callbacks::ids(&identity), conf.clone(), fetch.clone(), Handle::current());
    let jwts = Jwts::new(fetch.clone());
    hub.guard(vec![Arc::new(Rules), Arc::new(Tokens::new(jwts.clone())), hooks.clone()]);
    let hls = Hls::start(hub.clone(), Handle::current());
    let segments = Segments::tell(&hls, hooks.clone());

    // Every port is taken before the first is served: a start either succeeds whole or not at all.
    let sampler = Sampler::new(hub.clone());
    let heartbeat = callbacks::heartbeat(&identity, conf.clone(), fetch, sampler.clone());
    let shards = Arc::new(Shards::start(workers, config.threads.send_cpu_target)?);
    let connections = Connections::new(limit);
    let (closing, ending) = (CancellationToken::new(), CancellationToken::new());
    let rtmp = Rtmp::new(hub.clone());
    let door = |name| Door::new(name, shards.clone(), connections.clone(), closing.clone());
    let listeners = Arc::new(Listeners::new(rtmp.clone(), door(RTMP), Handle::current()));
    let taken = listeners.take(&config.listen)?;
    let rtc = WebRtc::open(&config, hub.clone(), &shards, connections.clone(), &identity).await?;
    let parts = Parts {
        hub: hub.clone(),
        sampler: sampler.clone(),
        identity,
        features: Features { hls: true, callback: true, ..Features::default() },
        reloads: reloads.clone(),
        connections: connections.clone(),
        shards: shards.gauges().cloned().collect(),
        meters: [meters(&hls, &hooks), rtc.as_ref().map(WebRtc::meters).unwrap_or_default()].concat(),
    };
    let listening = open(&config, &conf, &parts, rtmp, &hls, &jwts, rtc.as_ref())?;
    let mut tasks = JoinSet::new();
    listeners.serve(taken);
    for one in listening {
        let door = door(one.service.name());
        tasks.spawn(one.serve(door));
    }
    let rtc = rtc.map(|rtc| rtc.serve(door(RTC), &mut tasks));
    tasks.spawn(tend(hub.clone(), ending.clone()));
    let reloader = Reloader {
        origin,
        hub: hub.clone(),
        connections: connections.clone(),
        listeners: listeners.clone(),
        log_utc: log.utc(),
        reloads,
    };
    tasks.spawn(Arc::new(reloader).run());
    {
        let (sampler, ending) = (sampler.clone(), ending.clone());
        tasks.spawn(async move { sampler.run(ending).await });
    }
    tasks.spawn(heartbeat.run(ending.clone()));
    tasks.spawn(process::summarise(hub.clone(), shards.clone(), sampler.clone(), ending.clone()));
    if let Some(parent) = parent {
        tasks.spawn(process::follow_parent(parent, ending.clone()));
    }
    tracing::info!("ready with {workers} worker threads, at most {limit} connections (max_connections)");
    if let Some(made) = print {
        print!("{}", urls(&config, made));
    }

    let ask = tokio::select! {
        ask = signals.ask(log) => Some(ask),
        () = ending.cancelled() => None,
    };
    if ask == Some(Ask::QuitGracefully) {
        drain(&conf, log, &mut signals, &closing, &connections).await;
    }
    tracing::info!("the server ends with {} connections open", connections.open());
    closing.cancel();
    ending.cancel();
    tasks.shutdown().await;
    listeners.closed().await;
    if let Some(rtc) = rtc {
        rtc.shutdown().await;
    }
    // Who is still here leaves: callbacks are told of that, and of the segments that end with it.
    let _ = tokio::task::spawn_blocking(move || shards.stop()).await;
    hls.shutdown().await;
    segments.finish().await;
    hooks.shutdown().await;
    if ask.is_none() { Err(Failure::ParentEnded) } else { Ok(()) }
}

/// The graceful way out: wait, close the doors, wait for the clients, wait once more.
async fn drain(
    conf: &Live<Config>,
    log: &Log,
    signals: &mut Signals,
    closing: &CancellationToken,
    connections: &Connections,
) {
    let wait = conf.load().grace_start_wait;
    tracing::info!("a graceful end was asked for: doors close in {} ms (grace_start_wait)", wait.as_millis());
    if !signals.pause(log, wait).await {
        return;
    }
    closing.cancel();
    if signals.drain(log, connections).await {
        let wait = conf.load().grace_final_wait;
        tracing::info!("all clients have gone: the end is in {} ms (grace_final_wait)", wait.as_millis());
        signals.pause(log, wait).await;
    }
}

/// Forgets streams that nobody uses.
async fn tend(hub: Arc<Hub>, ending: CancellationToken) {
    let mut sweep = tokio::time::interval(SWEEP);
    loop {
        tokio::select! {
            _ = sweep.tick() => hub.sweep(Instant::now()),
            () = ending.cancelled() => return,
        }
    }
}

/// What services count for `/metrics`.
fn meters(hls: &Arc<Hls>, hooks: &Arc<Hooks>) -> Vec<Meter> {
    let hls = hls.clone();
    let of_hooks = |read: fn(&Hooks) -> u64| {
        let hooks = hooks.clone();
        move || read(&hooks)
    };
    vec![
        Meter::gauge("weir_hls_memory_bytes", "Bytes of segments that HLS keeps in memory.", move || {
            hls.memory() as u64
        }),
        Meter::gauge(
            "weir_hooks_events_waiting",
            "Events that wait to be told to callbacks.",
            of_hooks(|hooks| hooks.waiting() as u64),
        ),
        Meter::counter(
            "weir_hooks_events_left_out_total",
            "Events that callbacks were not told of, because too many waited.",
            of_hooks(Hooks::left_out),
        ),
        Meter::counter(
            "weir_hooks_events_failed_total",
            "Events that a callback did not take.",
            of_hooks(Hooks::failed),
        ),
    ]
}

/// A listening directive that is on.
pub(crate) struct Port<'a> {
    pub(crate) listens: &'a [String],
    directive: &'static str,
    /// Key and certificate.
    tls: Option<(&'a str, &'a str)>,
    pub(crate) speaks: Speaks,
}

/// Which service a port belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Rtmp,
    HttpServer,
    Api,
    /// SRS: all of the API is there as well.
    Metrics,
}

/// The API answers on the port of the HTTP server.
pub(crate) fn is_shared(config: &Config) -> bool {
    config.http_api.enabled && config.http_server.enabled && config.http_api.listen == config.http_server.listen
}

/// Every port that the configuration names, in the order in which they are opened.
pub(crate) fn ports(config: &Config) -> impl Iterator<Item = Port<'_>> {
    let (rtmps, http, api) = (&config.rtmps, &config.http_server, &config.http_api);
    let exporter = &config.exporter;
    let has_api = api.enabled && !is_shared(config);
    let port = |on: bool, listens, directive, tls, speaks| on.then_some(Port { listens, directive, tls, speaks });
    let one = std::slice::from_ref::<String>;
    [
        port(true, &config.listen[..], LISTEN, None, Speaks::Rtmp),
        port(rtmps.enabled, &rtmps.listen[..], "rtmps.listen", Some((&*rtmps.key, &*rtmps.cert)), Speaks::Rtmp),
        port(http.enabled, one(&http.listen), "http_server.listen", None, Speaks::HttpServer),
        port(
            http.enabled && http.https.enabled,
            one(&http.https.listen),
            "http_server.https.listen",
            Some((&*http.https.key, &*http.https.cert)),
            Speaks::HttpServer,
        ),
        port(has_api, one(&api.listen), "http_api.listen", None, Speaks::Api),
        port(
            has_api && api.https.enabled,
            one(&api.https.listen),
            "http_api.https.listen",
            Some((&*api.https.key, &*api.https.cert)),
            Speaks::Api,
        ),
        port(exporter.enabled, one(&exporter.listen), "exporter.listen", None, Speaks::Metrics),
    ]
    .into_iter()
    .flatten()
}

/// Ports on which HTTP listens without TLS.
pub(crate) fn plain_http_ports(config: &Config) -> impl Iterator<Item = u16> {
    let is_plain = |port: &Port<'_>| port.tls.is_none() && matches!(port.speaks, Speaks::HttpServer | Speaks::Api);
    let listens = ports(config).filter(is_plain).flat_map(|port| port.listens);
    listens.filter_map(|listen| Endpoint::parse(listen)).map(|endpoint| endpoint.port)
}

impl Port<'_> {
    fn certificate(&self) -> Result<Option<Arc<Certificate>>, Failure> {
        Ok(self.tls.map(|(key, cert)| Certificate::read(Path::new(key), Path::new(cert))).transpose()?)
    }

    /// Takes the port: a socket for each value.
    fn bind(&self) -> Result<Vec<TcpListener>, Failure> {
        let bind = |text: &String| {
            let endpoint = Endpoint::parse(text)
                .ok_or_else(|| Failure::Listen { directive: self.directive.to_owned(), value: text.clone() })?;
            Ok(weir_net::bind(endpoint, self.directive)?)
        };
        self.listens.iter().map(bind).collect()
    }
}

/// Fails when a port of the configuration is taken or a certificate cannot be read: for the process that starts one in
/// the background and must say so.
pub(crate) fn probe(config: &Config) -> Result<(), Failure> {
    // All at a time: two directives may name one port.
    let mut taken = Vec::new();
    for port in ports(config) {
        port.certificate()?;
        taken.extend(port.bind()?);
    }
    Sockets::bind(config, 1)?;
    Ok(())
}

/// Takes every port that the configuration names and no reload changes.
fn open(
    config: &Config,
    conf: &Live<Config>,
    parts: &Parts,
    rtmp: Arc<Rtmp>,
    hls: &Arc<Hls>,
    jwts: &Arc<Jwts>,
    rtc: Option<&WebRtc>,
) -> Result<Vec<Listening>, Failure> {
    let shared = is_shared(config);
    let api_site = |own_port: bool| -> Arc<dyn Site> { ApiSite::new(parts.clone(), own_port) };
    let httpd = |mut sites: Vec<Arc<dyn Site>>, live, listen: &str| {
        sites.splice(0..0, rtc.map(|rtc| -> Arc<dyn Site> { rtc.signal() }));
        let httpd = Httpd::new(conf.clone(), sites, live, Handle::current()).with_jwts(jwts.clone());
        Service::Http(Arc::new(match rtc {
            Some(rtc) => rtc.beside(httpd, listen),
            None => httpd,
        }))
    };
    let beside: Arc<dyn Site> = if shared { api_site(false) } else { VersionsSite::new(parts.identity.clone()) };
    let rtmp = Service::Rtmp(rtmp);
    let files = Pages::over(StaticSite::new(conf.clone()), conf.clone());
    let http =
        httpd(vec![beside, hls.clone(), files], Some(LiveStreams::new(parts.hub.clone())), &config.http_server.listen);
    let api = httpd(vec![StaticSite::console(conf.clone()), api_site(true)], None, &config.http_api.listen);

    let mut listening = Vec::new();
    for port in ports(config).filter(|port| port.directive != LISTEN) {
        let certificate = port.certificate()?;
        let service = match port.speaks {
            Speaks::Rtmp => &rtmp,
            Speaks::HttpServer => &http,
            Speaks::Api | Speaks::Metrics => &api,
        };
        let over = if certificate.is_some() { " over TLS" } else { "" };
        for (socket, text) in port.bind()?.into_iter().zip(port.listens) {
            tracing::info!("{}{over} listens on {text} ({})", service.name(), port.directive);
            listening.push(Listening { socket, certificate: certificate.clone(), service: service.clone() });
        }
    }
    Ok(listening)
}

impl Service {
    fn name(&self) -> &'static str {
        match self {
            Service::Rtmp(_) => RTMP,
            Service::Http(_) => "HTTP",
        }
    }
}

impl Listening {
    async fn serve(self, door: Door) {
        if let Some(certificate) = &self.certificate {
            tokio::spawn(certificate.clone().watch());
        }
        let served = match self.service {
            Service::Rtmp(rtmp) => rtmp.serve(self.socket, self.certificate, door).await,
            Service::Http(httpd) => httpd.serve(self.socket, self.certificate, door).await,
        };
        if let Err(error) = served {
            tracing::error!("a listener cannot be used: {error}");
        }
    }
}

/// What other machines need: said in full when the keys were made, and where they are from then on.
fn keys(config: &Config, made: Made) -> String {
    let tokens = config.vhost("").map(|vhost| vhost.tokens.clone()).filter(|tokens| tokens.enabled);
    let key = tokens.and_then(|tokens| tokens.publish.first().cloned());
    let token = Some(config.http_api.auth.token.clone()).filter(|token| !token.is_empty());
    let file = &config.secrets;
    match (made, key, token) {
        (Made::Nothing, ..) | (_, None, None) => String::new(),
        (Made::Read, ..) => format!("\nFrom another machine, publishing and the API need the keys in {file}.\n"),
        (Made::New, key, token) => {
            let lines = [
                key.map(|key| format!("  publish:  rtmp://THIS-HOST/live/livestream?key={key}\n")),
                token.map(|token| {
                    format!(
                        "  API:      curl -H 'Authorization: Bearer {token}' http://THIS-HOST:1985/api/v1/streams/\n"
                    )
                }),
            ];
            let lines: String = lines.into_iter().flatten().collect();
            format!("\nFrom another machine, with keys that were made now and are kept in {file}:\n{lines}")
        }
    }
}

/// What a newcomer needs to see first.
fn urls(config: &Config, made: Made) -> String {
    let port = |listen: &str| Endpoint::parse(listen).map_or(0, |endpoint| endpoint.port);
    let rtmp = config.listen.first().map_or(1935, |listen| port(listen));
    let authority = if rtmp == 1935 { "127.0.0.1".to_owned() } else { format!("127.0.0.1:{rtmp}") };
    let mut text = "\nweir is ready.\n\n".to_owned();
    if config.http_server.enabled && config.http_server.pages {
        let http = port(&config.http_server.listen);
        text += &format!("Open in a browser:  http://127.0.0.1:{http}/\n\n");
    }
    text += &format!(
        "Push a file:    ffmpeg -re -stream_loop -1 -i FILE -c copy -f flv rtmp://{authority}/live/livestream\n\
         Push with OBS:  server rtmp://{authority}/live, stream key livestream\n\n\
         Watch by RTMP:      ffplay rtmp://{authority}/live/livestream\n",
    );
    if config.http_server.enabled {
        let http = port(&config.http_server.listen);
        text += &format!("Watch by HTTP-FLV:  ffplay http://127.0.0.1:{http}/live/livestream.flv\n");
        text += &format!("Watch by HLS:       ffplay http://127.0.0.1:{http}/live/livestream.m3u8\n");
    }
    if config.rtc_server.enabled && config.http_api.enabled {
        let api = port(&config.http_api.listen);
        text += &format!(
            "Push by WHIP:       http://127.0.0.1:{api}/rtc/v1/whip/?app=live&stream=livestream\n\
             Watch by WHEP:      http://127.0.0.1:{api}/rtc/v1/whep/?app=live&stream=livestream\n"
        );
    }
    if config.http_api.enabled {
        let api = port(&config.http_api.listen);
        text += &format!("See who is there:   curl http://127.0.0.1:{api}/api/v1/streams/\n");
    }
    text + &keys(config, made) + "\nEnd with Ctrl-C.\n\n"
}
