use std::net::{Ipv4Addr, SocketAddr};

use weir_conf::{Endpoint, IpFamily};

use super::{Buffers, Udp, bind_udp};

fn sockets(family: IpFamily, count: usize) -> Vec<std::net::UdpSocket> {
    bind_udp(Endpoint { ip: None, port: 0 }, family, count, "rtc_server.listen").expect("a port")
}

#[tokio::test]
async fn datagrams_of_a_peer_come_to_one_of_the_sockets_and_go_back_in_one_call() {
    for family in [IpFamily::Ipv4, IpFamily::All] {
        let sockets: Vec<Udp> =
            sockets(family, 2).into_iter().map(|socket| Udp::new(socket).expect("a socket")).collect();
        let port = sockets[0].local_addr().expect("an address").port();
        assert_eq!(sockets[1].local_addr().expect("an address").port(), port);
        let peer = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a peer");
        let server = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
        for number in 0..5_u8 {
            peer.send_to(&[number; 100], server).await.expect("it is sent");
        }
        let (mut seen, mut at, mut buffers) = (Vec::new(), None, Buffers::default());
        while seen.len() < 5 {
            let index = tokio::select! {
                _ = sockets[0].readable() => 0,
                _ = sockets[1].readable() => 1,
            };
            let took = sockets[index].receive(&mut buffers, |came| {
                assert_eq!(came.from, peer.local_addr().expect("an address"));
                assert_eq!(came.to, Some(Ipv4Addr::LOCALHOST.into()));
                seen.push(came.bytes.to_vec());
            });
            if took.expect("it reads") {
                at = at.or(Some(index));
                assert_eq!(at, Some(index), "all datagrams of a peer come to one socket");
            }
        }
        assert_eq!(seen, (0..5_u8).map(|number| vec![number; 100]).collect::<Vec<_>>());

        let bytes: Vec<u8> = (0..250).map(|index| (index / 100) as u8).collect();
        let to = peer.local_addr().expect("an address");
        assert!(sockets[0].send(to, Some(Ipv4Addr::LOCALHOST.into()), &bytes, 100).expect("it is sent"));
        let mut buffer = [9; 2000];
        for expected in bytes.chunks(100) {
            let (len, from) = peer.recv_from(&mut buffer).await.expect("it comes");
            assert_eq!((&buffer[..len], from), (expected, server));
        }
    }
}

#[test]
fn a_port_that_somebody_holds_is_named() {
    let held = std::net::UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a port");
    let port = held.local_addr().expect("an address").port();
    let error = bind_udp(Endpoint { ip: None, port }, IpFamily::Ipv4, 2, "rtc_server.listen").expect_err("it is taken");
    assert!(error.to_string().contains("rtc_server.listen"), "{error}");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}
