use super::{announced, capabilities};
use crate::amf0::Value;
use weir_codec::Codec;
use weir_flv::fit::{Form, Takes};
use weir_flv::tag::TagKind;

fn list(fourccs: &[&str]) -> Value {
    Value::StrictArray(fourccs.iter().map(|fourcc| Value::string(*fourcc)).collect())
}

fn map(flags: &[(&str, f64)]) -> Value {
    Value::object(flags.iter().map(|(fourcc, flags)| (*fourcc, Value::Number(*flags))))
}

fn check(properties: &[(&str, Value)], expect: Option<Takes>) {
    let object = Value::object(properties.iter().cloned());
    assert_eq!(announced(&object), expect, "{properties:?}");
}

fn fourccs(codecs: &[Codec]) -> Takes {
    codecs.iter().fold(Takes::LEGACY, |takes, codec| takes.with(Form::Enhanced, *codec))
}

/// Flash, librtmp and ffmpeg send these two.
fn masks(video: f64, audio: f64) -> [(&'static str, Value); 2] {
    [("videoCodecs", Value::Number(video)), ("audioCodecs", Value::Number(audio))]
}

#[test]
fn who_says_nothing_gets_everything() {
    check(&[], None);
    check(&masks(252.0, 3575.0), None);
    check(&[("fourCcList", Value::Null), ("capsEx", Value::Undefined)], None);
    assert_eq!(announced(&Value::Null), None);
}

#[test]
fn the_list_of_version_1() {
    check(&[("fourCcList", list(&[]))], Some(Takes::LEGACY));
    check(&[("fourCcList", list(&["hvc1", "av01"]))], Some(fourccs(&[Codec::H265, Codec::Av1])));
    check(&[("fourCcList", list(&["Hvc1", "Avc1", "Aac"]))], Some(fourccs(&[Codec::H265, Codec::H264, Codec::Aac])));
    let every = Takes::LEGACY.with_every_fourcc(TagKind::Video).with_every_fourcc(TagKind::Audio);
    check(&[("fourCcList", list(&["*"]))], Some(every));
    check(&[("fourCcList", list(&["vvc1"]))], Some(fourccs(&[Codec::OtherVideo, Codec::OtherAudio])));
    check(&[("fourCcList", Value::EcmaArray(vec![("0".into(), Value::string("av01"))]))], Some(fourccs(&[Codec::Av1])));
    check(&[("fourCcList", Value::Number(1.0))], Some(Takes::LEGACY));
}

#[test]
fn the_maps_of_version_2() {
    let video = |flags: &[(&str, f64)]| ("videoFourCcInfoMap", map(flags));
    let audio = |flags: &[(&str, f64)]| ("audioFourCcInfoMap", map(flags));
    check(&[video(&[("hvc1", 1.0), ("av01", 2.0), ("vp09", 4.0)])], Some(fourccs(&[Codec::H265, Codec::Vp9])));
    check(&[audio(&[("Opus", 1.0)]), video(&[])], Some(fourccs(&[Codec::Opus])));
    check(&[video(&[("*", 4.0), ("hvc1", 0.0)])], Some(Takes::LEGACY.with_every_fourcc(TagKind::Video)));
    check(&[video(&[("*", 2.0), ("hvc1", 1.0)])], Some(fourccs(&[Codec::H265])));
    check(&[audio(&[("*", 4.0)])], Some(Takes::LEGACY.with_every_fourcc(TagKind::Audio)));
    // A codec of the other kind means nothing.
    check(&[audio(&[("hvc1", 1.0)])], Some(Takes::LEGACY));
    // A publisher that plays, too: it encodes Opus and cannot decode it.
    let both = [("fourCcList", list(&["hvc1", "Opus"])), video(&[("hvc1", 3.0)]), audio(&[("Opus", 2.0)])];
    check(&both, Some(fourccs(&[Codec::H265])));
    check(&[video(&[("hvc1", -1.0), ("av01", f64::NAN), ("vp09", 1e300)])], Some(Takes::LEGACY));
}

#[test]
fn ids_count_beside_fourccs() {
    let check = |video, audio, expect| {
        let [video, audio] = masks(video, audio);
        check(&[("fourCcList", list(&["hvc1"])), video, audio], Some(expect));
    };
    let takes = fourccs(&[Codec::H265]);
    check(252.0, 4071.0, takes);
    check(0.0, 0.0, takes);
    check(128.0, 1024.0, takes.without(Form::Legacy, Codec::Mp3));
    check(
        4.0,
        1.0,
        takes.without(Form::Legacy, Codec::H264).without(Form::Legacy, Codec::Aac).without(Form::Legacy, Codec::Mp3),
    );
    let chinese = takes.with(Form::Legacy, Codec::H265).with(Form::Legacy, Codec::Av1);
    check(f64::from(252 | 1 << 12 | 1 << 13), 4071.0, chinese);
}

#[test]
fn capabilities_beyond_codecs() {
    let caps = |flags| ("capsEx", Value::Number(flags));
    check(&[("fourCcList", list(&[])), caps(14.0)], Some(Takes::LEGACY.with_multitrack().with_mod_ex()));
    check(&[("fourCcList", list(&[])), caps(2.0)], Some(Takes::LEGACY.with_multitrack()));
    let all = announced(&Value::object([caps(0.0)])).expect("something is said");
    for codec in [Codec::H264, Codec::H265, Codec::Av1, Codec::Opus, Codec::OtherAudio] {
        assert!(all.has(Form::Enhanced, codec));
    }
    assert!(all.has(Form::Legacy, Codec::H265) && !all.has_multitrack() && !all.has_mod_ex());
}

#[test]
fn the_server_takes_everything() {
    let takes = announced(&Value::object(capabilities())).expect("something is said");
    assert_eq!(
        takes,
        Takes::LEGACY
            .with_every_fourcc(TagKind::Video)
            .with_every_fourcc(TagKind::Audio)
            .with_multitrack()
            .with_mod_ex()
    );
    let text = format!("{:?}", capabilities());
    for fourcc in ["av01", "vp09", "vp08", "hvc1", "avc1", "ac-3", "ec-3", "Opus", ".mp3", "fLaC", "mp4a", "*"] {
        assert!(text.contains(&format!("{fourcc:?}")), "{fourcc}");
    }
}
