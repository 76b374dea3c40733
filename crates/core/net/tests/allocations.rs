//! A frame costs the same memory whether ten players watch or a hundred: nothing is allocated and no body is copied per
//! player.

use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use weir_net::testing::{Brackets, connection, fanout, hub, picture, play, publish};

const BODY: usize = 4_000;
const FRAMES: u64 = 64;

/// Allocations and bytes for `FRAMES` frames sent to `players` players, after a warm-up.
fn cost(players: usize) -> (u64, u64) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let local = LocalSet::new();
    let (mut publisher, seats, hub) = local.block_on(&runtime, async {
        let (hub, fanout) = (hub("gop_cache off;"), fanout());
        let mut seats = Vec::new();
        for _ in 0..players {
            let (ours, player) = connection().await;
            seats.push(fanout.seat(play(&hub).await, ours, Box::new(Brackets)));
            // Players drain their sockets on a thread of their own: its allocations are not counted.

            std::thread::spawn(move || drain(player));
        }
        (publish(&hub).await, seats, hub)
    });
    let frame = picture(0, false, BODY);
    let mut send = |count: u64| {
        for _ in 0..count {
            let (sent, expect) = (hub.traffic().bytes_sent(), (players * (BODY + 5)) as u64);
            publisher.send(frame.clone(), Instant::now());
            local.block_on(&runtime, async {
                while hub.traffic().bytes_sent() < sent + expect {
                    tokio::task::yield_now().await;
                }
            });
        }
    };
    send(FRAMES);
    let counted = allocation_counter::measure(|| send(FRAMES));
    drop(seats);
    (counted.count_total, counted.bytes_total)
}

fn drain(player: tokio::net::TcpStream) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let player = player.into_std().expect("not in use");
    runtime.block_on(async move {
        let mut player = tokio::net::TcpStream::from_std(player).expect("a socket");
        let mut buffer = vec![0; 65536];
        while player.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    });
}

#[test]
fn a_frame_costs_no_allocation_and_no_copy_per_player() {
    let (few, few_bytes) = cost(10);
    let (many, many_bytes) = cost(100);
    println!(
        "{FRAMES} frames: 10 players {few} allocations, {few_bytes} bytes; 100 players {many}, {many_bytes} bytes"
    );
    assert!(many <= few + FRAMES / 4, "90 players more cost {} allocations for {FRAMES} frames", many - few);
    assert!(many_bytes < FRAMES * BODY as u64, "the bodies of {FRAMES} frames were copied: {many_bytes} bytes");
}
