use super::{FileHeader, Tag, TagReader};
use crate::tag::TagKind;
use crate::{Error, file_header, previous_tag_size, write_tag_header};

fn read(bytes: &[u8]) -> Result<Vec<Tag>, Error> {
    let mut reader = TagReader::new();
    reader.push(bytes);
    std::iter::from_fn(|| reader.poll_tag().transpose()).collect()
}

fn file(tags: &[(TagKind, u32, &[u8])]) -> Vec<u8> {
    let mut out = file_header(true, true).to_vec();
    for (kind, time, body) in tags {
        write_tag_header(&mut out, *kind, *time, body.len());
        out.extend_from_slice(body);
        out.extend_from_slice(&previous_tag_size(body.len()));
    }
    out
}

#[test]
fn what_is_written_is_read() {
    let tags: [(TagKind, u32, &[u8]); 3] =
        [(TagKind::Script, 0, b"meta"), (TagKind::Audio, 0xff00_0001, b""), (TagKind::Video, u32::MAX, &[7; 300])];
    let read = read(&file(&tags)).expect("well-formed");
    let read: Vec<_> = read.iter().map(|t| (t.kind, t.timestamp_ms, &t.body[..])).collect();
    assert_eq!(read, tags);
}

#[test]
fn an_unfinished_tag_waits() {
    let whole = file(&[(TagKind::Audio, 5, b"abc")]);
    for end in 0..whole.len() {
        let got = read(&whole[..end]).expect("no error");
        assert_eq!(got.len(), usize::from(end >= whole.len() - 4), "{end}");
    }
}

#[test]
fn the_header_may_be_longer_and_unknown_tags_are_passed_over() {
    let mut bytes = vec![b'F', b'L', b'V', 1, 4, 0, 0, 0, 12, 0xaa, 0xaa, 0xaa, 0, 0, 0, 0];
    bytes.extend_from_slice(&[15, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 13]);
    bytes.extend_from_slice(&[8, 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 0xaf]);
    let mut reader = TagReader::new();
    reader.push(&bytes);
    let tag = reader.poll_tag().expect("no error").expect("a tag");
    assert_eq!((tag.kind, tag.timestamp_ms, &tag.body[..]), (TagKind::Audio, 9, &[0xaf][..]));
    assert_eq!(reader.header(), Some(FileHeader { has_audio: true, has_video: false }));
    assert_eq!(reader.position(), bytes.len() as u64);
}

#[test]
fn what_is_not_flv_is_told_for_good() {
    let check = |bytes: &[u8], expect: Error| {
        let mut reader = TagReader::new();
        reader.push(bytes);
        assert_eq!(reader.poll_tag(), Err(expect.clone()));
        reader.push(&file(&[]));
        assert_eq!(reader.poll_tag(), Err(expect));
    };
    check(b"GET / HTTP", Error::NotFlv { found: *b"GET" });
    check(b"FLV\x01\x05\x00\x00\x00\x08", Error::HeaderLength { len: 8, max: 1024 });
    check(b"FLV\x01\x05\xff\x00\x00\x09", Error::HeaderLength { len: 0xff00_0009, max: 1024 });
    let encrypted = [&file(&[])[..], &[0x29, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    check(&encrypted, Error::Encrypted { at: 13 });
}

/// The same file through an independent demuxer.
#[test]
fn scuffle_reads_the_same_tags() {
    for bytes in [
        &include_bytes!("../../testdata/ffmpeg-h264-aac.flv")[..],
        include_bytes!("../../testdata/ffmpeg-h264-mp3.flv"),
    ] {
        let mut cursor = std::io::Cursor::new(bytes::Bytes::from_static(bytes));
        let theirs = scuffle_flv::file::FlvFile::demux(&mut cursor).expect("ffmpeg's file");
        let ours = read(bytes).expect("ffmpeg's file");
        assert_eq!(ours.len(), theirs.tags.len());
        for (ours, theirs) in ours.iter().zip(&theirs.tags) {
            check_same(ours, theirs);
        }
    }
}

fn check_same(ours: &Tag, theirs: &scuffle_flv::tag::FlvTag<'_>) {
    use scuffle_flv::tag::FlvTagData;
    use scuffle_flv::video::header::VideoTagHeaderData;
    use scuffle_flv::video::header::legacy::{LegacyVideoTagHeader, LegacyVideoTagHeaderAvcPacket};
    assert_eq!(ours.timestamp_ms, theirs.timestamp_ms);
    let info = crate::tag::parse_body(ours.kind, &ours.body).expect("ffmpeg's tag");
    match &theirs.data {
        FlvTagData::Video(video) => {
            assert_eq!(ours.kind, TagKind::Video);
            let packet = match &video.header.data {
                VideoTagHeaderData::Legacy(LegacyVideoTagHeader::AvcPacket(packet)) => packet,
                other => panic!("not H.264: {other:?}"),
            };
            let (config, composition) = match packet {
                LegacyVideoTagHeaderAvcPacket::SequenceHeader => (true, 0),
                LegacyVideoTagHeaderAvcPacket::Nalu { composition_time_offset } => {
                    (false, *composition_time_offset as i32)
                }
                _ => (false, 0),
            };
            assert_eq!((info.is_sequence_header(), info.composition_ms), (config, composition));
        }
        FlvTagData::Audio(_) => assert_eq!(ours.kind, TagKind::Audio),
        FlvTagData::ScriptData(_) => assert_eq!(ours.kind, TagKind::Script),
        other => panic!("unexpected {other:?}"),
    }
}
