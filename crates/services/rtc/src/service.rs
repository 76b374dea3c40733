//! [`Rtc`]: the sessions of the server, opened by signalling and served by a worker on each shard.

use std::cell::RefCell;
use std::io;
use std::net::UdpSocket;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use weir_hub::{Denial, Hub, Refusal, Request};
use weir_net::shard::Shards;
use weir_net::{Connections, Udp};
use weir_proto_rtc::{Certificate, Credentials, Extension, PeerSetup, Plan};

use crate::counters::Counters;
use crate::playing::{Playing, has_layers};
use crate::publishing::Publishing;
use crate::random;
use crate::registry::{Ended, Registry, Seat};
use crate::session::{Expected, Role, Rules};
use crate::sessions::{Agents, NoSession, Open, Opened, Opening, Sessions};
use crate::worker::{Command, INBOX, Worker};

/// Sessions that wait for their client are looked at this often.
const SWEEP: Duration = Duration::from_secs(1);
/// The end of the server waits this long for goodbyes.
const GOODBYE: Duration = Duration::from_secs(1);
/// What a player with layers to choose from is thought to be able to take at first, in bits per second.
const FIRST_ESTIMATE: u64 = 1_000_000;

thread_local! {
    /// The worker of this shard.
    static WORKER: RefCell<Option<Rc<Worker>>> = const { RefCell::new(None) };
}

/// The worker of the shard that calls it.
pub(crate) fn worker() -> Option<Rc<Worker>> {
    WORKER.with(|worker| worker.borrow().clone())
}

/// The sessions of the server.
pub struct Rtc {
    hub: Arc<Hub>,
    registry: Arc<Registry>,
    inboxes: Arc<[mpsc::Sender<Command>]>,
    certificate: Arc<Certificate>,
    connections: Arc<Connections>,
    counters: Arc<Counters>,
}

impl Rtc {
    /// Serves on these sockets of one port, one for each shard. Every session counts as a connection from its first check on.
    pub async fn start(
        hub: Arc<Hub>,
        shards: &Shards,
        sockets: Vec<UdpSocket>,
        certificate: Certificate,
        connections: Arc<Connections>,
    ) -> io::Result<Arc<Rtc>> {
        let registry = Arc::new(Registry::default());
        let (inboxes, takers): (Vec<_>, Vec<_>) = sockets.iter().map(|_| mpsc::channel(INBOX)).unzip();
        let inboxes: Arc<[_]> = inboxes.into();
        let parts: Vec<_> = sockets.into_iter().zip(takers).map(Some).collect();
        let parts = Arc::new(Mutex::new(parts));
        let counters = Arc::<Counters>::default();
        let (to, all, conf) = (registry.clone(), inboxes.clone(), hub.conf());
        let (counted, places) = (counters.clone(), connections.clone());
        shards
            .each(move |index, _| {
                let part = parts.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index).and_then(Option::take);
                let (registry, inboxes, conf, counters) = (to.clone(), all.clone(), conf.clone(), counted.clone());
                let connections = places.clone();
                async move {
                    let Some((socket, inbox)) = part else { return };
                    match Udp::new(socket) {
                        Ok(udp) => {
                            let worker = Worker::new(index, udp, registry, inboxes, connections, &conf, counters);
                            WORKER.with(|here| *here.borrow_mut() = Some(worker.clone()));
                            worker.run(inbox).await;
                        }
                        Err(error) => tracing::error!("a socket of WebRTC cannot be used: {error}"),
                    }
                }
            })
            .await?;
        Ok(Arc::new(Rtc { hub, registry, inboxes, certificate: Arc::new(certificate), connections, counters }))
    }

    /// What all sessions together had to do.
    pub fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }

    /// Ends sessions whose client does not come. Runs until it is dropped.
    pub async fn tend(self: Arc<Self>) {
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            sweep.tick().await;
            for session in self.registry.sweep(Instant::now()) {
                let (client, stream) = (session.role.client(), session.role.stream());
                tracing::info!(
                    cid = client.id,
                    "{} {} of {} never came: no check reached us within {} s (rtc.stun_timeout); are the candidates that \
                     it was told reachable (rtc_server.candidate)?",
                    client.kind.name(),
                    client.ip,
                    stream.key,
                    session.rules.patience.as_secs()
                );
            }
        }
    }

    /// Ends every session. Waits for goodbyes to leave.
    pub async fn shutdown(&self) {
        let mut stops = JoinSet::new();
        for inbox in self.inboxes.iter() {
            let (inbox, (done, waits)) = (inbox.clone(), oneshot::channel());
            // An inbox may be full of datagrams: each worker is waited for by itself.
            stops.spawn(async move {
                if inbox.send(Command::Stop(done)).await.is_ok() {
                    let _ = waits.await;
                }
            });
        }
        let _ = tokio::time::timeout(GOODBYE, stops.join_all()).await;
    }

    fn command(&self, seat: Seat, command: Command) {
        if let Some(inbox) = self.inboxes.get(seat.worker) {
            // A worker whose inbox is full of datagrams is told a moment later.
            if let Err(mpsc::error::TrySendError::Full(command)) = inbox.try_send(command) {
                let inbox = inbox.clone();
                tokio::spawn(async move { drop(inbox.send(command).await) });
            }
        }
    }

    async fn open(&self, request: &Request, open: Open, publishes: bool) -> Result<Opened, Refusal> {
        // Whoever waits takes no place: offers cost nothing, and those that are refused count as refused.
        if self.connections.open() >= self.connections.limit() && self.connections.enter().is_none() {
            return Err(Refusal::Denied {
                denial: Denial::Full,
                code: 1074,
                why: format!("all {} connections are taken", self.connections.limit()),
                directive: "max_connections",
            });
        }
        let conf;
        let mut pace = None;
        let role = if publishes {
            let publisher = self.hub.publish(request).await?;
            conf = publisher.stream().conf.load().clone();
            let publishing = Publishing::new(publisher, &open.plan, &self.hub.conf().rtc_server.black_hole);
            Role::Publish(Box::new(publishing))
        } else {
            let visit = self.hub.visit(request).await?;
            conf = visit.stream().conf.load().clone();
            // Pacing costs a little: it is for those who can be given less.
            let estimate = (has_layers(visit.stream()) && conf.rtc.twcc).then_some(FIRST_ESTIMATE);
            // Where players do not tell how packets arrive, a pace would never become another one.
            let tells = open.plan.media().any(|media| media.extension(Extension::TransportCc).is_some());
            pace = estimate.filter(|_| tells);
            Role::Play(Box::new(Playing::new(visit, &open.plan, estimate, Instant::now())))
        };
        let session = Expected {
            name: Arc::from(open.session.as_str()),
            setup: setup(&open.plan, open.own.clone(), pace, publishes || open.encrypt),
            certificate: self.certificate.clone(),
            role,
            rules: Rules { patience: conf.rtc.stun_timeout, is_strict: conf.rtc.stun_strict_check },
        };
        let remote = &open.plan.remote;
        let remote = Credentials { ufrag: remote.ice_ufrag.clone(), pwd: remote.ice_pwd.clone() };
        let agents = Agents { own: open.own, remote };
        let pushed_out = self.registry.insert(session, open.token, agents).map_err(|taken| Refusal::Denied {
            denial: Denial::Forbidden,
            code: 5037,
            why: taken.to_string(),
            directive: "ice-ufrag",
        })?;
        if let Some(session) = pushed_out {
            let client = session.role.client();
            tracing::warn!(
                cid = client.id,
                "{} {} ended before it came: too many sessions wait for their first check",
                client.kind.name(),
                client.ip
            );
        }
        let digest = self.certificate.fingerprint().digest.as_slice();
        Ok(Opened { fingerprint: digest.try_into().unwrap_or([0; 32]) })
    }
}

fn setup(plan: &Plan, own: Credentials, estimate: Option<u64>, is_encrypted: bool) -> PeerSetup {
    PeerSetup {
        estimate,
        is_encrypted,
        // With DTLS 1.3 the cipher of media is the one that the client names first; Chromium's first one costs five times as
        // much as AES-GCM, which a server of DTLS 1.2 picks.
        is_dtls12: true,
        ..plan.peer_setup(own, true)
    }
}

impl Sessions for Rtc {
    fn publish<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a> {
        Box::pin(self.open(request, open, true))
    }

    fn play<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a> {
        Box::pin(self.open(request, open, false))
    }

    fn end(&self, session: &str, token: &str) -> Result<(), NoSession> {
        match self.registry.end(session, token)? {
            Ended::At(seat) => self.command(seat, Command::End { key: seat.key }),
            Ended::Waited(session) => drop(session),
        }
        Ok(())
    }

    fn agents(&self, session: &str, token: &str) -> Result<Agents, NoSession> {
        self.registry.agents(session, token)
    }

    fn restart(&self, session: &str, token: &str, remote: Credentials) -> Result<Credentials, NoSession> {
        let own = Credentials { ufrag: random::word(8), pwd: random::word(32) };
        let agents = Agents { own: own.clone(), remote: remote.clone() };
        if let Some(seat) = self.registry.restart(session, token, agents)? {
            self.command(seat, Command::Restart { key: seat.key, own: own.clone(), remote });
        }
        Ok(own)
    }
}
