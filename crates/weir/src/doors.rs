//! The one list of services: which the configuration switches on, and where each listens.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use weir_api::{ApiSite, Features, Identity, Sampler, VersionsSite};
use weir_conf::{Config, Endpoint, Live};
use weir_http::{LiveFlv, StaticSite};
use weir_httpd::{Httpd, Site};
use weir_hub::Hub;
use weir_net::shard::Shards;
use weir_net::tls::Certificate;
use weir_net::{Connections, Door};
use weir_rtmp::Rtmp;

use crate::log::Log;
use crate::signals::{Ask, Signals};
use crate::{Failure, process, server_id};

/// Streams that nobody uses are looked for this often.
const SWEEP: Duration = Duration::from_secs(1);

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
pub(crate) async fn serve(config: Config, log: &Log, print_urls: bool) -> Result<(), Failure> {
    let parent = if config.asprocess { Some(process::parent_to_follow(nix::unistd::getppid())?) } else { None };
    let mut signals = Signals::install(&config)?;
    let workers = match config.threads.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        workers => workers,
    };
    let limit = usize::try_from(config.max_connections).unwrap_or(0);
    let id = server_id::resolve(&config.server_id, &config.id_file());
    let conf = Live::new(config);
    let hub = Hub::new(conf.clone());
    let config = hub.conf();
    let identity = Identity { server_id: id, service_id: weir_hub::service_id(), pid: std::process::id() };

    // Every port is taken before the first is served: a start either succeeds whole or not at all.
    let sampler = Sampler::new(hub.clone());
    let listening = open(&config, &conf, &hub, &identity, &sampler)?;
    let shards = Arc::new(Shards::start(workers, config.threads.send_cpu_target)?);
    let connections = Connections::new(limit);
    let (closing, ending) = (CancellationToken::new(), CancellationToken::new());
    let mut tasks = JoinSet::new();
    for one in listening {
        let door = Door::new(one.service.name(), shards.clone(), connections.clone(), closing.clone());
        tasks.spawn(one.serve(door));
    }
    tasks.spawn(tend(hub.clone(), ending.clone()));
    {
        let (sampler, ending) = (sampler.clone(), ending.clone());
        tasks.spawn(async move { sampler.run(ending).await });
    }
    tasks.spawn(process::summarise(hub.clone(), shards.clone(), sampler.clone(), ending.clone()));
    if let Some(parent) = parent {
        tasks.spawn(process::follow_parent(parent, ending.clone()));
    }
    tracing::info!("ready with {workers} worker threads, at most {limit} connections (max_connections)");
    if print_urls {
        print!("{}", urls(&config));
    }

    let ask = tokio::select! {
        ask = signals.ask(log) => Some(ask),
        () = ending.cancelled() => None,
    };
    if ask == Some(Ask::QuitGracefully) {
        drain(&config, log, &mut signals, &closing, &connections).await;
    }
    tracing::info!("the server ends with {} connections open", connections.open());
    closing.cancel();
    ending.cancel();
    tasks.shutdown().await;
    if let Ok(shards) = Arc::try_unwrap(shards) {
        let _ = tokio::task::spawn_blocking(|| shards.stop()).await;
    }
    if ask.is_none() { Err(Failure::ParentEnded) } else { Ok(()) }
}

/// The graceful way out: wait, close the doors, wait for the clients, wait once more.
async fn drain(
    config: &Config,
    log: &Log,
    signals: &mut Signals,
    closing: &CancellationToken,
    connections: &Connections,
) {
    tracing::info!(
        "a graceful end was asked for: doors close in {} ms (grace_start_wait)",
        config.grace_start_wait.as_millis()
    );
    if !signals.pause(log, config.grace_start_wait).await {
        return;
    }
    closing.cancel();
    if signals.drain(log, connections).await {
        tracing::info!(
            "all clients have gone: the end is in {} ms (grace_final_wait)",
            config.grace_final_wait.as_millis()
        );
        signals.pause(log, config.grace_final_wait).await;
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

/// Fails when a port of the configuration is taken or a certificate cannot be read: for the process that starts one in the background and must say so.
pub(crate) fn probe(config: &Config) -> Result<(), Failure> {
    let (api, http) = (&config.http_api, &config.http_server);
    let one = std::slice::from_ref::<String>;
    let https = |on: bool, listen| if on { one(listen) } else { &[] };
    for (listens, directive) in [
        (&config.listen[..], "listen"),
        (if config.rtmps.enabled { &config.rtmps.listen } else { &[][..] }, "rtmps.listen"),
        (https(http.enabled, &http.listen), "http_server.listen"),
        (https(http.https.enabled, &http.https.listen), "http_server.https.listen"),
        (https(api.enabled && api.listen != http.listen, &api.listen), "http_api.listen"),
    ] {
        for endpoint in listens.iter().filter_map(|text| Endpoint::parse(text)) {
            weir_net::bind(endpoint, directive)?;
        }
    }
    for (enabled, key, cert) in [
        (config.rtmps.enabled, &config.rtmps.key, &config.rtmps.cert),
        (http.https.enabled, &http.https.key, &http.https.cert),
        (api.https.enabled, &api.https.key, &api.https.cert),
    ] {
        if enabled {
            certificate(key, cert)?;
        }
    }
    Ok(())
}

/// Takes every port that the configuration names.
fn open(
    config: &Config,
    conf: &Live<Config>,
    hub: &Arc<Hub>,
    identity: &Identity,
    sampler: &Arc<Sampler>,
) -> Result<Vec<Listening>, Failure> {
    let mut doors = Doors { listening: Vec::new() };
    let rtmp = Service::Rtmp(Rtmp::new(hub.clone()));
    doors.open(&config.listen, "listen", None, &rtmp)?;
    if config.rtmps.enabled {
        let certificate = certificate(&config.rtmps.key, &config.rtmps.cert)?;
        doors.open(&config.rtmps.listen, "rtmps.listen", Some(&certificate), &rtmp)?;
    }

    let (api, http) = (&config.http_api, &config.http_server);
    let shared = api.enabled && http.enabled && api.listen == http.listen;
    let api_site = |own_port: bool| -> Arc<dyn Site> {
        ApiSite::new(hub.clone(), sampler.clone(), identity.clone(), Features::default(), own_port)
    };
    if http.enabled {
        let api: Arc<dyn Site> = if shared { api_site(false) } else { VersionsSite::new(identity.clone()) };
        let sites: Vec<Arc<dyn Site>> = vec![api, StaticSite::new(conf.clone())];
        let live = LiveFlv::new(hub.clone());
        let service = Service::Http(Arc::new(Httpd::new(conf.clone(), sites, Some(live), Handle::current())));
        doors.open(std::slice::from_ref(&http.listen), "http_server.listen", None, &service)?;
        if http.https.enabled {
            let certificate = certificate(&http.https.key, &http.https.cert)?;
            doors.open(
                std::slice::from_ref(&http.https.listen),
                "http_server.https.listen",
                Some(&certificate),
                &service,
            )?;
        }
    }
    if api.enabled && !shared {
        let sites: Vec<Arc<dyn Site>> = vec![StaticSite::console(conf.clone()), api_site(true)];
        let service = Service::Http(Arc::new(Httpd::new(conf.clone(), sites, None, Handle::current())));
        doors.open(std::slice::from_ref(&api.listen), "http_api.listen", None, &service)?;
        if api.https.enabled {
            let certificate = certificate(&api.https.key, &api.https.cert)?;
            doors.open(
                std::slice::from_ref(&api.https.listen),
                "http_api.https.listen",
                Some(&certificate),
                &service,
            )?;
        }
    }
    Ok(doors.listening)
}

struct Doors {
    listening: Vec<Listening>,
}

impl Doors {
    fn open(
        &mut self,
        listens: &[String],
        directive: &str,
        certificate: Option<&Arc<Certificate>>,
        service: &Service,
    ) -> Result<(), Failure> {
        for text in listens {
            let endpoint = Endpoint::parse(text)
                .ok_or_else(|| Failure::Listen { directive: directive.to_owned(), value: text.clone() })?;
            let socket = weir_net::bind(endpoint, directive)?;
            let over = if certificate.is_some() { " over TLS" } else { "" };
            tracing::info!("{}{over} listens on {text} ({directive})", service.name());
            self.listening.push(Listening { socket, certificate: certificate.cloned(), service: service.clone() });
        }
        Ok(())
    }
}

fn certificate(key: &str, cert: &str) -> Result<Arc<Certificate>, Failure> {
    Ok(Certificate::read(Path::new(key), Path::new(cert))?)
}

impl Service {
    fn name(&self) -> &'static str {
        match self {
            Service::Rtmp(_) => "RTMP",
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

/// What a newcomer needs to see first.
fn urls(config: &Config) -> String {
    let port = |listen: &str| Endpoint::parse(listen).map_or(0, |endpoint| endpoint.port);
    let rtmp = config.listen.first().map_or(1935, |listen| port(listen));
    let authority = if rtmp == 1935 { "127.0.0.1".to_owned() } else { format!("127.0.0.1:{rtmp}") };
    let mut text = format!(
        "\nweir is ready.\n\n\
         Push a file:    ffmpeg -re -stream_loop -1 -i FILE -c copy -f flv rtmp://{authority}/live/livestream\n\
         Push with OBS:  server rtmp://{authority}/live, stream key livestream\n\n\
         Watch by RTMP:      ffplay rtmp://{authority}/live/livestream\n",
    );
    if config.http_server.enabled {
        let http = port(&config.http_server.listen);
        text += &format!("Watch by HTTP-FLV:  ffplay http://127.0.0.1:{http}/live/livestream.flv\n");
    }
    if config.http_api.enabled {
        let api = port(&config.http_api.listen);
        text += &format!("See who is there:   curl http://127.0.0.1:{api}/api/v1/streams/\n");
    }
    text + "\nEnd with Ctrl-C.\n\n"
}
