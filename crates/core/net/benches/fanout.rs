//! How much does one publish cost, and how does it grow with the number of players? How much does one player cost?

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use weir_hub::{Hub, Publisher};
use weir_net::fanout::Seat;
use weir_net::testing::{Brackets, connection, fanout, hub, picture, play, publish};

/// Bytes of a picture of a 600 kb/s stream of 25 pictures a second.
const PICTURE: usize = 3_000;

/// Players on one shard; their socket is shared, because it is not written to.
struct Room {
    runtime: Runtime,
    local: LocalSet,
    hub: Arc<Hub>,
    publisher: Publisher,
    _seats: Vec<Seat>,
}

fn room(players: usize, socket_each: bool) -> Room {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let local = LocalSet::new();
    let (hub, publisher, seats) = local.block_on(&runtime, async {
        let (hub, fanout) = (hub("gop_cache off;"), fanout());
        let (shared, _) = connection().await;
        let mut seats = Vec::with_capacity(players);
        for _ in 0..players {
            let socket = if socket_each { drained().await } else { shared.clone() };
            seats.push(fanout.seat(play(&hub).await, socket, Box::new(Brackets)));
        }
        (hub.clone(), publish(&hub).await, seats)
    });
    Room { runtime, local, hub, publisher, _seats: seats }
}

/// A connection whose player reads on another thread.
async fn drained() -> Rc<TcpStream> {
    let (ours, player) = connection().await;
    let player = player.into_std().expect("not in use");
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let mut player = TcpStream::from_std(player).expect("a socket");
            let mut buffer = vec![0; 1 << 16];
            while player.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
        });
    });
    ours
}

fn how_much_does_one_publish_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("publish_one_frame_with_players");
    for players in [1, 10, 100, 1_000, 10_000] {
        group.bench_with_input(BenchmarkId::from_parameter(players), &players, |b, &players| {
            let frame = picture(0, false, PICTURE);
            b.iter_custom(|count| {
                let (mut left, mut time) = (count, Duration::ZERO);
                while left > 0 {
                    let mut room = room(players, false);
                    let some = left.min(20_000);
                    let start = Instant::now();
                    for _ in 0..some {
                        room.publisher.send(frame.clone(), start);
                    }
                    time += start.elapsed();
                    left -= some;
                }
                time
            });
        });
    }
    group.finish();
}

fn how_much_does_one_player_cost(c: &mut Criterion) {
    let mut group = c.benchmark_group("send_one_frame_to_players");
    for players in [10, 100] {
        group.throughput(Throughput::Elements(players as u64));
        let Room { runtime, local, hub, mut publisher, _seats } = room(players, true);
        let frame = picture(0, false, PICTURE);
        group.bench_function(BenchmarkId::from_parameter(players), |b| {
            b.iter(|| {
                let expect = hub.traffic().bytes_sent() + (players * PICTURE) as u64;
                publisher.send(frame.clone(), Instant::now());
                local.block_on(&runtime, async {
                    while hub.traffic().bytes_sent() < expect {
                        tokio::task::yield_now().await;
                    }
                });
            });
        });
    }
    group.finish();
}

criterion_group!(questions, how_much_does_one_publish_cost, how_much_does_one_player_cost);
criterion_main!(questions);
