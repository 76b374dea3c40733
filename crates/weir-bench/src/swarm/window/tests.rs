use super::*;

fn seconds(n: f64) -> Duration {
    Duration::from_secs_f64(n)
}

#[test]
fn phases_follow_each_other() {
    let schedule = Schedule { warm_up: seconds(3.0), duration: seconds(10.0), ..Schedule::default() };
    let t0 = Instant::now();
    let mut window = Window::new(t0);
    let mut check = |at, settled, expect| {
        assert_eq!(window.turn(t0 + seconds(at), &schedule, || settled), expect, "{at}");
    };
    check(0.01, true, None);
    check(1.0, false, None);
    check(2.0, true, Some(Phase::WarmUp));
    check(4.9, true, None);
    check(5.0, true, Some(Phase::Measure));
    check(14.9, true, None);
    check(15.0, true, Some(Phase::Done));
}

#[test]
fn silent_clients_are_not_waited_for_for_ever() {
    let schedule = Schedule::default();
    let t0 = Instant::now();
    let mut window = Window::new(t0);
    window.all_started(t0 + seconds(1.0));
    window.all_started(t0 + seconds(5.0));
    assert_eq!(window.turn(t0 + seconds(10.9), &schedule, || false), None);
    assert_eq!(window.turn(t0 + seconds(11.0), &schedule, || false), Some(Phase::WarmUp));
}

#[test]
fn the_ramp_spreads_starts() {
    let window = Window::new(Instant::now());
    assert_eq!(window.start_of(0, 500), window.began);
    assert_eq!(window.start_of(250, 500), window.began + seconds(0.5));
    assert_eq!(window.start_of(2, 0), window.began + seconds(2.0));
}
