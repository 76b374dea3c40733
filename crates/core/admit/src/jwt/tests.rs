use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use weir_conf::Jwt;
use weir_fetch::testing::{Does, Peer, Seen};
use weir_fetch::{Bounds, Fetch, Roots};
use weir_hub::Denial;

use super::{Claims, Jwts, Words};

const KEY: &str = "a key that is shared with nobody else";

fn jwts() -> Arc<Jwts> {
    let bounds = Bounds { limit: Duration::from_secs(1), ..Bounds::default() };
    Jwts::new(Fetch::with(Handle::current(), bounds, Roots::System).expect("a client"))
}

fn conf() -> Jwt {
    let off = String::new;
    Jwt { key: off(), public_key: off(), jwks: off(), issuer: off(), audience: off() }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

fn sign(alg: Algorithm, kid: Option<&str>, claims: &Value, key: &EncodingKey) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(alg) };
    jsonwebtoken::encode(&header, claims, key).expect("a token")
}

fn shared(claims: &Value) -> String {
    sign(Algorithm::HS256, None, claims, &EncodingKey::from_secret(KEY.as_bytes()))
}

#[track_caller]
fn check(heard: Result<Claims, super::Fault>, expect: Result<&str, &str>) {
    match (heard, expect) {
        (Ok(claims), Ok(act)) => assert!(claims.act.have(act), "{claims:?}"),
        (Err(fault), Err(why)) => assert!(fault.why.contains(why) && fault.denial == Denial::Unauthorized, "{fault:?}"),
        (heard, expect) => panic!("{heard:?} where {expect:?} was expected"),
    }
}

#[tokio::test]
async fn a_shared_key_verifies_times_issuer_and_audience() {
    let (jwts, later) = (jwts(), now() + 600);
    let conf = Jwt { key: KEY.to_owned(), issuer: "login".to_owned(), audience: "weir".to_owned(), ..conf() };
    let good = json!({ "act": "play", "exp": later, "iss": "login", "aud": ["weir", "other"] });
    let but = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        shared(&claims)
    };
    let without = |name: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().expect("an object").remove(name);
        shared(&claims)
    };
    for (token, expect) in [
        (shared(&good), Ok("play")),
        (but("act", json!(["publish", "play"])), Ok("publish")),
        (but("exp", json!(now() - 600)), Err("expired")),
        (but("nbf", json!(later)), Err("not valid yet")),
        (but("iss", json!("other")), Err("another issuer")),
        (but("aud", json!("other")), Err("another audience")),
        (without("exp"), Err("no claim exp")),
        (without("iss"), Err("no claim iss")),
        (without("aud"), Err("no claim aud")),
        (but("act", json!(7)), Err("cannot be read")),
        (sign(Algorithm::HS256, None, &good, &EncodingKey::from_secret(b"guess")), Err("another key")),
        ("abc".to_owned(), Err("cannot be read")),
        (format!("{}x", shared(&good)), Err("")),
        ("a".repeat(10_000), Err("longer than")),
    ] {
        check(jwts.verify(&conf, &token).await, expect);
    }
}

/// The oldest attacks: no signature at all, and a public key taken for a shared one.
#[tokio::test]
async fn an_algorithm_that_no_key_is_for_is_refused() {
    let (jwts, claims) = (jwts(), json!({ "act": "play", "exp": now() + 600 }));
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    for alg in ["none", "None", "NONE"] {
        let unsigned = format!("{}.{}.", part(&json!({ "alg": alg, "typ": "JWT" })), part(&claims));
        check(jwts.verify(&Jwt { key: KEY.to_owned(), ..conf() }, &unsigned).await, Err("cannot be read"));
    }
    let (public, _) = key_pair();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &public).expect("a key");
    let forged = sign(Algorithm::HS256, None, &claims, &EncodingKey::from_secret(public.as_bytes()));
    let conf = Jwt { public_key: file.path().to_string_lossy().into_owned(), ..conf() };
    check(jwts.verify(&conf, &forged).await, Err("no key is configured"));
}

#[tokio::test]
async fn what_is_critical_and_not_understood_is_refused() {
    let conf = Jwt { key: KEY.to_owned(), ..conf() };
    for crit in [vec!["b64"], vec!["exp"], vec![]] {
        let crit: Vec<String> = crit.into_iter().map(str::to_owned).collect();
        let header = Header { crit: Some(crit), ..Header::new(Algorithm::HS256) };
        let claims = json!({ "act": "play", "exp": now() + 600 });
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(KEY.as_bytes()));
        check(jwts().verify(&conf, &token.expect("a token")).await, Err("(crit)"));
    }
}

/// PEM of a public key of P-256, and what signs by the private one.
fn key_pair() -> (String, EncodingKey) {
    let pair = rcgen::KeyPair::generate().expect("a key");
    let private = EncodingKey::from_ec_pem(pair.serialize_pem().as_bytes()).expect("a key that signs");
    (pair.public_key_pem(), private)
}

#[tokio::test]
async fn a_public_key_verifies_from_its_file() {
    let (jwts, claims) = (jwts(), json!({ "act": "publish", "app": "live", "exp": now() + 600 }));
    let ((public, private), (_, other)) = (key_pair(), key_pair());
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), public).expect("a key");
    let conf = Jwt { public_key: file.path().to_string_lossy().into_owned(), ..conf() };
    let token = |key: &EncodingKey| sign(Algorithm::ES256, None, &claims, key);
    check(jwts.verify(&conf, &token(&private)).await, Ok("publish"));
    check(jwts.verify(&conf, &token(&other)).await, Err("another key"));

    let rsa = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("a key");
    let private = EncodingKey::from_rsa_pem(rsa.serialize_pem().as_bytes()).expect("a key that signs");
    let token = sign(Algorithm::RS256, None, &claims, &private);
    check(jwts.verify(&conf, &token).await, Err("not among those of"));
    std::fs::write(file.path(), rsa.public_key_pem()).expect("a key");
    jwts.keys.grow_old();
    check(jwts.verify(&conf, &token).await, Ok("publish"));
}

/// What is no key, or would have whoever reads it wait.
#[tokio::test]
async fn a_public_key_that_cannot_be_read_is_no_fault_of_the_token() {
    let (_, private) = key_pair();
    let token = sign(Algorithm::ES256, None, &json!({ "exp": now() + 600 }), &private);
    let dir = tempfile::tempdir().expect("a folder");
    let (text, pipe) = (dir.path().join("text.pem"), dir.path().join("pipe.pem"));
    std::fs::write(&text, "no key").expect("a file");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    for (path, why) in [(dir.path().join("none.pem"), "No such file"), (text, "PEM"), (pipe, "it is no file")] {
        let path = path.to_string_lossy().into_owned();
        let conf = Jwt { public_key: path.clone(), ..conf() };
        let fault = jwts().verify(&conf, &token).await.expect_err("no key");
        let is_told = fault.why.contains(&path) && fault.why.contains(why);
        assert!(fault.denial == Denial::Unanswered && is_told, "{fault:?}");
    }
}

/// A file is read once for all who come at a time, and its key counts no more when it has been taken away.
#[tokio::test]
async fn a_key_goes_with_its_file() {
    let (jwts, claims) = (jwts(), json!({ "act": "play", "exp": now() + 600 }));
    let (public, private) = key_pair();
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), public).expect("a key");
    let conf = Jwt { public_key: file.path().to_string_lossy().into_owned(), ..conf() };
    let token = sign(Algorithm::ES256, Some("a name"), &claims, &private);
    check(jwts.verify(&conf, &token).await, Ok("play"));
    drop(file);
    check(jwts.verify(&conf, &token).await, Ok("play"));
    jwts.keys.grow_old();
    assert_eq!(jwts.verify(&conf, &token).await.expect_err("no key").denial, Denial::Unanswered);
}

#[tokio::test]
async fn a_set_of_keys_is_fetched_once() {
    let (jwts, claims) = (jwts(), json!({ "act": "play", "exp": now() + 600 }));
    let (_, private) = key_pair();
    let mut key = Jwk::from_encoding_key(&private, Algorithm::ES256).expect("its public half");
    key.common.key_id = Some("one".to_owned());
    let set = serde_json::to_string(&JwkSet { keys: vec![key] }).expect("JSON");
    let peer = Peer::start(move |_| Does::Answers(set.clone())).await.expect("a server");
    let conf = Jwt { jwks: peer.url("/jwks.json?secret=1"), ..conf() };
    let token = |kid| sign(Algorithm::ES256, kid, &claims, &private);
    for _ in 0..3 {
        check(jwts.verify(&conf, &token(Some("one"))).await, Ok("play"));
        check(jwts.verify(&conf, &token(None)).await, Ok("play"));
        let fault = jwts.verify(&conf, &token(Some("two"))).await.expect_err("there is no such key");
        assert!(fault.why.contains("not among those of") && !fault.why.contains("secret"), "{fault:?}");
    }
    assert_eq!(peer.seen().len(), 1, "an unknown key does not make it ask again at once");
}

/// Keys that are not there to verify by are not there, and what cannot be read does not hide the others (RFC 7517 §4, §5).
#[tokio::test]
async fn a_key_is_used_for_what_it_is_there() {
    let claims = json!({ "act": "play", "exp": now() + 600 });
    let (_, private) = key_pair();
    let key = Jwk::from_encoding_key(&private, Algorithm::ES256).expect("its public half");
    let key = serde_json::to_value(key).expect("JSON");
    let with = |more: Value| {
        let mut key = key.clone();
        more.as_object().expect("an object").iter().for_each(|(name, value)| key[name] = value.clone());
        key
    };
    let odd = json!({ "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": 7, "key_ops": 1 });
    for (keys, kid, expect) in [
        (vec![with(json!({ "use": "sig", "key_ops": ["verify"], "alg": "ES256" }))], None, Ok("play")),
        (vec![with(json!({ "use": "enc" }))], None, Err("not among")),
        (vec![with(json!({ "use": "enc", "kid": "one" }))], Some("one"), Err("not among")),
        (vec![with(json!({ "key_ops": ["deriveKey"], "kid": "one" }))], Some("one"), Err("not among")),
        (vec![with(json!({ "key_ops": [] }))], None, Err("not among")),
        (vec![with(json!({ "alg": "ES384", "kid": "one" }))], Some("one"), Err("not among")),
        (vec![with(json!({ "alg": "ECDH-ES" }))], None, Err("not among")),
        (vec![odd.clone(), json!(1), with(json!({ "use": "enc" })), with(json!({}))], None, Ok("play")),
        (vec![with(json!({ "kid": "one" })), with(json!({ "kid": "two" }))], None, Err("not among")),
        (vec![odd, with(json!({ "kid": "one" }))], Some("one"), Ok("play")),
    ] {
        let set = json!({ "keys": keys }).to_string();
        let peer = Peer::start(move |_| Does::Answers(set.clone())).await.expect("a server");
        let conf = Jwt { jwks: peer.url("/"), ..conf() };
        check(jwts().verify(&conf, &sign(Algorithm::ES256, kid, &claims, &private)).await, expect);
    }
}

/// A server of keys that answers no more stops nobody whose key is known, and whoever waits for it waits once.
#[tokio::test]
async fn a_set_that_hangs_keeps_nobody_with_a_known_key_waiting() {
    let (_, private) = key_pair();
    let mut key = Jwk::from_encoding_key(&private, Algorithm::ES256).expect("its public half");
    key.common.key_id = Some("one".to_owned());
    let set = serde_json::to_string(&JwkSet { keys: vec![key] }).expect("JSON");
    let asked = Arc::new(AtomicUsize::new(0));
    let does = move |_: &Seen| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Does::Answers(set.clone()),
        _ => Does::Hangs,
    };
    let peer = Peer::start(does).await.expect("a server");
    let conf = Jwt { jwks: peer.url("/"), ..conf() };
    let claims = json!({ "act": "play", "exp": now() + 600 });
    let token = |kid| sign(Algorithm::ES256, Some(kid), &claims, &private);
    let jwts = jwts();
    check(jwts.verify(&conf, &token("one")).await, Ok("play"));
    jwts.keys.forget_tries();
    let unknown = [token("two"), token("three")];
    let waiting = async { tokio::join!(jwts.verify(&conf, &unknown[0]), jwts.verify(&conf, &unknown[1])) };
    tokio::pin!(waiting);
    while peer.seen().len() < 2 {
        tokio::select! {
            _ = &mut waiting => panic!("nobody said that there is no such key"),
            () = tokio::task::yield_now() => {}
        }
    }
    check(jwts.verify(&conf, &token("one")).await, Ok("play"));
    let heard = waiting.await;
    check(heard.0, Err("not among those of"));
    check(heard.1, Err("not among those of"));
    check(jwts.verify(&conf, &unknown[0]).await, Err("not among those of"));
    assert_eq!(peer.seen().len(), 2, "all waited for the same one");
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_no_fault_of_the_token() {
    for answer in ["HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n<>"] {
        let peer = Peer::start(move |_| Does::Says(answer.to_owned())).await.expect("a server");
        let conf = Jwt { jwks: peer.url("/"), ..conf() };
        let (_, private) = key_pair();
        let token = sign(Algorithm::ES256, Some("one"), &json!({ "exp": now() + 600 }), &private);
        let fault = jwts().verify(&conf, &token).await.expect_err("no keys");
        assert_eq!(fault.denial, Denial::Unanswered, "{fault:?}");
    }
}

#[test]
fn words_may_end_in_a_star() {
    let words = Words(["cam", "room/*", "*"].map(str::to_owned)[..2].to_vec());
    for (name, expect) in [("cam", true), ("cam1", false), ("room/", true), ("room/a", true), ("roo", false)] {
        assert_eq!(words.have(name), expect, "{name}");
    }
}
