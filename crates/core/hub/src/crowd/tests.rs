use std::net::{IpAddr, Ipv4Addr};

use weir_conf::Limits;

use super::Crowd;
use crate::Role::{self, Play, Publish};

const A: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
const B: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2));

/// Clients that come one after the other, and what the last of them hears.
#[track_caller]
fn check(limits: [u32; 3], come: &[(Role, IpAddr)], expect: Option<&str>) {
    let [publishers, players, per_address] = limits;
    let (limits, mut crowd) = (Limits { publishers, players, per_address }, Crowd::default());
    let (last, first) = come.split_last().expect("clients");
    for (role, ip) in first {
        crowd.enter(&limits, *role, *ip).expect("room");
    }
    let heard = crowd.enter(&limits, last.0, last.1).map_err(|refusal| refusal.to_string());
    assert_eq!(heard.err().as_deref(), expect);
}

#[test]
fn a_full_vhost_says_which_limit() {
    check([0; 3], &[(Publish, A), (Play, A), (Play, A)], None);
    check([1, 0, 0], &[(Play, A), (Publish, A)], None);
    let publishers = "there are 1 publishers on the vhost already (limits.publishers)";
    check([1, 0, 0], &[(Publish, A), (Publish, B)], Some(publishers));
    check(
        [0, 2, 0],
        &[(Play, A), (Play, B), (Play, A)],
        Some("there are 2 players on the vhost already (limits.players)"),
    );
    check([0, 0, 1], &[(Play, A), (Play, B)], None);
    let address = "there are 1 clients from 10.0.0.1 on the vhost already (limits.per_address)";
    check([0, 0, 1], &[(Publish, A), (Play, A)], Some(address));
    let ip = |text: &str| text.parse().expect("an address");
    check([0, 0, 1], &[(Play, A), (Play, ip("::ffff:10.0.0.1"))], Some(address));
    let network = "there are 1 clients from 2001:db8:0:1::/64 on the vhost already (limits.per_address)";
    check([0, 0, 1], &[(Play, ip("2001:db8:0:1::1")), (Play, ip("2001:db8:0:1:2:3:4:5"))], Some(network));
    check([0, 0, 1], &[(Play, ip("2001:db8:0:1::1")), (Play, ip("2001:db8:0:2::1"))], None);
}

#[test]
fn who_leaves_makes_room() {
    let (limits, mut crowd) = (Limits { publishers: 1, players: 1, per_address: 2 }, Crowd::default());
    for _ in 0..3 {
        crowd.enter(&limits, Publish, A).expect("room");
        crowd.enter(&limits, Play, A).expect("room");
        assert!(!crowd.leave(Play, A) && crowd.leave(Publish, A));
    }
    assert!(crowd.addresses.is_empty());
}
