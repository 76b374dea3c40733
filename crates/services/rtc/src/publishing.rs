//! [`Publishing`]: a client that sends media.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_codec::{AudioInfo, Codec, VideoInfo};
use weir_hub::{
    Client, MAX_LAYERS, MAX_TRACKS, Packet, PacketFormat, PacketTrack, Publisher, Stream, Track, TrackInfo,
};
use weir_proto_rtc::{MediaKind, MediaPlan, Peer, Plan, Received};
use weir_rtp::{Header, video};

/// Pictures that go on for so long without a key frame are told of: nobody can see them.
const KEYLESS: Duration = Duration::from_secs(5);

/// A publish.
#[derive(Debug)]
pub(crate) struct Publishing {
    publisher: Publisher,
    tracks: Vec<PacketTrack>,
    /// What the API tells.
    infos: Vec<Track>,
    /// Track and format that are left out (`rtc.drop_for_pt`).
    dropped: Option<(usize, usize)>,
    black_hole: Option<BlackHole>,
    was_too_large: bool,
    keys: Keys,
}

/// Where a copy of what is published goes, as plain RTP (`rtc_server.black_hole`).
#[derive(Debug)]
struct BlackHole {
    socket: UdpSocket,
    /// Payload types and SSRCs, as agreed: of each track, of each format.
    payload_types: Vec<Vec<u8>>,
}

/// Whether the pictures have key frames.
#[derive(Clone, Copy, Debug)]
enum Keys {
    /// No picture came.
    Unknown,
    /// None came with the pictures that come since then.
    Missing(Instant),
    /// One came, or it was told that none did.
    Settled,
}

impl Publishing {
    pub(crate) fn new(mut publisher: Publisher, plan: &Plan, conf: &weir_conf::BlackHole) -> Publishing {
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
        let black_hole = conf.enabled.then(|| BlackHole::open(&conf.addr, plan)).flatten();
        Publishing { publisher, tracks, infos, dropped, black_hole, was_too_large: false, keys: Keys::Unknown }
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
        if received.payload.len() > Peer::MAX_PAYLOAD {
            self.tell_too_large(received.payload.len());
            return;
        }
        if let Some(black_hole) = &self.black_hole {
            black_hole.send(&received);
        }
        let codec = format.codec;
        let peek = video::peek(codec, &received.payload);
        if peek.config && codec.is_video() {
            self.tell_size(received.track, codec, &received.payload);
        }
        if codec.is_video() {
            match self.keys {
                _ if peek.key => self.keys = Keys::Settled,
                Keys::Unknown => self.keys = Keys::Missing(now),
                Keys::Missing(_) | Keys::Settled => {}
            }
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

    /// Says once that packets are left out, which may come by TCP.
    fn tell_too_large(&mut self, len: usize) {
        if !std::mem::replace(&mut self.was_too_large, true) {
            let (client, stream) = (self.publisher.client(), self.publisher.stream());
            let why = format!("packets of {len} bytes cannot be sent on: {} is the most", Peer::MAX_PAYLOAD);
            tracing::warn!(cid = client.id, "{why}; {} of {}", client.ip, stream.key);
            stream.note_fault("webrtc", &why);
        }
    }

    /// Called a few times a second: tells, once, of pictures without a key frame.
    pub(crate) fn tick(&mut self, now: Instant) {
        let Keys::Missing(since) = self.keys else { return };
        if now.saturating_duration_since(since) < KEYLESS {
            return;
        }
        self.keys = Keys::Settled;
        let (client, stream) = (self.publisher.client(), self.publisher.stream());
        let what = format!(
            "no key frame came with the pictures of {} s: players see none until the publisher, who is asked for one, sends it",
            KEYLESS.as_secs()
        );
        tracing::warn!(cid = client.id, "stream {}: {what}", stream.key);
        stream.note_fault("webrtc", &what);
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

impl BlackHole {
    fn open(addr: &str, plan: &Plan) -> Option<BlackHole> {
        let open = || {
            let to: SocketAddr = addr.parse().map_err(io::Error::other)?;
            let any = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
            let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
            socket.connect(to)?;
            socket.set_nonblocking(true)?;
            Ok(socket)
        };
        let socket: io::Result<UdpSocket> = open();
        if let Err(error) = &socket {
            tracing::warn!("nothing is copied to {addr} (rtc_server.black_hole.addr): {error}");
        }
        let payload_types = |media: &MediaPlan| media.formats.iter().map(|agreed| agreed.format.pt).collect();
        Some(BlackHole { socket: socket.ok()?, payload_types: plan.media().map(payload_types).collect() })
    }

    /// What is lost there is nobody's loss.
    fn send(&self, packet: &Received) {
        let payload_type = self.payload_types.get(packet.track).and_then(|types| types.get(packet.format));
        let Some(&payload_type) = payload_type else { return };
        let header = Header {
            marker: packet.marker,
            payload_type,
            sequence: packet.sequence as u16,
            timestamp: packet.timestamp,
            // Tracks and layers are told apart by it.
            ssrc: (packet.track * MAX_LAYERS + packet.layer + 1) as u32,
            ..Header::default()
        };
        let mut bytes = Vec::with_capacity(12 + packet.payload.len());
        header.write_to(&mut bytes);
        bytes.extend_from_slice(&packet.payload);
        let _ = self.socket.send(&bytes);
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
