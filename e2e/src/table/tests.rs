use std::path::Path;

use super::*;

#[test]
fn the_page_of_codecs_is_made_from_the_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/codecs.md");
    let text = render();
    if std::env::var("UPDATE_EXPECT").is_ok_and(|value| value == "1") {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == text, "docs/codecs.md is not what the table says: run the tests with UPDATE_EXPECT=1");
}

#[test]
fn columns_stand_in_their_order() {
    for (at, egress) in Egress::ALL.into_iter().enumerate() {
        assert_eq!(egress as usize, at, "{}", egress.name());
    }
}

/// Who plays a pair gets both of its tracks.
#[test]
fn players_play_what_is_there() {
    for pair in PAIRS {
        for egress in pair.players.iter().flat_map(|(_, by)| by.iter()) {
            for codec in [pair.video, pair.audio] {
                let cell = row(codec).cell(*egress);
                assert!(matches!(cell, Cell::Packets | Cell::Decoded), "{} by {}", codec.label(), egress.name());
            }
        }
    }
}
