//! [`Publishing`]: a client that sends media.

use std::sync::Arc;
use std::time::Instant;

use weir_codec::{AudioInfo, Codec, VideoInfo};
use weir_hub::{
    Client, MAX_LAYERS, MAX_TRACKS, Packet, PacketFormat, PacketTrack, Publisher, Stream, Track, TrackInfo,
};
use weir_proto_rtc::{MediaKind, MediaPlan, Plan, Received};
use weir_rtp::video;

/// A publish.
#[derive(Debug)]
pub(crate) struct Publishing {
    publisher: Publisher,
    tracks: Vec<PacketTrack>,
    /// What the API tells.
    infos: Vec<Track>,
    /// Packets of this payload type are left out (`rtc.drop_for_pt`); 0 for none.
    dropped: Option<(usize, usize)>,
}

impl Publishing {
    pub(crate) fn new(mut publisher: Publisher, plan: &Plan) -> Publishing {
        let tracks: Vec<PacketTrack> = plan.media().take(MAX_TRACKS).map(track).collect();
        let infos = infos(&tracks);
        publisher.begin_packets(tracks.clone(), infos.clone());
        let drop_for = publisher.stream().conf.load().rtc.drop_for_pt;
        let place = |media: &MediaPlan| media.formats.iter().position(|agreed| i64::from(agreed.format.pt) == drop_for);
        let dropped = plan
            .media()
            .enumerate()
            .find_map(|(index, media)| place(media).map(|format| (index, format)))
            .filter(|_| drop_for != 0);
        Publishing { publisher, tracks, infos, dropped }
    }

    pub(crate) fn client(&self) -> &Arc<Client> {
        self.publisher.client()
    }

    pub(crate) fn stream(&self) -> &Arc<Stream> {
        self.publisher.stream()
    }

    /// Publishes a packet.
    pub(crate) fn packet(&mut self, received: Received, now: Instant) {
        let Some(track) = self.tracks.get(received.track) else { return };
        let Some(format) = track.formats.get(received.format) else { return };
        // Probes for bandwidth are empty packets.
        let is_wanted = received.layer < MAX_LAYERS && self.dropped != Some((received.track, received.format));
        if !is_wanted || received.payload.is_empty() {
            return;
        }
        let codec = format.codec;
        let peek = video::peek(codec, &received.payload);
        if peek.config && codec.is_video() {
            self.tell_size(received.track, codec, &received.payload);
        }
        let packet = Packet {
            epoch: 0,
            track: received.track as u8,
            layer: received.layer as u8,
            format: received.format as u8,
            marker: received.marker,
            peek,
            numbers: video::numbers(codec, &received.payload),
            sequence: received.sequence,
            timestamp: received.timestamp,
            captured: received.captured,
            audio_level: received.audio_level,
            orientation: received.orientation,
            payload: received.payload,
        };
        self.publisher.send_packet(packet, now);
    }

    /// Tells the API how large the pictures of a track are, if that is new. Of simulcast, the largest.
    fn tell_size(&mut self, track: usize, codec: Codec, payload: &[u8]) {
        let Some((width, height)) = video::size(codec, payload) else { return };
        let place = self.tracks.iter().take(track).filter(|track| track.is_video).count();
        let is_layered = self.tracks.get(track).is_some_and(|track| track.layers.len() > 1);
        let infos = self.infos.iter_mut().filter_map(|track| match &mut track.info {
            TrackInfo::Video(info) => Some(info),
            TrackInfo::Audio(_) => None,
        });
        let Some(info) = { infos }.nth(place) else { return };
        if (info.width, info.height) == (width, height) || (is_layered && info.width >= width) {
            return;
        }
        (info.width, info.height) = (width, height);
        self.publisher.describe(self.infos.clone());
        let (client, stream) = (self.publisher.client(), self.publisher.stream());
        tracing::info!(cid = client.id, "stream {} has pictures of {width}x{height}", stream.key);
    }
}

/// A track as the hub has it.
fn track(media: &MediaPlan) -> PacketTrack {
    let formats = media.formats.iter().map(|agreed| &agreed.format).map(|format| PacketFormat {
        codec: format.codec,
        clock_rate: format.clock_rate,
        channels: format.channels.unwrap_or(if media.kind == MediaKind::Audio { 1 } else { 0 }),
        parameters: format.parameters.clone(),
    });
    PacketTrack { is_video: media.kind == MediaKind::Video, formats: formats.collect(), layers: media.layers.clone() }
}

/// What the API tells of tracks before their first packet.
fn infos(tracks: &[PacketTrack]) -> Vec<Track> {
    let (mut pictures, mut sounds) = (0..=u8::MAX, 0..=u8::MAX);
    let mut infos: Vec<Track> = tracks
        .iter()
        .filter_map(|track| {
            let format = track.formats.first()?;
            Some(match track.is_video {
                true => Track { number: pictures.next()?, info: TrackInfo::Video(VideoInfo::of(format.codec)) },
                false => Track {
                    number: sounds.next()?,
                    info: TrackInfo::Audio(AudioInfo::of(format.codec, format.clock_rate, format.channels)),
                },
            })
        })
        .collect();
    infos.sort_by_key(|track| matches!(track.info, TrackInfo::Audio(_)));
    infos
}
