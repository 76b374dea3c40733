use super::*;
use crate::compare::cases::{Most, PLAYERS};
use std::collections::BTreeMap;

fn findings(case: Case) -> Findings {
    Findings {
        case,
        quick: true,
        machine: machine("weir/0", "nginx/0"),
        runs: BTreeMap::new(),
        most: BTreeMap::new(),
        fetched: BTreeMap::new(),
        void: Vec::new(),
    }
}

#[test]
fn only_what_stands_between_the_markers_changes() {
    let markers = Markers::of(Case::HttpTs);
    let check = |text: &str, expect: &str| assert_eq!(markers.replace(text, "\nnew\n"), expect);
    check(
        "a\n<!-- bench:http-ts:begin -->\nold\n<!-- bench:http-ts:end -->\nb\n",
        "a\n<!-- bench:http-ts:begin -->\nnew\n<!-- bench:http-ts:end -->\nb\n",
    );
    check("a\n", "a\n\n<!-- bench:http-ts:begin -->\nnew\n<!-- bench:http-ts:end -->\n");
    check(
        "<!-- bench:http-ts:end -->",
        "<!-- bench:http-ts:end -->\n\n<!-- bench:http-ts:begin -->\nnew\n<!-- bench:http-ts:end -->\n",
    );
}

#[test]
fn a_folder_gets_document_figures_and_plots() {
    let live = Findings {
        runs: BTreeMap::from([((Server::Nginx, Load::Rtmp(PLAYERS)), Outcome::default())]),
        most: BTreeMap::from([(Server::Nginx, Most { players: 7, at_least: true })]),
        ..findings(Case::Live)
    };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &live).unwrap();
    write(folder.path(), &live).unwrap();
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let text = read(DOCUMENT);
    assert_eq!(text.matches(&Markers::of(Case::Live).begin).count(), 1);
    assert!(text.contains("more than 7 players"));
    assert!(text.contains("nginx-rtmp") && text.contains("performance-cpu.svg"));
    for name in [JSON, "performance-cpu.svg", "performance-delay.svg"] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
    for case in [Case::HttpTs, Case::Segments, Case::Cutting, Case::LowLatency, Case::Rtc] {
        write(folder.path(), &findings(case)).unwrap();
    }
    assert!(read(DOCUMENT).contains("performance-rtc-cpu.svg"));
    assert!(read(DOCUMENT).starts_with(text.trim_end()), "the part of another case changed");
    let figures: Map<String, Value> = serde_json::from_str(&read(JSON)).unwrap();
    assert_eq!(figures.keys().collect::<Vec<_>>(), ["cutting", "http-ts", "live", "low-latency", "rtc", "segments"]);
}
