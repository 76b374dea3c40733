//! How long does a scrape take with 5,000 streams, and a list of 10,000 clients?

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{HeaderMap, Method};
use tokio::runtime::{Builder, Runtime};
use weir_api::{ApiSite, Features, Identity, Parts, Reloads, Sampler};
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_httpd::{Asked, Body, Site};
use weir_hub::{ClientKind, Hub, Request, Subscriber, testing};
use weir_net::Connections;

struct House {
    runtime: Runtime,
    site: Arc<ApiSite>,
    players: Vec<Subscriber>,
}

/// A server with so many players, spread over so many streams.
fn house(players: usize, streams: usize) -> House {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let text = "listen 1935; exporter { enabled on; } vhost __defaultVhost__ {}".to_owned();
    let source = Source::Text { name: "bench.conf".to_owned(), text };
    let config = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration").config;
    let hub = Hub::new(Live::new(config));
    let enter = |number: usize| {
        let request = request(number, number % streams);
        let player = runtime.block_on(hub.subscribe(&request)).expect("anybody may play");
        player.stream().count_sent(number as u64);
        player
    };
    let players = (0..players).map(enter).collect();
    let identity = Identity { server_id: "vid-0a1b2c3".into(), service_id: "k3x9q0zt".into(), pid: 4127 };
    let parts = Parts {
        hub: hub.clone(),
        sampler: Sampler::new(hub),
        identity,
        features: Features::default(),
        reloads: Arc::new(Reloads::default()),
        connections: Connections::new(1000),
        shards: Vec::new(),
        meters: Vec::new(),
    };
    House { runtime, site: ApiSite::new(parts, true), players }
}

fn request(client: usize, stream: usize) -> Request {
    Request { id: format!("{client:08}"), ..testing::request(ClientKind::RtmpPlay, &format!("cam{stream}")) }
}

impl House {
    /// Bytes of an answer.
    fn ask(&self, path: &str, query: &str) -> usize {
        let asked = Asked {
            method: Method::GET,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            peer: SocketAddr::from(([127, 0, 0, 1], 4711)),
            secure: false,
            body: Bytes::new(),
        };
        let reply = self.runtime.block_on(self.site.answer(&asked)).expect("an answer");
        let Body::Bytes(bytes) = reply.body else { panic!("a body in memory") };
        bytes.len()
    }
}

fn answers(c: &mut Criterion) {
    let mut group = c.benchmark_group("how long does an answer take");
    group.sample_size(10);
    let many_streams = house(5_000, 5_000);
    println!("a scrape is {} bytes", many_streams.ask("/metrics", ""));
    group.bench_function("metrics of 5,000 streams", |b| b.iter(|| many_streams.ask("/metrics", "")));
    let many_clients = house(10_000, 100);
    println!("the list is {} bytes", many_clients.ask("/api/v1/clients/", "count=10000"));
    group.bench_function("10,000 clients", |b| b.iter(|| many_clients.ask("/api/v1/clients/", "count=10000")));
    let detail = format!("/api/v1/streams/{}/detail", many_clients.players[0].stream().id);
    group.bench_function("detail of one stream of 10,000 clients", |b| b.iter(|| many_clients.ask(&detail, "")));
}

criterion_group!(benches, answers);
criterion_main!(benches);
