use super::*;
use weir_flv::tag::TagKind;

#[test]
fn the_built_in_stream_is_600_kilobits_a_second() {
    let media = Media::synthetic();
    assert!((590e3..610e3).contains(&media.bit_rate()), "{}", media.bit_rate());
    let video = media.frames.iter().filter(|frame| frame.kind == TagKind::Video).count();
    assert_eq!(video, 500);
    assert_eq!(media.frames.len() - video, 861);
    let keys: Vec<_> =
        media.frames.iter().filter(|frame| frame.body[0] == 0x17).map(|frame| frame.at.as_secs()).collect();
    assert_eq!(keys, [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
}

#[test]
fn time_goes_on_when_the_loop_begins_again() {
    let media = Media::synthetic();
    let mut last = Duration::ZERO;
    for index in 0..media.frames.len() * 2 + 10 {
        let (_, due) = media.frame(index).unwrap();
        assert!(due >= last, "frame {index}");
        last = due;
    }
    assert!(last > LOOP * 2);
}

#[test]
fn marks_come_back() {
    let check = |kind, len, expect: bool| {
        let mut body = vec![7; len];
        if let Some(range) = mark_range(kind, len) {
            body[range].copy_from_slice(&mark(0x1234_5678_9abc));
        }
        assert_eq!(read_mark(kind, &body), expect.then_some(0x1234_5678_9abc), "{kind:?} {len}");
    };
    check(TagKind::Video, 27, true);
    check(TagKind::Video, 26, false);
    check(TagKind::Audio, 18, true);
    check(TagKind::Audio, 17, false);
    check(TagKind::Script, 100, false);
    assert_eq!(read_mark(TagKind::Video, &[0; 100]), None);
}

#[test]
fn a_file_keeps_its_heads_apart() {
    let mut file = weir_flv::file_header(true, true).to_vec();
    let tags: [(TagKind, u32, &[u8]); 6] = [
        (TagKind::Script, 0, b"\x02\x00\x0aonMetaData"),
        (TagKind::Video, 0, AVC_CONFIG),
        (TagKind::Audio, 0, AAC_CONFIG),
        (TagKind::Video, 40, b"\x17\x01\x00\x00\x00xxxx"),
        (TagKind::Audio, 50, b"\xaf\x01xxxx"),
        (TagKind::Video, 80, b"\x27\x01\x00\x00\x00xxxx"),
    ];
    for (kind, time, body) in tags {
        weir_flv::write_tag_header(&mut file, kind, time, body.len());
        file.extend_from_slice(body);
        file.extend_from_slice(&weir_flv::previous_tag_size(body.len()));
    }
    let media = Media::from_flv(&file).unwrap();
    assert_eq!(media.heads.len(), 3);
    assert!(media.heads[0].body.starts_with(b"\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData"));
    let due: Vec<_> = (0..4).map(|index| media.frame(index).unwrap().1.as_millis()).collect();
    assert_eq!(due, [0, 10, 40, 53]);
    assert!(Media::from_flv(b"FLV").is_err());
}
