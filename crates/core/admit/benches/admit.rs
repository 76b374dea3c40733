//! What does it cost to let a player in, without callbacks?

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use tokio::runtime::Runtime;
use weir_admit::{Jwts, Rules, Tokens};
use weir_conf::{Config, Live};
use weir_fetch::Fetch;
use weir_hub::{ClientKind, Hub, Request, testing};

const CONF: &str = "listen 1935; vhost __defaultVhost__ {
    security { enabled on; deny play 192.0.2.0/24; deny play 198.51.100.0/24; allow play 10.0.0.0/8; allow play fd00::/8; }
    refer { enabled on; play example.com example.org; }
    tokens { enabled on; play one two three; trust_loopback off; }
    limits { players 100000; per_address 100000; }
}";

fn request() -> Request {
    Request {
        ip: [10, 0, 0, 1].into(),
        vhost: "live.example".to_owned(),
        param: "?token=three".to_owned(),
        page_url: "https://www.example.org/watch".to_owned(),
        ..testing::request(ClientKind::RtmpPlay, "cam1")
    }
}

fn admit(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let hub = |conf: &str| Hub::new(Live::new(Config::from_text(conf).expect("a configuration").config));
    let open = hub("listen 1935; vhost __defaultVhost__ { }");
    let guarded = hub(CONF);
    let jwts = Jwts::new(Fetch::new(runtime.handle().clone()).expect("a client"));
    guarded.guard(vec![Arc::new(Rules), Arc::new(Tokens::new(jwts))]);
    let mut group = criterion.benchmark_group("what_does_it_cost_to_let_a_player_in");
    for (name, hub) in [("without_gates", &open), ("with_security_refer_tokens_and_limits", &guarded)] {
        let request = request();
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(hub.subscribe(&request)).expect("it may play"));
        });
    }
    group.finish();
}

criterion_group!(benches, admit);
criterion_main!(benches);
