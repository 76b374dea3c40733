use super::*;
use crate::compare::cases::{Most, PLAYERS};
use std::collections::BTreeMap;

#[test]
fn only_what_stands_between_the_markers_changes() {
    let check = |text: &str, expect: &str| assert_eq!(between_markers(text, "\nnew\n"), expect);
    check(
        "a\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nb\n",
        "a\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nb\n",
    );
    check("a\n", "a\n\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\n");
    check("<!-- bench:end -->", "<!-- bench:end -->\n\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\n");
}

#[test]
fn a_folder_gets_document_figures_and_plots() {
    let findings = Findings {
        quick: true,
        machine: machine("weir/0", "nginx/0"),
        runs: BTreeMap::from([((Server::Nginx, Load::Rtmp(PLAYERS)), Outcome::default())]),
        most: BTreeMap::from([(Server::Nginx, Most { players: 7, at_least: true })]),
    };
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &findings).unwrap();
    write(folder.path(), &findings).unwrap();
    let text = std::fs::read_to_string(folder.path().join(DOCUMENT)).unwrap();
    assert_eq!(text.matches(BEGIN).count(), 1);
    assert!(text.contains("more than 7 players"));
    assert!(text.contains("nginx-rtmp") && text.contains(CPU_PLOT));
    for name in [JSON, CPU_PLOT, DELAY_PLOT] {
        assert!(folder.path().join(name).is_file(), "{name}");
    }
}
