use jiff::civil::date;
use jiff::tz::TimeZone;
use tracing::Level;

use super::{Fields, MAX_LINE, line};

fn check(level: Level, fields: Fields, expect: &str) {
    let now = date(2026, 11, 21).at(9, 5, 7, 42_000_000).to_zoned(TimeZone::UTC).expect("a time");
    assert_eq!(line(&now, level, 4127, "main0000", &fields), expect);
}

fn text(message: &str) -> Fields {
    Fields { message: message.to_owned(), ..Fields::default() }
}

// row: ops.md §6 Line
// row: ops.md §6 Year
// row: ops.md §6 Level names printed
// row: ops.md §6 ERROR lines
#[test]
fn lines_have_the_fields_of_srs() {
    check(Level::INFO, text("hello"), "[2026-11-21 09:05:07.042][INFO][4127][main0000] hello");
    check(Level::WARN, text("careful"), "[2026-11-21 09:05:07.042][WARN][4127][main0000][0] careful");
    let tagged = Fields { cid: Some("p7w2m4c1".into()), tag: Some("PLA".into()), errno: 11, ..text("sent") };
    check(Level::ERROR, tagged, "[2026-11-21 09:05:07.042][ERROR][4127][p7w2m4c1][11][PLA] sent(Try again)");
}

#[test]
fn a_client_cannot_forge_a_line() {
    check(Level::INFO, text("a\n[x]\u{1b}[31m"), "[2026-11-21 09:05:07.042][INFO][4127][main0000] a\\n[x]\\u{1b}[31m");
}

// row: ops.md §6 File
#[test]
fn a_long_line_is_cut_at_a_character() {
    let now = date(2026, 11, 21).at(9, 5, 7, 0).to_zoned(TimeZone::UTC).expect("a time");
    let cut = line(&now, Level::INFO, 1, "c", &text(&"é".repeat(MAX_LINE)));
    assert!(cut.len() <= MAX_LINE + '…'.len_utf8() && cut.ends_with("é…"), "{}", cut.len());
}
