//! What another reader of transport streams, the crate `mpeg2ts`, sees in ours.

use mpeg2ts::pes::{PesPacketReader, ReadPesPacket};
use mpeg2ts::ts::{ReadTsPacket, TsPacket, TsPacketReader, TsPayload};
use std::collections::HashMap;

/// Every packet; fails when a counter skips or repeats.
pub(super) fn packets(ts: &[u8]) -> Vec<TsPacket> {
    let (mut reader, mut packets) = (TsPacketReader::new(ts), Vec::new());
    let mut counters = HashMap::new();
    while let Some(packet) = reader.read_ts_packet().expect("a good packet") {
        let (pid, counter) = (packet.header.pid, packet.header.continuity_counter.as_u8());
        let step = u8::from(packet.payload.is_some());
        if let Some(last) = counters.insert(pid, counter) {
            assert_eq!(counter, (last + step) % 16, "packet {} of PID {:#x}", packets.len(), pid.as_u16());
        }
        packets.push(packet);
    }
    packets
}

/// A PES packet.
pub(super) struct Pes {
    pub(super) stream_id: u8,
    pub(super) pts: u64,
    pub(super) dts: Option<u64>,
    pub(super) data: Vec<u8>,
}

/// Every PES packet; those of one track in their order.
pub(super) fn pes(ts: &[u8]) -> Vec<Pes> {
    packets(ts);
    let (mut reader, mut all) = (PesPacketReader::new(TsPacketReader::new(ts)), Vec::new());
    while let Some(packet) = reader.read_pes_packet().expect("a good PES packet") {
        assert!(packet.header.data_alignment_indicator);
        all.push(Pes {
            stream_id: packet.header.stream_id.as_u8(),
            pts: packet.header.pts.expect("a timestamp").as_u64(),
            dts: packet.header.dts.map(|dts| dts.as_u64()),
            data: packet.data,
        });
    }
    all
}

/// A program clock reference.
pub(super) struct Reference {
    pub(super) pid: u16,
    /// Of 90 kHz.
    pub(super) ticks: u64,
    pub(super) random_access: bool,
    pub(super) discontinuity: bool,
}

pub(super) fn references(ts: &[u8]) -> Vec<Reference> {
    let with_clock = |packet: TsPacket| {
        let field = packet.adaptation_field?;
        Some(Reference {
            pid: packet.header.pid.as_u16(),
            ticks: field.pcr?.as_u64() / 300,
            random_access: field.random_access_indicator,
            discontinuity: field.discontinuity_indicator,
        })
    };
    packets(ts).into_iter().filter_map(with_clock).collect()
}

/// A program map.
pub(super) struct Program {
    pub(super) map_pid: u16,
    pub(super) clock_pid: Option<u16>,
    /// Type, PID, descriptors.
    pub(super) streams: Vec<(u8, u16, Vec<u8>)>,
}

pub(super) fn program(ts: &[u8]) -> Program {
    let [pat, pmt] = &packets(ts)[..] else { panic!("two tables") };
    let (Some(TsPayload::Pat(pat)), Some(TsPayload::Pmt(map))) = (&pat.payload, &pmt.payload) else {
        panic!("an association and a map")
    };
    assert_eq!((pat.table.len(), pat.table[0].program_num, map.program_num), (1, 1, 1));
    assert_eq!(pat.table[0].program_map_pid, pmt.header.pid);
    let streams = map.es_info.iter().map(|stream| {
        let descriptors = stream.descriptors.iter();
        let bytes = descriptors.flat_map(|one| [&[one.tag, one.data.len() as u8], &one.data[..]].concat());
        (stream.stream_type as u8, stream.elementary_pid.as_u16(), bytes.collect())
    });
    Program {
        map_pid: pmt.header.pid.as_u16(),
        clock_pid: map.pcr_pid.map(|pid| pid.as_u16()),
        streams: streams.collect(),
    }
}

/// Version of the program map.
pub(super) fn version(ts: &[u8]) -> u8 {
    let last = packets(ts).into_iter().find_map(|packet| match packet.payload {
        Some(TsPayload::Pmt(map)) => Some(map.version_number.as_u8()),
        _ => None,
    });
    last.expect("a program map")
}
