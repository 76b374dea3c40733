use std::sync::Arc;

use super::*;
use crate::place::SourceFile;

fn pos(text: &str, line: u32, column: u32, width: u32) -> Pos {
    Pos { file: Arc::new(SourceFile { name: "a.conf".into(), text: text.into() }), line, column, width }
}

fn check(note: Note, expect: &[&str]) {
    assert_eq!(note.to_string().lines().collect::<Vec<_>>(), expect);
}

#[test]
fn a_note_shows_the_line() {
    let note = Note::error(&pos("a;\n\tgop_cahce on;\r\n", 2, 2, 9), "unknown directive \"gop_cahce\"");
    check(
        note.help("did you mean \"gop_cache\"?"),
        &[
            "error: unknown directive \"gop_cahce\"",
            " --> a.conf:2:2",
            "  |",
            "2 |  gop_cahce on;",
            "  |  ^^^^^^^^^",
            "help: did you mean \"gop_cache\"?",
        ],
    );
}

#[test]
fn a_note_without_a_line() {
    check(
        Note::warning(Place::Env("SRS_LISTEN".into()), "no"),
        &["warning: no", " --> environment variable SRS_LISTEN"],
    );
    check(Note::error(Place::Nowhere, "no"), &["error: no"]);
}

#[test]
fn a_long_line_is_cut_around_the_caret() {
    let text = format!("{}x{}", "a".repeat(500), "b".repeat(500));
    let shown = Note::error(&pos(&text, 1, 501, 1), "here").to_string();
    let lines: Vec<&str> = shown.lines().collect();
    let caret = lines[4].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[3].chars().nth(caret), Some('x'));
    assert!(lines[3].chars().count() < 140);
}

#[test]
fn a_note_in_one_line() {
    let note = Note::warning(&pos("x", 1, 1, 1), "this is odd").help("do that");
    assert_eq!(note.line(), "this is odd (a.conf:1:1); do that");
}

#[test]
fn notes_are_told_once_and_not_without_end() {
    let mut notes = Notes::default();
    for n in 0..1000 {
        notes.push(Note::error(Place::Nowhere, format!("{}", n / 2)));
    }
    let report = notes.finish().unwrap_err();
    assert_eq!(report.errors().len(), MAX_NOTES);
    assert!(report.to_string().ends_with("100 errors or more"));
    assert_eq!(report.code(), CONFIG_INVALID);
}

#[test]
fn nearest_names() {
    let known = ["gop_cache", "listen", "atc", "mr"];
    let near = |word| nearest(word, known);
    assert_eq!(near("gop_cahce"), Some("gop_cache"));
    assert_eq!(near("gopcache"), Some("gop_cache"));
    assert_eq!(near("lisen"), Some("listen"));
    assert_eq!(near("act"), Some("atc"));
    assert_eq!(near("bandwidth"), None);
    assert_eq!(near(""), None);
}
