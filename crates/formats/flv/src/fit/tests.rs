use super::{Fit, Form, Takes, fit};
use crate::fuzz::fitted;
use crate::tag::TagKind::{self, Audio, Video};
use weir_codec::Codec;

/// What a reader gets of a body: `None` for nothing, and the very body when it is given whole.
fn check(takes: Takes, kind: TagKind, body: &[u8], expect: Option<&[u8]>) {
    assert_eq!(fitted(kind, body, false, takes).as_deref(), expect, "{body:02x?} for {takes}");
    let whole = matches!(fit(kind, body, false, takes), Fit::Whole);
    assert_eq!(whole, expect == Some(body), "{body:02x?} for {takes}");
}

fn fourccs(codecs: &[Codec]) -> Takes {
    codecs.iter().fold(Takes::LEGACY, |takes, codec| takes.with(Form::Enhanced, *codec))
}

/// A reader of FourCCs that declines all ids.
fn only(codecs: &[Codec]) -> Takes {
    let legacy = [Codec::H264, Codec::Aac, Codec::Mp3];
    legacy.iter().fold(fourccs(codecs), |takes, codec| takes.without(Form::Legacy, *codec))
}

const MP3: &[u8] = b"\xff\xfb\x94\xc4";

#[test]
fn who_takes_everything_gets_it_as_it_is() {
    for body in [&[0x17, 1, 0, 0, 0, 9][..], b"\x96\x21what", &[0xff], &[]] {
        check(Takes::EVERYTHING, Video, body, Some(body));
        check(Takes::EVERYTHING, Audio, body, Some(body));
    }
    let everything = Takes::LEGACY.with_every_fourcc(Audio).with_every_fourcc(Video).with_multitrack().with_mod_ex();
    check(
        everything,
        Video,
        b"\x97\x02\0\0\x09\x06\x20what\0\0\0\x01\x09",
        Some(b"\x97\x02\0\0\x09\x06\x20what\0\0\0\x01\x09"),
    );
}

#[test]
fn legacy_readers_get_what_has_an_id() {
    let legacy = Takes::LEGACY;
    for same in [&[0x17, 1, 0, 0, 40, 9][..], &[0x12, 9], &[0x57, 0], &[]] {
        check(legacy, Video, same, Some(same));
    }
    for same in [&[0xaf, 1, 9][..], &[0x2f, 0xff], &[0xb6, 9], &[]] {
        check(legacy, Audio, same, Some(same));
    }
    check(legacy, Video, b"\x90avc1\x01\x42", Some(&[0x17, 0, 0, 0, 0, 1, 0x42]));
    check(legacy, Video, b"\xa1avc1\xff\xff\xd8\x09", Some(&[0x27, 1, 0xff, 0xff, 0xd8, 9]));
    check(legacy, Video, b"\xa3avc1\x09", Some(&[0x27, 1, 0, 0, 0, 9]));
    check(legacy, Video, b"\x92avc1", Some(&[0x17, 2, 0, 0, 0]));
    check(legacy, Audio, b"\x90mp4a\x12\x10", Some(&[0xaf, 0, 0x12, 0x10]));
    check(legacy, Audio, b"\x91mp4a\x09", Some(&[0xaf, 1, 9]));
    check(legacy, Audio, &[b"\x91.mp3", MP3].concat(), Some(&[b"\x2e", MP3].concat()));
    // Notes and the end of sound have no such form; neither have the others.
    for left_out in [&b"\x94avc1\x02"[..], b"\x90hvc1\x01", b"\x91vp09\x09", b"\x91av01\x09", &[0x1c, 1, 0, 0, 0, 9]] {
        check(legacy, Video, left_out, None);
    }
    for left_out in [&b"\x92mp4a"[..], b"\x91Opus\x09", b"\x91ac-3\x09", &[0xdf, 9]] {
        check(legacy, Audio, left_out, None);
    }
}

#[test]
fn ids_of_hevc_and_av1_are_brought_into_fourccs_and_back() {
    let modern = fourccs(&[Codec::H265, Codec::Av1]);
    check(modern, Video, &[0x1c, 0, 0, 0, 0, 1], Some(b"\x90hvc1\x01"));
    check(modern, Video, &[0x2c, 1, 0, 0, 40, 9], Some(b"\xa1hvc1\0\0\x28\x09"));
    check(modern, Video, &[0x1c, 1, 0, 0, 0, 9], Some(b"\x93hvc1\x09"));
    check(modern, Video, &[0x1c, 2], Some(b"\x92hvc1"));
    check(modern, Video, &[0x1d, 0, 0, 0, 0, 0x81], Some(b"\x90av01\x81"));
    check(modern, Video, &[0x2d, 1, 0, 0, 0, 9], Some(b"\xa1av01\x09"));
    check(modern, Video, &[0x17, 1, 0, 0, 0, 9], Some(&[0x17, 1, 0, 0, 0, 9]));
    let old = Takes::LEGACY.with(Form::Legacy, Codec::H265).with(Form::Legacy, Codec::Av1);
    check(old, Video, b"\x90hvc1\x01", Some(&[0x1c, 0, 0, 0, 0, 1]));
    check(old, Video, b"\xa1av01\x09", Some(&[0x2d, 1, 0, 0, 0, 9]));
    check(old, Video, &[0x1c, 1, 0, 0, 0, 9], Some(&[0x1c, 1, 0, 0, 0, 9]));
}

#[test]
fn readers_without_ids_get_fourccs() {
    let takes = only(&[Codec::H264, Codec::Aac, Codec::Mp3, Codec::Opus]);
    check(takes, Video, &[0x17, 0, 0, 0, 0, 1], Some(b"\x90avc1\x01"));
    check(takes, Video, &[0x27, 1, 0, 0, 40, 9], Some(b"\xa1avc1\0\0\x28\x09"));
    check(takes, Audio, &[0xaf, 0, 0x12, 0x10], Some(b"\x90mp4a\x12\x10"));
    check(takes, Audio, &[0xaf, 1, 9], Some(b"\x91mp4a\x09"));
    check(takes, Audio, &[b"\x2e", MP3].concat(), Some(&[b"\x91.mp3", MP3].concat()));
    check(takes, Audio, &[0xdf, 9], Some(b"\x91Opus\x09"));
    check(only(&[]), Audio, &[0xaf, 1, 9], None);
    // What has no other form stays.
    check(only(&[]), Audio, &[0xb6, 9], Some(&[0xb6, 9]));
}

/// Of several tracks, by a reader that does or does not know of them.
#[test]
fn several_tracks() {
    let both = fourccs(&[Codec::H265, Codec::Av1]);
    let two = b"\x96\x21hvc1\0\0\0\x04\0\0\x05\x09av01\x07\0\0\x01\x07";
    check(both.with_multitrack(), Video, two, Some(two));
    check(both, Video, two, Some(b"\x91hvc1\0\0\x05\x09"));
    check(fourccs(&[Codec::Av1]), Video, two, Some(b"\x91av01\x07"));
    check(fourccs(&[Codec::Av1]).with_multitrack(), Video, two, Some(b"\x96\x21av01\x07\0\0\x01\x07"));
    check(Takes::LEGACY, Video, two, None);
    let opus = b"\x95\x11Opus\0\0\0\x02\x08\x09\x01\0\0\x01\x07";
    check(fourccs(&[Codec::Opus]).with_multitrack(), Audio, opus, Some(opus));
    check(fourccs(&[Codec::Opus]), Audio, opus, Some(b"\x91Opus\x08\x09"));
    let one = b"\x96\x01avc1\x03\0\0\x02\x09";
    check(fourccs(&[Codec::H264]).with_multitrack(), Video, one, Some(one));
    check(fourccs(&[Codec::H264]), Video, one, Some(b"\x91avc1\0\0\x02\x09"));
    check(Takes::LEGACY, Video, one, Some(&[0x17, 1, 0, 0, 2, 9]));
    check(Takes::LEGACY.with_multitrack(), Video, one, Some(&[0x17, 1, 0, 0, 2, 9]));
    // The second track is cut short.
    check(
        both.with_multitrack(),
        Video,
        b"\x96\x21hvc1\0\0\0\x04\0\0\x05\x09av01\x07\0\0\x09\x07",
        Some(b"\x96\x21hvc1\0\0\0\x04\0\0\x05\x09"),
    );
}

#[test]
fn a_number_without_a_meaning_gets_none_by_itself() {
    let takes = fourccs(&[Codec::Av1]);
    check(takes, Video, b"\x96\x18av01\0\0\0\x01\x09", Some(b"\x98av01\x09"));
    check(takes, Video, b"\x96\x17av01\0\0\0\x01\x09", None);
}

#[test]
fn tracks_beside_the_first() {
    let one = b"\x96\x01avc1\x03\0\0\x02\x09";
    for (takes, expect) in [
        (Takes::LEGACY, None),
        (fourccs(&[Codec::H264]), None),
        // An id could not tell it from the first.
        (Takes::LEGACY.with_multitrack(), None),
        (fourccs(&[Codec::H264]).with_multitrack(), Some(&one[..])),
        (Takes::EVERYTHING, Some(&one[..])),
    ] {
        assert_eq!(fitted(Video, one, true, takes).as_deref(), expect, "{takes:?}");
    }
}

#[test]
fn mod_ex_for_readers_that_do_not_know_it() {
    let opus = fourccs(&[Codec::Opus, Codec::H265]);
    let body = b"\x97\x02\x0b\xb8\0\x01Opus\x09";
    check(opus.with_mod_ex(), Audio, body, Some(body));
    check(opus, Audio, body, Some(b"\x91Opus\x09"));
    // Two prefixes, the first of a subtype without a meaning.
    check(opus, Audio, b"\x97\0\x01\x17\x02\0\0\x06\x01Opus\x09", Some(b"\x91Opus\x09"));
    let two = b"\xa7\x02\0\0\x09\x06\x11hvc1\0\0\0\x04\0\0\x05\x09\x01\0\0\x03\0\0\0";
    let (multitrack, mod_ex) = (opus.with_multitrack(), opus.with_mod_ex());
    check(multitrack.with_mod_ex(), Video, two, Some(two));
    check(multitrack, Video, two, Some(b"\xa6\x11hvc1\0\0\0\x04\0\0\x05\x09\x01\0\0\x03\0\0\0"));
    check(mod_ex, Video, two, Some(b"\xa7\x02\0\0\x09\x01hvc1\0\0\x05\x09"));
    check(opus, Video, two, Some(b"\xa1hvc1\0\0\x05\x09"));
    let mixed = b"\xa7\x02\0\0\x09\x06\x21av01\0\0\0\x01\x08hvc1\x01\0\0\x03\0\0\0";
    check(multitrack, Video, mixed, Some(b"\xa6\x21hvc1\x01\0\0\x03\0\0\0"));
    check(multitrack.with_mod_ex(), Video, mixed, Some(b"\xa7\x02\0\0\x09\x06\x21hvc1\x01\0\0\x03\0\0\0"));
}

#[test]
fn what_cannot_be_read_is_for_those_who_take_everything() {
    for body in [&b"\x90hv"[..], b"\x96\x06avc1", &[0x17, 1, 0]] {
        check(fourccs(&[Codec::H265]).with_multitrack(), Video, body, None);
    }
}

#[test]
fn a_reader_in_words() {
    assert_eq!(Takes::LEGACY.to_string(), "H.264, AAC, MP3");
    let takes = only(&[Codec::H265, Codec::Opus]);
    assert_eq!(takes.to_string(), "H.265, Opus");
    assert!(takes.has_codec(Codec::Opus) && !takes.has_codec(Codec::Aac) && takes.has_codec(Codec::Speex));
}
