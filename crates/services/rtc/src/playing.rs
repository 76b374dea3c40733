//! [`Playing`]: a client that takes media.

mod catch_up;
mod layers;

use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_hub::{Client, ClientKind, Packet, PacketCursor, PacketLane, PacketTrack, Published, Stream, Visit, Wanted};
use weir_proto_rtc::{MediaKind, MediaPlan, Outgoing, Peer, Plan, TrackFormat};
use weir_rtp::splice::{Arrival, Splice};

use catch_up::CatchUp;
use layers::Patience;
pub(crate) use layers::Rates;

/// A key frame that was asked for and did not come is asked for again after this long.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// A way that took less than what there is is tried again after this long: it may have become better.
const TRY_EVERY: Duration = Duration::from_secs(3);
/// Captures are told as the time since a moment before the start of the server.
const BEFORE: Duration = Duration::from_secs(3600);

/// Packets of one publish, track and layer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Source {
    epoch: u32,
    track: u8,
    layer: u8,
}

/// A player that is behind gets so many packets at a time: others are there too, and its network has to take them.
const MAX_AT_A_TIME: usize = 128;

/// Whether players may be given less than everything: also when it is not known yet. Only those need an estimate of their
/// way, and only they are asked to report on it.
pub(crate) fn has_layers(stream: &Stream) -> bool {
    let published = stream.packets().published();
    if published.tracks.is_empty() {
        return stream.publisher().is_none_or(|client| client.kind == ClientKind::RtcPublish);
    }
    published.tracks.iter().any(|track| track.layers.len() > 1)
}

/// A play.
#[derive(Debug)]
pub(crate) struct Playing {
    visit: Visit,
    lane: Arc<PacketLane>,
    /// Has packets made of what is published in frames.
    packets: Option<Arc<Wanted>>,
    /// Nothing is sent before media can flow.
    cursor: Option<PacketCursor>,
    /// The publish that the tracks are tied to.
    epoch: Option<u32>,
    tracks: Vec<PlayTrack>,
    /// Bits a second that the way to the client can take; nothing where it is not estimated.
    estimate: Option<u64>,
    /// What the way to the client was last tried for, in bits a second.
    wanted: u64,
    tried: Option<Instant>,
    began: Instant,
}

/// A track of a player.
#[derive(Debug)]
struct PlayTrack {
    plan: MediaPlan,
    /// Its place among those of its kind.
    place: usize,
    /// The published track that it shows.
    source: Option<u8>,
    /// The payload type for each format of that.
    payload_types: Vec<Option<u8>>,
    layers: usize,
    patience: Patience,
    /// The layer of now is not sent any more: it would only be in the way of the key frame of the next one.
    holds_back: bool,
    catch_up: CatchUp,
    splice: Splice<Source, Packet>,
    asked: Option<Instant>,
}

impl Playing {
    pub(crate) fn new(visit: Visit, plan: &Plan, estimate: Option<u64>, now: Instant) -> Playing {
        let (mut pictures, mut sounds) = (0.., 0..);
        let tracks = plan.media().map(|media| {
            let place = match media.kind {
                MediaKind::Video => pictures.next(),
                MediaKind::Audio => sounds.next(),
            };
            let rate = media.formats.first().map_or(90_000, |agreed| agreed.format.clock_rate);
            PlayTrack {
                plan: media.clone(),
                place: place.unwrap_or_default(),
                source: None,
                payload_types: Vec::new(),
                layers: 1,
                patience: Patience::default(),
                holds_back: false,
                catch_up: CatchUp::new(media.kind == MediaKind::Video, rate, false),
                // SRTP knows the first number by its 16 bits alone: it must be far from the next wrap.
                splice: Splice::new(rate, u64::from(fastrand::u16(..0x8000)), fastrand::u32(..)),
                asked: None,
            }
        });
        let tracks = tracks.collect();
        let lane = visit.stream().packets().clone();
        let began = now.checked_sub(BEFORE).unwrap_or(now);
        Playing {
            visit,
            lane,
            packets: None,
            cursor: None,
            epoch: None,
            tracks,
            estimate,
            wanted: 0,
            tried: None,
            began,
        }
    }

    pub(crate) fn client(&self) -> &Arc<Client> {
        self.visit.client()
    }

    pub(crate) fn stream(&self) -> &Arc<Stream> {
        self.visit.stream()
    }

    pub(crate) fn lane(&self) -> &Arc<PacketLane> {
        &self.lane
    }

    /// Has packets made as long as this plays. To be called on the shard that is to do the work.
    pub(crate) fn want_packets(&mut self, merge_units: bool) {
        self.packets = Some(weir_bridge::packets::packets(self.visit.stream(), merge_units));
    }

    /// Media can flow: begins at the newest key frame if it has just come, else has one asked for.
    pub(crate) fn start(&mut self, now: Instant) {
        self.cursor = Some(PacketCursor::new(&self.lane, now));
        let published = self.lane.published();
        self.tie(&published);
        let fresh = self.cursor.as_ref().is_some_and(|cursor| cursor.pending().next().is_some());
        if !fresh {
            self.ask_missing(now);
        }
    }

    /// Gives what came since the last time; returns how many packets that is.
    pub(crate) fn feed(&mut self, published: &Published, now: Instant, mut give: impl FnMut(Outgoing)) -> usize {
        if self.cursor.is_none() {
            return 0;
        }
        if self.epoch != Some(published.epoch) {
            self.tie(published);
            self.ask_missing(now);
        }
        let Playing { cursor: Some(cursor), tracks, began, .. } = self else { return 0 };
        let (mut count, mut given) = (0, 0);
        for packet in cursor.pending().take(MAX_AT_A_TIME) {
            count += 1;
            if packet.epoch != published.epoch {
                continue;
            }
            for (index, track) in tracks.iter_mut().enumerate() {
                if track.source == Some(packet.track) {
                    track.place_all(index, packet, *began, now, |outgoing| {
                        give(outgoing);
                        given += 1;
                    });
                }
            }
        }
        cursor.advance(count);
        given
    }

    /// Lets what came since the last time go: the server has no time for it.
    pub(crate) fn skip(&mut self) {
        if let Some(cursor) = &mut self.cursor {
            let count = cursor.pending().count();
            cursor.advance(count);
            self.stream().count_skipped(count as u64);
        }
    }

    /// The client lost its way in the pictures of a track.
    pub(crate) fn key_frame_wanted(&mut self, track: usize, now: Instant) {
        if let Some(track) = self.tracks.get_mut(track) {
            track.ask(&self.lane, now);
        }
    }

    /// The way to the client can take so much.
    pub(crate) fn estimate(&mut self, rate: u64) {
        if self.estimate.is_some() {
            self.estimate = Some(rate);
        }
    }

    /// Called a few times a second: asks again for key frames that did not come, and picks layers.
    pub(crate) fn tick(&mut self, peer: &mut Peer, rates: &Rates, now: Instant) {
        if self.cursor.is_none() {
            return;
        }
        for track in &mut self.tracks {
            let waits = track.splice.pending().is_some();
            if waits && track.asked.is_none_or(|asked| now.saturating_duration_since(asked) >= ASK_AGAIN) {
                track.ask(&self.lane, now);
            }
        }
        let (Some(estimate), Some(epoch)) = (self.estimate, self.epoch) else { return };
        // Tracks share the estimate; of several with layers each gets its part.
        let shares = self.tracks.iter().filter(|track| track.layers > 1).count() as u64;
        if shares == 0 {
            return;
        }
        let fixed: u64 = self.tracks.iter().filter(|track| track.layers < 2).map(|track| track.rate(rates)).sum();
        let share = estimate.saturating_sub(fixed) / shares;
        let (mut least, mut most) = (fixed, fixed);
        for track in self.tracks.iter_mut().filter(|track| track.layers > 1) {
            let Some(source) = track.source else { continue };
            let current = track.splice.pending().or(track.splice.current()).map(|source| source.layer);
            let choice = rates.choose(source, track.layers, current, share);
            let rate = current.map_or(0, |layer| rates.of(source, layer));
            let is_choked = layers::is_choked(rate, share);
            if track.patience.allows(rate, choice, current == Some(choice.layer), is_choked, now) {
                track.splice.switch_to(Source { epoch, track: source, layer: choice.layer });
                if track.splice.pending().is_some() {
                    track.ask(&self.lane, now);
                }
                track.holds_back = is_choked && choice.rate < rate;
            }
            least += choice.rate;
            most += choice.best;
        }
        // Asking for a little more each time would have the way tried each time.
        let most = most + most / 4;
        let is_news = most.abs_diff(self.wanted) > self.wanted / 4;
        let is_tried = self.tried.is_some_and(|tried| now.saturating_duration_since(tried) < TRY_EVERY);
        if is_news || (estimate < most && !is_tried) {
            (self.wanted, self.tried) = (most, Some(now));
            // Only who wants more than before has the way tried.
            peer.want(least, most - most / 50);
            peer.want(least, most);
        }
    }

    /// Ties each track to one of a publish.
    fn tie(&mut self, published: &Published) {
        self.epoch = Some(published.epoch);
        for track in &mut self.tracks {
            let is_video = track.plan.kind == MediaKind::Video;
            let alike = published.tracks.iter().enumerate().filter(|(_, one)| one.is_video == is_video);
            let Some((index, source)) = { alike }.nth(track.place) else {
                track.source = None;
                continue;
            };
            track.source = u8::try_from(index).ok();
            track.payload_types = track.payload_types_for(source);
            track.layers = source.layers.len().max(1);
            let rate = source.formats.first().map_or(90_000, |format| format.clock_rate);
            track.catch_up = CatchUp::new(is_video, rate, published.is_made);
            // The estimate decides for more.
            track.splice.switch_to(Source { epoch: published.epoch, track: index as u8, layer: 0 });
        }
    }

    fn ask_missing(&mut self, now: Instant) {
        for track in self.tracks.iter_mut().filter(|track| track.splice.pending().is_some()) {
            track.ask(&self.lane, now);
        }
    }
}

impl PlayTrack {
    /// A packet as this player gets it, with those that waited for it.
    fn place_all(
        &mut self,
        index: usize,
        packet: &Packet,
        began: Instant,
        now: Instant,
        mut send: impl FnMut(Outgoing),
    ) {
        self.place(index, packet, began, now).into_iter().for_each(&mut send);
        while let Some(kept) = self.splice.take_kept() {
            self.place(index, &kept, began, now).into_iter().for_each(&mut send);
        }
    }

    /// A packet as this player gets it, if it does.
    fn place(&mut self, index: usize, packet: &Packet, began: Instant, now: Instant) -> Option<Outgoing> {
        let pt = (*self.payload_types.get(usize::from(packet.format))?)?;
        let source = Source { epoch: packet.epoch, track: packet.track, layer: packet.layer };
        if self.holds_back {
            match self.splice.pending() {
                Some(pending) if pending != source => return None,
                Some(_) => {}
                None => self.holds_back = false,
            }
        }
        let arrival = Arrival {
            source,
            sequence: packet.sequence,
            timestamp: self.catch_up.timestamp(packet.timestamp, packet.captured, now)?,
            at: packet.captured.saturating_duration_since(began),
            peek: packet.peek,
            numbers: packet.numbers,
        };
        let placed = self.splice.place(&arrival, packet)?;
        let payload = if placed.numbers == packet.numbers {
            packet.payload.clone()
        } else {
            let mut payload = packet.payload.to_vec();
            placed.numbers.write_into(&mut payload);
            payload.into()
        };
        Some(Outgoing {
            track: index,
            pt,
            sequence: placed.sequence,
            timestamp: placed.timestamp,
            captured: packet.captured,
            marker: packet.marker,
            audio_level: packet.audio_level,
            orientation: packet.orientation,
            payload,
        })
    }

    /// The payload type for each format of a published track; none where the client does not know its codec.
    fn payload_types_for(&self, source: &PacketTrack) -> Vec<Option<u8>> {
        let format = |format: &weir_hub::PacketFormat| {
            let wanted = TrackFormat { codec: format.codec, parameters: format.parameters.clone() };
            self.plan.format_for(&wanted).map(|format| format.pt)
        };
        source.formats.iter().map(format).collect()
    }

    fn ask(&mut self, lane: &PacketLane, now: Instant) {
        if self.plan.kind != MediaKind::Video {
            return;
        }
        if let Some(source) = self.splice.pending().or(self.splice.current()) {
            lane.ask_key(source.track, source.layer);
            self.asked = Some(now);
        }
    }

    /// Bits a second of what it shows.
    fn rate(&self, rates: &Rates) -> u64 {
        self.splice.current().map_or(0, |source| rates.of(source.track, source.layer))
    }
}
