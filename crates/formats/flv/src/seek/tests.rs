use super::{find, ranges};
use crate::Error;

const H264_AAC: &[u8] = include_bytes!("../../testdata/ffmpeg-h264-aac.flv");
const H264_MP3: &[u8] = include_bytes!("../../testdata/ffmpeg-h264-mp3.flv");

fn slice(file: &[u8], range: Option<std::ops::Range<u64>>) -> &[u8] {
    let range = range.expect("found");
    &file[range.start as usize..range.end as usize]
}

#[test]
fn the_beginning_of_a_file_of_ffmpeg() {
    let found = find(H264_AAC).expect("FLV");
    assert_eq!(found.header, 0..13);
    assert_eq!(slice(H264_AAC, found.metadata)[0], 18);
    assert_eq!(&slice(H264_AAC, found.video)[11..13], &[0x17, 0]);
    let audio = slice(H264_AAC, found.audio);
    assert_eq!(&audio[11..13], &[0xaf, 0]);
    let trailer = audio.last_chunk::<4>().expect("a previous-tag-size");
    assert_eq!(u32::from_be_bytes(*trailer) as usize, audio.len() - 4);
}

#[test]
fn mp3_has_no_sequence_header() {
    let found = find(H264_MP3).expect("FLV");
    assert_eq!(found.audio, None);
    assert!(found.video.is_some());
}

// row: http-api.md §5 FLV pseudo-stream
#[test]
fn start_gets_header_sequence_headers_and_the_rest() {
    let len = H264_AAC.len() as u64;
    let found = find(H264_AAC).expect("FLV");
    let (audio, video) = (found.audio.expect("AAC"), found.video.expect("AVC"));
    let mut parts = [0..13, audio.clone(), video.clone()].to_vec();
    parts.sort_by_key(|p| p.start);
    let end = audio.end.max(video.end);
    for start in [end, end + 1, len] {
        let got = ranges(H264_AAC, len, start).expect("within the file");
        assert_eq!((&got[..3], &got[3..]), (&parts[..], std::slice::from_ref(&(start..len))), "{start}");
    }
    assert_eq!(ranges(H264_AAC, len, end - 1).as_deref(), Ok(std::slice::from_ref(&(0..len))));
    // Only the beginning is at hand; the file is longer.
    assert_eq!(ranges(&H264_AAC[..end as usize], len, end).map(|r| r.len()), Ok(4));
}

// row: errors.md §2 3013 / 3014
#[test]
fn a_bad_start_is_told() {
    let len = H264_AAC.len() as u64;
    assert_eq!(ranges(H264_AAC, len, len + 1), Err(Error::StartPastEnd { start: len + 1, len }));
    assert_eq!(ranges(&H264_AAC[..13], len, 20), Err(Error::NoSequenceHeader { searched: 13 }));
    assert_eq!(ranges(b"<html><body>", 12, 0), Err(Error::NotFlv { found: *b"<ht" }));
}
