use std::sync::Arc;

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use weir_conf::{Config, Live};
use weir_fetch::Fetch;
use weir_hub::{ClientKind, Denial, Hub, Request, testing};

use super::Tokens;
use crate::jwt::Jwts;

const FAR: &str = "203.0.113.7";
const HERE: &str = "127.0.0.1";

fn hub(tokens: &str) -> Arc<Hub> {
    let text = format!("listen 1935; vhost __defaultVhost__ {{ tokens {{ enabled on; {tokens} }} }}");
    let hub = Hub::new(Live::new(Config::from_text(&text).expect("a configuration").config));
    let fetch = Fetch::new(Handle::current()).expect("a client");
    hub.guard(vec![Arc::new(Tokens::new(Jwts::new(fetch)))]);
    hub
}

fn request(kind: ClientKind, ip: &str, param: &str, bearer: Option<&str>) -> Request {
    Request {
        ip: ip.parse().expect("an address"),
        is_local: ip != FAR,
        param: param.to_owned(),
        bearer: bearer.map(str::to_owned),
        ..testing::request(kind, "cam1")
    }
}

/// What a publisher and a player hear.
async fn hear(hub: &Arc<Hub>, ip: &str, param: &str, bearer: Option<&str>) -> [Option<(Denial, String)>; 2] {
    let told = |refusal: weir_hub::Refusal| (refusal.denial(), refusal.to_string());
    [
        hub.publish(&request(ClientKind::FmlePublish, ip, param, bearer)).await.err().map(told),
        hub.subscribe(&request(ClientKind::FlvPlay, ip, param, bearer)).await.err().map(told),
    ]
}

async fn check(tokens: &str, ip: &str, param: &str, expect: [Option<&str>; 2]) {
    let heard = hear(&hub(tokens), ip, param, None).await;
    for (heard, expect) in heard.iter().zip(expect) {
        match (heard, expect) {
            (None, None) => {}
            (Some((Denial::Unauthorized, why)), Some(part)) => assert!(why.contains(part), "{why}"),
            _ => panic!("{tokens} {ip} {param}: {heard:?}"),
        }
    }
}

#[tokio::test]
async fn who_needs_a_key_has_to_have_it() {
    let both = "publish one two; play three;";
    check(both, FAR, "", [Some("add ?key= or ?token="), Some("(tokens.play)")]).await;
    check(both, FAR, "?key=two", [None, Some("not the right one")]).await;
    check(both, FAR, "?a=b&token=three", [Some("not the right one"), None]).await;
    check("need publish; publish one;", FAR, "", [Some("(tokens.publish)"), None]).await;
    check("need play;", FAR, "?key=", [None, Some("no token")]).await;
    check(both, HERE, "", [None, None]).await;
    check(&format!("{both} trust_loopback off;"), HERE, "", [Some("no token"), Some("no token")]).await;
}

#[tokio::test]
async fn a_signed_token_says_what_for() {
    let hub = hub("publish one; jwt { key secret; }");
    let sign = |claims: Value| {
        let key = EncodingKey::from_secret(b"secret");
        jsonwebtoken::encode(&Header::default(), &claims, &key).expect("a token")
    };
    let later = 4_000_000_000_u64;
    for (claims, expect) in [
        (json!({ "act": "publish", "exp": later }), [None, Some("(act)")]),
        (json!({ "act": ["publish", "play"], "app": "live", "stream": "cam*", "exp": later }), [None, None]),
        (json!({ "act": "play", "app": "other", "exp": later }), [Some("(act)"), Some("(app)")]),
        (json!({ "act": "play", "stream": ["a", "b"], "exp": later }), [Some("(act)"), Some("(stream)")]),
        (json!({ "exp": later }), [Some("(act)"), Some("(act)")]),
        (json!({ "act": "play", "exp": 1 }), [Some("expired"), Some("expired")]),
    ] {
        let token = sign(claims.clone());
        for heard in [
            hear(&hub, FAR, &format!("?token={token}"), None).await,
            hear(&hub, FAR, "?key=ignored", Some(&token)).await,
        ] {
            for (heard, expect) in heard.iter().zip(expect) {
                let why = heard.as_ref().map(|(_, why)| why.as_str());
                assert!(why.is_some() == expect.is_some(), "{claims}: {heard:?}");
                let is_told = |why: &str| why.contains(expect.unwrap_or_default()) && why.ends_with("(tokens.jwt)");
                assert!(why.is_none_or(is_told), "{claims}: {heard:?}");
            }
        }
    }
    assert_eq!(hear(&hub, FAR, "?key=one", None).await[0], None, "keys count beside it");
}
