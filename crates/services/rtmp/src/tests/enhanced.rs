//! Players that announce what they take, beside players that announce nothing.

use std::time::Duration;

use weir_flv::amf0::Value;
use weir_flv::tag::TagKind::{self, Audio, Video};

use super::peer::{Peer, Server};

const MULTITRACK: f64 = 2.0;
const MOD_EX: f64 = 4.0;

type Announcement = Vec<(&'static str, Value)>;

/// `fourCcList` and `capsEx`.
fn announce(fourccs: &[&str], caps_ex: f64) -> Announcement {
    let list = fourccs.iter().map(|fourcc| Value::string(*fourcc)).collect();
    vec![("fourCcList", Value::StrictArray(list)), ("capsEx", Value::Number(caps_ex))]
}

/// Plays `sent` to three players of each sort, so that some of them share their bytes, and to one that comes late; each has
/// to get the bodies of its sort.
async fn check(vhost: &str, sent: &[(TagKind, &[u8])], sorts: &[(Announcement, &[&[u8]])]) {
    for tls in [false, true] {
        let server = if tls { Server::start_tls(vhost).await } else { Server::start(vhost).await };
        let mut players = Vec::new();
        for (announce, expect) in sorts {
            for _ in 0..3 {
                players.push((server.play_as("cam", announce).await, *expect));
            }
        }
        let mut publisher = server.publish("cam").await;
        for (at, (kind, body)) in sent.iter().enumerate() {
            publisher.send(*kind, at as u32 * 40, body).await;
            if at % 3 == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        // Everybody gets this one.
        publisher.send(Video, 9000, END).await;
        for (player, expect) in &mut players {
            assert_eq!(played(player).await, *expect);
        }
    }
}

const END: &[u8] = &[0x22, 0xee];

/// What comes up to the end.
async fn played(player: &mut Peer) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    loop {
        let body = player.media(1).await.remove(0).2;
        if body == END {
            return bodies;
        }
        bodies.push(body.to_vec());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_announces_nothing_gets_every_body_as_it_came() {
    let bodies: [&[u8]; 8] = [
        b"\x90hvc1\x01",
        b"\x91hvc1\0\0\x28\x09",
        &[0x1c, 1, 0, 0, 0, 9],
        b"\x97\x02\0\0\x09\x01av01\x09",
        b"\x96\x11av01\0\0\0\x01\x09\x01\0\0\x01\x09",
        b"\x91what\x09",
        b"\x90hv",
        b"\x94hvc1\x02",
    ];
    let sent: Vec<_> = bodies.iter().map(|body| (Video, *body)).collect();
    check("", &sent, &[(Vec::new(), &bodies)]).await;
}

// row: protocols.md §1.5 Video codecs accepted
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn players_get_the_codecs_that_they_announced() {
    let sent: [(TagKind, &[u8]); 8] = [
        (Video, b"\x90hvc1\x01"),
        (Audio, b"\x90Opus\x02"),
        (Video, b"\x91hvc1\0\0\x28\x09"),
        (Audio, b"\x91Opus\xfc\x01"),
        // The publisher goes over to other codecs.
        (Video, b"\x90avc1\x03"),
        (Audio, b"\x90mp4a\x12\x10"),
        (Video, b"\x93avc1\x09"),
        (Audio, b"\x91mp4a\x21"),
    ];
    let bodies: Vec<&[u8]> = sent.iter().map(|(_, body)| *body).collect();
    let legacy: [&[u8]; 4] = [&[0x17, 0, 0, 0, 0, 3], &[0xaf, 0, 0x12, 0x10], &[0x17, 1, 0, 0, 0, 9], &[0xaf, 1, 0x21]];
    let hevc: Vec<&[u8]> = [bodies[0], bodies[2]].into_iter().chain(legacy).collect();
    let opus: Vec<&[u8]> = [bodies[1], bodies[3]].into_iter().chain(legacy).collect();
    check(
        "",
        &sent,
        &[
            (Vec::new(), &bodies),
            (announce(&["*"], 0.0), &bodies),
            (announce(&[], 0.0), &legacy),
            (announce(&["hvc1", "av01"], 0.0), &hevc),
            (announce(&["Opus"], 0.0), &opus),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_of_hevc_and_av1_become_fourccs_for_who_announced_them() {
    let sent: [(TagKind, &[u8]); 4] = [
        (Video, &[0x1c, 0, 0, 0, 0, 1]),
        (Video, &[0x1c, 1, 0, 0, 0x28, 9]),
        (Video, &[0x1d, 0, 0, 0, 0, 0x81]),
        (Video, &[0x1d, 1, 0, 0, 0, 9]),
    ];
    let bodies: Vec<&[u8]> = sent.iter().map(|(_, body)| *body).collect();
    let old = [announce(&[], 0.0), vec![("videoCodecs", Value::Number(f64::from(0xfc | 1 << 12 | 1 << 13)))]].concat();
    check(
        "play { time_jitter off; }",
        &sent,
        &[
            (Vec::new(), &bodies),
            (announce(&["hvc1"], 0.0), &[b"\x90hvc1\x01", b"\x91hvc1\0\0\x28\x09"]),
            (
                announce(&["hvc1", "av01"], 0.0),
                &[b"\x90hvc1\x01", b"\x91hvc1\0\0\x28\x09", b"\x90av01\x81", b"\x91av01\x09"],
            ),
            (announce(&["avc1"], 0.0), &[]),
            (old, &bodies),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tracks_and_nanoseconds_are_for_who_announced_them() {
    let sent: [(TagKind, &[u8]); 6] = [
        (Video, b"\x96\x10av01\0\0\0\x01\x81\x01\0\0\x01\x82"),
        (Audio, b"\x90Opus\x02"),
        (Audio, b"\x95\x00Opus\x01\x03"),
        (Video, b"\x97\x02\0\0\x09\x06\x11av01\0\0\0\x01\x08\x01\0\0\x01\x09"),
        (Audio, b"\x97\x02\0\0\x07\x01Opus\xfc\x01"),
        (Audio, b"\x95\x01Opus\x01\xfc\x02"),
    ];
    let bodies: Vec<&[u8]> = sent.iter().map(|(_, body)| *body).collect();
    let codecs = ["av01", "Opus"];
    let video: &[u8] = b"\x96\x11av01\0\0\0\x01\x08\x01\0\0\x01\x09";
    let one: [&[u8]; 2] = [b"\x90av01\x81", b"\x90Opus\x02"];
    check(
        "",
        &sent,
        &[
            (Vec::new(), &bodies),
            (announce(&codecs, MULTITRACK + MOD_EX), &bodies),
            (announce(&codecs, MULTITRACK), &[bodies[0], bodies[1], bodies[2], video, b"\x91Opus\xfc\x01", bodies[5]]),
            (announce(&codecs, MOD_EX), &[one[0], one[1], b"\x97\x02\0\0\x09\x01av01\x08", bodies[4]]),
            (announce(&codecs, 0.0), &[one[0], one[1], b"\x91av01\x08", b"\x91Opus\xfc\x01"]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_player_gets_the_configuration_in_its_form() {
    let server = Server::start("").await;
    let mut publisher = server.publish("cam").await;
    let bodies: [(TagKind, &[u8]); 5] = [
        (Video, b"\x90avc1\x03"),
        (Video, b"\x94avc1\x02"),
        (Audio, b"\x90mp4a\x12\x10"),
        (Video, b"\x93avc1\x09"),
        (Video, END),
    ];
    for (kind, body) in bodies {
        publisher.send(kind, 0, body).await;
    }
    let mut first = server.play("cam").await;
    assert_eq!(played(&mut first).await.len(), 4);
    let mut late = server.play_as("cam", &announce(&[], 0.0)).await;
    let expect: [&[u8]; 3] = [&[0xaf, 0, 0x12, 0x10], &[0x17, 0, 0, 0, 0, 3], &[0x17, 1, 0, 0, 0, 9]];
    assert_eq!(played(&mut late).await, expect);
}
