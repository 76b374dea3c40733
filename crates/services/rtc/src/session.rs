//! [`Session`]: one client, whichever way its media goes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc;
use weir_hub::{Client, Stream};
use weir_net::Place;
use weir_proto_rtc::{Event, Peer};

use crate::deadlines::Armed;
use crate::playing::Playing;
use crate::publishing::Publishing;

/// Addresses that one client may have at a time: it tries several, and moves between networks.
const MAX_PATHS: usize = 8;

/// One client.
pub(crate) struct Session {
    /// The ICE agents of both sides when it was opened, `OURS:THEIRS`.
    pub(crate) name: Arc<str>,
    /// What speaks with it.
    pub(crate) peer: Peer,
    /// What it does.
    pub(crate) role: Role,
    /// When it wants to be looked at next.
    pub(crate) armed: Armed,
    /// Its peer has more to say.
    pub(crate) is_unfinished: bool,
    paths: Vec<Path>,
    heard: Instant,
    rules: Rules,
    is_connected: bool,
    sent: u64,
    _place: Option<Place>,
}

/// What a client does.
#[derive(Debug)]
pub(crate) enum Role {
    /// It sends media.
    Publish(Box<Publishing>),
    /// It takes media.
    Play(Box<Playing>),
}

/// A way to a client.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// The client's end.
    pub(crate) route: Route,
    /// Ours.
    pub(crate) via: Via,
}

/// The client's end of a way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Route {
    /// Its address.
    pub(crate) from: SocketAddr,
    /// It is a TCP connection.
    pub(crate) is_tcp: bool,
}

/// Our end of a way.
#[derive(Clone, Debug)]
pub(crate) enum Via {
    /// The shard's socket, with the address that the client sent to.
    Udp(Option<IpAddr>),
    /// Packets for a TCP connection.
    Tcp(mpsc::Sender<Bytes>),
}

/// The rules of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// It ends after so long a silence (`rtc.stun_timeout`).
    pub(crate) patience: Duration,
    /// Checks of a client that says it is controlled are not answered (`rtc.stun_strict_check`).
    pub(crate) is_strict: bool,
}

impl Session {
    pub(crate) fn new(name: &str, peer: Peer, role: Role, rules: Rules, place: Option<Place>, now: Instant) -> Session {
        Session {
            name: Arc::from(name),
            peer,
            role,
            armed: Armed::default(),
            is_unfinished: false,
            paths: Vec::new(),
            heard: now,
            rules,
            is_connected: false,
            sent: 0,
            _place: place,
        }
    }

    /// Who it is, for the API.
    pub(crate) fn client(&self) -> &Arc<Client> {
        match &self.role {
            Role::Publish(publishing) => publishing.client(),
            Role::Play(playing) => playing.client(),
        }
    }

    /// What it publishes or plays.
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        match &self.role {
            Role::Publish(publishing) => publishing.stream(),
            Role::Play(playing) => playing.stream(),
        }
    }

    /// The operator ended it.
    pub(crate) fn is_kicked(&self) -> bool {
        self.client().is_kicked()
    }

    /// How long it may be silent.
    pub(crate) fn patience(&self) -> Duration {
        self.rules.patience
    }

    /// It has been silent for too long.
    pub(crate) fn is_silent(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.heard) > self.rules.patience
    }

    /// Checks of a client that says it is controlled are not answered.
    pub(crate) fn is_strict(&self) -> bool {
        self.rules.is_strict
    }

    /// Media can flow.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// Takes note of a way that a check came by; what it pushes out is returned.
    pub(crate) fn add_path(&mut self, path: Path) -> Option<Route> {
        if let Some(known) = self.paths.iter_mut().find(|known| known.route == path.route) {
            known.via = path.via;
            return None;
        }
        let oldest = (self.paths.len() >= MAX_PATHS).then(|| self.paths.remove(0).route);
        self.paths.push(path);
        oldest
    }

    /// Every way to it.
    pub(crate) fn routes(&self) -> impl Iterator<Item = Route> {
        self.paths.iter().map(|path| path.route)
    }

    /// Our end of a way.
    pub(crate) fn via(&self, to: SocketAddr, is_tcp: bool) -> Option<&Via> {
        self.paths.iter().find(|path| path.route == Route { from: to, is_tcp }).map(|path| &path.via)
    }

    /// Something came from it.
    pub(crate) fn hear(&mut self, bytes: usize, now: Instant) {
        self.heard = now;
        self.client().traffic.received(bytes as u64);
        self.stream().count_received(bytes as u64);
    }

    /// Counts bytes that leave; [`Session::tell_sent`] tells of them.
    pub(crate) fn count_sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// Tells the counters what left.
    pub(crate) fn tell_sent(&mut self) {
        if self.sent > 0 {
            let sent = std::mem::take(&mut self.sent);
            self.client().traffic.sent(sent);
            self.stream().count_sent(sent);
        }
    }

    /// What its peer tells. False when it has ended.
    pub(crate) fn told(&mut self, event: Event, now: Instant) -> bool {
        match (event, &mut self.role) {
            (Event::Connected, _) => {
                if !std::mem::replace(&mut self.is_connected, true) {
                    let (client, stream) = (self.client(), self.stream());
                    let took = now.saturating_duration_since(client.since).as_millis();
                    let over =
                        self.paths.last().map_or("no address", |path| if path.route.is_tcp { "TCP" } else { "UDP" });
                    tracing::info!(
                        cid = client.id,
                        "{} {} of {} is connected over {over} after {took} ms",
                        client.kind.name(),
                        client.ip,
                        stream.key
                    );
                    if let Role::Play(playing) = &mut self.role {
                        playing.start(now);
                    }
                }
            }
            (Event::Closed, _) => return false,
            (Event::Packet(packet), Role::Publish(publishing)) => publishing.packet(packet, now),
            (Event::KeyFrameWanted(track), Role::Play(playing)) => playing.key_frame_wanted(track, now),
            (Event::Estimate(rate), Role::Play(playing)) => playing.estimate(rate),
            (Event::Packet(_) | Event::KeyFrameWanted(_) | Event::Estimate(_), _) => {}
        }
        true
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}
