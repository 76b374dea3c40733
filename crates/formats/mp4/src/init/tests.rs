use super::init_segment;
use crate::{Error, Media, Track};
use bytes::Bytes;
use mp4_atom::{Decode, FourCC, Ftyp, Moov, Trex};
use re_mp4::{Mp4, StsdBoxContent, TrackKind};
use weir_codec::Codec;

fn video() -> Track {
    Track {
        id: 1,
        codec: Codec::H264,
        config: Bytes::from_static(include_bytes!("../../testdata/ffmpeg-x264.avcc")),
        timescale: 90_000,
        media: Media::video(64, 48),
    }
}

fn audio() -> Track {
    Track {
        id: 7,
        codec: Codec::Aac,
        config: Bytes::from_static(include_bytes!("../../testdata/ffmpeg-aac.asc")),
        timescale: 48_000,
        media: Media::audio(48_000, 2),
    }
}

fn init(tracks: &[Track]) -> Vec<u8> {
    let mut out = Vec::new();
    init_segment(tracks, &mut out).expect("an initialisation segment");
    out
}

#[test]
fn brands_say_what_is_inside() {
    let check = |tracks: &[Track], brands: &[&[u8; 4]]| {
        let ftyp = Ftyp::decode(&mut &init(tracks)[..]).expect("a file type");
        assert_eq!(ftyp.major_brand, b"iso6".into());
        let brands: Vec<FourCC> = brands.iter().map(|brand| (*brand).into()).collect();
        assert_eq!(ftyp.compatible_brands, brands);
    };
    let av1 = include_bytes!("../../testdata/ffmpeg-libaom.av1c");
    let av1 = Track { codec: Codec::Av1, config: Bytes::from_static(av1), ..video() };
    check(&[video()], &[b"iso6", b"mp41", b"cmfc"]);
    check(&[video(), audio()], &[b"iso6", b"mp41"]);
    check(&[av1], &[b"iso6", b"mp41", b"cmfc", b"av01"]);
}

#[test]
fn mp4_atom_reads_every_field() {
    let out = init(&[video(), audio()]);
    let mut rest = &out[..];
    Ftyp::decode(&mut rest).expect("a file type");
    let moov = Moov::decode(&mut rest).expect("a movie");
    assert!(rest.is_empty());

    assert_eq!((moov.mvhd.timescale, moov.mvhd.duration, moov.mvhd.next_track_id), (1000, 0, 8));
    assert_eq!((moov.mvhd.rate, moov.mvhd.volume), (1.into(), 1.into()));
    let trex = |track_id| Trex { track_id, default_sample_description_index: 1, ..Trex::default() };
    let mvex = moov.mvex.clone().expect("fragments are announced");
    assert_eq!((mvex.mehd, mvex.trex), (None, vec![trex(1), trex(7)]));

    let [seen, heard] = &moov.trak[..] else { panic!("not two tracks") };
    assert_eq!((seen.tkhd.track_id, seen.tkhd.enabled, seen.tkhd.in_movie, seen.tkhd.duration), (1, true, true, 0));
    assert_eq!((seen.tkhd.width, seen.tkhd.height, seen.tkhd.volume), (64.into(), 48.into(), 0.into()));
    assert_eq!((heard.tkhd.track_id, heard.tkhd.width, heard.tkhd.volume), (7, 0.into(), 1.into()));
    assert_eq!((seen.mdia.mdhd.timescale, heard.mdia.mdhd.timescale), (90_000, 48_000));
    assert_eq!((&seen.mdia.hdlr.name[..], &heard.mdia.hdlr.name[..]), ("Video", "Sound"));
    assert_eq!((seen.mdia.hdlr.handler, heard.mdia.hdlr.handler), (b"vide".into(), b"soun".into()));
    assert_eq!(seen.mdia.mdhd.language, "und");
    assert!(seen.mdia.minf.vmhd.is_some() && heard.mdia.minf.smhd.is_some());
    assert!(seen.edts.is_none() && heard.edts.is_none());
}

#[test]
fn re_mp4_knows_the_tracks() {
    let bytes = init(&[video(), audio()]);
    let mp4 = Mp4::read_bytes(&bytes).expect("a movie");
    let kinds: Vec<_> = mp4.tracks().values().map(|track| (track.track_id, track.kind, track.timescale)).collect();
    assert_eq!(kinds, [(1, Some(TrackKind::Video), 90_000), (7, Some(TrackKind::Audio), 48_000)]);
    let contents: Vec<_> = mp4.moov.traks.iter().map(|trak| &trak.mdia.minf.stbl.stsd.contents).collect();
    let [StsdBoxContent::Avc1(avc1), StsdBoxContent::Mp4a(mp4a)] = contents[..] else { panic!("{contents:?}") };
    assert_eq!((avc1.width, avc1.height, avc1.avcc.avc_level_indication), (64, 48, 10));
    assert_eq!((mp4a.channelcount, mp4a.samplesize, mp4a.samplerate.value()), (2, 16, 48_000));
}

#[test]
fn a_track_is_shown_as_it_is_coded() {
    let check = |width, height, expect| {
        let track = Track { media: Media::video(width, height), ..video() };
        let mut out = &init(&[track])[..];
        Ftyp::decode(&mut out).expect("a file type");
        let tkhd = Moov::decode(&mut out).expect("a movie").trak[0].tkhd.clone();
        assert_eq!((tkhd.width.integer(), tkhd.height.integer()), expect);
    };
    check(1920, 1080, (1920, 1080));
    check(u32::MAX, u32::MAX, (u16::MAX, u16::MAX));
}

#[test]
fn a_clock_that_stands_still_ticks_once_a_second() {
    let bytes = init(&[Track { timescale: 0, ..video() }]);
    assert_eq!(Mp4::read_bytes(&bytes).expect("a movie").moov.traks[0].mdia.mdhd.timescale, 1);
}

#[test]
fn what_is_no_movie_is_refused_and_leaves_nothing() {
    let check = |tracks: &[Track], expect| {
        let mut out = vec![1];
        assert_eq!(init_segment(tracks, &mut out), Err(expect));
        assert_eq!(out, [1]);
    };
    check(&[], Error::TrackCount { count: 0, max: 256 });
    check(&vec![video(); 257], Error::TrackCount { count: 257, max: 256 });
    check(&[video(), video()], Error::TrackId { id: 1 });
    check(&[Track { id: 0, ..video() }], Error::TrackId { id: 0 });
    check(&[video(), Track { codec: Codec::G711a, ..audio() }], Error::NoMapping { codec: Codec::G711a });
}
