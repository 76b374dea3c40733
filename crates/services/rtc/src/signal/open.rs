//! From an offer to its answer, whichever way they travel.

use std::sync::Arc;

use http::StatusCode;
use weir_conf::Vhost;
use weir_hub::{ClientKind, Stream, StreamKey};
use weir_proto_rtc::{
    AnswerParts, DtlsRole, Offer, Plan, PlayRules, PublishRules, Role, TrackFormat, Transport, host_candidates, play,
    publish,
};

use super::Signal;
use super::refused::{DISABLED, Refused};
use super::target::Target;
use super::wish::Wish;
use crate::candidates::Called;
use crate::playing::has_layers;
use crate::random;
use crate::sessions::Open;

/// Characters of the token of a session, as many as SRS's have.
const TOKEN: usize = 9;

/// A session that was opened.
pub(crate) struct Answered {
    /// The answer.
    pub(crate) sdp: String,
    /// The name of the session.
    pub(crate) session: String,
    /// What it is changed and ended with.
    pub(crate) token: String,
    /// The ICE agent of this side.
    pub(crate) ufrag: String,
}

impl Signal {
    /// Opens the session that an offer asks for.
    pub(crate) async fn open(
        &self,
        target: &Target,
        wish: Wish,
        role: Role,
        offer: &str,
        way: &str,
    ) -> Result<Answered, Refused> {
        let request = &target.request;
        let offer = Offer::parse(offer)?;
        let vhost = self.parts.hub.vhost(&request.vhost)?;
        if !vhost.rtc.enabled {
            let why = format!("WebRTC is off in vhost {} (rtc.enabled)", vhost.name);
            return Err(Refused::new(StatusCode::NOT_FOUND, DISABLED, why));
        }
        let plan = match role {
            Role::Publish => publish(&offer, &publish_rules(&vhost, &wish), &mut random::number)?,
            Role::Play => self.play_plan(target, &offer, &vhost, &wish)?,
        };
        let session = format!("{}:{}", wish.own.ufrag, plan.remote.ice_ufrag);
        let token = random::word(TOKEN);
        let open = Open {
            plan: plan.clone(),
            own: wish.own.clone(),
            session: session.clone(),
            token: token.clone(),
            encrypt: wish.encrypt,
            dtls: wish.dtls,
        };
        let opened = match role {
            Role::Publish => self.parts.sessions.publish(request, open).await?,
            Role::Play => self.parts.sessions.play(request, open).await?,
        };
        // Only who was let in has names resolved.
        let called = Called { eip: wish.eip, hosts: target.hosts.clone() };
        let candidates = self.candidates.find(&self.parts.hub.conf().rtc_server, &called).await;
        log(target, role, way, &session, &candidates);
        let sdp = plan.answer(&AnswerParts {
            ice_ufrag: &wish.own.ufrag,
            ice_pwd: &wish.own.pwd,
            fingerprint: opened.fingerprint,
            candidates: &host_candidates(candidates),
            app: &request.app,
            stream: &request.stream,
            session_id: random::number().into(),
        });
        Ok(Answered { sdp, session, token, ufrag: wish.own.ufrag })
    }

    fn play_plan(&self, target: &Target, offer: &Offer, vhost: &Vhost, wish: &Wish) -> Result<Plan, Refused> {
        let stream = self.parts.hub.find(&StreamKey {
            vhost: Arc::from(vhost.name.as_str()),
            app: Arc::from(target.request.app.as_str()),
            name: Arc::from(target.request.stream.as_str()),
        });
        let tracks = match stream.as_deref() {
            Some(stream) => tracks(stream, vhost, &target.shown())?,
            None => Vec::new(),
        };
        // Reports cost the server more than the packets that they are about.
        let is_layered = stream.as_deref().is_none_or(has_layers);
        let rules = PlayRules {
            tracks: &tracks,
            codec: wish.codec,
            nack: vhost.rtc.nack,
            twcc: vhost.rtc.twcc && is_layered,
            dtls_role: dtls_role(vhost),
        };
        Ok(play(offer, &rules, &mut random::number)?)
    }
}

/// What players get of a live stream; nothing while that is not known. A stream of frames is converted, where that is on.
fn tracks(stream: &Stream, vhost: &Vhost, shown: &str) -> Result<Vec<TrackFormat>, Refused> {
    let refuse = |why: String| Refused::new(StatusCode::NOT_FOUND, DISABLED, why);
    let published = stream.packets().published();
    let is_sent = stream.publisher().is_none_or(|client| client.kind == ClientKind::RtcPublish);
    if !is_sent && !vhost.rtc.rtmp_to_rtc {
        return Err(refuse(format!("{shown} is not published by WebRTC, and is not converted (rtc.rtmp_to_rtc)")));
    }
    let frames = stream.tracks();
    let made;
    let tracks = if is_sent || frames.is_empty() {
        &published.tracks
    } else {
        made = weir_bridge::packets::tracks(&frames).ok_or_else(|| {
            let codecs: Vec<&str> = frames.iter().map(|track| track.codec().label()).collect();
            refuse(format!("{shown} is {}, of which nothing can be played by WebRTC", codecs.join(" and ")))
        })?;
        &made
    };
    let formats = tracks.iter().filter_map(|track| track.formats.first());
    Ok(formats.map(|format| TrackFormat { codec: format.codec, parameters: format.parameters.clone() }).collect())
}

fn publish_rules(vhost: &Vhost, wish: &Wish) -> PublishRules {
    PublishRules { codec: wish.codec, nack: vhost.rtc.nack, twcc: vhost.rtc.twcc, dtls_role: dtls_role(vhost) }
}

fn dtls_role(vhost: &Vhost) -> DtlsRole {
    match vhost.rtc.dtls_role {
        weir_conf::DtlsRole::Active => DtlsRole::Active,
        weir_conf::DtlsRole::Passive => DtlsRole::Passive,
    }
}

/// `publisher` or `player`.
pub(crate) fn client(role: Role) -> &'static str {
    match role {
        Role::Publish => "publisher",
        Role::Play => "player",
    }
}

fn log(target: &Target, role: Role, way: &str, session: &str, candidates: &[(Transport, String, u16)]) {
    let told: Vec<_> = candidates.iter().map(|(transport, host, port)| format!("{host} {port}/{transport}")).collect();
    let (client, ip, shown) = (client(role), target.request.ip, target.shown());
    let told = if told.is_empty() { "nowhere".to_owned() } else { told.join(", ") };
    tracing::info!(
        cid = target.request.id,
        "{client} {ip} opens WebRTC session {session} of {shown} by {way} and is told to send to {told}"
    );
}
