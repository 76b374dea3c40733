//! [`Sessions`]: what signalling needs of who moves the media.

use std::future::Future;
use std::pin::Pin;

use weir_hub::{Refusal, Request};
use weir_proto_rtc::{Credentials, Plan};

/// A session that opens, or why it does not.
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Opened, Refusal>> + Send + 'a>>;

/// Those who publish and play. A session is named by the ICE agents of both sides, `OURS:THEIRS`, as they were when it
/// was opened; a token says that it is the client's own.
pub trait Sessions: Send + Sync + 'static {
    /// Has a publisher let in (the gates of the hub) and opens its session. Refuses an agent of ours that another session
    /// has: clients may choose its name.
    fn publish<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a>;

    /// The same of a player.
    fn play<'a>(&'a self, request: &'a Request, open: Open) -> Opening<'a>;

    /// Ends a session.
    fn end(&self, session: &str, token: &str) -> Result<(), NoSession>;

    /// The ICE agents of a session as they are now.
    fn agents(&self, session: &str, token: &str) -> Result<Agents, NoSession>;

    /// Restarts ICE: new credentials of ours for new ones of the client. The session keeps its name.
    fn restart(&self, session: &str, token: &str, remote: Credentials) -> Result<Credentials, NoSession>;
}

/// What a session is opened with.
#[derive(Clone, Debug)]
pub struct Open {
    /// What was agreed on.
    pub plan: Plan,
    /// The ICE agent of this side.
    pub own: Credentials,
    /// The name of the session.
    pub session: String,
    /// What the client has to show to change or end the session.
    pub token: String,
    /// Media is encrypted (SRTP).
    pub encrypt: bool,
    /// There is a handshake of DTLS, without which nothing is encrypted.
    pub dtls: bool,
}

/// A session that is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened {
    /// SHA-256 of the certificate that it shows.
    pub fingerprint: [u8; 32],
}

/// The ICE agents of both sides.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agents {
    /// This side's.
    pub own: Credentials,
    /// The client's.
    pub remote: Credentials,
}

/// Why a session cannot be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoSession {
    /// There is none of that name.
    Unknown,
    /// It is somebody else's.
    WrongToken,
}
