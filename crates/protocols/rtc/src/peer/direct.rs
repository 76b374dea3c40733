//! [`Direct`]: sends media that is not paced, without str0m: it writes the header, keeps what may be asked for again, and
//! reports. What it costs is the cipher.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use weir_rtp::rtcp::{self, SenderReport, Wish};
use weir_rtp::{Extension as HeaderExtension, Header};

use super::{Extension, Format, KEPT, KEPT_FOR, MAX_AGAIN, Outgoing, REPORTS, RESENT, Track, TrackDirection};
use crate::srtp::Srtp;

/// Announces extensions with headers of one byte (RFC 8285 clause 4.2).
const ONE_BYTE: u16 = 0xbede;
/// Seconds from 1900 to 1970.
const SINCE_1900: u64 = 2_208_988_800;
/// The longest content of an extension (RFC 8285 clause 4.2).
const MAX_EXTENSION: usize = 16;
/// Who sends, by name (RFC 3550 clause 6.5.1): it ties sound to pictures.
const CNAME: &[u8] = b"weir";

/// Everything that one peer is sent.
#[derive(Debug)]
pub(super) struct Direct {
    tracks: Vec<Sending>,
    numbers: Numbers,
    clock: Clock,
    /// The transport-wide sequence number of the next packet.
    transport: u16,
    /// When the next report is due; none before the first packet.
    report_at: Option<Instant>,
    again: Again,
    /// The extension that is being written.
    elements: Vec<u8>,
    /// Track and number of packets that were asked for.
    asked: VecDeque<(usize, u64)>,
    /// Tracks of which key frames are wanted, each once.
    keys: Vec<usize>,
    /// What the receiver can take.
    takes: Option<u64>,
    /// Datagrams of [`super::Peer::send`].
    ready: VecDeque<Vec<u8>>,
    /// It is to say goodbye.
    is_closing: bool,
    /// Since [`Direct::take_resent`].
    resent: u64,
}

/// What there is to do beside the packets that are given.
pub(super) enum Beside {
    /// Send this.
    Datagram(Vec<u8>),
    /// A key frame of a track is wanted.
    KeyFrameWanted(usize),
    /// The receiver says that it can take so much, in bits per second.
    Estimate(u64),
}

/// A track.
#[derive(Debug)]
struct Sending {
    ssrc: u32,
    rtx: Option<u32>,
    is_video: bool,
    mid: Vec<u8>,
    /// The name of a layer.
    rid: Vec<u8>,
    formats: Vec<Format>,
    packets: u32,
    octets: u32,
    /// Timestamp of the newest packet, when it was captured, and its ticks a second.
    newest: Option<(u32, Instant, u32)>,
    kept: VecDeque<Kept>,
    /// Of what is kept.
    kept_bytes: usize,
    /// Of the next retransmission.
    rtx_sequence: Option<u64>,
}

/// A packet that may be asked for again: 40 bytes beside the payload, which all players share.
#[derive(Debug)]
struct Kept {
    sequence: u64,
    payload: Arc<[u8]>,
    timestamp: u32,
    /// Milliseconds since the start.
    at: u32,
    /// With the marker bit.
    pt: u8,
    orientation: Option<u8>,
}

/// The numbers of the extensions that are written.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    mid: Option<u8>,
    rid: Option<u8>,
    repaired_rid: Option<u8>,
    level: Option<u8>,
    orientation: Option<u8>,
    send_time: Option<u8>,
    transport: Option<u8>,
}

/// The time of day by the moments of this program.
#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Instant,
    /// NTP, with 32 bits of fraction.
    ntp: u64,
}

/// What was sent again in this second.
#[derive(Debug)]
struct Again {
    since: Instant,
    count: u32,
    bytes: usize,
}

/// What a header says.
struct Head {
    marker: bool,
    pt: u8,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    level: Option<u8>,
    orientation: Option<u8>,
}

impl Direct {
    /// [`None`] when something is received too.
    pub(super) fn new(
        tracks: &[Track],
        extensions: &[(u8, Extension)],
        now: Instant,
        time_of_day: SystemTime,
    ) -> Option<Direct> {
        let tracks: Option<Vec<Sending>> = tracks.iter().map(Sending::new).collect();
        let number = |wanted| extensions.iter().find(|(_, extension)| *extension == wanted).map(|(number, _)| *number);
        let numbers = Numbers {
            mid: number(Extension::Mid),
            rid: number(Extension::Rid),
            repaired_rid: number(Extension::RepairedRid),
            level: number(Extension::AudioLevel),
            orientation: number(Extension::VideoOrientation),
            send_time: number(Extension::AbsoluteSendTime),
            transport: number(Extension::TransportCc),
        };
        Some(Direct {
            tracks: tracks?,
            numbers,
            clock: Clock { start: now, ntp: ntp(time_of_day.duration_since(UNIX_EPOCH).unwrap_or_default()) },
            transport: 0,
            report_at: None,
            again: Again { since: now, count: 0, bytes: 0 },
            elements: Vec::new(),
            asked: VecDeque::new(),
            keys: Vec::new(),
            takes: None,
            ready: VecDeque::new(),
            is_closing: false,
            resent: 0,
        })
    }

    /// Appends a packet as a datagram. False, and nothing is appended, where it has no track or format, or its number was
    /// used.
    pub(super) fn write(&mut self, packet: Outgoing, now: Instant, srtp: &mut Srtp, out: &mut Vec<u8>) -> bool {
        let Some(track) = self.tracks.get(packet.track) else { return false };
        let Some(format) = track.formats.iter().find(|format| format.pt == packet.pt) else { return false };
        let (rate, keeps) = (format.clock_rate, track.is_video && track.rtx.is_some() && format.rtx.is_some());
        let head = Head {
            marker: packet.marker,
            pt: packet.pt,
            sequence: packet.sequence as u16,
            timestamp: packet.timestamp,
            ssrc: track.ssrc,
            level: packet.audio_level.filter(|_| !track.is_video),
            orientation: packet.orientation.filter(|_| track.is_video),
        };
        let start = out.len();
        let header_len = self.header(packet.track, &head, now, out);
        out.extend_from_slice(&packet.payload);
        if !srtp.protect_rtp(out, start, header_len, packet.sequence) {
            return false;
        }
        let Some(track) = self.tracks.get_mut(packet.track) else { return false };
        track.packets = track.packets.wrapping_add(1);
        track.octets = track.octets.wrapping_add(packet.payload.len() as u32);
        if track.newest.is_none() {
            // Its clock is told with its first packet.
            self.report_at = Some(now);
        }
        track.newest = Some((packet.timestamp, packet.captured, rate));
        if keeps {
            let at = self.clock.millis(now);
            track.keep(Kept {
                sequence: packet.sequence,
                payload: packet.payload,
                timestamp: packet.timestamp,
                at,
                pt: packet.pt | u8::from(packet.marker) << 7,
                orientation: packet.orientation,
            });
        }
        true
    }

    /// Has a datagram wait for [`Direct::poll`].
    pub(super) fn queue(&mut self, datagram: Vec<u8>) {
        self.ready.push_back(datagram);
    }

    /// Nothing more comes.
    pub(super) fn close(&mut self) {
        self.is_closing = true;
    }

    /// Packets that were sent again since the last call.
    pub(super) fn take_resent(&mut self) -> u64 {
        std::mem::take(&mut self.resent)
    }

    /// Reads what a receiver has to say, decrypted.
    pub(super) fn heard(&mut self, compound: &[u8], now: Instant) {
        for wish in rtcp::wishes(compound) {
            match wish {
                Wish::Again { ssrc, .. } => {
                    if let Some(track) = self.tracks.iter().position(|track| track.ssrc == ssrc) {
                        self.ask(track, wish.lost(), now);
                    }
                }
                Wish::Key { ssrc } => {
                    let track = self.tracks.iter().position(|track| track.ssrc == ssrc);
                    self.keys.extend(track.filter(|track| !self.keys.contains(track)));
                }
                Wish::Rate(rate) => self.takes = Some(rate),
            }
        }
    }

    /// Packets of a track were lost.
    fn ask(&mut self, track: usize, lost: impl Iterator<Item = u16>, now: Instant) {
        let Some(sending) = self.tracks.get(track) else { return };
        let millis = self.clock.millis(now);
        for (sequence, bytes) in lost.filter_map(|number| sending.has(number, millis)) {
            if !self.again.allows(bytes, sending.kept_bytes, now) {
                return;
            }
            self.asked.push_back((track, sequence));
        }
    }

    /// There is more than the packets that were given.
    pub(super) fn has_more(&self, now: Instant) -> bool {
        self.report_at.is_some_and(|at| at <= now)
    }

    /// What there is to do beside the packets that are given.
    pub(super) fn poll(&mut self, now: Instant, srtp: &mut Srtp) -> Option<Beside> {
        if let Some(datagram) = self.ready.pop_front() {
            return Some(Beside::Datagram(datagram));
        }
        if let Some(track) = self.keys.pop() {
            return Some(Beside::KeyFrameWanted(track));
        }
        if let Some(rate) = self.takes.take() {
            return Some(Beside::Estimate(rate));
        }
        let mut out = Vec::new();
        while let Some((track, sequence)) = self.asked.pop_front() {
            if self.write_again(track, sequence, now, srtp, &mut out).is_some() {
                self.resent += 1;
                return Some(Beside::Datagram(out));
            }
        }
        let is_written = if std::mem::take(&mut self.is_closing) {
            self.report_at = None;
            self.write_goodbye(srtp, &mut out)
        } else {
            self.has_more(now) && self.write_report(now, srtp, &mut out)
        };
        is_written.then_some(Beside::Datagram(out))
    }

    /// Appends a packet that is sent again (RFC 4588).
    fn write_again(
        &mut self,
        track: usize,
        sequence: u64,
        now: Instant,
        srtp: &mut Srtp,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let sending = self.tracks.get_mut(track)?;
        let at = sending.kept.binary_search_by_key(&sequence, |kept| kept.sequence).ok()?;
        let kept = sending.kept.get(at)?;
        let format = sending.formats.iter().find(|format| format.pt == kept.pt & 0x7f)?;
        // As hard to guess as those of media.
        let number = *sending.rtx_sequence.get_or_insert(kept.sequence & 0x7fff);
        sending.rtx_sequence = Some(number + 1);
        let head = Head {
            marker: kept.pt & 0x80 != 0,
            pt: format.rtx?,
            sequence: number as u16,
            timestamp: kept.timestamp,
            ssrc: sending.rtx?,
            level: None,
            orientation: kept.orientation,
        };
        let payload = kept.payload.clone();
        let start = out.len();
        let header_len = self.header(track, &head, now, out);
        out.extend_from_slice(&(sequence as u16).to_be_bytes());
        out.extend_from_slice(&payload);
        srtp.protect_rtp(out, start, header_len, number).then_some(())
    }

    /// Appends a report of the tracks that were sent.
    fn write_report(&mut self, now: Instant, srtp: &mut Srtp, out: &mut Vec<u8>) -> bool {
        self.report_at = Some(now + REPORTS);
        let start = out.len();
        let mut ssrcs = Vec::new();
        for track in &self.tracks {
            let Some((timestamp, captured, rate)) = track.newest else { continue };
            let since = now.saturating_duration_since(captured).as_nanos() * u128::from(rate) / 1_000_000_000;
            ssrcs.push(track.ssrc);
            let (ssrc, packets, octets) = (track.ssrc, track.packets, track.octets);
            let timestamp = timestamp.wrapping_add(since as u32);
            SenderReport { ssrc, ntp: self.clock.ntp(now), timestamp, packets, octets }.write_to(out);
        }
        rtcp::write_description(&ssrcs, CNAME, out);
        !ssrcs.is_empty() && srtp.protect_rtcp(out, start)
    }

    /// Appends that nothing more comes.
    fn write_goodbye(&self, srtp: &mut Srtp, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let ssrcs: Vec<u32> = self.tracks.iter().map(|track| track.ssrc).collect();
        rtcp::write_empty_report(ssrcs.first().copied().unwrap_or_default(), out);
        rtcp::write_goodbye(&ssrcs, out);
        srtp.protect_rtcp(out, start)
    }

    /// Appends a header, and says how long it is.
    fn header(&mut self, track: usize, head: &Head, now: Instant, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        self.elements.clear();
        if let Some(track) = self.tracks.get(track) {
            let is_again = head.ssrc != track.ssrc;
            put(&mut self.elements, self.numbers.mid, &track.mid);
            put(&mut self.elements, if is_again { self.numbers.repaired_rid } else { self.numbers.rid }, &track.rid);
        }
        if let Some(level) = head.level {
            put(&mut self.elements, self.numbers.level, &[level]);
        }
        if let Some(orientation) = head.orientation {
            put(&mut self.elements, self.numbers.orientation, &[orientation]);
        }
        if self.numbers.send_time.is_some() {
            let [_, bytes @ ..] = ((self.clock.ntp(now) >> 14) as u32).to_be_bytes();
            put(&mut self.elements, self.numbers.send_time, &bytes);
        }
        if self.numbers.transport.is_some() {
            put(&mut self.elements, self.numbers.transport, &self.transport.to_be_bytes());
            self.transport = self.transport.wrapping_add(1);
        }
        let extension = HeaderExtension { profile: ONE_BYTE, data: &self.elements };
        let header = Header {
            marker: head.marker,
            payload_type: head.pt,
            sequence: head.sequence,
            timestamp: head.timestamp,
            ssrc: head.ssrc,
            csrcs: &[],
            extension: (!self.elements.is_empty()).then_some(extension),
        };
        header.write_to(out);
        out.len() - start
    }
}

/// Appends an element of an extension that both sides know.
fn put(elements: &mut Vec<u8>, number: Option<u8>, content: &[u8]) {
    if let Some(number) = number
        && (1..=MAX_EXTENSION).contains(&content.len())
    {
        elements.push(number << 4 | (content.len() - 1) as u8);
        elements.extend_from_slice(content);
    }
}

impl Sending {
    fn new(track: &Track) -> Option<Sending> {
        let TrackDirection::Send { rid, ssrc, rtx } = &track.direction else { return None };
        Some(Sending {
            ssrc: *ssrc,
            rtx: *rtx,
            is_video: track.is_video,
            mid: track.mid.clone().into_bytes(),
            rid: rid.clone().unwrap_or_default().into_bytes(),
            formats: track.formats.clone(),
            packets: 0,
            octets: 0,
            newest: None,
            kept: VecDeque::new(),
            kept_bytes: 0,
            rtx_sequence: None,
        })
    }

    /// Keeps a packet, and forgets those that are too old.
    fn keep(&mut self, packet: Kept) {
        let oldest = packet.at.saturating_sub(KEPT_FOR.as_millis() as u32);
        while self.kept.front().is_some_and(|kept| kept.at < oldest) || self.kept.len() >= KEPT {
            let gone = self.kept.pop_front();
            self.kept_bytes = self.kept_bytes.saturating_sub(gone.map_or(0, |kept| kept.payload.len()));
        }
        self.kept_bytes += packet.payload.len();
        // Some are overtaken.
        let newer = self.kept.iter().rev().take_while(|kept| kept.sequence > packet.sequence).count();
        self.kept.insert(self.kept.len() - newer, packet);
    }

    /// Number over its wraps and bytes of a packet that is still of use.
    fn has(&self, number: u16, millis: u32) -> Option<(u64, usize)> {
        let newest = self.kept.back()?.sequence;
        let sequence = newest.checked_sub((newest as u16).wrapping_sub(number).into())?;
        let at = self.kept.binary_search_by_key(&sequence, |kept| kept.sequence).ok()?;
        let kept = self.kept.get(at)?;
        let is_fresh = millis.saturating_sub(kept.at) <= KEPT_FOR.as_millis() as u32;
        is_fresh.then_some((sequence, kept.payload.len()))
    }
}

impl Again {
    /// Counts a packet of so many bytes that is asked for, where `sent` bytes were sent in the last second; false when that
    /// would be too much.
    fn allows(&mut self, bytes: usize, sent: usize, now: Instant) -> bool {
        if now.saturating_duration_since(self.since) >= Duration::from_secs(1) {
            *self = Again { since: now, count: 0, bytes: 0 };
        }
        let most = sent as f32 * RESENT / (1.0 - RESENT);
        if self.count >= MAX_AGAIN || (self.bytes + bytes) as f32 > most {
            return false;
        }
        self.count += 1;
        self.bytes += bytes;
        true
    }
}

impl Clock {
    fn ntp(&self, at: Instant) -> u64 {
        self.ntp.wrapping_add(fixed(at.saturating_duration_since(self.start)))
    }

    fn millis(&self, at: Instant) -> u32 {
        at.saturating_duration_since(self.start).as_millis() as u32
    }
}

/// NTP of a time since 1970.
fn ntp(since: Duration) -> u64 {
    fixed(since).wrapping_add(SINCE_1900 << 32)
}

/// Seconds with 32 bits of fraction.
fn fixed(time: Duration) -> u64 {
    (time.as_secs() << 32) | ((u64::from(time.subsec_nanos()) << 32) / 1_000_000_000)
}
