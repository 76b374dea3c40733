use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderValue;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_rustls::TlsAcceptor;

use super::{Bounds, Error, Fetch};
use crate::call::{Body, Call};
use crate::testing::{Does, Peer, Seen, serve};
use crate::tls::Roots;

const SOON: Duration = Duration::from_millis(200);

fn fetch(bounds: Bounds) -> Fetch {
    Fetch::with(Handle::current(), bounds, Roots::These(Vec::new())).expect("a client")
}

fn get(peer: &Peer) -> Call {
    Call::get(&peer.url("/a?b=c")).expect("a URL")
}

#[tokio::test]
async fn a_call_is_what_servers_know_from_srs_and_connections_are_used_again() {
    let peer = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let fetch = fetch(Bounds::default());
    for _ in 0..2 {
        let json = HeaderValue::from_static("application/json");
        let call = Call::post(&peer.url("/a?b=c"), json, "{}").expect("a URL");
        let answer = fetch.call(call).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"0"[..]));
    }
    let seen = peer.seen();
    assert_eq!((&*seen[0].line, &*seen[0].body), ("POST /a?b=c HTTP/1.1", "{}"));
    assert_eq!(seen[0].header("User-Agent"), Some(weir_base::SIGNATURE));
    let mut names: Vec<&str> = seen[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Accept", "Content-Length", "Content-Type", "Host", "User-Agent"]);
    assert_eq!(seen[1].connection, 0);
}

#[tokio::test]
async fn nobody_hears_of_a_call_that_is_not_wanted_when_it_is_its_turn() {
    let peer = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let fetch = fetch(Bounds::default());
    assert_eq!(fetch.call(get(&peer).with_consent(|| false)).await.expect_err("unwanted"), Error::Unwanted);
    fetch.call(get(&peer).with_consent(|| true)).await.expect("an answer");
    assert_eq!(peer.seen().len(), 1);
}

/// How a call ends whose server does this.
async fn check(does: Does, expect: fn(&Error) -> bool) {
    let bounds = Bounds { limit: SOON, body: 1000, ..Bounds::default() };
    let peer = Peer::start(move |_| does.clone()).await.expect("a server");
    let fetch = fetch(bounds);
    let error = fetch.call(get(&peer)).await.expect_err("no answer");
    assert!(expect(&error), "{error}");
    assert_eq!(fetch.hosts.len(), 0);
}

#[tokio::test]
async fn a_bad_server_is_a_clear_error() {
    check(Does::Hangs, |error| *error == Error::Late(SOON)).await;
    check(Does::Closes, |error| matches!(error, Error::Broken(_))).await;
    check(Does::Says("what?\r\n\r\n".to_owned()), |error| matches!(error, Error::Broken(_))).await;
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort".to_owned();
    check(Does::Says(cut), |error| *error == Error::Late(SOON)).await;
    let long = "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n".to_owned();
    check(Does::Pours(long), |error| *error == Error::TooLong(1000)).await;
    check(Does::Pours("HTTP/1.1 200 OK\r\n\r\n".to_owned()), |error| *error == Error::TooLong(1000)).await;
    check(Does::Pours("HTTP/1.1 200 OK\r\nX: ".to_owned()), |error| matches!(error, Error::Broken(_))).await;
}

/// Many small servers close after each answer, and SRS never noticed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_closes_without_saying_so_answers_every_call_once() {
    let peer = Peer::start(|_| Does::AnswersAndCloses("0".to_owned())).await.expect("a server");
    let fetch = fetch(Bounds::default());
    for _ in 0..200 {
        fetch.call(get(&peer)).await.expect("an answer");
    }
    assert_eq!(peer.seen().len(), 200);
}

/// A server may have acted upon what it did not answer.
#[tokio::test]
async fn a_call_that_fails_by_its_first_connection_is_made_once() {
    let peer = Peer::start(|seen| match seen.connection {
        0 => Does::AnswersAndCloses("0".to_owned()),
        _ => Does::Closes,
    });
    let peer = peer.await.expect("a server");
    let fetch = fetch(Bounds::default());
    fetch.call(get(&peer)).await.expect("an answer");
    // Until the end of the connection is noticed, the next call tries it, and is made by another.
    let error = fetch.call(get(&peer)).await.expect_err("no answer");
    assert!(matches!(error, Error::Broken(_)), "{error}");
    let error = fetch.call(get(&peer)).await.expect_err("no answer");
    assert!(matches!(error, Error::Broken(_)), "{error}");
    assert_eq!(peer.seen().iter().map(|seen| seen.connection).collect::<Vec<_>>(), [0, 1, 2]);
}

#[tokio::test]
async fn nobody_there_is_a_clear_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let call = Call::get(&format!("http://127.0.0.1:{port}/")).expect("a URL");
    let error = fetch(Bounds::default()).call(call).await.expect_err("no connection");
    assert!(matches!(&error, Error::Connect(why) if why.contains("refused")), "{error}");
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let to = "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n";
    let peer = Peer::start(move |_| Does::Says(to.to_owned())).await.expect("a server");
    assert_eq!(fetch(Bounds::default()).call(get(&peer)).await.expect("an answer").status, 302);
    assert_eq!(peer.seen().len(), 1);
}

#[tokio::test]
async fn the_first_bytes_of_an_endless_body_are_enough_for_who_wants_no_more() {
    let peer = Peer::start(|_| Does::Pours("HTTP/1.1 200 OK\r\n\r\n".to_owned())).await.expect("a server");
    let answer = fetch(Bounds::default()).call(get(&peer).body(Body::First(64))).await.expect("an answer");
    assert_eq!(answer.body.len(), 64);
}

#[tokio::test]
async fn a_line_that_is_full_refuses_at_once_and_others_are_served() {
    let bounds = Bounds { at_once: 2, waiting: 1, limit: Duration::from_secs(5), ..Bounds::default() };
    let dead = Peer::start(|_| Does::Hangs).await.expect("a server");
    let lively = Peer::start(|_| Does::Answers("0".to_owned())).await.expect("a server");
    let fetch = fetch(bounds);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let (fetch, call) = (fetch.clone(), get(&dead));
            tokio::spawn(async move { fetch.call(call).await })
        })
        .collect();
    dead.wait(2).await;
    let began = Instant::now();
    assert_eq!(fetch.call(get(&dead)).await.expect_err("the line is full"), Error::Busy(3));
    fetch.call(get(&lively)).await.expect("an answer");
    assert!(began.elapsed() < bounds.limit, "neither waited for the dead server");
    assert_eq!(dead.seen().len(), 2);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    for one in waiting {
        let _ = one.await;
    }
    while fetch.hosts.len() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn calls_that_nobody_waits_for_take_no_place_from_the_others_and_wait_for_theirs() {
    let bounds = Bounds { at_once: 1, waiting: 0, limit: Duration::from_millis(500), ..Bounds::default() };
    let peer = Peer::start(|seen| if seen.line.contains("hang") { Does::Hangs } else { Does::Answers("0".to_owned()) });
    let peer = peer.await.expect("a server");
    let fetch = fetch(bounds);
    let tell = |path: &str| {
        let (fetch, call) = (fetch.clone(), Call::get(&peer.url(path)).expect("a URL").told());
        tokio::spawn(async move { fetch.call(call).await })
    };
    let hangs = tell("/hang");
    peer.wait(1).await;
    let waits = [tell("/"), tell("/")];
    fetch.call(get(&peer)).await.expect("an answer");
    assert_eq!(hangs.await.expect("no panic").expect_err("it hangs"), Error::Late(bounds.limit));
    for one in waits {
        one.await.expect("no panic").expect("its time begins with its turn");
    }
}

/// An authority, and a certificate that it gives `name`.
fn issue(name: &str) -> (CertificateDer<'static>, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new([name.to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &ca).expect("a certificate");
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("a pair");
    (ca.der().clone(), TlsAcceptor::from(Arc::new(config)))
}

async fn serve_tls(acceptor: TlsAcceptor) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            if let Ok(socket) = acceptor.accept(socket).await {
                let answers = |_: &Seen| Does::Answers("0".to_owned());
                tokio::spawn(serve(socket, 0, Arc::default(), answers));
            }
        }
    });
    Ok(port)
}

#[tokio::test]
async fn certificates_are_verified() {
    let (ca, acceptor) = issue("localhost");
    let (stranger, _) = issue("localhost");
    let port = serve_tls(acceptor).await.expect("a server");
    let call = |host: &str| Call::get(&format!("https://{host}:{port}/")).expect("a URL");
    let with = |root: CertificateDer<'static>| {
        Fetch::with(Handle::current(), Bounds::default(), Roots::These(vec![root])).expect("a client")
    };
    let answer = with(ca.clone()).call(call("localhost")).await.expect("a verified server");
    assert_eq!(&*answer.body, b"0");
    let unknown = with(stranger).call(call("localhost")).await.expect_err("nobody vouches for it");
    assert!(matches!(&unknown, Error::Tls(why) if why.contains("invalid peer certificate")), "{unknown}");
    let wrong = with(ca).call(call("127.0.0.1")).await.expect_err("it has another name");
    assert!(matches!(&wrong, Error::Tls(why) if why.contains("not valid for name")), "{wrong}");
}
