use bytes::Bytes;
use weir_base::MediaTime;
use weir_codec::Codec;
use weir_flv::fit::Form;
use weir_net::testing::stamps_alike;
use weir_proto_rtmp::chunk::ChunkReader;

use super::*;

/// Up to here a timestamp has 24 bits; from here on it needs the extended field.
const LONG: u32 = 0x00ff_ffff;

fn video(body: Vec<u8>) -> Frame {
    Frame::from_flv(TagKind::Video, MediaTime::ZERO, Bytes::from(body))
}

#[test]
fn a_message_can_be_stamped_anew_whatever_its_chunks() {
    let bodies = [(Takes::EVERYTHING, [0x27, 1, 0, 0, 0]), (Takes::LEGACY, *b"\xa3avc1")];
    for (len, (takes, head)) in
        [1, 127, 128, 129, 256, 257, 1000].into_iter().flat_map(|len| bodies.map(|body| (len, body)))
    {
        for chunk_size in [1, 128, 60_000] {
            let frame = video([&head[..], &vec![0x27; len]].concat());
            let mut framing = Messages::new(chunk_size, takes);
            let mut check = |old, new| stamps_alike(&mut framing, &frame, old, new);
            assert_eq!(check(0, LONG - 1), Some(true), "{len} bytes in chunks of {chunk_size}");
            assert_eq!(check(LONG, u32::MAX), Some(true), "{len} bytes in chunks of {chunk_size}, extended");
            assert_eq!(check(0, LONG), None, "the header would grow");
            assert_eq!(check(LONG, 0), None, "the header would shrink");
        }
    }
}

/// The body that a player reads out of what it is sent; nothing when that is nothing.
fn sent(takes: Takes, chunk_size: u32, frame: &Frame) -> Option<Bytes> {
    let mut gather = Gather::default();
    let mut bytes = Vec::new();
    assert_eq!(Messages::new(chunk_size, takes).wrap(frame, 7, &mut gather), Flow::Continue);
    gather.copy_to(&mut bytes);
    let mut reader = ChunkReader::default();
    reader.set_chunk_size(chunk_size).expect("a legal size");
    let mut input = &bytes[..];
    let message = reader.read(&mut input).expect("legal RTMP")?;
    assert_eq!((message.timestamp, message.kind, input.len()), (7, 9, 0));
    Some(message.payload)
}

#[test]
fn a_body_in_parts_is_cut_like_any_other() {
    let avc1 = Takes::LEGACY.without(Form::Legacy, Codec::H264).with(Form::Enhanced, Codec::H264);
    for len in [0, 1, 118, 119, 120, 121, 122, 123, 124, 125, 127, 128, 129, 500] {
        let payload: Vec<u8> = (0..len).map(|at| at as u8).collect();
        let legacy = [&[0x27, 1, 0, 0, 5], &payload[..]].concat();
        let enhanced = [b"\xa1avc1\0\0\x05", &payload[..]].concat();
        let two =
            [b"\xa6\x11avc1\x00", &((len + 3) as u32).to_be_bytes()[1..], &[0, 0, 5], &payload, b"\x01\0\0\x03\0\0\0"];
        let two = two.concat();
        for chunk_size in [128, 129, 60_000] {
            for (takes, body, expect) in [
                (Takes::EVERYTHING, &legacy, &legacy),
                (Takes::LEGACY, &legacy, &legacy),
                (avc1, &legacy, &enhanced),
                (Takes::LEGACY, &enhanced, &legacy),
                (Takes::EVERYTHING, &two, &two),
                (avc1, &two, &enhanced),
                (Takes::LEGACY, &two, &legacy),
            ] {
                let got = sent(takes, chunk_size, &video(body.clone()));
                // An empty message would be none.
                assert_eq!(got.as_deref(), Some(&expect[..]), "{len} bytes, chunks of {chunk_size}, {takes}");
            }
        }
    }
}

#[test]
fn what_a_player_cannot_read_is_not_sent() {
    assert_eq!(sent(Takes::LEGACY, 128, &video(b"\x91hvc1\0\0\x05\x09".to_vec())), None);
    // No length field is long enough for what this would become.
    let takes = Takes::LEGACY.without(Form::Legacy, Codec::H264).with(Form::Enhanced, Codec::H264);
    let mut longest = vec![9; MAX_MESSAGE];
    longest[..5].copy_from_slice(&[0x17, 1, 0, 0, 5]);
    assert_eq!(sent(takes, 60_000, &video(longest)), None);
}

#[test]
fn players_that_take_the_same_are_alike() {
    let alike = |chunk_size, takes| Messages::new(chunk_size, takes).alike().expect("always the same");
    assert_eq!(alike(128, Takes::LEGACY), alike(128, Takes::LEGACY));
    assert_ne!(alike(128, Takes::LEGACY), alike(129, Takes::LEGACY));
    assert_ne!(alike(128, Takes::LEGACY), alike(128, Takes::EVERYTHING));
    assert_ne!(alike(128, Takes::LEGACY), alike(128, Takes::LEGACY.with_multitrack()));
}
