use super::{ChunkReader, Message};
use crate::Error;
use crate::chunk::write::{csid, write_media, write_message};
use crate::chunk::{MAX_CHUNK_STREAMS, MAX_PARTIAL};
use crate::fuzz;
use bytes::Bytes;
use proptest::prelude::*;
use weir_flv::tag::TagKind;

fn read(bytes: &[u8]) -> Result<Vec<Message>, Error> {
    let (mut reader, mut input, mut messages) = (ChunkReader::default(), bytes, Vec::new());
    while let Some(message) = reader.read(&mut input)? {
        messages.push(message);
    }
    Ok(messages)
}

/// `bytes` are these `(csid, timestamp, payload)`, wherever they are cut.
fn check(bytes: &[u8], expect: &[(u32, u32, &[u8])]) {
    let messages = read(bytes).unwrap();
    let got: Vec<_> = messages.iter().map(|m| (m.csid, m.timestamp, &m.payload[..])).collect();
    assert_eq!(got, expect);
    fuzz::rtmp_chunk(bytes);
}

fn check_fails(bytes: &[u8], expect: Error, code: u16) {
    assert_eq!(read(bytes), Err(expect.clone()));
    assert_eq!(expect.code(), code);
    fuzz::rtmp_chunk(bytes);
}

/// A header of type 0 on chunk stream 4: audio on message stream 1.
fn full(time: u32, len: u32) -> Vec<u8> {
    let (t, l) = (time.to_be_bytes(), len.to_be_bytes());
    vec![0x04, t[1], t[2], t[3], l[1], l[2], l[3], 8, 1, 0, 0, 0]
}

#[test]
fn headers_of_all_types_and_lengths() {
    let first = [&full(1000, 2)[..], b"ab"].concat();
    check(&first, &[(4, 1000, b"ab")]);
    let shorter = [&first[..], &[0x44, 0, 0, 20, 0, 0, 1, 9], b"c"].concat();
    check(&shorter, &[(4, 1000, b"ab"), (4, 1020, b"c")]);
    let delta = [&shorter[..], &[0x84, 0, 0, 30], b"d"].concat();
    check(&delta, &[(4, 1000, b"ab"), (4, 1020, b"c"), (4, 1050, b"d")]);
    let nothing = [&delta[..], &[0xc4], b"e"].concat();
    check(&nothing, &[(4, 1000, b"ab"), (4, 1020, b"c"), (4, 1050, b"d"), (4, 1080, b"e")]);
    let message = &read(&nothing).unwrap()[1];
    assert_eq!((message.kind, message.stream_id), (9, 1));
}

#[test]
fn a_type_3_header_behind_type_0_adds_the_timestamp_itself() {
    check(&[&full(1000, 1)[..], b"a", &[0xc4], b"b"].concat(), &[(4, 1000, b"a"), (4, 2000, b"b")]);
}

#[test]
fn chunk_stream_ids_have_three_forms() {
    let body = |basic: &[u8]| [basic, &full(0, 1)[1..], b"x"].concat();
    check(&body(&[0x3f]), &[(63, 0, b"x")]);
    check(&body(&[0, 0]), &[(64, 0, b"x")]);
    check(&body(&[0, 255]), &[(319, 0, b"x")]);
    check(&body(&[1, 0, 1]), &[(320, 0, b"x")]);
    check(&body(&[1, 255, 255]), &[(65599, 0, b"x")]);
}

#[test]
fn an_empty_message_is_one() {
    check(&[&full(5, 0)[..], &[0xc4, 0xc4]].concat(), &[(4, 5, b""), (4, 10, b""), (4, 15, b"")]);
}

#[test]
fn messages_interleave() {
    let mut video = full(40, 200);
    video[0] = 6;
    let (a, b) = ([1; 200], [2; 130]);
    let bytes = [&video[..], &a[..128], &full(50, 130), &b[..128], &[0xc6], &a[128..], &[0xc4], &b[128..]].concat();
    check(&bytes, &[(6, 40, &a), (4, 50, &b)]);
}

#[test]
fn timestamps_wrap_at_32_bits() {
    let extended = [&full(0xff_ffff, 1)[..], &[0xff, 0xff, 0xff, 0xf0], b"a"].concat();
    let over = [&extended[..], &[0x84, 0, 0, 0x20], b"b"].concat();
    check(&over, &[(4, 0xffff_fff0, b"a"), (4, 0x10, b"b")]);
    // An extended delta, and a type 3 header that repeats it.
    let delta = [&over[..], &[0x84, 255, 255, 255, 1, 0, 0, 0], b"c", &[0xc4, 1, 0, 0, 0], b"d"].concat();
    let behind: [(u32, u32, &[u8]); 2] = [(4, 0x0100_0010, b"c"), (4, 0x0200_0010, b"d")];
    check(&delta, &[&[(4, 0xffff_fff0, &b"a"[..]), (4, 0x10, b"b")], &behind[..]].concat());
    check(&[&full(0xff_fffe, 1)[..], b"a"].concat(), &[(4, 0xff_fffe, b"a")]);
}

// row: protocols.md §1.1 Extended timestamps
#[test]
fn the_extended_timestamp_may_be_repeated_in_type_3_chunks_or_not() {
    for body in [[7; 300], [1; 300]] {
        for stamp in [[1, 2, 3, 4], [1, 1, 1, 2], [0, 255, 255, 255]] {
            let head = [&full(0xff_ffff, 300)[..], &stamp].concat();
            let present = [&head[..], &body[..128], &[0xc4], &stamp, &body[128..256], &[0xc4], &stamp, &body[256..]];
            check(&present.concat(), &[(4, u32::from_be_bytes(stamp), &body)]);
            let absent = [&head[..], &body[..128], &[0xc4], &body[128..256], &[0xc4], &body[256..]];
            check(&absent.concat(), &[(4, u32::from_be_bytes(stamp), &body)]);
        }
    }
}

#[test]
fn the_repeated_field_may_be_the_delta_or_the_timestamp() {
    let body = [7; 130];
    let first =
        [&full(0xff_fff0, 1)[..], b"a", &[0x44, 255, 255, 255, 0, 0, 130, 8, 1, 0, 0, 2], &body[..128]].concat();
    let expect: [(u32, u32, &[u8]); 2] = [(4, 0xff_fff0, b"a"), (4, 0x01ff_fff2, &body)];
    check(&[&first[..], &[0xc4, 1, 0, 0, 2], &body[128..]].concat(), &expect);
    check(&[&first[..], &[0xc4, 1, 255, 255, 242], &body[128..]].concat(), &expect);
}

#[test]
fn a_short_rest_without_the_repeated_field_is_not_waited_for() {
    let body = [7; 129];
    let head = [&full(0xff_ffff, 129)[..], &[1, 2, 3, 4]].concat();
    assert_eq!(read(&[&head[..], &body[..128], &[0xc4], &body[128..]].concat()).unwrap().len(), 1);
}

// ZLM CVE-2022-37237: types 1 to 3 with no header before them.
#[test]
fn a_chunk_stream_begins_with_a_whole_header() {
    for fmt in 1..=3u8 {
        let head = [(fmt << 6) | 4, 0, 0, 0, 0, 0, 1, 8, 1];
        let offset = [0, 8, 4, 1][usize::from(fmt)];
        check_fails(&head, Error::NoPredecessor { csid: 4, fmt, offset }, 2001);
    }
    for basic in [&[0xc0, 0][..], &[0xc1, 255, 255], &[0xc2]] {
        assert!(matches!(read(basic), Err(Error::NoPredecessor { fmt: 3, .. })));
    }
}

/// SRS: librtmp begins the control chunk stream so.
#[test]
fn the_control_chunk_stream_may_begin_with_type_1() {
    check(&[0x42, 0, 0, 7, 0, 0, 2, 4, 0, 6], &[(2, 7, &[0, 6])]);
}

// FFmpeg CVE-2016-10191: a later chunk announces another size.
#[test]
fn a_message_does_not_change_midway() {
    let open = [&full(0, 200)[..], &[0; 128]].concat();
    for len in [100, 199, 201, 0xff_ffff] {
        let changed = Error::Changed { csid: 4, had: 200, got: len, offset: 152 };
        check_fails(&[&open[..], &full(0, len)].concat(), changed, 2013);
        let l = len.to_be_bytes();
        let changed = Error::Changed { csid: 4, had: 200, got: len, offset: 148 };
        check_fails(&[&open[..], &[0x44, 0, 0, 0, l[1], l[2], l[3], 8]].concat(), changed, 2013);
    }
    check_fails(&[&open[..], &full(0, 200)].concat(), Error::Unfinished { csid: 4, missing: 72, offset: 152 }, 2001);
    // Types 1 and 2 that say nothing new go on with it.
    check(&[&open[..], &[0x44, 0, 0, 9, 0, 0, 200, 8], &[0; 72]].concat(), &[(4, 0, &[0; 200])]);
    check(&[&open[..], &[0x84, 0, 0, 9], &[0; 72]].concat(), &[(4, 0, &[0; 200])]);
}

#[test]
fn chunk_streams_are_counted() {
    let mut bytes = Vec::new();
    for i in 0..=MAX_CHUNK_STREAMS {
        bytes.extend_from_slice(&[0, u8::try_from(i).unwrap()]);
        bytes.extend_from_slice(&full(0, 0)[1..]);
    }
    let csid = u32::try_from(64 + MAX_CHUNK_STREAMS).unwrap();
    check_fails(&bytes, Error::ChunkStreams { csid, offset: bytes.len() as u64 }, 2001);
}

#[test]
fn memory_follows_what_came_and_not_what_was_announced() {
    let (mut reader, head) = (ChunkReader::default(), full(0, 0xff_ffff));
    assert_eq!(reader.read(&mut &head[..]), Ok(None));
    assert!(reader.reserved() <= 16 << 10, "16 MiB announced, nothing sent");
    reader.set_chunk_size(1 << 30).unwrap();
    let mut reader = ChunkReader::default();
    reader.set_chunk_size(1 << 30).unwrap();
    reader.read(&mut &head[..]).unwrap();
    for came in 1..=100 {
        assert_eq!(reader.read(&mut &[0; 10_000][..]), Ok(None));
        assert!(reader.reserved() <= (2 * came * 10_000).max(16 << 10));
    }
}

#[test]
fn unfinished_messages_are_bounded_together() {
    let mut reader = ChunkReader::default();
    reader.set_chunk_size(1 << 20).unwrap();
    let mut result = Ok(None);
    for csid in 3..63 {
        let mut head = full(0, 0xff_ffff);
        head[0] = csid;
        result = reader.read(&mut &[&head[..], &vec![0; 1 << 20]].concat()[..]);
        if result.is_err() {
            break;
        }
    }
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Partial { held, .. } if held + (1 << 20) > MAX_PARTIAL), "{error}");
    assert!(reader.reserved() <= 2 * MAX_PARTIAL);
}

// row: protocols.md §1.1 Max message
#[test]
fn the_longest_message_arrives_in_one_piece() {
    let payload = vec![9; 0xff_ffff];
    let mut bytes = Vec::new();
    write_media(&mut bytes, TagKind::Video, 1, &payload, 128);
    assert_eq!(read(&bytes).unwrap()[0].payload, payload);
}

#[test]
fn an_aborted_message_is_dropped_and_the_next_one_read() {
    let mut reader = ChunkReader::default();
    reader.read(&mut &[&full(0, 200)[..], &[0; 128]].concat()[..]).unwrap();
    reader.abort(4);
    reader.abort(99);
    assert_eq!(reader.reserved(), 0);
    let message = reader.read(&mut &[&full(7, 1)[..], b"x"].concat()[..]).unwrap().unwrap();
    assert_eq!((message.timestamp, message.payload), (7, Bytes::from_static(b"x")));
}

// row: protocols.md §1.1 Inbound chunk size
#[test]
fn chunk_sizes_below_128_or_above_31_bits_are_refused() {
    let mut reader = ChunkReader::default();
    for size in [0, 1, 127, 1 << 31, u32::MAX] {
        let error = reader.set_chunk_size(size).unwrap_err();
        assert_eq!((error.code(), error), (2010, Error::ChunkSize { size }));
    }
    for size in [128, 65_536, 65_537, 0x7fff_ffff] {
        assert_eq!(reader.set_chunk_size(size), Ok(()));
    }
}

/// Messages of several chunk streams, cut into chunks by `order`: each number picks whose chunk comes next.
fn interleave(messages: &[Message], order: &[usize], chunk_size: usize) -> (Vec<u8>, Vec<Message>) {
    let mut queues: Vec<Vec<(Vec<u8>, Option<&Message>)>> = vec![Vec::new(); 5];
    for message in messages {
        let Message { csid, kind, timestamp, stream_id, ref payload } = *message;
        let queue = &mut queues[usize::try_from(csid).unwrap() - 2];
        let mut whole = Vec::new();
        write_message(&mut whole, u8::try_from(csid).unwrap(), kind, timestamp, stream_id, payload, u32::MAX);
        let extended = if timestamp >= 0xff_ffff { 4 } else { 0 };
        let mut at = 12 + extended + payload.len().min(chunk_size);
        queue.push((whole[..at].to_vec(), None));
        while at < whole.len() {
            let end = whole.len().min(at + chunk_size);
            let head = [&[0xc0 | u8::try_from(csid).unwrap()], &whole[12..12 + extended]].concat();
            queue.push(([&head[..], &whole[at..end]].concat(), None));
            at = end;
        }
        queue.last_mut().unwrap().1 = Some(message);
    }
    let (mut bytes, mut done) = (Vec::new(), Vec::new());
    for pick in order.iter().copied().chain(std::iter::repeat(0)) {
        let left: Vec<usize> = (0..queues.len()).filter(|&i| !queues[i].is_empty()).collect();
        let Some(&i) = left.get(pick % left.len().max(1)) else { break };
        let (chunk, end) = queues[i].remove(0);
        bytes.extend_from_slice(&chunk);
        done.extend(end.cloned());
    }
    (bytes, done)
}

fn any_message() -> impl Strategy<Value = Message> {
    let time = prop_oneof![any::<u32>(), 0..1000u32, 0xff_fff0..0x0100_0010u32];
    (2..7u32, 0..30u8, time, 0..3u32, prop::collection::vec(any::<u8>(), 0..700)).prop_map(
        |(csid, kind, timestamp, stream_id, payload)| {
            let payload = Bytes::from(payload);
            Message { kind, timestamp, stream_id, csid, payload }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_any_interleaving(
        messages in prop::collection::vec(any_message(), 0..12),
        order in prop::collection::vec(0..5usize, 0..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let (bytes, expect) = interleave(&messages, &order, 128);
        prop_assert_eq!(read(&bytes).unwrap(), expect.clone());
        let (a, b) = bytes.split_at(cut.index(bytes.len() + 1));
        let (mut reader, mut got) = (ChunkReader::default(), Vec::new());
        for mut part in [a, b] {
            while let Some(message) = reader.read(&mut part).unwrap() {
                got.push(message);
            }
        }
        prop_assert_eq!(got, expect);
    }

    #[test]
    fn any_bytes_are_messages_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        fuzz::rtmp_chunk(&bytes);
    }
}

#[test]
fn the_kept_corpus_replays() {
    fuzz::replay("rtmp_chunk", fuzz::rtmp_chunk);
}

#[test]
fn control_messages_have_their_own_chunk_stream() {
    let mut bytes = Vec::new();
    write_message(&mut bytes, csid::CONTROL, 5, 0, 0, &[0, 0x26, 0x25, 0xa0], 128);
    assert_eq!(bytes, [2, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0x26, 0x25, 0xa0]);
}
