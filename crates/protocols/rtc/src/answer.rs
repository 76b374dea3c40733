//! What of an offer is taken, and the answer that says so.

mod write;

pub(crate) use write::Local;
pub use write::{AnswerParts, host_candidates};

use weir_codec::Codec;
use weir_sdp::{Direction, Media, RidDirection};

use crate::formats::{self, Switches, TrackFormat};
use crate::offer::{self, Offer};
use crate::peer::{Extension, Format};
use crate::plan::{DtlsRole, Feedback, MediaKind, MediaPlan, Plan, Role, Section, SourcePair};
use crate::refusal::{Fault, Refusal, Side};

/// How many layers of one picture are taken.
const MAX_LAYERS: usize = 8;
/// The longest name of a layer: what [`crate::Peer`] keeps of it.
const MAX_RID: usize = 8;

/// How publishers are answered.
#[derive(Clone, Debug)]
pub struct PublishRules {
    /// The codec that the URL asks for.
    pub codec: Option<Codec>,
    /// Whether lost packets are asked for again.
    pub nack: bool,
    /// Whether times of arrival are told.
    pub twcc: bool,
    /// Who opens the connection of DTLS when the offer leaves it open.
    pub dtls_role: DtlsRole,
}

/// How players are answered.
#[derive(Clone, Debug)]
pub struct PlayRules<'a> {
    /// The tracks of the live stream; empty while nobody publishes it.
    pub tracks: &'a [TrackFormat],
    /// The codec that the URL asks for.
    pub codec: Option<Codec>,
    /// Whether lost packets are sent again.
    pub nack: bool,
    /// Whether times of arrival are used.
    pub twcc: bool,
    /// Who opens the connection of DTLS when the offer leaves it open.
    pub dtls_role: DtlsRole,
}

/// Decides what of a publisher's offer is taken: one codec for each section, and its layers.
///
/// `random` yields numbers that nobody can guess.
///
/// # Errors
///
/// When a section flows the wrong way or has no codec that is served.
pub fn publish(offer: &Offer, rules: &PublishRules, random: &mut dyn FnMut() -> u32) -> Result<Plan, Refusal> {
    let switches = Switches { nack: rules.nack, twcc: rules.twcc };
    let mut common = Common::new(offer, Role::Publish, switches);
    for (index, media, kind) in offer.sections() {
        let Some(kind) = kind else {
            common.sections.push(Section::Refused(offer::refused(media)));
            continue;
        };
        let mut plan = common.media(media, kind, rules.codec).map_err(|fault| offer::refuse(index, media, fault))?;
        let chosen = formats::preferred(&plan.formats).unwrap_or_default();
        plan.formats = plan.formats.into_iter().skip(chosen).take(1).collect();
        plan.peer = common.sources(media);
        plan.layers = layers(media, &plan);
        common.sections.push(Section::Media(plan));
    }
    common.plan(rules.dtls_role, random)
}

/// Decides what of a player's offer is taken: every format that is served, the stream's own first. The first section
/// of video plays the first track of video, and so on.
///
/// `random` yields numbers that nobody can guess: the SSRCs of this side, and its name.
///
/// # Errors
///
/// When a section flows the wrong way, or has no codec that is served, or not that of the live stream.
pub fn play(offer: &Offer, rules: &PlayRules<'_>, random: &mut dyn FnMut() -> u32) -> Result<Plan, Refusal> {
    let switches = Switches { nack: rules.nack, twcc: rules.twcc };
    let mut common = Common::new(offer, Role::Play, switches);
    let mut played = Vec::new();
    for (index, media, kind) in offer.sections() {
        let Some(kind) = kind else {
            common.sections.push(Section::Refused(offer::refused(media)));
            continue;
        };
        let refuse = |fault| offer::refuse(index, media, fault);
        let mut plan = common.media(media, kind, rules.codec).map_err(refuse)?;
        let mut tracks = rules.tracks.iter().enumerate();
        let track = tracks.find(|(number, track)| kind.has(track.codec) && !played.contains(number));
        order(&mut plan, media, track.map(|(_, track)| track)).map_err(refuse)?;
        plan.track = track.map(|(number, _)| number);
        played.extend(plan.track);
        plan.ours = vec![common.new_source(&plan, random)];
        plan.label = format!("{}-{}", kind.word(), word(random, 8));
        common.sections.push(Section::Media(plan));
    }
    common.plan(rules.dtls_role, random)
}

/// The track's format first; without a track, the one that a publisher would be asked for.
fn order(plan: &mut MediaPlan, media: &Media, track: Option<&TrackFormat>) -> Result<(), Fault> {
    match track {
        Some(track) => {
            formats::sort_for(&mut plan.formats, track);
            if plan.formats.first().is_none_or(|agreed| agreed.format.codec != track.codec) {
                return Err(Fault::NotLive { live: track.codec, offered: formats::offered(media) });
            }
        }
        None => {
            let chosen = formats::preferred(&plan.formats).unwrap_or_default();
            if let Some(front) = plan.formats.get_mut(..=chosen) {
                front.rotate_right(1);
            }
        }
    }
    Ok(())
}

impl MediaPlan {
    /// The format in which a track is sent here; `None` when the peer does not have its codec.
    pub fn format_for(&self, track: &TrackFormat) -> Option<&Format> {
        let best =
            self.formats.iter().map(|agreed| &agreed.format).min_by_key(|format| formats::misfit(format, track))?;
        (best.codec == track.codec).then_some(best)
    }
}

/// What is alike for publishers and players.
struct Common<'a> {
    offer: &'a Offer,
    role: Role,
    switches: Switches,
    sections: Vec<Section>,
    /// Extensions and their ids so far: in a bundle, an id means one thing.
    ids: Vec<(u8, Extension)>,
    /// SSRCs so far: in a bundle, each belongs to one section.
    ssrcs: Vec<u32>,
}

impl<'a> Common<'a> {
    fn new(offer: &'a Offer, role: Role, switches: Switches) -> Self {
        Common { offer, role, switches, sections: Vec::new(), ids: Vec::new(), ssrcs: Vec::new() }
    }

    fn media(&mut self, media: &Media, kind: MediaKind, wish: Option<Codec>) -> Result<MediaPlan, Fault> {
        offer::check_direction(media, self.role)?;
        let mut formats = formats::formats(media, kind, self.switches);
        if formats.is_empty() {
            return Err(Fault::NoCodec { offered: formats::offered(media), served: formats::served(kind) });
        }
        if let Some(asked) = wish.filter(|wish| kind.has(*wish)) {
            formats.retain(|agreed| agreed.format.codec == asked);
            if formats.is_empty() {
                return Err(Fault::NotAsked { asked, offered: formats::offered(media) });
            }
        }
        let extensions = self.extensions(media, kind);
        let has_twcc = extensions.iter().any(|entry| entry.1 == Extension::TransportCc);
        for Feedback { transport_cc, remb, .. } in formats.iter_mut().map(|agreed| &mut agreed.feedback) {
            *transport_cc &= has_twcc;
            // SRS: none. It is for players that know nothing better.
            *remb &= self.role == Role::Play && kind == MediaKind::Video && !*transport_cc;
        }
        Ok(MediaPlan {
            mid: media.mid.clone().unwrap_or_default(),
            kind,
            direction: match self.role {
                Role::Publish => Direction::RecvOnly,
                Role::Play => Direction::SendOnly,
            },
            protocol: media.protocol.clone(),
            formats,
            extensions,
            peer: Vec::new(),
            ours: Vec::new(),
            layers: Vec::new(),
            label: String::new(),
            track: None,
        })
    }

    /// What is known of the offered extensions. An id that would mean two things in the bundle is not answered.
    fn extensions(&mut self, media: &Media, kind: MediaKind) -> Vec<(u8, Extension)> {
        let mut answered = Vec::new();
        for offered in &media.extensions {
            let Some(id) = u8::try_from(offered.id).ok().filter(|id| (1..15).contains(id)) else { continue };
            let Some(extension) = Extension::of_uri(&offered.uri).filter(|known| self.wants(*known, kind)) else {
                continue;
            };
            // One that flows one way only would have to be answered with the other.
            if offered.direction.is_some_and(|direction| direction != Direction::SendRecv) {
                continue;
            }
            let entry = (id, extension);
            let clash = |other: &(u8, Extension)| *other != entry && (other.0 == id || other.1 == extension);
            if self.ids.iter().any(clash) || answered.contains(&entry) {
                continue;
            }
            if !self.ids.contains(&entry) {
                self.ids.push(entry);
            }
            answered.push(entry);
        }
        answered
    }

    fn wants(&self, extension: Extension, kind: MediaKind) -> bool {
        match extension {
            Extension::TransportCc => self.switches.twcc,
            Extension::AudioLevel => kind == MediaKind::Audio,
            Extension::VideoOrientation => kind == MediaKind::Video,
            // Players get one layer, under the section's name.
            Extension::Rid | Extension::RepairedRid => kind == MediaKind::Video && self.role == Role::Publish,
            Extension::Mid | Extension::AbsoluteCaptureTime | Extension::AbsoluteSendTime => true,
        }
    }

    /// SSRCs of the section that no section before it has.
    fn sources(&mut self, media: &Media) -> Vec<SourcePair> {
        let mut pairs = offer::sources(media);
        pairs.retain(|pair| !self.ssrcs.contains(&pair.ssrc));
        for pair in &mut pairs {
            self.ssrcs.push(pair.ssrc);
            pair.rtx = pair.rtx.filter(|rtx| !self.ssrcs.contains(rtx));
            self.ssrcs.extend(pair.rtx);
        }
        pairs
    }

    fn new_source(&mut self, plan: &MediaPlan, random: &mut dyn FnMut() -> u32) -> SourcePair {
        let ssrc = new_ssrc(&mut self.ssrcs, random);
        let resends = plan.formats.iter().any(|agreed| agreed.format.rtx.is_some());
        SourcePair { ssrc, rtx: resends.then(|| new_ssrc(&mut self.ssrcs, random)) }
    }

    fn plan(self, dtls_role: DtlsRole, random: &mut dyn FnMut() -> u32) -> Result<Plan, Refusal> {
        if !self.sections.iter().any(|section| matches!(section, Section::Media(_))) {
            return Err(Refusal::NoMedia(Side::Offer));
        }
        Ok(Plan {
            role: self.role,
            sections: self.sections,
            remote: self.offer.remote.clone(),
            dtls: self.offer.dtls_role(dtls_role),
            cname: word(random, 16),
        })
    }
}

/// The layers that a section offers to send and that can be told apart: RFC 8853 clause 5.3. Of alternatives the first
/// is taken.
fn layers(media: &Media, plan: &MediaPlan) -> Vec<String> {
    let mut layers: Vec<String> = Vec::new();
    if plan.extension(Extension::Rid).is_none() {
        return layers;
    }
    let streams = media.simulcast.iter().flat_map(|simulcast| &simulcast.send);
    for stream in streams.filter_map(|alternatives| alternatives.first()) {
        let mut rids = media.rids.iter();
        let named = rids.any(|rid| rid.id == stream.rid && rid.direction == RidDirection::Send);
        if named && stream.rid.len() <= MAX_RID && layers.len() < MAX_LAYERS && !layers.contains(&stream.rid) {
            layers.push(stream.rid.clone());
        }
    }
    layers
}

/// How often a number is asked for before one that is taken is made up from it.
const TRIES: u32 = 8;

/// An SSRC that is not in use and not 0, which some receivers take for none.
pub(crate) fn new_ssrc(used: &mut Vec<u32>, random: &mut dyn FnMut() -> u32) -> u32 {
    let free = |ssrc: u32, used: &[u32]| ssrc != 0 && !used.contains(&ssrc);
    let mut ssrc = random();
    for _ in 0..TRIES {
        if free(ssrc, used) {
            break;
        }
        ssrc = random();
    }
    while !free(ssrc, used) {
        ssrc = ssrc.wrapping_add(1);
    }
    used.push(ssrc);
    ssrc
}

/// Letters and digits.
pub(crate) fn word(random: &mut dyn FnMut() -> u32, len: usize) -> String {
    (0..len).filter_map(|_| char::from_digit(random() % 36, 36)).collect()
}

#[cfg(test)]
pub(crate) mod tests;
