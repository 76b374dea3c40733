use std::net::SocketAddr;

use http::HeaderMap;

use super::*;

/// A folder that holds one file.
struct OneFile(&'static str);

impl Site for OneFile {
    fn answer<'a>(&'a self, asked: &'a Asked) -> Answer<'a> {
        let found = asked.path == self.0;
        let reply = if found { Reply::text(StatusCode::OK, "their own") } else { Reply::plain(StatusCode::NOT_FOUND) };
        Box::pin(async move { Some(reply) })
    }
}

/// Status, the cache's rule, and whether the answer is a page.
fn get(own: &'static str, conf: &str, path: &str, tag: Option<&str>) -> (u16, String, bool) {
    let conf =
        Config::from_text(&format!("listen 1935; http_server {{ enabled on; {conf} }}")).expect("a configuration");
    let pages = Pages::over(Arc::new(OneFile(own)), Live::new(conf.config));
    let mut headers = HeaderMap::new();
    headers.extend(tag.map(|tag| (IF_NONE_MATCH, HeaderValue::from_str(tag).expect("a tag"))));
    let asked = Asked {
        method: Method::GET,
        path: path.to_owned(),
        query: String::new(),
        headers,
        peer: SocketAddr::from(([127, 0, 0, 1], 1)),
        secure: false,
        body: Bytes::new(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let reply = runtime.block_on(pages.answer(&asked)).expect("an answer");
    let field = |name| reply.headers.iter().find(|(one, _)| *one == name).and_then(|(_, value)| value.to_str().ok());
    let is_page = field(ETAG).is_some();
    (reply.status.as_u16(), field(CACHE_CONTROL).unwrap_or_default().to_owned(), is_page)
}

#[test]
fn the_first_page_is_there_unless_they_have_their_own() {
    assert_eq!(get("/x", "", "/", None), (200, "no-cache".to_owned(), true));
    assert_eq!(get("/", "", "/", None), (200, String::new(), false));
    assert_eq!(get("/x", "pages off;", "/", None), (404, String::new(), false));
    assert_eq!(get("/x", "", "/live/cam.flv", None), (404, String::new(), false));
    assert_eq!(get("/x", "", "/players/srs_player.html", None).0, 200, "links of SRS lead to it");
}

#[test]
fn what_a_client_has_is_not_sent_again() {
    let tag = assets::get("/").expect("the first page").etag;
    assert_eq!(get("/x", "", "/", Some(&tag)), (304, "no-cache".to_owned(), true));
    assert_eq!(get("/x", "", "/", Some("\"other\"")).0, 200);
}

#[test]
fn the_pages_learn_the_ports() {
    let conf = "listen 2935; http_api { enabled on; listen 127.0.0.1:2985; }";
    let conf = Config::from_text(conf).expect("a configuration").config;
    let Body::Bytes(json) = ports(&conf).body else { panic!("a body in memory") };
    assert_eq!(json, r#"{"api":2985,"apiTls":null,"rtmp":2935,"rtc":null,"pushKey":null}"#);
    let conf =
        Config::from_text("listen 2935; rtc_server { enabled on; listen 8001; }").expect("a configuration").config;
    let Body::Bytes(json) = ports(&conf).body else { panic!("a body in memory") };
    assert!(json.windows(11).any(|part| part == br#""rtc":8001,"#.as_slice()), "{json:?}");
    assert_eq!(get("/x", "", "/weir.json", None).0, 200);
    assert_eq!(get("/x", "pages off;", "/weir.json", None).0, 404);
}

#[test]
fn the_pages_learn_who_needs_a_key_but_not_the_key() {
    let check = |tokens: &str, expect: &str| {
        let conf = format!("listen 1935; vhost __defaultVhost__ {{ tokens {{ {tokens} publish secret; }} }}");
        let conf = Config::from_text(&conf).expect("a configuration").config;
        let Body::Bytes(json) = ports(&conf).body else { panic!("a body in memory") };
        let json = String::from_utf8_lossy(&json);
        assert!(json.ends_with(&format!(r#""pushKey":{expect}}}"#)) && !json.contains("secret"), "{tokens} {json}");
    };
    check("enabled on;", r#""remote""#);
    check("enabled on; trust_loopback off;", r#""all""#);
    check("enabled on; need play;", "null");
    check("", "null");
}
