//! The HTTP API to those who read it: Prometheus, consoles in a browser, programs that go by its OpenAPI document.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use weir_e2e::clients::{ffmpeg, python};
use weir_e2e::{Server, console, eventually, fixture, http};

const SOON: Duration = Duration::from_secs(15);
/// How long schemathesis may take on a busy machine.
const SCHEMATHESIS_LIMIT: Duration = Duration::from_secs(280);

/// The detail of the stream of this name, once `ready` holds for it.
#[track_caller]
fn wait_detail(server: &Server, name: &str, ready: impl Fn(&Value) -> bool) -> Value {
    let id = server.wait_published(name)["id"].as_str().expect("an id").to_owned();
    let mut detail = Value::Null;
    let is_ready = eventually(SOON, || {
        detail = server.api(&format!("/api/v1/streams/{id}/detail"))["detail"].clone();
        ready(&detail)
    });
    assert!(is_ready, "it did not come to that: {detail}");
    detail
}

// row: http-api.md §1 Exporter
#[test]
fn prometheus_reads_the_metrics() {
    let conf = "exporter { enabled on; listen {exporter}; label lab-1; }";
    let server = Server::start(&format!("{}{conf}", Server::LIVE));
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam\"1"));
    let _player = ffmpeg::record(&server.rtmp("live/cam\"1"));
    server.wait_stream("cam\"1", SOON, |stream| stream["clients"] == 2 && stream["send_bytes"].as_u64() > Some(10_000));

    let exporter = server.port("exporter");
    let answer = http::get(exporter, "/metrics");
    assert_eq!(answer.header("Content-Type"), Some("text/plain; charset=utf-8"));
    let samples = python::metrics(&answer.text());
    let has = |start: &str, end: &str| samples.iter().any(|one| one.starts_with(start) && one.ends_with(end));
    assert!(has("srs_node_uname_info{", " 1"), "{samples:#?}");
    assert!(has("srs_build_info{", " 1") && answer.text().contains(",label=\"lab-1\"} 1\n"), "{samples:#?}");
    assert!(has("srs_streams{}", " 1") && has("srs_clients{}", " 2"), "{samples:#?}");
    assert!(has("weir_stream_clients{app='live',stream='cam\"1',vhost='__defaultVhost__'}", " 2"), "{samples:#?}");
    assert!(has("weir_shard_merge_window_ms{shard='0'}", ""), "{samples:#?}");
    assert!(has("srs_send_bytes_total{}", "") && !has("srs_send_bytes_total{}", " 0"), "{samples:#?}");

    // All of the API is on that port, and the metrics are on the API's.
    assert_eq!(http::get(exporter, "/api/v1/versions").json(), server.api("/api/v1/versions"));
    assert_eq!(python::metrics(&http::get(server.port("api"), "/metrics").text()).len(), samples.len());
}

#[test]
fn a_stream_is_told_of_in_detail_and_its_publisher_ended() {
    let server = Server::start(Server::LIVE);
    let push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    let mut player = ffmpeg::record(&server.rtmp("live/cam"));
    let detail = wait_detail(&server, "cam", |detail| {
        let rates = detail["history"]["recv_kbps"].as_array().map_or(0, Vec::len);
        detail["gop"].is_object() && rates > 0 && detail["players"][0]["queue"].is_object()
    });
    assert_eq!(detail["gop"], json!({ "frames": fixture::GOP, "ms": 1000, "fps": 25.0 }));
    let tracks: Vec<_> = detail["tracks"].as_array().into_iter().flatten().map(|track| &track["codec"]).collect();
    assert_eq!(tracks, ["H264", "AAC"]);
    assert_eq!((&detail["player_count"], &detail["players"][0]["type"]), (&json!(1), &json!("rtmp-play")));
    assert_eq!(detail["players"][0]["lost"], json!([]));

    let id = detail["id"].as_str().expect("an id");
    let answer = http::request(server.port("api"), "DELETE", &format!("/api/v1/streams/{id}"), &[]);
    assert_eq!((answer.status, &answer.json()["code"]), (200, &json!(0)));
    let ended = push.wait(SOON);
    assert!(ended.status.is_some_and(|status| !status.success()), "ffmpeg notices: {}", ended.output);
    server.wait_stream("cam", SOON, |stream| stream["publish"]["active"] == false);
    assert!(player.is_running(), "players stay");
}

/// Everything that the document describes, asked with every type of value, with ids that are there and with others.
#[test]
fn answers_are_those_of_the_openapi_document() {
    let raw = "raw_api { enabled on; allow_reload on; }";
    let conf = Server::LIVE.replace("listen {api};", &format!("listen {{api}}; {raw}"));
    let server = Server::start(&format!("{conf} exporter {{ enabled on; listen {{exporter}}; }}"));
    let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    let _player = ffmpeg::record(&server.rtmp("live/cam"));
    wait_detail(&server, "cam", |detail| detail["gop"].is_object() && detail["player_count"] == 1);

    let document = server.dir().join("openapi.json");
    std::fs::write(&document, with_ids(&server).to_string()).expect("a document");
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                  response_schema_conformance";
    let args = ["--checks", checks, "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1"];
    let url = format!("http://127.0.0.1:{}", server.port("api"));
    let run = |which: &str| {
        let args = [&args[..], &[which, "DELETE"]].concat();
        let ended = python::schemathesis(&document, &url, &args).wait(SCHEMATHESIS_LIMIT).expect_success();
        assert!(ended.output.contains("No issues found"), "{}", ended.output);
    };
    run("--exclude-method");
    assert_eq!(server.wait_published("cam")["clients"], 2, "nobody was put out by reading");
    run("--include-method");
    assert_eq!(server.api("/api/v1/versions")["code"], 0);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// The document that the server has, with ids of this server for what is read.
fn with_ids(server: &Server) -> Value {
    let mut document = server.api("/api/v1/openapi.json");
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let written: Value = serde_json::from_slice(&std::fs::read(written).expect("the document")).expect("JSON");
    assert_eq!(document, written, "it is the one of docs/");
    let parameter = document["components"]["parameters"]["id"].clone();
    for list in ["vhosts", "streams", "clients"] {
        let id = server.api(&format!("/api/v1/{list}/"))[list][0]["id"].clone();
        for path in [format!("/api/v1/{list}/{{id}}"), format!("/api/v1/{list}/{{id}}/detail")] {
            let Some(get) = document["paths"].get_mut(path).and_then(|path| path.get_mut("get")) else { continue };
            get["parameters"][0] = parameter.clone();
            get["parameters"][0]["example"] = id.clone();
        }
    }
    document
}

// row: http-api.md §6 versions
#[test]
fn a_console_of_another_origin_reads_and_ends_clients() {
    let server = Server::start(Server::LIVE);
    std::fs::write(server.dir().join("html/console.html"), "<!doctype html><title>console</title>").expect("a page");
    let push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    let stream = server.wait_published("cam");
    let (stream, vhost) = (stream["id"].as_str().expect("an id"), stream["vhost"].as_str().expect("an id"));
    let client = server.api("/api/v1/clients/")["clients"][0]["id"].as_str().expect("an id").to_owned();
    let paths = [
        "/api/v1/versions",
        "/api/v1/summaries",
        "/api/v1/vhosts/",
        &format!("/api/v1/vhosts/{vhost}"),
        "/api/v1/streams/?start=0&count=10",
        &format!("/api/v1/streams/{stream}"),
        "/api/v1/clients/?start=0&count=10",
        &format!("/api/v1/clients/{client}"),
        "/api/v1/raw?rpc=raw",
    ];
    let kick = format!("/api/v1/clients/{client}?method=DELETE");
    let scripts: Vec<&str> = paths.into_iter().chain([kick.as_str()]).collect();
    let api = format!("http://127.0.0.1:{}", server.port("api"));
    let answers = console(&server.http("console.html"), &api, &paths, &scripts);
    assert_eq!(answers.len(), paths.len() + scripts.len());
    for (answer, path) in answers.iter().zip(paths.iter().chain(&scripts)) {
        assert_eq!(answer["code"], 0, "{path}: {answer}");
    }
    let (fetched, scripted) = answers.split_at(paths.len());
    for answers in [fetched, scripted] {
        assert_eq!(answers[0]["data"]["version"], "0.1.0");
        assert_eq!(answers[3]["vhost"]["name"], "__defaultVhost__");
        assert_eq!(answers[5]["stream"]["name"], "cam");
        assert_eq!(answers[7]["client"]["publish"], true);
        assert_eq!(answers[8]["http_api"]["crossdomain"], true);
    }
    push.wait(SOON);
    assert!(eventually(SOON, || server.api("/api/v1/clients/")["clients"] == json!([])), "the publisher is out");
}

// row: http-api.md §3 /api/v1/features
#[test]
fn features_are_those_that_are_served() {
    let server = Server::start(Server::LIVE);
    let features = &server.api("/api/v1/features")["data"]["features"];
    let served = ["ssl", "hls", "callback", "api", "httpd", "stat", "complex_send", "tcp_nodelay", "mr"];
    let told = features.as_object().expect("features").iter().filter(|(_, is_served)| **is_served == true);
    assert_eq!(told.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), sorted(served));
}

/// As the parser of the tests keeps members.
fn sorted<const N: usize>(mut names: [&str; N]) -> [&str; N] {
    names.sort_unstable();
    names
}
