use super::*;

fn route(number: usize) -> Route {
    let ip = std::net::Ipv4Addr::from(u32::try_from(number / 60_000).expect("few"));
    Route { from: (ip, u16::try_from(number % 60_000).expect("a port")).into(), is_tcp: false }
}

fn seat(key: usize) -> Seat {
    Seat { worker: 1, key: key as u64 }
}

/// Every table tells the same; so many addresses are known, and so many of them are other workers'.
#[track_caller]
fn check(routes: &Routes, all: usize, elsewhere: usize) {
    let of_seats: usize = routes.seats.values().map(VecDeque::len).sum();
    assert_eq!((routes.tied.len(), routes.elsewhere.len(), of_seats), (all, elsewhere, elsewhere));
    for (at, route) in &routes.elsewhere {
        assert!(
            matches!(routes.tied.get(route), Some(Tied::Elsewhere(seat, it)) if it == at && routes.seats[seat].contains(at))
        );
    }
}

#[test]
fn every_way_to_lose_an_address_is_counted() {
    let mut routes = Routes::default();
    for round in 0..MAX_ELSEWHERE * 2 {
        routes.tie(route(round), Home::Elsewhere(seat(round)));
        match round % 3 {
            0 => routes.remove(&route(round)),
            1 => routes.sweep(|_| false),
            _ => {
                routes.tie(route(round), Home::Here(7));
                routes.leave(&route(round), 7);
            }
        }
        assert_eq!(routes.home(&route(round)), None);
    }
    check(&routes, 0, 0);
}

#[test]
fn a_session_elsewhere_has_few_addresses() {
    let mut routes = Routes::default();
    routes.tie(route(0), Home::Elsewhere(seat(1)));
    for number in 1..1000 {
        routes.tie(route(number), Home::Elsewhere(seat(2)));
    }
    check(&routes, 1 + MAX_PATHS, 1 + MAX_PATHS);
    assert_eq!(routes.home(&route(0)), Some(Home::Elsewhere(seat(1))));
    assert_eq!(routes.home(&route(999 - MAX_PATHS)), None);
    // One that goes on with its checks is not the oldest.
    routes.tie(route(1000 - MAX_PATHS), Home::Elsewhere(seat(2)));
    routes.tie(route(1000), Home::Elsewhere(seat(2)));
    assert_eq!(routes.home(&route(1000 - MAX_PATHS)), Some(Home::Elsewhere(seat(2))));
    assert_eq!(routes.home(&route(1001 - MAX_PATHS)), None);
    check(&routes, 1 + MAX_PATHS, 1 + MAX_PATHS);
}

#[test]
fn the_oldest_makes_room() {
    let mut routes = Routes::default();
    for number in 0..MAX_ELSEWHERE {
        routes.tie(route(number), Home::Elsewhere(seat(number)));
    }
    routes.tie(route(0), Home::Elsewhere(seat(0)));
    routes.tie(route(MAX_ELSEWHERE), Home::Elsewhere(seat(MAX_ELSEWHERE)));
    routes.tie(route(MAX_ELSEWHERE + 1), Home::Here(1));
    check(&routes, MAX_ELSEWHERE + 1, MAX_ELSEWHERE);
    assert_eq!(routes.home(&route(1)), None);
    for number in [0, 2, MAX_ELSEWHERE] {
        assert_eq!(routes.home(&route(number)), Some(Home::Elsewhere(seat(number))));
    }
}

#[test]
fn an_address_of_another_session_stays() {
    let mut routes = Routes::default();
    routes.tie(route(1), Home::Here(1));
    routes.tie(route(1), Home::Here(2));
    routes.leave(&route(1), 1);
    assert_eq!(routes.home(&route(1)), Some(Home::Here(2)));
    routes.tie(route(1), Home::Elsewhere(seat(1)));
    routes.leave(&route(1), 2);
    assert_eq!(routes.home(&route(1)), Some(Home::Elsewhere(seat(1))));
    routes.sweep(|seated| seated == seat(1));
    check(&routes, 1, 1);
}
