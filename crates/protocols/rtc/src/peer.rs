//! [`Peer`]: ICE, DTLS, SRTP, RTP and RTCP with one browser, as a value. It wraps str0m in RTP mode; nothing of str0m is
//! seen outside of this crate.
//!
//! Feed it datagrams ([`Peer::receive`]), packets to send ([`Peer::send`]) and the time ([`Peer::advance`]); after each of
//! these, call [`Peer::poll`] until it says how long it can wait.
//!
//! SRTP is ours (`srtp.rs`); str0m is given ciphers that do nothing (`plain.rs`). Media that is only sent, and not paced, does
//! not go through str0m at all (`direct.rs`): it may be written by [`Peer::write`] to where it leaves from.

mod direct;
mod dtls;
mod plain;
mod sources;
mod wire;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use str0m::bwe::{Bitrate, BweKind};
use str0m::change::DirectApi;
use str0m::config::{DtlsCert, DtlsVersion};
use str0m::format::{Codec as Str0mCodec, CodecConfig, FormatParams};
use str0m::media::{Frequency, KeyframeRequestKind, MediaKind, Mid, Pt, Rid};
use str0m::net::TcpType;
use str0m::rtp::{Extension as Str0mExtension, ExtensionMap, ExtensionValues, RtpWrite, StreamTx, VideoOrientation};
use str0m::{Candidate, Event as Str0mEvent, IceCreds, Input, Output as Str0mOutput, Rtc, RtcConfig};
use weir_codec::Codec;
use weir_rtp::Kind;

use crate::capture::{CaptureClock, TrackClock};
use crate::srtp::Srtp;
use direct::{Beside, Direct};
use dtls::{Agreed, crypto};
use sources::Names;

/// Packets of pictures that are kept to be sent again, and how long: later they are no use. Each costs a player 40 bytes, and
/// one that is paced 400.
const KEPT: usize = 1000;
const KEPT_FOR: Duration = Duration::from_secs(1);
/// Sent again at most, as a part of all that is sent: a way that loses more than that has no room for it.
const RESENT: f32 = 0.4;
/// Packets that may leave in a second beyond those that were given: sent again, or to probe the way. One request of a player
/// may ask for thousands.
const MAX_AGAIN: u32 = 1000;
/// Players learn the clock of a stream from sender reports: as often as browsers send them.
const REPORTS: Duration = Duration::from_secs(1);

/// The addresses that str0m sees as ours, whatever the socket's are: players may come by any of many addresses, behind
/// port mappings too. They are from the blocks for documentation (RFC 5737, RFC 3849).
const OURS_V4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
const OURS_V6: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)), 9);

/// What is known of a peer before its first datagram.
#[derive(Clone, Debug)]
pub struct PeerSetup {
    /// We are ICE-lite: the other side does the checks. Without it this is the side that offers and controls.
    pub is_lite: bool,
    /// We send the first message of DTLS.
    pub is_dtls_active: bool,
    /// What checks of the other side carry.
    pub local: Credentials,
    /// What ours carry.
    pub remote: Credentials,
    /// Of the certificate that the other side must show.
    pub fingerprint: Fingerprint,
    /// Header extensions by their number.
    pub extensions: Vec<(u8, Extension)>,
    /// The tracks.
    pub tracks: Vec<Track>,
    /// Tells the other side how its packets come (transport-wide congestion control).
    pub gives_feedback: bool,
    /// Begin with this estimate, in bits per second, of what the other side can take, and pace what is sent.
    pub estimate: Option<u64>,
    /// DTLS 1.2 alone; else the other side may choose 1.3.
    pub is_dtls12: bool,
    /// Media is encrypted. Without it, it goes behind DTLS as it is: for tests, whoever knows the addresses can read and send.
    pub is_encrypted: bool,
    /// The time of day at the start, for reports on what is sent.
    pub time_of_day: SystemTime,
}

/// ICE user name fragment and password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Credentials {
    /// 4 to 256 characters.
    pub ufrag: String,
    /// 22 to 256 characters.
    pub pwd: String,
}

/// Of a certificate (RFC 8122).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fingerprint {
    /// Such as `sha-256`.
    pub algorithm: String,
    /// The digest.
    pub digest: Vec<u8>,
}

/// Header extensions that are understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extension {
    /// RFC 6464.
    AudioLevel,
    /// When it left, 24 bits.
    AbsoluteSendTime,
    /// When it was captured.
    AbsoluteCaptureTime,
    /// Transport-wide sequence number.
    TransportCc,
    /// How the camera was held (3GPP TS 26.114).
    VideoOrientation,
    /// RFC 9143 `mid`.
    Mid,
    /// RFC 8852 `rid`.
    Rid,
    /// RFC 8852 repaired `rid`.
    RepairedRid,
}

/// One m-line; where it sends layers, one of them.
#[derive(Clone, Debug)]
pub struct Track {
    /// Its identification; at most 16 bytes. Layers share it.
    pub mid: String,
    /// Pictures, not sound.
    pub is_video: bool,
    /// Payload types.
    pub formats: Vec<Format>,
    /// Which way media goes.
    pub direction: TrackDirection,
}

/// Which way media of a track goes.
#[derive(Clone, Debug)]
pub enum TrackDirection {
    /// To the peer, with this SSRC and that of retransmissions.
    Send {
        /// The name of a layer.
        rid: Option<String>,
        /// Of media.
        ssrc: u32,
        /// Of retransmissions (RFC 4588).
        rtx: Option<u32>,
    },
    /// From the peer.
    Receive {
        /// SSRCs of media and of their retransmissions, where the description names them.
        ssrcs: Vec<(u32, Option<u32>)>,
        /// Names of simulcast layers, the smallest picture first.
        rids: Vec<String>,
    },
}

/// A payload type.
#[derive(Clone, Debug)]
pub struct Format {
    /// Payload type.
    pub pt: u8,
    /// Payload type of retransmissions.
    pub rtx: Option<u8>,
    /// The codec.
    pub codec: Codec,
    /// Ticks in a second.
    pub clock_rate: u32,
    /// Of sound.
    pub channels: Option<u8>,
    /// Parameters as in `a=fmtp`.
    pub parameters: String,
}

/// Our certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    inner: DtlsCert,
    fingerprint: Fingerprint,
}

impl Certificate {
    /// Makes a self-signed one (ECDSA, P-256).
    pub fn generate() -> Result<Certificate, PeerError> {
        let provider = crypto();
        let inner = provider.dtls_provider.generate_certificate().ok_or(PeerError::NoCertificate)?;
        let digest = provider.sha256_provider.sha256(&inner.certificate).to_vec();
        Ok(Certificate { inner, fingerprint: Fingerprint { algorithm: "sha-256".to_owned(), digest } })
    }

    /// For the description.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }
}

/// Why a peer had to end.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The crypto library makes none.
    #[error("no certificate can be made")]
    NoCertificate,
    /// A header extension's number is not 1 to 14.
    #[error("header extension number {0} is not from 1 to 14")]
    ExtensionNumber(u8),
    /// What DTLS, ICE or SRTP said.
    #[error("{0}")]
    Session(String),
}

impl From<str0m::RtcError> for PeerError {
    fn from(error: str0m::RtcError) -> PeerError {
        PeerError::Session(error.to_string())
    }
}

/// A packet to send.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The track: an index into [`PeerSetup::tracks`].
    pub track: usize,
    /// One of its payload types.
    pub pt: u8,
    /// Sequence number over its wraps: the first one below 65,536.
    pub sequence: u64,
    /// In ticks.
    pub timestamp: u32,
    /// When it was captured.
    pub captured: Instant,
    /// Marker bit.
    pub marker: bool,
    /// As in the header extension (RFC 6464).
    pub audio_level: Option<u8>,
    /// As in the header extension.
    pub orientation: Option<u8>,
    /// What follows the header.
    pub payload: Arc<[u8]>,
}

/// A packet that came.
#[derive(Clone, Debug)]
pub struct Received {
    /// The track: an index into [`PeerSetup::tracks`].
    pub track: usize,
    /// The layer: an index into `rids`; 0 without simulcast.
    pub layer: usize,
    /// The format: an index into [`Track::formats`].
    pub format: usize,
    /// Sequence number over its wraps.
    pub sequence: u64,
    /// In ticks.
    pub timestamp: u32,
    /// When it came.
    pub arrived: Instant,
    /// When it was captured.
    pub captured: Instant,
    /// Marker bit.
    pub marker: bool,
    /// As in the header extension (RFC 6464).
    pub audio_level: Option<u8>,
    /// As in the header extension.
    pub orientation: Option<u8>,
    /// What follows the header, without padding.
    pub payload: Arc<[u8]>,
}

/// What a peer tells.
#[derive(Debug)]
pub enum Event {
    /// Media can flow.
    Connected,
    /// The other side said goodbye.
    Closed,
    /// Media.
    Packet(Received),
    /// The other side wants a key frame of a track.
    KeyFrameWanted(usize),
    /// What the other side can take, in bits per second: as it is estimated here, or as the other side says (REMB).
    Estimate(u64),
}

/// Something to send.
#[derive(Debug)]
pub struct Datagram {
    /// Where to.
    pub to: SocketAddr,
    /// Over the TCP connection of that address, not by UDP.
    pub is_tcp: bool,
    contents: Vec<u8>,
}

impl Deref for Datagram {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.contents
    }
}

/// Where what is sent goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Destination {
    /// The address.
    pub to: SocketAddr,
    /// Over the TCP connection of that address, not by UDP.
    pub is_tcp: bool,
}

/// What [`Peer::poll`] yields.
#[derive(Debug)]
pub enum Output {
    /// Send this.
    Datagram(Datagram),
    /// Know this.
    Event(Event),
    /// Nothing more until that moment, or until something comes.
    Wait(Instant),
}

/// One peer.
#[derive(Debug)]
pub struct Peer {
    rtc: Rtc,
    tracks: Vec<Live>,
    clock: CaptureClock,
    names: Names,
    now: Instant,
    extra: Extra,
    agreed: Agreed,
    /// [`None`] before DTLS has agreed on keys.
    srtp: Option<Srtp>,
    is_dtls_active: bool,
    is_encrypted: bool,
    /// Sends without str0m.
    direct: Option<Direct>,
    /// Where str0m sends.
    destination: Option<Destination>,
    /// What came last, decrypted.
    opened: Vec<u8>,
}

/// Counts packets that leave beyond those that were given.
#[derive(Debug)]
struct Extra {
    since: Instant,
    /// Given, and not gone yet.
    due: u32,
    count: u32,
    /// Since [`Peer::take_resent`].
    total: u64,
}

impl Extra {
    fn new(now: Instant) -> Extra {
        Extra { since: now, due: 0, count: 0, total: 0 }
    }

    /// A packet was given.
    fn given(&mut self) {
        // Some never leave.
        self.due = (self.due + 1).min(MAX_AGAIN);
    }

    /// A packet leaves. False when there are too many.
    fn left(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.count) = (now, 0);
        }
        match self.due.checked_sub(1) {
            Some(due) => self.due = due,
            None => {
                self.count = self.count.saturating_add(1);
                self.total += 1;
            }
        }
        self.count <= MAX_AGAIN
    }
}

/// A track of a peer.
#[derive(Debug)]
struct Live {
    setup: Track,
    mid: Mid,
    /// Of each layer.
    clocks: Vec<TrackClock>,
    /// When each was heard last.
    heard: Vec<Option<Instant>>,
}

impl Peer {
    /// The largest payload that is sent, in bytes: with what is around it, it fits into the packets of every network.
    pub const MAX_PAYLOAD: usize = 1400;

    /// A peer that waits for its first datagram.
    pub fn new(setup: PeerSetup, certificate: &Certificate, now: Instant) -> Result<Peer, PeerError> {
        let paced = setup.estimate.is_some();
        let direct = Direct::new(&setup.tracks, &setup.extensions, now, setup.time_of_day).filter(|_| !paced);
        let mut config = RtcConfig::new()
            .set_crypto_provider(Arc::new(crypto()))
            .set_rtp_mode(true)
            .set_ice_lite(setup.is_lite)
            .set_dtls_cert(certificate.inner.clone())
            .set_dtls_version(if setup.is_dtls12 { DtlsVersion::Dtls12 } else { DtlsVersion::Auto })
            .set_local_ice_credentials(setup.local.into())
            .set_extension_map(extension_map(&setup.extensions)?)
            .set_rtcp_report_interval_audio(REPORTS)
            .set_rtcp_report_interval_video(REPORTS)
            .set_stats_interval(None);
        if let Some(estimate) = setup.estimate {
            config = config.enable_bwe(Some(Bitrate::from(estimate)));
        }
        if direct.is_none() {
            *config.codec_config() = codecs(&setup.tracks);
        }
        let mut rtc = config.build(now);
        let agreed = dtls::newest();
        for candidate in ours()? {
            rtc.add_local_candidate(candidate);
        }
        let mut api = rtc.direct_api();
        api.set_ice_controlling(!setup.is_lite);
        api.set_remote_ice_credentials(setup.remote.into());
        api.set_remote_fingerprint(setup.fingerprint.into());
        api.start_dtls(setup.is_dtls_active)?;
        if setup.gives_feedback {
            api.enable_twcc_feedback();
        }
        let names = Names::new(&setup.extensions);
        let mut tracks: Vec<Live> = Vec::new();
        for track in setup.tracks.into_iter().filter(|_| direct.is_none()) {
            let is_layer = tracks.iter().any(|live| live.setup.mid == track.mid);
            tracks.push(declare(&mut api, track, is_layer));
        }
        Ok(Peer {
            rtc,
            tracks,
            clock: CaptureClock::default(),
            names,
            now,
            extra: Extra::new(now),
            agreed,
            srtp: None,
            is_dtls_active: setup.is_dtls_active,
            is_encrypted: setup.is_encrypted,
            direct,
            destination: None,
            opened: Vec::new(),
        })
    }

    /// Takes note of an address of the other side, for the side that does the checks.
    pub fn add_remote(&mut self, address: SocketAddr, is_tcp: bool) {
        if let Ok(candidate) = candidate(address, is_tcp) {
            self.rtc.add_remote_candidate(candidate);
        }
    }

    /// Goes on with other credentials: what an ICE restart agreed on.
    pub fn restart(&mut self, local: Credentials, remote: Credentials) {
        let mut direct = self.rtc.direct_api();
        direct.set_local_ice_credentials(local.into());
        direct.set_remote_ice_credentials(remote.into());
    }

    /// True once media can flow.
    pub fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    /// False when it has ended and has nothing more to send.
    pub fn is_alive(&self) -> bool {
        self.rtc.is_alive()
    }

    /// Eats a datagram, or a packet of a TCP connection (RFC 4571), of `from`. What cannot be read is ignored. Poll before the
    /// next one: only the newest packet of media is kept.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, is_tcp: bool, bytes: &[u8]) -> Result<(), PeerError> {
        self.now = now;
        match Kind::of(bytes) {
            Kind::Rtp => self.receive_rtp(from, is_tcp, bytes),
            Kind::Rtcp => self.receive_rtcp(from, is_tcp, bytes),
            Kind::Dtls => self.hand_on(from, is_tcp, bytes),
            Kind::Stun => {
                self.hand_on(from, is_tcp, bytes)?;
                if self.direct.is_some() {
                    // Where to send may be new. str0m tells by sending something: what this makes it send leaves nowhere.
                    self.rtc.direct_api().send_pli_feedback(1.into(), 1.into());
                }
                Ok(())
            }
            Kind::Unknown => Ok(()),
        }
    }

    /// Time has passed.
    pub fn advance(&mut self, now: Instant) -> Result<(), PeerError> {
        self.now = now;
        Ok(self.rtc.handle_input(Input::Timeout(now))?)
    }

    /// True when packets leave at once, and [`Peer::write`] may be used.
    pub fn is_direct(&self) -> bool {
        self.direct.is_some()
    }

    /// Appends a packet to `out` as a datagram that is to leave now. Nothing happens when it is not [`Peer::is_direct`], for a
    /// track or format that is not there, for a payload of more than [`Peer::MAX_PAYLOAD`], and for a number that was used.
    pub fn write(&mut self, packet: Outgoing, now: Instant, out: &mut Vec<u8>) -> Option<Destination> {
        self.now = now;
        let destination = self.destination?;
        if packet.payload.len() > Peer::MAX_PAYLOAD {
            return None;
        }
        self.secured()?;
        let (direct, srtp) = (self.direct.as_mut()?, self.srtp.as_mut()?);
        direct.write(packet, now, srtp, out).then_some(destination)
    }

    /// What was written is to be reported: [`Peer::poll`] has more.
    pub fn has_more(&self) -> bool {
        self.direct.as_ref().is_some_and(|direct| direct.has_more(self.now))
    }

    /// Queues a packet; [`Peer::advance`] and [`Peer::poll`] yield it as a datagram. Nothing happens for a track that is
    /// not there, and for a payload of more than [`Peer::MAX_PAYLOAD`].
    pub fn send(&mut self, packet: Outgoing) {
        if self.direct.is_some() {
            let mut datagram = Vec::new();
            let destination = self.write(packet, self.now, &mut datagram);
            if let (Some(_), Some(direct)) = (destination, &mut self.direct) {
                direct.queue(datagram);
            }
            return;
        }
        let Some(track) = self.tracks.get(packet.track) else { return };
        let TrackDirection::Send { ssrc, .. } = track.setup.direction else { return };
        if packet.payload.len() > Peer::MAX_PAYLOAD {
            return;
        }
        let values = ExtensionValues {
            audio_level: packet.audio_level.map(|level| -((level & 0x7f).cast_signed())),
            voice_activity: packet.audio_level.map(|level| level & 0x80 != 0),
            video_orientation: packet.orientation.map(VideoOrientation::from),
            ..ExtensionValues::default()
        };
        let write =
            RtpWrite::new(packet.pt.into(), packet.sequence.into(), packet.timestamp, packet.captured, packet.payload)
                .marker(packet.marker)
                .ext_vals(values)
                .nackable(track.setup.is_video);
        if let Some(stream) = self.rtc.direct_api().stream_tx(&ssrc.into()) {
            stream.write_rtp(write);
            self.extra.given();
        }
    }

    /// Packets that left since the last call beyond those that were given: sent again because the other side asked for
    /// them, or to try the way.
    pub fn take_resent(&mut self) -> u64 {
        std::mem::take(&mut self.extra.total) + self.direct.as_mut().map_or(0, Direct::take_resent)
    }

    /// Asks the other side for a key frame of a track's layer.
    pub fn ask_key(&mut self, track: usize, layer: usize) {
        let Some(live) = self.tracks.get(track) else { return };
        let rid = live.rids().get(layer).map(|rid| Rid::from(rid.as_str()));
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(live.mid, rid) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// Stops asking for what was lost, or begins again.
    pub fn set_nack(&mut self, on: bool) {
        let mut direct = self.rtc.direct_api();
        for live in &self.tracks {
            let rids = live.rids().iter().map(|rid| Some(Rid::from(rid.as_str())));
            for rid in rids.chain([None]) {
                if let Some(stream) = direct.stream_rx_by_mid(live.mid, rid) {
                    stream.suppress_nack(!on);
                }
            }
        }
    }

    /// What is sent now at least, and what should be sent if the way allows, in bits per second: the estimate is tried up
    /// to there.
    pub fn want(&mut self, least: u64, most: u64) {
        self.rtc.bwe().set_bitrate(Bitrate::from(least), Bitrate::from(most));
    }

    /// Says goodbye; what [`Peer::poll`] yields then is the last.
    pub fn close(&mut self) -> Result<(), PeerError> {
        if let Some(direct) = &mut self.direct {
            direct.close();
        }
        Ok(self.rtc.close()?)
    }

    /// What comes next.
    pub fn poll(&mut self) -> Result<Output, PeerError> {
        if let Some(output) = self.poll_direct() {
            return Ok(output);
        }
        loop {
            match self.rtc.poll_output()? {
                Str0mOutput::Timeout(at) => return Ok(Output::Wait(at)),
                Str0mOutput::Transmit(transmit) => {
                    if let Some(datagram) = self.leaving(transmit) {
                        return Ok(Output::Datagram(datagram));
                    }
                }
                Str0mOutput::Event(event) => {
                    if let Some(event) = self.told(event) {
                        return Ok(Output::Event(event));
                    }
                }
            }
        }
    }

    fn poll_direct(&mut self) -> Option<Output> {
        let (direct, srtp) = (self.direct.as_mut()?, self.srtp.as_mut()?);
        let Destination { to, is_tcp } = self.destination?;
        Some(match direct.poll(self.now, srtp)? {
            Beside::Datagram(contents) => Output::Datagram(Datagram { to, is_tcp, contents }),
            Beside::KeyFrameWanted(track) => Output::Event(Event::KeyFrameWanted(track)),
            Beside::Estimate(rate) => Output::Event(Event::Estimate(rate)),
        })
    }

    /// Has nothing to send again any more.
    fn forget_sent(&mut self) {
        let mut direct = self.rtc.direct_api();
        for live in &self.tracks {
            if let TrackDirection::Send { ssrc, .. } = live.setup.direction
                && let Some(stream) = direct.stream_tx(&ssrc.into())
            {
                keep(stream);
            }
        }
    }

    fn told(&mut self, event: Str0mEvent) -> Option<Event> {
        match event {
            Str0mEvent::Connected => Some(Event::Connected),
            Str0mEvent::Closed => Some(Event::Closed),
            Str0mEvent::RtpPacket(packet) => self.received(packet).map(Event::Packet),
            Str0mEvent::KeyframeRequest(wanted) => {
                let is_wanted = |live: &Live| live.mid == wanted.mid && live.sends() == wanted.rid;
                self.tracks.iter().position(is_wanted).map(Event::KeyFrameWanted)
            }
            Str0mEvent::EgressBitrateEstimate(BweKind::Twcc { estimate, .. }) => {
                Some(Event::Estimate(estimate.as_u64()))
            }
            Str0mEvent::SenderFeedback(report) => {
                let track = self.track_of(report.mid)?;
                let live = self.tracks.get_mut(track)?;
                let layer = live.layer(report.rid)?;
                let timestamp = report.sender_info.rtp_time.numer() as u32;
                let clock = live.clocks.get_mut(layer)?;
                self.clock.report(clock, timestamp, report.sender_info.ntp_time, report.received_at);
                None
            }
            _ => None,
        }
    }

    fn received(&mut self, packet: str0m::rtp::RtpPacket) -> Option<Received> {
        let ssrc = packet.header.ssrc;
        let (mid, rid) = {
            let mut direct = self.rtc.direct_api();
            let stream = direct.stream_rx(&ssrc)?;
            (stream.mid(), stream.rid())
        };
        let track = self.track_of(mid)?;
        let live = self.tracks.get_mut(track)?;
        let layer = live.layer(rid)?;
        if let Some(heard) = live.heard.get_mut(layer) {
            *heard = Some(packet.timestamp);
        }
        let pt = *packet.header.payload_type;
        let format = live.setup.formats.iter().position(|format| format.pt == pt)?;
        let (timestamp, arrived) = (packet.header.timestamp, packet.timestamp);
        let values = &packet.header.ext_vals;
        let level = values.audio_level.map(|level| level.unsigned_abs() & 0x7f);
        let voice = if values.voice_activity == Some(true) { 0x80 } else { 0 };
        Some(Received {
            track,
            layer,
            format,
            sequence: *packet.seq_no,
            timestamp,
            arrived,
            captured: live.clocks.get_mut(layer)?.captured(timestamp, arrived),
            marker: packet.header.marker,
            audio_level: level.map(|level| level | voice),
            orientation: values.video_orientation.map(|way| way as u8),
            payload: packet.payload,
        })
    }

    fn track_of(&self, mid: Mid) -> Option<usize> {
        self.tracks.iter().position(|track| track.mid == mid)
    }
}

impl Live {
    fn rids(&self) -> &[String] {
        match &self.setup.direction {
            TrackDirection::Receive { rids, .. } => rids,
            TrackDirection::Send { .. } => &[],
        }
    }

    /// The layer that it sends, of several.
    fn sends(&self) -> Option<Rid> {
        match &self.setup.direction {
            TrackDirection::Send { rid, .. } => rid.as_deref().map(Rid::from),
            TrackDirection::Receive { .. } => None,
        }
    }

    fn layer(&self, rid: Option<Rid>) -> Option<usize> {
        match rid {
            Some(rid) => self.rids().iter().position(|one| Rid::from(one.as_str()) == rid),
            None => Some(0),
        }
    }
}

/// Tells str0m of a track, or of another layer of one that it knows.
fn declare(direct: &mut DirectApi<'_>, track: Track, is_layer: bool) -> Live {
    let mid = Mid::from(track.mid.as_str());
    let kind = if track.is_video { MediaKind::Video } else { MediaKind::Audio };
    let media = (!is_layer).then(|| direct.declare_media(mid, kind));
    let layers = match &track.direction {
        TrackDirection::Receive { rids, .. } => {
            if let Some(media) = media {
                rids.iter().for_each(|rid| media.expect_rid_rx(rid.as_str().into()));
            }
            rids.len().max(1)
        }
        TrackDirection::Send { .. } => 0,
    };
    match &track.direction {
        TrackDirection::Receive { ssrcs, rids } if rids.is_empty() => {
            for (ssrc, rtx) in ssrcs {
                direct.expect_stream_rx((*ssrc).into(), rtx.map(Into::into), mid, None);
            }
        }
        TrackDirection::Receive { .. } => {}
        TrackDirection::Send { rid, ssrc, rtx } => {
            let rid = rid.as_deref().map(Rid::from);
            keep(direct.declare_stream_tx((*ssrc).into(), rtx.map(Into::into), mid, rid));
        }
    }
    let rate = track.formats.first().map_or(90_000, |format| format.clock_rate);
    Live { mid, clocks: vec![TrackClock::new(rate); layers], heard: vec![None; layers], setup: track }
}

/// Keeps what will be sent, and forgets what was kept.
fn keep(stream: &mut StreamTx) {
    stream.set_rtx_cache(KEPT, KEPT_FOR, Some(RESENT));
}

fn codecs(tracks: &[Track]) -> CodecConfig {
    let mut codecs = CodecConfig::empty();
    for format in tracks.iter().flat_map(|track| &track.formats) {
        let known: Vec<Pt> = codecs.params().iter().map(str0m::format::PayloadParams::pt).collect();
        // The same payload type may stand in several m-lines of a bundle, with the same meaning (RFC 8843 §9.1).
        let (Some(codec), false) = (codec(format.codec), known.contains(&format.pt.into())) else { continue };
        let rate = Frequency::new(format.clock_rate).unwrap_or(Frequency::NINETY_KHZ);
        codecs.add_config(
            format.pt.into(),
            format.rtx.map(Into::into),
            codec,
            rate,
            format.channels,
            FormatParams::parse_line(&format.parameters),
        );
    }
    codecs
}

fn codec(codec: Codec) -> Option<Str0mCodec> {
    Some(match codec {
        Codec::H264 => Str0mCodec::H264,
        Codec::H265 => Str0mCodec::H265,
        Codec::Vp8 => Str0mCodec::Vp8,
        Codec::Vp9 => Str0mCodec::Vp9,
        Codec::Av1 => Str0mCodec::Av1,
        Codec::Opus => Str0mCodec::Opus,
        Codec::G711u => Str0mCodec::PCMU,
        Codec::G711a => Str0mCodec::PCMA,
        _ => return None,
    })
}

fn extension_map(extensions: &[(u8, Extension)]) -> Result<ExtensionMap, PeerError> {
    let mut map = ExtensionMap::empty();
    for &(number, extension) in extensions {
        if !(1..=14).contains(&number) {
            return Err(PeerError::ExtensionNumber(number));
        }
        map.set(
            number,
            match extension {
                Extension::AudioLevel => Str0mExtension::AudioLevel,
                Extension::AbsoluteSendTime => Str0mExtension::AbsoluteSendTime,
                Extension::AbsoluteCaptureTime => Str0mExtension::AbsoluteCaptureTime,
                Extension::TransportCc => Str0mExtension::TransportSequenceNumber,
                Extension::VideoOrientation => Str0mExtension::VideoOrientation,
                Extension::Mid => Str0mExtension::RtpMid,
                Extension::Rid => Str0mExtension::RtpStreamId,
                Extension::RepairedRid => Str0mExtension::RepairedRtpStreamId,
            },
        );
    }
    Ok(map)
}

/// Our candidates as str0m sees them.
fn ours() -> Result<[Candidate; 4], PeerError> {
    let ours = |address, is_tcp| candidate(address, is_tcp).map_err(|error| PeerError::Session(error.to_string()));
    Ok([ours(OURS_V4, false)?, ours(OURS_V6, false)?, ours(OURS_V4, true)?, ours(OURS_V6, true)?])
}

/// Of TCP, one that waits for connections: only servers have such.
fn candidate(address: SocketAddr, is_tcp: bool) -> Result<Candidate, str0m::error::IceError> {
    if is_tcp {
        Candidate::builder().tcp().host(address).tcptype(TcpType::Passive).build()
    } else {
        Candidate::builder().udp().host(address).build()
    }
}

impl From<Credentials> for IceCreds {
    fn from(credentials: Credentials) -> IceCreds {
        IceCreds { ufrag: credentials.ufrag, pass: credentials.pwd }
    }
}

impl From<Fingerprint> for str0m::config::Fingerprint {
    fn from(fingerprint: Fingerprint) -> Self {
        str0m::config::Fingerprint { hash_func: fingerprint.algorithm, bytes: fingerprint.digest }
    }
}

#[cfg(test)]
mod tests;
