use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, HeaderValue};
use weir_conf::{Config, Env, Facts, Live, Source};
use weir_httpd::Body;
use weir_hub::{ClientKind, Publisher, Request, Subscriber, testing};

use super::*;

mod clusters;
mod detail;
mod ends;
mod errors;
mod metrics;
mod objects;
mod openapi;
mod raw;
mod shape;

use shape::shape;

/// What an SRS answered: a request line, and the body below it.
const SRS: &str = include_str!("../../testdata/srs-7.0.18.txt");

const CONF: &str = "listen 1935; vhost __defaultVhost__ { hls { enabled on; hls_fragment 2; } }";

struct House {
    hub: Arc<Hub>,
    parts: Parts,
    site: Arc<ApiSite>,
}

impl House {
    fn new(conf: &str) -> House {
        let hub = hub(conf);
        let sampler = Sampler::new(hub.clone());
        let reloads = Arc::new(Reloads::default());
        let (identity, features) = (identity(), Features::default());
        let (connections, shards) = (Connections::new(1000), vec![Arc::default(), Arc::default()]);
        let meters = vec![Meter::gauge("weir_hls_memory_bytes", "Bytes.", || 7)];
        let parts = Parts { hub: hub.clone(), sampler, identity, features, reloads, connections, shards, meters };
        House { hub, site: ApiSite::new(parts.clone(), true), parts }
    }

    /// The four clients that the SRS of the samples had.
    async fn with_clients() -> (House, Publisher, Vec<Subscriber>) {
        let house = House::new(CONF);
        let mut publisher = house.hub.publish(&request("9k72z660", ClientKind::FmlePublish)).await.expect("it is free");
        objects::send_headers(&mut publisher);
        let mut players = Vec::new();
        for (id, kind) in
            [("hkg2226m", ClientKind::FlvPlay), ("4c341279", ClientKind::RtmpPlay), ("7320p15t", ClientKind::FlvPlay)]
        {
            players.push(house.hub.subscribe(&request(id, kind)).await.expect("anybody may play"));
        }
        (house, publisher, players)
    }

    async fn ask(&self, line: &str) -> Reply {
        answer(&*self.site, line).await.expect("the API's own port answers everything")
    }

    async fn body(&self, line: &str) -> String {
        let reply = self.ask(line).await;
        assert_eq!(reply.status, StatusCode::OK, "{line}");
        assert_eq!(header(&reply, CONTENT_TYPE), "application/json", "{line}");
        text(&reply)
    }

    /// The answer to `line` has the shape of SRS's answer to `sample`.
    async fn check(&self, line: &str, sample: &str) {
        // What weir tells beyond SRS.
        let ours = shape(&self.body(line).await).replace(r#","frame_rate":0.00"#, "");
        assert_eq!(ours, shape(srs(sample)), "{line}");
    }
}

fn hub(text: &str) -> Arc<Hub> {
    let source = Source::Text { name: "test.conf".to_owned(), text: text.to_owned() };
    let loaded = Config::load(source, &Env::default(), &Facts::default()).expect("a configuration");
    Hub::new(Live::new(loaded.config))
}

fn identity() -> Identity {
    Identity { server_id: "vid-0a1b2c3".to_owned(), service_id: "k3x9q0zt".to_owned(), pid: 4127 }
}

fn request(id: &str, kind: ClientKind) -> Request {
    Request {
        id: id.to_owned(),
        vhost: "127.0.0.1".to_owned(),
        name: if kind == ClientKind::FlvPlay { "cam1.flv" } else { "cam1" }.to_owned(),
        tc_url: "rtmp://127.0.0.1:1935/live".to_owned(),
        ..testing::request(kind, "cam1")
    }
}

/// Asks with a request line without its version: `GET /api/?a=b`.
async fn answer(site: &dyn Site, line: &str) -> Option<Reply> {
    let (method, target) = line.split_once(' ').expect("METHOD TARGET");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let asked = Asked {
        method: method.parse().expect("a method"),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: HeaderMap::from_iter([(HOST, HeaderValue::from_static("error.srs.com:1985"))]),
        peer: SocketAddr::from(([127, 0, 0, 1], 4711)),
        secure: false,
        body: Bytes::new(),
    };
    site.answer(&asked).await
}

fn srs(line: &str) -> &'static str {
    let mut lines = SRS.lines();
    lines.find(|one| *one == line).unwrap_or_else(|| panic!("no sample of {line}"));
    lines.next().expect("a body")
}

fn text(reply: &Reply) -> String {
    let Body::Bytes(bytes) = &reply.body else { panic!("a body in memory") };
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn header(reply: &Reply, name: http::HeaderName) -> &str {
    let found = reply.headers.iter().find(|(one, _)| *one == name);
    found.map_or("", |(_, value)| value.to_str().expect("ASCII"))
}

// row: http-api.md §2 Common fields
// row: http-api.md §3 /api/v1/versions
// row: errors.md §1 0
#[tokio::test]
async fn versions_are_those_of_weir_in_the_fields_of_srs() {
    let house = House::new(CONF);
    let expect = concat!(
        r#"{"code":0,"server":"vid-0a1b2c3","service":"k3x9q0zt","pid":"4127","#,
        r#""data":{"major":0,"minor":1,"revision":0,"version":"0.1.0"}}"#
    );
    assert_eq!(house.body("GET /api/v1/versions").await, expect);
    house.check("GET /api/v1/versions", "GET /api/v1/versions").await;
    house.check("POST /api/v1/versions", "POST /api/v1/versions").await;
}

// row: http-api.md §3 /api/v1/summaries
// row: http-api.md §3 /api/v1/rusages
// row: http-api.md §3 /api/v1/self_proc_stats
// row: http-api.md §3 /api/v1/system_proc_stats
// row: http-api.md §3 /api/v1/meminfos
// row: http-api.md §3 /api/v1/authors
// row: http-api.md §3 /api/v1/features
// row: http-api.md §3 /api/v1/tests/requests
// row: http-api.md §3 /api/v1/tests/errors
// row: http-api.md §3.1 ok bool
// row: errors.md §1 100
#[tokio::test]
async fn documents_have_the_keys_and_the_numbers_of_srs() {
    let house = House::new(CONF);
    for sampled in [false, true] {
        if sampled {
            house.parts.sampler.sample(0);
        }
        for name in [
            "summaries",
            "rusages",
            "self_proc_stats",
            "system_proc_stats",
            "meminfos",
            "authors",
            "features",
            "tests/requests?a=1&b=2",
            "tests/errors",
        ] {
            let line = format!("GET /api/v1/{name}");
            house.check(&line, &line).await;
        }
    }
}

#[tokio::test]
async fn measures_are_those_of_this_process() {
    let house = House::new(CONF);
    house.parts.sampler.sample(0);
    let own = format!(r#""pid":{}"#, std::process::id());
    for name in ["summaries", "self_proc_stats"] {
        let body = house.body(&format!("GET /api/v1/{name}")).await;
        assert!(body.contains(r#""data":{"ok":true"#) && body.contains(&own), "{body}");
    }
    let body = house.body("GET /api/v1/summaries").await;
    for zero in [r#""mem_kbyte":0"#, r#""mem_ram_kbyte":0"#, r#""cpus":0"#, r#""uptime":0.00"#, r#""conn_sys":0,"#] {
        assert!(!body.contains(zero), "{zero} in {body}");
    }
}

#[tokio::test]
async fn without_stats_nothing_is_sampled() {
    let house = House::new("listen 1935; stats { enabled off; } vhost __defaultVhost__ {}");
    house.parts.sampler.sample(0);
    for name in ["summaries", "rusages", "self_proc_stats", "system_proc_stats", "meminfos"] {
        let body = house.body(&format!("GET /api/v1/{name}")).await;
        assert!(body.contains(r#""data":{"ok":false"#), "{body}");
    }
}

// row: http-api.md §3 /api/v1/tests/requests
#[tokio::test]
async fn a_request_is_told_back() {
    let house = House::new(CONF);
    let body = house.body("PUT /api/v1/tests/requests?a=1").await;
    let path = "/api/v1/tests/requests";
    let expect = format!(r#""data":{{"uri":"http://error.srs.com{path}","path":"{path}","METHOD":"PUT","headers":{{"#);
    assert!(body.contains(&expect), "{body}");
    assert!(body.contains(r#"{"sigature":"weir","version":"0.1.0","link":""#), "{body}");
}

// row: http-api.md §3 /
// row: http-api.md §3 /api/
// row: http-api.md §3 /api/v1/
// row: http-api.md §2 Unknown /api/...
#[tokio::test]
async fn lists_name_what_is_there_and_answer_what_is_not() {
    let house = House::new(CONF);
    let v1 = concat!(
        r#"{"versions":"","summaries":"","rusages":"","self_proc_stats":"","system_proc_stats":"","meminfos":"","#,
        r#""authors":"","features":"","requests":"","vhosts":"","streams":"","clients":"","raw":"","clusters":"","#,
        r#""openapi.json":""},"#,
        r#""tests":{"requests":"","errors":"","redirects":"","[vhost]":""}}"#
    );
    for (path, expect) in [
        ("/", r#"{"api":""}}"#),
        ("/nope", r#"{"api":""}}"#),
        ("/rtc/v1/play/", r#"{"api":""}}"#),
        ("/api/", r#"{"v1":""}}"#),
        ("/api/v2/streams", r#"{"v1":""}}"#),
        ("/api/v1/", v1),
        ("/api/v1/unknown", v1),
        ("/api/v1/requests", v1),
        ("/api/v1/versions/", v1),
    ] {
        let body = house.body(&format!("GET {path}")).await;
        let (_, urls) = body.split_once(r#""pid":"4127","urls":"#).expect("urls after the common fields");
        assert_eq!(shape(urls), expect, "{path}");
    }
}

/// What weir leaves out, SRS has; what weir has stands in the order of SRS.
#[tokio::test]
async fn lists_have_the_keys_of_srs() {
    let house = House::new(CONF);
    for line in ["GET /", "GET /api/", "GET /api/v1/"] {
        // What weir has beyond SRS.
        let ours = shape(&house.body(line).await).replace(r#","openapi.json":"""#, "");
        let theirs = shape(srs(line));
        let mut theirs = theirs.split(',');
        for member in ours.split(',') {
            let key = member.trim_end_matches('}');
            assert!(theirs.any(|one| one.trim_end_matches('}') == key), "{key} in {line}");
        }
    }
}

// row: http-api.md §2 Trailing slash
// row: http-api.md §3 /api/v1/tests/redirects
#[tokio::test]
async fn redirects_keep_the_query() {
    let house = House::new(CONF);
    for (line, status, target) in [
        ("GET /api", 302, "/api/"),
        ("GET /api/v1?x=1", 302, "/api/v1/?x=1"),
        ("GET /api/v1/vhosts", 302, "/api/v1/vhosts/"),
        ("GET /api/v1/streams?start=10&count=20", 302, "/api/v1/streams/?start=10&count=20"),
        ("DELETE /api/v1/clients", 302, "/api/v1/clients/"),
        ("GET /api/v1/tests/redirects?a=1", 301, "/api/v1/tests/errors?a=1"),
    ] {
        let reply = house.ask(line).await;
        assert_eq!(reply.status.as_u16(), status, "{line}");
        assert_eq!(header(&reply, LOCATION), target, "{line}");
        assert_eq!(text(&reply), format!("Redirect to {target}"));
    }
}

// row: http-api.md §2 Methods
#[tokio::test]
async fn methods_are_checked_where_srs_checks_them() {
    let house = House::new(CONF);
    for line in [
        "PUT /api/v1/streams/",
        "POST /api/v1/vhosts/",
        "DELETE /api/v1/vhosts/nope",
        "POST /api/v1/streams/nope",
        "POST /api/v1/clients/",
    ] {
        let reply = house.ask(line).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{line}");
        assert_eq!(text(&reply), "Method Not Allowed");
        assert_eq!(header(&reply, CONTENT_TYPE), "text/plain; charset=utf-8");
    }
    for line in ["POST /api/v1/summaries", "PUT /api/", "DELETE /api/v1/versions"] {
        house.body(line).await;
    }
}

// row: http-api.md §1 Shared
#[tokio::test]
async fn on_a_shared_port_other_paths_are_those_of_the_http_server() {
    let house = House::new(CONF);
    let shared = ApiSite::new(house.parts, false);
    for (line, expect) in [("GET /", false), ("GET /live/cam1.flv", false), ("GET /apis", false), ("GET /api/x", true)]
    {
        assert_eq!(answer(&*shared, line).await.is_some(), expect, "{line}");
    }
}

// row: http-api.md §1 HTTP server
#[tokio::test]
async fn the_http_server_tells_its_version_and_nothing_else() {
    let site = VersionsSite::new(identity());
    let reply = answer(&*site, "GET /api/v1/versions").await.expect("a reply");
    assert_eq!(text(&reply), House::new(CONF).body("GET /api/v1/versions").await);
    for line in ["GET /", "GET /api/v1/", "GET /api/v1/versions/", "GET /api/v1/streams/"] {
        assert!(answer(&*site, line).await.is_none(), "{line}");
    }
}
