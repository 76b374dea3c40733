//! Payloads that no encoder here makes, put together by hand.

use super::*;

const NOTHING: Peek = Peek { starts_frame: false, key: false, config: false };
const STARTS: Peek = Peek { starts_frame: true, ..NOTHING };
const KEY: Peek = Peek { key: true, ..STARTS };
const CONFIG: Peek = Peek { config: true, ..STARTS };
const SET: Peek = Peek::WHOLE;

#[test]
fn h264() {
    let check = |payload: &[u8], expect| assert_eq!(peek(Codec::H264, payload), expect, "{payload:02x?}");
    // Single units: the first slice of a picture, a later one, parameter sets, messages, delimiter, end of sequence.
    check(&[0x41, 0x9a], STARTS);
    check(&[0x41, 0x46], NOTHING);
    check(&[0x65, 0x88], KEY);
    check(&[0x65, 0x46], NOTHING);
    check(&[0x42, 0x9a], STARTS);
    check(&[0x43, 0x9a], NOTHING);
    check(&[0x67, 0x64], SET);
    check(&[0x68, 0xea], CONFIG);
    check(&[0x6f, 0x64], CONFIG);
    check(&[0x06, 0x05], STARTS);
    check(&[0x09, 0x10], STARTS);
    check(&[0x0a], NOTHING);
    check(&[0x65], NOTHING);
    check(&[], NOTHING);
    // STAP-A: messages and a slice; a slice and parameter sets; cut short; empty units.
    check(&[0x78, 0, 2, 6, 5, 0, 2, 0x41, 0x9a], STARTS);
    check(&[0x78, 0, 2, 0x68, 1, 0, 2, 0x65, 0x88], Peek { key: true, ..CONFIG });
    check(&[0x78, 0, 9, 0x67, 1], NOTHING);
    check(&[0x78, 0, 0, 0, 0, 0, 2, 0x65, 0x88], KEY);
    check(&[0x78], NOTHING);
    // STAP-B, MTAP16, MTAP24: order numbers and times in between.
    check(&[0x79, 0, 0, 0, 2, 0x67, 0x64], SET);
    check(&[0x79, 0], NOTHING);
    check(&[0x7a, 0, 0, 0, 2, 1, 2, 3, 0x65, 0x88, 0, 2, 1, 2, 3, 0x65, 0x46], KEY);
    check(&[0x7b, 0, 0, 0, 2, 1, 2, 3, 4, 0x65, 0x88], KEY);
    // FU-A and FU-B: start, middle and end.
    check(&[0x7c, 0x85, 0x88], KEY);
    check(&[0x7c, 0x85, 0x46], NOTHING);
    check(&[0x7c, 0x05, 0x88], NOTHING);
    check(&[0x7c, 0x45, 0x88], NOTHING);
    check(&[0x7c, 0x87, 0x64], SET);
    check(&[0x7c, 0x85], NOTHING);
    check(&[0x7c], NOTHING);
    check(&[0x7d, 0x85, 0, 1, 0x88], KEY);
    check(&[0x7d, 0x85, 0x88], NOTHING);
    check(&[0x7e, 0x85, 0x88], NOTHING);
}

#[test]
fn h265() {
    let check = |payload: &[u8], expect| assert_eq!(peek(Codec::H265, payload), expect, "{payload:02x?}");
    let head = |kind: u8| [kind << 1, 1];
    let single = |kind: u8, byte| [kind << 1, 1, byte];
    check(&single(1, 0x80), STARTS);
    check(&single(1, 0x40), NOTHING);
    for irap in 16..=23 {
        check(&single(irap, 0x80), KEY);
        check(&single(irap, 0x40), NOTHING);
    }
    check(&single(32, 0), SET);
    check(&single(33, 0), SET);
    check(&single(34, 0), CONFIG);
    check(&single(35, 0), STARTS);
    check(&single(39, 0), STARTS);
    check(&single(40, 0), NOTHING);
    check(&head(19), NOTHING);
    check(&[38], NOTHING);
    // A picture of another layer.
    check(&[19 << 1, 1 | 1 << 3, 0x80], NOTHING);
    check(&[19 << 1 | 1, 1, 0x80], NOTHING);
    // Aggregation and fragments.
    check(&[&head(48)[..], &[0, 3], &single(34, 0), &[0, 3], &single(19, 0x80)].concat(), Peek { key: true, ..CONFIG });
    check(&[&head(48)[..], &[0, 9], &single(33, 0)].concat(), NOTHING);
    check(&[&head(49)[..], &[0x80 | 19, 0x80]].concat(), KEY);
    check(&[&head(49)[..], &[0x80 | 1, 0x80]].concat(), STARTS);
    check(&[&head(49)[..], &[19, 0x80]].concat(), NOTHING);
    check(&[&head(49)[..], &[0x40 | 19, 0x80]].concat(), NOTHING);
    check(&[49 << 1, 1 | 1 << 3, 0x80 | 19, 0x80], NOTHING);
    check(&head(49), NOTHING);
    // PACI, which nothing sends.
    check(&[&head(50)[..], &[0x80 | 19, 0x80]].concat(), NOTHING);
}

#[test]
fn vp8() {
    let check = |payload: &[u8], expect, numbers: [Option<u16>; 3]| {
        assert_eq!(peek(Codec::Vp8, payload), expect, "{payload:02x?}");
        let found = super::numbers(Codec::Vp8, payload);
        let found = [found.picture_id(), found.tl0_pic_idx().map(u16::from), found.key_idx().map(u16::from)];
        assert_eq!(found, numbers, "{payload:02x?}");
    };
    check(&[0x10, 0x30], SET, [None; 3]);
    check(&[0x10, 0x31], STARTS, [None; 3]);
    check(&[0x18, 0x30], SET, [None; 3]);
    check(&[0x11, 0x30], NOTHING, [None; 3]);
    check(&[0x00, 0x30], NOTHING, [None; 3]);
    check(&[0x10], STARTS, [None; 3]);
    check(&[0x90, 0x80, 0x42, 0x30], SET, [Some(0x42), None, None]);
    check(&[0x90, 0x80, 0x92, 0x34, 0x30], SET, [Some(0x1234), None, None]);
    check(&[0x90, 0xf0, 0x92, 0x34, 0x55, 0xa7, 0x31], STARTS, [Some(0x1234), Some(0x55), Some(7)]);
    check(&[0x90, 0xe0, 0x12, 0x55, 0xa7, 0x31], STARTS, [Some(0x12), Some(0x55), None]);
    check(&[0x90, 0x20, 0xa7, 0x30], SET, [None; 3]);
    check(&[0x90, 0x10, 0xbf, 0x30], SET, [None, None, Some(31)]);
    check(&[0x90, 0x80, 0x92], NOTHING, [None; 3]);
    check(&[0x90], NOTHING, [None; 3]);
    check(&[], NOTHING, [None; 3]);
}

#[test]
fn vp9() {
    let check = |payload: &[u8], expect, numbers: [Option<u16>; 2]| {
        assert_eq!(peek(Codec::Vp9, payload), expect, "{payload:02x?}");
        let found = super::numbers(Codec::Vp9, payload);
        assert_eq!([found.picture_id(), found.tl0_pic_idx().map(u16::from)], numbers, "{payload:02x?}");
    };
    // Flags are I P L F B E V Z; a frame of 0x82 is a key frame, one of 0x86 is not, 0x00 is none (it is encrypted).
    check(&[0x08, 0x82, 0x49, 0x83, 0x42, 0, 0, 0, 0, 0, 0], SET, [None; 2]);
    check(&[0x08, 0x86, 0, 0, 0], STARTS, [None; 2]);
    check(&[0x08, 0x00, 0, 0, 0], SET, [None; 2]);
    check(&[0x48, 0x86, 0, 0, 0], STARTS, [None; 2]);
    check(&[0x04, 0x00], NOTHING, [None; 2]);
    check(&[0x88, 0x42, 0x00], SET, [Some(0x42), None]);
    check(&[0x88, 0x92, 0x34, 0x00], SET, [Some(0x1234), None]);
    // Layers: temporal and spatial 0, then spatial 1, with TL0PICIDX.
    check(&[0xa8, 0x42, 0x10, 0x77, 0x00], SET, [Some(0x42), Some(0x77)]);
    check(&[0xa8, 0x42, 0x12, 0x77, 0x00], NOTHING, [Some(0x42), Some(0x77)]);
    // Flexible mode: no TL0PICIDX, and up to three references.
    check(&[0xb8, 0x42, 0x10, 0x00], SET, [Some(0x42), None]);
    check(&[0xf8, 0x42, 0x10, 0x03, 0x05, 0x07, 0x00], STARTS, [Some(0x42), None]);
    check(&[0xf8, 0x42, 0x10, 0x03, 0x05], NOTHING, [None; 2]);
    check(&[0x88, 0x92], NOTHING, [None; 2]);
    check(&[], NOTHING, [None; 2]);
}

#[test]
fn vp9_sizes() {
    let check = |payload: &[u8], expect| assert_eq!(size(Codec::Vp9, payload), expect, "{payload:02x?}");
    // Two layers of 320x180 and 640x360, then two pictures of a group, the second with two references.
    let layers = [0x38, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68];
    check(&[&[0x0a][..], &layers, &[2, 0x00, 0x08, 1, 2, 0x82]].concat(), Some((640, 360)));
    check(&[&[0x0a][..], &layers, &[2, 0x00, 0x08, 1]].concat(), None);
    check(&[0x0a, 0x18, 0x01, 0x40], None);
    // Without sizes in the structure that of the frame, which here is cut short.
    check(&[0x0a, 0x00, 0x82, 0x49, 0x83, 0x42], None);
}

#[test]
fn av1() {
    let check = |payload: &[u8], expect| assert_eq!(peek(Codec::Av1, payload), expect, "{payload:02x?}");
    // The aggregation header is Z Y WW N. OBUs of 0x08 are sequence headers, 0x18 frame headers, 0x20 tile groups, 0x30
    // frames.
    check(&[0x28, 2, 0x08, 1, 0x30, 2], SET);
    check(&[0x08, 2, 0x08, 1, 2, 0x30, 2], SET);
    check(&[0x18, 0x30, 2], KEY);
    check(&[0x10, 0x30, 2], STARTS);
    check(&[0x10, 0x18, 2], STARTS);
    check(&[0x10, 0x20, 2], NOTHING);
    check(&[0x90, 0x30, 2], NOTHING);
    // A repeated sequence header, and one behind the rest of an OBU.
    check(&[0x20, 2, 0x08, 1, 0x30, 2], CONFIG);
    check(&[0xa0, 2, 0xff, 1, 0x08, 2], Peek { config: true, ..NOTHING });
    // The bytes of what continues are no OBU header.
    check(&[0x90, 0x08, 2], NOTHING);
    // Spatial layers 1 and 0.
    check(&[0x10, 0x34, 0x08, 2], NOTHING);
    check(&[0x10, 0x34, 0x40, 2], STARTS);
    // Z and N exclude each other.
    check(&[0x98, 0x30, 2], NOTHING);
    // Lengths that are none.
    check(&[0x00, 9, 0x30], NOTHING);
    check(&[0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x30], NOTHING);
    check(&[0x30], NOTHING);
    check(&[], NOTHING);
}
