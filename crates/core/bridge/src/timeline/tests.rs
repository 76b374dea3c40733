use super::*;

/// Frames as `a0 v0 v40`: kind and milliseconds. What comes out: milliseconds, `!` for a jump, `~` for a kind that is apart.
fn check(frames: &str, expect: &str) {
    let mut timeline = Timeline::default();
    let places = frames.split_whitespace().map(|word| {
        let (kind, millis) = word.split_at(1);
        let kind = if kind == "a" { Kind::Audio } else { Kind::Video };
        let place = timeline.place(kind, MediaTime::from_millis(millis.parse().expect("a time")), 0);
        let mark = match place.oddity {
            None => "",
            Some(Oddity::Jump(_)) => "!",
            Some(Oddity::Apart(_)) => "~",
            Some(Oddity::Still | Oddity::Composition | Oddity::Pace(_)) => "?",
        };
        format!("{}{mark}", place.at.millis())
    });
    assert_eq!(places.collect::<Vec<_>>().join(" "), expect, "{frames}");
}

#[test]
fn times_pass_while_they_make_sense() {
    check("a0 v23 a23 v63 a46 v103", "0 23 23 63 46 103");
    check("v1000 a990 v1040 a1013", "1000 990 1040 1013");
    // A pause of 8 s, pictures of a slide show, a clock that starts late.
    check("v0 v40 v8040", "0 40 8040");
    check("v4294967000 v4294967290 v4294967330", "4294967000 4294967290 4294967330");
    // Pictures come back while sound went on.
    check("v0 a0 a9000 a18000 a27000 v27010", "0 0 9000 18000 27000 27010");
}

#[test]
fn a_jump_is_told_once_and_the_stream_goes_on() {
    check("v0 v40 v400000 v400040", "0 40 80! 120");
    check("v90000 v90040 v0 v40 v80", "90000 90040 90080! 90120 90160");
    // Both kinds jump: the second follows the first, so that they stay together.
    check("a0 v0 a40 v40 a900080 v900090 a900120 v900130", "0 0 40 40 80! 90 120 130");
    check("a60000 v60000 a60040 v60040 a0 v5 a40 v45", "60000 60000 60040 60040 60080! 60085 60120 60125");
    // 24 bits of milliseconds that wrap.
    check("v16777200 v16777215 v24 v64", "16777200 16777215 16777230! 16777270");
}

#[test]
fn small_disorder_is_put_in_order() {
    check("v100 v100 v90 v140", "100 100 100 140");
    let mut timeline = Timeline::default();
    let mut place = |millis| timeline.place(Kind::Audio, MediaTime::from_millis(millis), 0).at;
    let times = [place(5), place(5), place(4), place(28)];
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
}

#[test]
fn kinds_that_start_apart_are_put_together() {
    check("v0 v40 a3600040 v80 a3600063", "0 40 40~ 80 63");
    check("a3600000 v0 a3600023 v40", "3600000 3600000~ 3600023 3600040");
    check("v0 a5000 v40", "0 5000 40");
    check("v-50 v-10 a0", "0 40 50");
}

#[test]
fn absurd_composition_times_count_as_none_and_are_told() {
    let check = |at: i64, millis: i64, expect: i64, odd: bool| {
        let found = compose(MediaTime::from_millis(at), MediaTime::from_millis(millis));
        assert_eq!(found, (MediaTime::from_millis(expect), odd.then_some(Oddity::Composition)), "{millis}");
    };
    check(0, 80, 80, false);
    check(1000, -40, -40, false);
    check(60_000, -5_000, 0, true);
    check(60_000, 8_388_607, 0, true);
    check(60_000, -8_388_608, 0, true);
    // Before the beginning there is nothing.
    check(0, -40, 0, false);
    check(20, -40, -20, false);
}

#[test]
fn a_clock_that_stands_still_goes_on_by_arrival() {
    let mut timeline = Timeline::default();
    let mut told = 0;
    let mut place = |dts: i64, arrived: i64| {
        let place = timeline.place(Kind::Video, MediaTime::from_millis(dts), arrived * 1_000_000);
        told += usize::from(place.oddity == Some(Oddity::Still));
        place.at.millis()
    };
    // A network that hangs is no clock that stands still.
    assert_eq!([place(0, 0), place(0, 9_000), place(40, 9_000)], [0, 0, 40]);
    let times: Vec<i64> = (0..500).map(|index| place(80, 10_000 + index * 40)).collect();
    assert_eq!((times[0], times[125], times[126], times[499]), (80, 81, 120, 80 + 374 * 40));
    assert_eq!(place(100, 30_000), times[499] + 40, "the clock of the publisher again");
    assert_eq!(told, 1);
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let mut timeline = Timeline::default();
    for nanos in [i64::MAX, i64::MIN, 0, i64::MAX, -1, i64::MIN + 1] {
        for kind in [Kind::Audio, Kind::Video] {
            timeline.place(kind, MediaTime::from_nanos(nanos), nanos);
        }
    }
}
