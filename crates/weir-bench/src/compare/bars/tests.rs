use super::*;

const COLUMNS: Columns = Columns { weir: "weir", peer: Some("nginx-rtmp"), floor: true };

fn line(weir: Option<f64>, peer: Option<f64>, floor: Option<f64>, bars: &'static [Bar]) -> Line {
    Line { what: "case".to_owned(), unit: Unit::PerGb, weir, peer, floor, bars }
}

#[test]
fn bars_are_met_or_not_or_unknown() {
    const BARS: &[Bar] = &[at_most(0.15, Of::Peer), at_most(1.6, Of::Floor)];
    let check = |weir, peer, floor, expect| assert_eq!(line(weir, peer, floor, BARS).met(), expect);
    check(Some(0.15), Some(1.0), Some(0.1), Some(true));
    check(Some(0.16), Some(1.0), Some(0.11), Some(false));
    check(Some(0.15), Some(1.0), Some(0.09), Some(false));
    check(Some(0.15), None, Some(0.1), None);
    check(None, Some(1.0), Some(0.1), None);
    const LEAST: &[Bar] = &[at_least(6.0, Of::Peer)];
    assert_eq!(line(Some(6000.0), Some(1000.0), None, LEAST).met(), Some(true));
    assert_eq!(line(Some(5900.0), Some(1000.0), None, LEAST).met(), Some(false));
}

#[test]
fn cells_show_figures_ratios_and_bars() {
    const BARS: &[Bar] = &[at_most(0.15, Of::Peer), at_most(1e-3, Of::Itself)];
    let cells = line(Some(0.3), Some(2.0), None, BARS).cells(COLUMNS);
    let expect = ["case", "0.300 s/GB", "2.00 s/GB", "–", "0.150 ×", "–", "≤ 0.15 × nginx-rtmp, ≤ 0.00100 s/GB", "no"];
    assert_eq!(cells, expect);
}
