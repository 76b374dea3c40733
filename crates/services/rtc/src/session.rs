//! [`Session`]: one client, whichever way its media goes; and [`Expected`], one that has not come yet.

use std::collections::VecDeque;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use tokio::sync::mpsc;
use weir_hub::{Client, Published, Stream};
use weir_net::{Place, Udp};
use weir_proto_rtc::{Certificate, Credentials, Datagram, Destination, Event, Peer, PeerError, PeerSetup};
use weir_rtp::Kind;

use crate::deadlines::Armed;
use crate::outbox::Outbox;
use crate::playing::Playing;
use crate::publishing::Publishing;

/// Addresses that one client may have at a time: it tries several, and moves between networks.
pub(crate) const MAX_PATHS: usize = 8;

/// Messages of DTLS of one client that wait: two flights of the longest handshakes. Newer ones push out the oldest, which come
/// again if they are missed.
const MAX_HANDSHAKES: usize = 16;

/// A client that was let in, and has not come. It costs no more than what was agreed on: offers cost nothing.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The ICE agents of both sides when it was opened, `OURS:THEIRS`.
    pub(crate) name: Arc<str>,
    /// What will speak with it.
    pub(crate) setup: PeerSetup,
    /// What it is shown.
    pub(crate) certificate: Arc<Certificate>,
    /// What it will do.
    pub(crate) role: Role,
    /// The rules of the session.
    pub(crate) rules: Rules,
}

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
    /// Messages of DTLS that wait for their turn.
    handshakes: VecDeque<(Path, Bytes)>,
    /// The one that was checked last at the end.
    paths: Vec<Path>,
    /// Where media went last.
    in_use: Option<Route>,
    come: Instant,
    /// When something authentic came.
    heard: Instant,
    rules: Rules,
    is_connected: bool,
    sent: u64,
    _place: Place,
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
    /// It ends after so long a silence, and when it is not connected so long after its first check (`rtc.stun_timeout`).
    pub(crate) patience: Duration,
    /// Checks of a client that says it is controlled are not answered (`rtc.stun_strict_check`).
    pub(crate) is_strict: bool,
}

impl Expected {
    /// Its first check came, and there is a place for it among the connections.
    pub(crate) fn come(self, place: Place, now: Instant) -> Result<Session, PeerError> {
        let setup = PeerSetup { time_of_day: SystemTime::now(), ..self.setup };
        let peer = Peer::new(setup, &self.certificate, now)?;
        Ok(Session {
            name: self.name,
            peer,
            role: self.role,
            armed: Armed::default(),
            is_unfinished: false,
            handshakes: VecDeque::new(),
            paths: Vec::new(),
            in_use: None,
            come: now,
            heard: now,
            rules: self.rules,
            is_connected: false,
            sent: 0,
            _place: place,
        })
    }

    /// ICE will begin with other credentials.
    pub(crate) fn restart(&mut self, own: Credentials, remote: Credentials) {
        (self.setup.local, self.setup.remote) = (own, remote);
    }
}

impl Role {
    /// Who it is, for the API.
    pub(crate) fn client(&self) -> &Arc<Client> {
        match self {
            Role::Publish(publishing) => publishing.client(),
            Role::Play(playing) => playing.client(),
        }
    }

    /// What it publishes or plays.
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        match self {
            Role::Publish(publishing) => publishing.stream(),
            Role::Play(playing) => playing.stream(),
        }
    }
}

impl Session {
    /// Who it is, for the API.
    pub(crate) fn client(&self) -> &Arc<Client> {
        self.role.client()
    }

    /// What it publishes or plays.
    pub(crate) fn stream(&self) -> &Arc<Stream> {
        self.role.stream()
    }

    /// Keeps a message of DTLS for later. True when it is the only one.
    pub(crate) fn queue_handshake(&mut self, path: Path, bytes: Bytes) -> bool {
        if self.handshakes.len() >= MAX_HANDSHAKES {
            self.handshakes.pop_front();
        }
        self.handshakes.push_back((path, bytes));
        self.handshakes.len() == 1
    }

    /// The message of DTLS that has waited longest, and whether more wait.
    pub(crate) fn next_handshake(&mut self) -> Option<(Path, Bytes, bool)> {
        let (path, bytes) = self.handshakes.pop_front()?;
        let has_more = !self.handshakes.is_empty();
        if !has_more {
            self.handshakes = VecDeque::new();
        }
        Some((path, bytes, has_more))
    }

    /// The operator ended it.
    pub(crate) fn is_kicked(&self) -> bool {
        self.client().is_kicked()
    }

    /// How long it may be silent.
    pub(crate) fn patience(&self) -> Duration {
        self.rules.patience
    }

    /// It has been silent for too long, or was not connected in time: checks alone keep no session.
    pub(crate) fn is_silent(&self, now: Instant) -> bool {
        let since = if self.is_connected { self.heard } else { self.come };
        now.saturating_duration_since(since) > self.rules.patience
    }

    /// Media can flow.
    pub(crate) fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// An authentic check came by that way; what it pushes out is returned.
    pub(crate) fn checked(&mut self, path: Path, now: Instant) -> Option<Route> {
        self.heard = now;
        let known = self.paths.iter().position(|known| known.route == path.route);
        let out = known.or_else(|| {
            let is_full = self.paths.len() >= MAX_PATHS;
            self.paths.iter().position(|path| Some(path.route) != self.in_use).filter(|_| is_full)
        });
        let out = out.map(|at| self.paths.remove(at).route);
        self.paths.push(path);
        out.filter(|_| known.is_none())
    }

    /// Every way to it.
    pub(crate) fn routes(&self) -> impl Iterator<Item = Route> {
        self.paths.iter().map(|path| path.route)
    }

    /// Puts a datagram on its way.
    pub(crate) fn send(&mut self, udp: &Udp, outbox: &mut Outbox, datagram: &Datagram) {
        let destination = Destination { to: datagram.to, is_tcp: datagram.is_tcp };
        let Session { paths, sent, in_use, .. } = self;
        if Kind::of(datagram) != Kind::Stun {
            *in_use = Some(destination.into());
        }
        *sent += outbox.write(udp, |bytes| {
            bytes.extend_from_slice(datagram);
            way(paths, destination)
        }) as u64;
    }

    /// Gives a player what came since the last time. True when its peer has more to say.
    pub(crate) fn feed(
        &mut self,
        published: &Published,
        now: Instant,
        udp: &Udp,
        outbox: &mut Outbox,
    ) -> Result<bool, PeerError> {
        let Session { peer, role: Role::Play(playing), paths, sent, in_use, .. } = self else { return Ok(false) };
        if !peer.is_direct() {
            let given = playing.feed(published, now, |packet| peer.send(packet));
            if given > 0 {
                peer.advance(now)?;
            }
            return Ok(given > 0);
        }
        playing.feed(published, now, |packet| {
            *sent += outbox.write(udp, |bytes| {
                let destination = peer.write(packet, now, bytes)?;
                *in_use = Some(destination.into());
                way(paths, destination)
            }) as u64;
        });
        Ok(peer.has_more())
    }

    /// A player does without what came since the last time: the server has no time for it.
    pub(crate) fn skip(&mut self) {
        if let Role::Play(playing) = &mut self.role {
            playing.skip();
        }
    }

    /// Something came from one of its addresses, whoever sent it.
    pub(crate) fn count(&mut self, bytes: usize) {
        self.client().traffic.received(bytes as u64);
        self.stream().count_received(bytes as u64);
    }

    /// What came tells that it is there.
    pub(crate) fn hear(&mut self, now: Instant) {
        self.heard = now;
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
        if !matches!(event, Event::Closed | Event::Estimate(_)) {
            self.heard = now;
        }
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

/// The other end, and ours.
fn way(paths: &[Path], to: Destination) -> Option<(SocketAddr, &Via)> {
    let route = Route::from(to);
    paths.iter().find(|path| path.route == route).map(|path| (to.to, &path.via))
}

impl From<Destination> for Route {
    fn from(to: Destination) -> Route {
        Route { from: to.to, is_tcp: to.is_tcp }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}
