use std::path::Path;

use proptest::prelude::*;

use super::*;

use replay::replay;

#[path = "../../../../../fuzz/replay.rs"]
mod replay;

#[test]
fn the_corpus_replays() {
    replay("conf", conf);
}

/// Real files, cut at every byte.
#[test]
fn recipes_cut_anywhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/recipes");
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        (0..=bytes.len()).for_each(|end| conf(&bytes[..end]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes(data: Vec<u8>) {
        conf(&data);
    }

    /// Words that mean something, in any order.
    #[test]
    fn any_words(words in prop::collection::vec(prop::sample::select(WORDS), 0..60)) {
        conf(words.concat().as_bytes());
    }
}

const WORDS: &[&str] = &[
    "listen ",
    "1935",
    "vhost a ",
    "play ",
    "hls ",
    "enabled ",
    "on",
    "off",
    ";",
    "{",
    "}",
    "\n",
    "#",
    "\"",
    "'",
    " ",
    "include self;",
    "refer ",
    "forward ",
    "transcode ",
    "engine ",
    "mw_msgs ",
    "-9",
    "1e999",
    "[",
    "\0",
    "SRS_LISTEN=",
    "rtc_server ",
    "candidate $A",
    "http_remux ",
    "mount x.ts",
    "nack ",
    "\u{feff}",
    "é",
    "stats ",
    "network ",
];
