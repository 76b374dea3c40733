//! [`Signal`]: offers by HTTP, and their answers (`http-api.md` §4).

mod calls;
mod links;
mod open;
mod refused;
mod target;
mod whip;
mod wish;

use std::fmt;
use std::sync::Arc;

use http::header::{ACCESS_CONTROL_ALLOW_HEADERS, ALLOW};
use http::{HeaderName, HeaderValue};
use weir_httpd::{Answer, Asked, Site};
use weir_hub::Hub;
use weir_proto_rtc::Role;

use crate::candidates::{Candidates, Ports};
use crate::sessions::Sessions;
use refused::{ACCEPT_PATCH, ACCEPT_POST, FRAGMENT, METHODS, SDP};

/// Bytes of a body: of the longest description that is read, with its place in JSON.
const MAX_BODY: usize = 320 * 1024;

/// Who answers: in every full reply to the calls of SRS.
#[derive(Clone, Debug)]
pub struct Ids {
    /// The server, kept between runs.
    pub server: String,
    /// This run of it.
    pub service: String,
    /// The process id.
    pub pid: u32,
}

/// What signalling works with.
#[derive(Clone)]
pub struct Parts {
    /// Streams and vhosts.
    pub hub: Arc<Hub>,
    /// Who moves the media.
    pub sessions: Arc<dyn Sessions>,
    /// Who answers.
    pub ids: Ids,
}

/// The paths of WebRTC: `/rtc/v1/whip/`, `/rtc/v1/whep/`, `/rtc/v1/whip-play/`, `/rtc/v1/play/` and `/rtc/v1/publish/`.
#[derive(Debug)]
pub struct Signal {
    parts: Parts,
    candidates: Candidates,
}

/// What a path means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Call {
    /// WHIP, or WHEP where the path says so. The path of WHIP is that of WHEP with `action=play`.
    Standard(Role),
    /// The calls of SRS, in JSON.
    Srs(Role),
}

impl Signal {
    /// Signalling for the ports of the hub's configuration as it is now.
    pub fn new(parts: Parts) -> Arc<Signal> {
        let ports = Ports::of(&parts.hub.conf().rtc_server);
        Arc::new(Signal { parts, candidates: Candidates::new(ports) })
    }

    /// Servers of STUN and TURN for `Link` fields (RFC 9725 clause 4.6).
    fn ice_servers(&self, who: links::Told) -> Vec<(HeaderName, HeaderValue)> {
        links::of(&self.parts.hub.conf().rtc_server.ice_server, who)
    }
}

impl Call {
    fn of(path: &str) -> Option<Call> {
        match path.strip_prefix("/rtc/v1/")?.trim_end_matches('/') {
            "whip" => Some(Call::Standard(Role::Publish)),
            "whep" | "whip-play" => Some(Call::Standard(Role::Play)),
            "play" => Some(Call::Srs(Role::Play)),
            "publish" => Some(Call::Srs(Role::Publish)),
            _ => None,
        }
    }
}

impl Site for Signal {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        Box::pin(async move {
            match Call::of(&asked.path)? {
                Call::Standard(role) => Some(self.standard(asked, role).await),
                Call::Srs(role) => Some(self.call(asked, role).await),
            }
        })
    }

    fn options(&self, path: &str) -> Vec<(HeaderName, HeaderValue)> {
        let Some(Call::Standard(_)) = Call::of(path) else { return Vec::new() };
        let fields = [
            (ALLOW, METHODS),
            (ACCEPT_POST, SDP),
            (ACCEPT_PATCH, FRAGMENT),
            // The star of CORS does not mean this one.
            (ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization")),
        ];
        // Browsers ask for options without saying who they are.
        fields.into_iter().chain(self.ice_servers(links::Told::Anybody)).collect()
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").field("hub", &self.hub).field("ids", &self.ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
