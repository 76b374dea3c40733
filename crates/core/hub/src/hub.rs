//! [`Hub`]: every stream of the server, and the one door through which publishers and players come in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use weir_conf::{Config, Live, Role, Vhost};

use crate::backlog::Queue;
use crate::crowd::Crowd;
use crate::cursor::Subscriber;
use crate::gate::{Closed, Entry, Gate};
use crate::id::connection_id;
use crate::stat::{Client, ClientKind, Traffic, VhostStat};
use crate::stream::{Publisher, Stream, StreamKey};

/// A stream without publisher and players is forgotten after this long.
const IDLE_STREAM: Duration = Duration::from_secs(3);
/// Refusals of more different codes than this are counted as code 0: there are as many as gates make up.
const MAX_CODES: usize = 64;

/// Who asks for which stream, whatever protocol it came by.
#[derive(Clone, Debug)]
pub struct Request {
    /// Connection id. The client gets another one where somebody else has it.
    pub id: String,
    /// What the client will do.
    pub kind: ClientKind,
    /// The client's address.
    pub ip: IpAddr,
    /// It is on this machine, and asks on its own behalf: not for a page of another site, and not for clients of a proxy.
    pub is_local: bool,
    /// Vhost as the client named it: a host name, an address, or a configured name.
    pub vhost: String,
    /// Application.
    pub app: String,
    /// Stream name without parameters and extension.
    pub stream: String,
    /// The stream name as the client wrote it, without parameters.
    pub name: String,
    /// Parameters, with the leading `?` when there are any.
    pub param: String,
    /// The URL the client connected with.
    pub tc_url: String,
    /// The page that embeds the player.
    pub page_url: String,
    /// The player program.
    pub swf_url: String,
    /// What stood behind `Bearer` in the `Authorization` of an HTTP request.
    pub bearer: Option<String>,
}

/// Why a client was not let in.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No such vhost is configured and there is no default one.
    #[error("no vhost {vhost} is configured, and there is no vhost __defaultVhost__")]
    UnknownVhost {
        /// As the client named it.
        vhost: String,
    },
    /// The vhost is there but off.
    #[error("vhost {vhost} is off (vhost.enabled)")]
    DisabledVhost {
        /// Configured name.
        vhost: String,
    },
    /// The request names no stream.
    #[error("the URL names no stream")]
    NoStreamName,
    /// Somebody publishes the stream already.
    #[error("stream {stream} is published already, by client {} from {}", .holder.id, .holder.ip)]
    Busy {
        /// The stream.
        stream: StreamKey,
        /// Who holds it.
        holder: Arc<Client>,
    },
    /// A rule, a limit, a token or a callback says no.
    #[error("{why} ({directive})")]
    Denied {
        /// What sort of no it is.
        denial: Denial,
        /// SRS's number for it.
        code: u16,
        /// What refused, for people.
        why: String,
        /// The directive that made it refuse.
        directive: &'static str,
    },
    /// The operator ended the client while it waited for an answer.
    #[error("it was ended through the API")]
    Kicked,
}

/// Sorts of refusals, as protocols tell them apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denial {
    /// There is no such vhost or stream.
    NotFound,
    /// It did not say who it is, or not so that it can be believed.
    Unauthorized,
    /// It may not.
    Forbidden,
    /// There are too many.
    Full,
    /// Who has to be asked does not answer.
    Unanswered,
}

impl Refusal {
    /// SRS's number for it.
    pub fn code(&self) -> u16 {
        match self {
            Refusal::UnknownVhost { .. } | Refusal::DisabledVhost { .. } => 2014,
            Refusal::NoStreamName => 2051,
            Refusal::Busy { .. } => 1028,
            Refusal::Denied { code, .. } => *code,
            Refusal::Kicked => 1070,
        }
    }

    /// What sort of refusal it is.
    pub fn denial(&self) -> Denial {
        match self {
            Refusal::UnknownVhost { .. } | Refusal::DisabledVhost { .. } | Refusal::NoStreamName => Denial::NotFound,
            Refusal::Busy { .. } | Refusal::Kicked => Denial::Forbidden,
            Refusal::Denied { denial, .. } => *denial,
        }
    }
}

/// Every stream, client and vhost of the server.
pub struct Hub {
    conf: Live<Config>,
    server: Arc<Traffic>,
    tables: Mutex<Tables>,
    on_publish: RwLock<Vec<OnPublish>>,
    gates: OnceLock<Vec<Arc<dyn Gate>>>,
    arrivals: AtomicU64,
    refusals: Mutex<BTreeMap<u16, u64>>,
}

/// What is done when a stream begins to be published. Runs on the publisher's thread: it must not wait.
pub type OnPublish = Box<dyn Fn(&Arc<Stream>, &Arc<Client>) + Send + Sync>;

#[derive(Debug, Default)]
struct Tables {
    streams: HashMap<StreamKey, Arc<Stream>>,
    clients: BTreeMap<String, Arc<Client>>,
    vhosts: BTreeMap<Arc<str>, Arc<VhostStat>>,
    confs: HashMap<Arc<str>, Live<Vhost>>,
    crowds: HashMap<String, Crowd>,
}

impl Hub {
    /// An empty hub of a configuration.
    pub fn new(conf: Live<Config>) -> Arc<Hub> {
        Arc::new(Hub {
            conf,
            server: Arc::default(),
            tables: Mutex::default(),
            on_publish: RwLock::default(),
            gates: OnceLock::new(),
            arrivals: AtomicU64::new(0),
            refusals: Mutex::default(),
        })
    }

    /// Has every client from now on decided about by these, in their order. Only the first call counts.
    pub fn guard(&self, gates: Vec<Arc<dyn Gate>>) {
        let _ = self.gates.set(gates);
    }

    /// Has every publish from now on told: before its first frame, so that a follower misses none.
    pub fn on_publish(&self, tell: OnPublish) {
        self.on_publish.write().unwrap_or_else(PoisonError::into_inner).push(tell);
    }

    /// The configuration in force.
    pub fn conf(&self) -> Arc<Config> {
        Arc::clone(&self.conf.load())
    }

    /// Puts another configuration in force, also for streams that are there. One of a vhost that is gone keeps what it has.
    pub fn reconfigure(&self, conf: impl Into<Arc<Config>>) {
        let (conf, tables) = (conf.into(), self.tables());
        for (name, live) in &tables.confs {
            // Who watches a vhost looks whether it is another one.
            if let Some(vhost) = conf.vhosts.named(name).filter(|vhost| **vhost != *live.load()) {
                live.store(vhost.clone());
            }
        }
        self.conf.store(conf);
    }

    /// Bytes in and out of all clients.
    pub fn traffic(&self) -> &Traffic {
        &self.server
    }

    /// The vhost that serves a name: the one of that name, else the default one.
    pub fn vhost(&self, name: &str) -> Result<Arc<Vhost>, Refusal> {
        let vhost = self.conf().vhost(name).ok_or_else(|| Refusal::UnknownVhost { vhost: name.to_owned() })?;
        if !vhost.enabled {
            return Err(Refusal::DisabledVhost { vhost: vhost.name.to_string() });
        }
        Ok(vhost)
    }

    /// Lets a publisher in. Dropping what it returns unpublishes.
    pub async fn publish(self: &Arc<Self>, request: &Request) -> Result<Publisher, Refusal> {
        let mut guest = self.admit(Role::Publish, request).await.map_err(|why| self.refused(why))?;
        match guest.stream().claim(guest.client()) {
            Ok(()) => {
                let told = self.on_publish.read().unwrap_or_else(PoisonError::into_inner);
                told.iter().for_each(|tell| tell(guest.stream(), guest.client()));
                drop(told);
                Ok(Publisher::new(guest))
            }
            Err(holder) => {
                // To say that it left would be to say that the stream ended.
                guest.asked = 0;
                Err(self.refused(Refusal::Busy { stream: guest.stream().key.clone(), holder }))
            }
        }
    }

    /// Lets a player in, also before there is a publisher.
    pub async fn subscribe(self: &Arc<Self>, request: &Request) -> Result<Subscriber, Refusal> {
        let guest = self.admit(Role::Play, request).await.map_err(|why| self.refused(why))?;
        Ok(Subscriber::new(guest))
    }

    /// Lets a client in that is served from what was made of the stream, such as its segments: admitted and counted as a
    /// player, without a place in the stream. Dropping the visit ends it.
    pub async fn visit(self: &Arc<Self>, request: &Request) -> Result<Visit, Refusal> {
        let guest = self.admit(Role::Play, request).await.map_err(|why| self.refused(why))?;
        Ok(Visit { guest })
    }

    /// Lets a connection go on that has said what it wants; for protocols whose connections are told of apart. Who would be
    /// refused by what is known at once is refused here already, before anybody is asked who may be slow.
    pub async fn connect(&self, request: &Request) -> Result<(), Refusal> {
        let asked = async {
            let vhost = self.vhost(&request.vhost)?;
            for gate in self.gates() {
                gate.check(request.kind.role(), &vhost, request)?;
            }
            for gate in self.gates() {
                gate.connect(&vhost, request).await?;
            }
            Ok(())
        };
        asked.await.map_err(|why| self.refused(why))
    }

    /// Clients that were counted since the start.
    pub fn arrivals(&self) -> u64 {
        self.arrivals.load(Ordering::Relaxed)
    }

    /// How often clients were refused since the start, by SRS's number for the reason.
    pub fn refusals(&self) -> BTreeMap<u16, u64> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refused(&self, why: Refusal) -> Refusal {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = refusals.len() >= MAX_CODES && !refusals.contains_key(&why.code());
        *refusals.entry(if is_new { 0 } else { why.code() }).or_default() += 1;
        why
    }

    /// Tells of a connection that ended, whether it was let in or not.
    pub fn closed(&self, closed: &Closed) {
        self.gates().iter().for_each(|gate| gate.closed(closed));
    }

    fn gates(&self) -> &[Arc<dyn Gate>] {
        self.gates.get().map_or(&[], Vec::as_slice)
    }

    /// The one place where a client of any protocol is refused.
    async fn admit(self: &Arc<Self>, role: Role, request: &Request) -> Result<Guest, Refusal> {
        let vhost = self.vhost(&request.vhost)?;
        if request.stream.is_empty() {
            return Err(Refusal::NoStreamName);
        }
        for gate in self.gates() {
            gate.check(role, &vhost, request)?;
        }
        let mut guest = self.enter(role, vhost, request)?;
        let client = guest.client().clone();
        let asked = async {
            for gate in self.gates() {
                guest.asked += 1;
                let answer = gate.admit(&guest.entry).await;
                guest.asked -= usize::from(answer.is_err());
                answer?;
            }
            Ok(())
        };
        tokio::select! {
            biased;
            () = client.kicked() => return Err(Refusal::Kicked),
            answer = asked => answer?,
        }
        guest.is_in = true;
        Ok(guest)
    }

    fn enter(self: &Arc<Self>, role: Role, vhost: Arc<Vhost>, request: &Request) -> Result<Guest, Refusal> {
        let mut tables = self.tables();
        tables.crowds.entry(vhost.name.clone()).or_default().enter(&vhost.limits, role, request.ip)?;
        let vhost = &vhost;
        let stream = tables.stream(vhost, request, &self.server);
        let mut request = request.clone();
        while tables.clients.get(&request.id).is_some_and(|holder| !is_same(holder, &request)) {
            request.id = connection_id();
        }
        let client = Arc::new(Client {
            id: request.id.clone(),
            kind: request.kind,
            ip: request.ip,
            key: stream.key.clone(),
            stream_id: stream.id.clone(),
            vhost_id: stream.vhost().id.clone(),
            page_url: request.page_url.clone(),
            swf_url: request.swf_url.clone(),
            tc_url: request.tc_url.clone(),
            name: request.name.clone(),
            param: request.param.clone(),
            since: Instant::now(),
            traffic: Traffic::default(),
            kicked: CancellationToken::new(),
            unfinished: TaskTracker::new(),
            queue: Queue::default(),
        });
        self.arrivals.fetch_add(1, Ordering::Relaxed);
        stream.enter(&client);
        tables.clients.insert(client.id.clone(), client.clone());
        let entry = Entry { role, request, vhost: vhost.clone(), stream, client, question: Arc::default() };
        Ok(Guest { hub: self.clone(), entry, asked: 0, is_in: false })
    }

    /// Vhosts that somebody used, in the order of their names.
    pub fn vhosts(&self) -> Vec<Arc<VhostStat>> {
        self.tables().vhosts.values().cloned().collect()
    }

    /// Streams that have a publisher or a player, in the order of their ids.
    pub fn streams(&self) -> Vec<Arc<Stream>> {
        let mut streams: Vec<_> = self.tables().streams.values().filter(|one| one.clients() > 0).cloned().collect();
        streams.sort_by(|a, b| a.id.cmp(&b.id));
        streams
    }

    /// Clients, in the order of their ids.
    pub fn clients(&self) -> Vec<Arc<Client>> {
        self.tables().clients.values().cloned().collect()
    }

    /// How many clients there are.
    pub fn client_count(&self) -> usize {
        self.tables().clients.len()
    }

    /// The client of an id.
    pub fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.tables().clients.get(id).cloned()
    }

    /// The stream of a name, if there is one.
    pub fn find(&self, key: &StreamKey) -> Option<Arc<Stream>> {
        self.tables().streams.get(key).cloned()
    }

    /// Takes a sample of every rate. Called every 3 seconds.
    pub fn sample(&self, now: Instant) {
        self.server.sample(now);
        let (vhosts, streams, clients) = (self.vhosts(), self.streams(), self.clients());
        for vhost in vhosts {
            vhost.traffic.sample(now);
        }
        streams.iter().for_each(|stream| stream.sample(now));
        for client in clients {
            client.traffic.sample(now);
        }
    }

    /// Forgets streams that nobody has used for a while. Called every second.
    pub fn sweep(&self, now: Instant) {
        self.tables().streams.retain(|_, stream| {
            stream.idle_since().is_none_or(|since| now.saturating_duration_since(since) < IDLE_STREAM)
        });
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a client is of the connection that asks for something again. Who has no connection of its own never is.
fn is_same(holder: &Client, request: &Request) -> bool {
    let has_connection = |kind| kind != ClientKind::HlsPlay;
    holder.ip == request.ip && has_connection(holder.kind) && has_connection(request.kind)
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("tables", &self.tables).finish_non_exhaustive()
    }
}

impl Tables {
    fn stream(&mut self, vhost: &Arc<Vhost>, request: &Request, server: &Arc<Traffic>) -> Arc<Stream> {
        let name: Arc<str> = Arc::from(&*vhost.name);
        let key = StreamKey {
            vhost: name.clone(),
            app: Arc::from(request.app.as_str()),
            name: Arc::from(request.stream.as_str()),
        };
        if let Some(stream) = self.streams.get(&key) {
            return stream.clone();
        }
        let conf = self.confs.entry(name.clone()).or_insert_with(|| Live::new(vhost.clone())).clone();
        let stat =
            self.vhosts.entry(name.clone()).or_insert_with(|| Arc::new(VhostStat::new(name, server.clone()))).clone();
        let stream = Stream::new(key.clone(), conf, stat);
        self.streams.insert(key, stream.clone());
        stream
    }
}

/// A client that is served from what was made of a stream.
#[derive(Debug)]
pub struct Visit {
    guest: Guest,
}

impl Visit {
    /// The stream.
    pub fn stream(&self) -> &Arc<Stream> {
        self.guest.stream()
    }

    /// The client.
    pub fn client(&self) -> &Arc<Client> {
        self.guest.client()
    }

    /// Adds bytes that it got, and that came from it.
    pub fn count(&self, sent: u64, received: u64) {
        self.client().traffic.sent(sent);
        self.client().traffic.received(received);
        self.stream().count_sent(sent);
        self.stream().count_received(received);
    }
}

/// A client's place in the tables. Dropping it takes the client out.
#[derive(Debug)]
pub(crate) struct Guest {
    hub: Arc<Hub>,
    entry: Entry,
    /// How many gates were asked about it and did not say no: they are told when it leaves, also when it does not wait
    /// for their answer, since that may be yes.
    asked: usize,
    /// They all said yes.
    is_in: bool,
}

impl Guest {
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        &self.entry.stream
    }

    pub(crate) fn client(&self) -> &Arc<Client> {
        &self.entry.client
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let (stream, client) = (&self.entry.stream, &self.entry.client);
        let mut tables = self.hub.tables();
        stream.leave(Instant::now());
        let vhost = &self.entry.vhost.name;
        if tables.crowds.get_mut(vhost).is_some_and(|crowd| crowd.leave(self.entry.role, client.ip)) {
            tables.crowds.remove(vhost);
        }
        // The same connection may have come in again under its id.
        if tables.clients.get(&client.id).is_some_and(|one| Arc::ptr_eq(one, client)) {
            tables.clients.remove(&client.id);
        }
        drop(tables);
        if !self.is_in && self.entry.role == Role::Publish && stream.is_live() {
            // Another one publishes it, and nothing of that ended.
            return;
        }
        self.hub.gates().iter().take(self.asked).for_each(|gate| gate.left(&self.entry));
    }
}

#[cfg(test)]
mod tests;
