//! Transport streams, as the crate mpeg2ts reads them.

use std::collections::BTreeMap;

use mpeg2ts::ts::payload::Pmt;
use mpeg2ts::ts::{ContinuityCounter, ReadTsPacket, TsPacketReader, TsPayload};

/// What was read of one stream, segment after segment.
#[derive(Default)]
pub(crate) struct Transport {
    /// Every PMT.
    pub(crate) tables: Vec<Pmt>,
    /// Every PES packet.
    pub(crate) units: Vec<Unit>,
    counters: BTreeMap<u16, ContinuityCounter>,
    clock: Option<u64>,
}

/// A PES packet.
pub(crate) struct Unit {
    pub(crate) pid: u16,
    /// In 90 kHz.
    pub(crate) pts: u64,
    pub(crate) random_access: bool,
    pub(crate) bytes: Vec<u8>,
}

impl Transport {
    /// Reads what begins with the tables. Panics where a packet is lost, malformed or of no known stream, where the clock
    /// goes back, or where pictures begin without a key frame.
    #[track_caller]
    pub(crate) fn read(&mut self, what: &str, bytes: &[u8]) {
        assert_eq!(bytes.len() % 188, 0, "{what}: a broken packet at the end");
        let first_unit = self.units.len();
        let mut reader = TsPacketReader::new(bytes);
        let mut at = 0;
        while let Some(packet) = reader.read_ts_packet().unwrap_or_else(|error| panic!("{what}: packet {at}: {error}"))
        {
            let pid = packet.header.pid.as_u16();
            if packet.payload.is_some() {
                let counter = self.counters.entry(pid).or_insert(packet.header.continuity_counter);
                assert_eq!(*counter, packet.header.continuity_counter, "{what}: packet {at} of {pid:#x}");
                counter.increment();
            }
            let field = packet.adaptation_field.as_ref();
            if let Some(clock) = field.and_then(|field| field.pcr).map(|clock| clock.as_u64()) {
                assert!(self.clock.is_none_or(|before| before <= clock), "{what}: packet {at}: the clock goes back");
                self.clock = Some(clock);
            }
            match packet.payload {
                Some(TsPayload::Pat(_)) => {}
                Some(TsPayload::Pmt(table)) => self.tables.push(table),
                Some(TsPayload::PesStart(pes)) => self.units.push(Unit {
                    pid,
                    pts: pes.header.pts.expect("a PTS").as_u64(),
                    random_access: field.is_some_and(|field| field.random_access_indicator),
                    bytes: pes.data.to_vec(),
                }),
                Some(TsPayload::PesContinuation(bytes)) => {
                    let unit = self.units.iter_mut().rev().find(|unit| unit.pid == pid);
                    unit.expect("the start of a unit").bytes.extend_from_slice(&bytes);
                }
                other => assert!(other.is_none(), "{what}: packet {at}: {other:?}"),
            }
            assert!(at != 0 || pid == 0, "{what}: begins with {pid:#x} instead of the PAT");
            assert!(at != 1 || self.tables.last().is_some() && pid != 0, "{what}: the PMT does not follow the PAT");
            at += 1;
        }
        let video = self.video_pid();
        let first = self.units.iter().skip(first_unit).find(|unit| Some(unit.pid) == video);
        assert!(first.is_none_or(|unit| unit.random_access), "{what}: the first picture is no key frame");
    }

    /// The PID of the pictures: theirs is the clock.
    pub(crate) fn video_pid(&self) -> Option<u16> {
        self.tables.last().and_then(|table| table.pcr_pid).map(|pid| pid.as_u16())
    }

    /// The units of the pictures, or of the rest.
    pub(crate) fn units(&self, video: bool) -> Vec<&Unit> {
        let pid = self.video_pid();
        self.units.iter().filter(|unit| (Some(unit.pid) == pid) == video).collect()
    }
}

/// Frames in bytes of ADTS.
pub(crate) fn adts_frames(mut bytes: &[u8]) -> usize {
    let mut frames = 0;
    while let [0xff, _, _, c, d, e, ..] = bytes {
        let len = usize::from(c & 3) << 11 | usize::from(*d) << 3 | usize::from(e >> 5);
        bytes = bytes.get(len.max(7)..).expect("a whole frame");
        frames += 1;
    }
    assert!(bytes.is_empty(), "{} bytes that are no ADTS", bytes.len());
    frames
}

/// The OBUs of a unit of AV1, without the start codes and what keeps them apart (Carriage of AV1 in MPEG-2 TS, clause 3).
pub(crate) fn obus(unit: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut zeros, mut rest) = (0, unit);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match (zeros, byte) {
            // The zeros were the start code's.
            (2.., 1) => out.truncate(out.len() - 2),
            (2.., 3) => {}
            _ => out.push(*byte),
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
    }
    out
}
