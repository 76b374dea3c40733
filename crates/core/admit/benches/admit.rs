//! What does it cost to let a player in, without callbacks?

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
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

/// What a signed token costs the thread that sends media to others.
fn verify(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let jwts = Jwts::new(Fetch::new(runtime.handle().clone()).expect("a client"));
    let file = |pair: &rcgen::KeyPair| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), pair.public_key_pem()).expect("a key");
        file
    };
    let (rsa, ec) = (&rcgen::PKCS_RSA_SHA256, &rcgen::PKCS_ECDSA_P256_SHA256);
    let [rsa, ec] = [rsa, ec].map(|kind| rcgen::KeyPair::generate_for(kind).expect("a key"));
    let (rsa_file, ec_file) = (file(&rsa), file(&ec));
    let [rsa_key, ec_key] = [
        EncodingKey::from_rsa_pem(rsa.serialize_pem().as_bytes()).expect("a key that signs"),
        EncodingKey::from_ec_pem(ec.serialize_pem().as_bytes()).expect("a key that signs"),
    ];
    let shared = EncodingKey::from_secret(b"secret");
    let jwt = |of: &str| {
        let text = format!("listen 1935; vhost v {{ tokens {{ jwt {{ {of}; }} }} }}");
        let config = Config::from_text(&text).expect("a configuration").config;
        config.vhost("v").expect("a vhost").tokens.jwt.clone()
    };
    let public = |file: &tempfile::NamedTempFile| jwt(&format!("public_key {}", file.path().display()));
    let claims = serde_json::json!({ "act": "play", "app": "live", "stream": "cam*", "exp": 4_000_000_000_u64 });
    let mut group = criterion.benchmark_group("what_does_it_cost_to_verify_a_token");
    for (alg, key, conf) in [
        (Algorithm::HS256, &shared, jwt("key secret")),
        (Algorithm::RS256, &rsa_key, public(&rsa_file)),
        (Algorithm::ES256, &ec_key, public(&ec_file)),
    ] {
        let token = jsonwebtoken::encode(&Header::new(alg), &claims, key).expect("a token");
        group.bench_function(format!("{alg:?}"), |bencher| {
            bencher.iter(|| runtime.block_on(jwts.verify(&conf, &token)).expect("it is signed"));
        });
    }
    group.finish();
}

criterion_group!(benches, admit, verify);
criterion_main!(benches);
