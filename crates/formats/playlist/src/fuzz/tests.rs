use proptest::prelude::*;
use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("playlist", super::playlist);
}

proptest! {
    #[test]
    fn any_text(text in ".*") {
        super::playlist(format!("#EXTM3U\n{text}").as_bytes());
    }

    #[test]
    fn any_lines(lines in proptest::collection::vec(line(), 0..40)) {
        super::playlist(format!("#EXTM3U\n#EXT-X-TARGETDURATION:4\n{}", lines.join("\n")).as_bytes());
    }
}

/// Lines that mean something, with numbers that may not.
fn line() -> impl Strategy<Value = String> {
    let number = prop_oneof![0u64..20, any::<u64>()];
    let duration = prop_oneof![(0u32..50_000).prop_map(|ms| f64::from(ms) / 1000.0), Just(2_147_483_648.0)];
    (0usize..22, number, duration, "[a-c]|\\PC{0,5}").prop_map(|(kind, n, d, text)| match kind {
        0 | 1 => format!("#EXTINF:{d},\n{n}.ts"),
        2 => "#EXT-X-DISCONTINUITY".to_owned(),
        3 => format!("#EXT-X-MAP:URI=\"{text}\""),
        4 => format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{text}\",IV=0x{n:X}"),
        5 => "#EXT-X-KEY:METHOD=NONE".to_owned(),
        6 => format!("#EXT-X-PROGRAM-DATE-TIME:{}-02-14T02:13:{:02}.106Z", 1900 + n % 400, n % 60),
        7..=9 => format!("#EXT-X-PART:DURATION={d},URI=\"{n}.m4s\",INDEPENDENT=YES"),
        10 => format!("#EXT-X-PART:DURATION={d},URI=\"{n}.m4s\",GAP=YES"),
        11 => format!("#EXT-X-PART-INF:PART-TARGET={d}"),
        12 => format!("#EXT-X-SERVER-CONTROL:CAN-SKIP-UNTIL={d},HOLD-BACK={d},PART-HOLD-BACK={d}"),
        13 => format!("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{n}.m4s\""),
        14 => format!("#EXT-X-RENDITION-REPORT:URI=\"{text}\",LAST-MSN={n},LAST-PART={n}"),
        15 => format!("#EXT-X-MEDIA-SEQUENCE:{n}"),
        16 => format!("#EXT-X-DISCONTINUITY-SEQUENCE:{n}"),
        17 => format!("#EXT-X-SKIP:SKIPPED-SEGMENTS={n}"),
        18 => "#EXT-X-GAP".to_owned(),
        19 => "\n#EXTM3U\n#EXT-X-TARGETDURATION:4".to_owned(),
        20 => "#EXT-X-ENDLIST".to_owned(),
        _ => format!("#{text}"),
    })
}
