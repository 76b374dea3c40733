use super::*;

#[test]
fn axes_end_at_round_numbers() {
    let check = |values: &[f64], log, from, to, ticks: &[f64]| {
        let axis = Axis::around(values.iter().copied(), log);
        assert_eq!((axis.from, axis.to), (from, to), "{values:?}");
        assert_eq!(axis.ticks(), ticks, "{values:?}");
    };
    check(&[100.0, 3000.0], true, 100.0, 5000.0, &[100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0]);
    check(&[3.0, 81.0], false, 0.0, 100.0, &[0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
    check(&[], false, 0.0, 10.0, &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
    check(&[7.0], true, 5.0, 10.0, &[5.0, 10.0]);
}

#[test]
fn places_run_from_0_to_1() {
    let axis = Axis { from: 100.0, to: 10_000.0, log: true };
    assert_eq!([100.0, 1000.0, 10_000.0].map(|n| axis.place(n)), [0.0, 0.5, 1.0]);
}

#[test]
fn an_svg_holds_every_series_and_escapes_names() {
    let plot = Plot {
        title: "CPU & players",
        x: "players",
        y: "ms",
        log_y: true,
        series: vec![
            ("a<b".to_owned(), vec![(100.0, 1.0), (1000.0, 20.0)]),
            ("c".to_owned(), vec![(100.0, 0.0), (1000.0, f64::NAN)]),
        ],
    };
    let svg = plot.svg();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    assert_eq!(svg.matches("<polyline").count(), 2);
    assert_eq!(svg.matches("<circle").count(), 2, "what a logarithm cannot show is left out");
    assert!(svg.contains("CPU &amp; players") && svg.contains("a&lt;b") && !svg.contains("NaN"));
}
