use super::*;

/// Sends `count` numbered datagrams through a link to a server that sends them back without harm; the numbers as they come.
#[track_caller]
fn through(link: Link, count: u16) -> Vec<u16> {
    let server = socket();
    let relay = Relay::start(server.local_addr().unwrap().port(), 7);
    relay.set(Way::ToServer, link);
    let client = socket();
    for number in 0..count {
        client.send_to(&number.to_be_bytes(), ("127.0.0.1", relay.port)).unwrap();
    }
    let mut seen = Vec::new();
    let mut buffer = [0; 8];
    server.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    while let Ok((len, from)) = server.recv_from(&mut buffer) {
        server.send_to(&buffer[..len], from).unwrap();
        let (len, from) = client.recv_from(&mut buffer).expect("what came there comes back");
        assert_eq!((len, from.port()), (2, relay.port));
        seen.push(u16::from_be_bytes([buffer[0], buffer[1]]));
    }
    let (passed, lost) = relay.counts(Way::ToServer);
    assert_eq!(passed + lost, u64::from(count));
    seen
}

#[test]
fn a_good_link_passes_all_in_order() {
    assert_eq!(through(Link::default(), 100), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_bad_link_loses_doubles_and_reorders() {
    let jitter = Duration::from_millis(30);
    let seen = through(Link { loss: 0.3, double: 0.3, jitter, ..Link::default() }, 200);
    let mut different = seen.clone();
    different.sort_unstable();
    assert_ne!(seen, different, "none was overtaken");
    different.dedup();
    assert!((100..180).contains(&different.len()), "{} of 200 came", different.len());
    assert!((20..90).contains(&(seen.len() - different.len())), "{} came twice", seen.len() - different.len());
}

#[test]
fn a_slow_link_takes_its_time_and_drops_the_rest() {
    let mut state = LaneState {
        link: Link { rate: 80_000, ..Link::default() },
        rng: Rng::with_seed(1),
        burst: 0,
        free: Instant::now(),
    };
    let now = state.free;
    let left: Vec<_> = (0..10).map(|_| state.leaving(1000, now).first().map(|leaves| *leaves - now)).collect();
    let of = |millis| Some(Duration::from_millis(millis));
    assert_eq!(left, [of(100), of(200), of(300), None, None, None, None, None, None, None]);
}

#[test]
fn clients_get_another_port() {
    let server = socket();
    let relay = Relay::start(server.local_addr().unwrap().port(), 7);
    let client = socket();
    let seen = || {
        client.send_to(b"x", ("127.0.0.1", relay.port)).unwrap();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        server.recv_from(&mut [0; 8]).unwrap().1.port()
    };
    let first = seen();
    assert_eq!(seen(), first);
    relay.rebind();
    assert_ne!(seen(), first);
}
