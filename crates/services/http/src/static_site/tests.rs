use http::{HeaderMap, Uri};

use super::*;

/// A folder of files and what serves it.
struct Site {
    files: Arc<StaticSite>,
    folder: tempfile::TempDir,
    runtime: tokio::runtime::Runtime,
}

fn site() -> Site {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("root");
    let write = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    };
    write("root/index.html", b"<html>");
    write("root/a b.txt", b"text");
    write("root/clip.mp4", b"0123456789");
    write("root/deep/index.html", b"deep");
    write("root/empty/x", b"");
    write("root/vod/clip.flv", &flv());
    write("secret", b"secret");
    std::os::unix::fs::symlink(folder.path().join("secret"), root.join("link")).expect("a link");
    std::os::unix::fs::symlink(root.join("clip.mp4"), root.join("inside.mp4")).expect("a link");
    let text = format!("listen 1935; http_server {{ enabled on; dir {}; }}", root.display());
    let conf = Config::from_text(&text).unwrap_or_else(|report| panic!("{report}")).config;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    Site { files: StaticSite::new(weir_conf::Live::new(conf)), folder, runtime }
}

/// A file header, configuration, and 100 audio frames of one byte each.
fn flv() -> Vec<u8> {
    let mut bytes = weir_flv::file_header(true, true).to_vec();
    let mut tag = |kind, body: &[u8]| {
        weir_flv::write_tag_header(&mut bytes, kind, 0, body.len());
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(&weir_flv::previous_tag_size(body.len()));
    };
    tag(weir_flv::tag::TagKind::Script, b"\x02\0\x01x");
    tag(weir_flv::tag::TagKind::Audio, b"\xaf\0\x12\x10");
    tag(weir_flv::tag::TagKind::Video, b"\x17\0\0\0\0\x01");
    (0..100).for_each(|_| tag(weir_flv::tag::TagKind::Audio, b"\xaf\x01\x21"));
    bytes
}

impl Site {
    fn ask(&self, method: &str, target: &str, fields: &[(&'static str, &str)]) -> Reply {
        self.try_ask(method, target, fields).expect("a reply")
    }

    fn try_ask(&self, method: &str, target: &str, fields: &[(&'static str, &str)]) -> Option<Reply> {
        let uri: Uri = target.parse().expect("a target");
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.insert(*name, value.parse().expect("a field value"));
        }
        let asked = Asked {
            method: method.parse().expect("a method"),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
            peer: ([10, 0, 0, 77], 4000).into(),
            secure: false,
            body: Bytes::new(),
        };
        self.runtime.block_on(weir_httpd::Site::answer(&*self.files, &asked))
    }
}

fn body(reply: &Reply) -> Vec<u8> {
    match &reply.body {
        Body::Bytes(bytes) | Body::Pages(bytes, _) => bytes.to_vec(),
        Body::File { path, from, len, head } => {
            let file = std::fs::read(path).expect("the file");
            let (from, len) = (*from as usize, *len as usize);
            [head.as_ref(), &file[from..from + len]].concat()
        }
        Body::Stream(_) | Body::Switch(_) => panic!("a stream"),
    }
}

fn field(reply: &Reply, name: &str) -> String {
    let found = reply.headers.iter().find(|(one, _)| one == name);
    found.map(|(_, value)| value.to_str().expect("text").to_owned()).unwrap_or_default()
}

fn check(site: &Site, target: &str, status: u16, expect: impl AsRef<[u8]>) {
    let reply = site.ask("GET", target, &[]);
    let found = (reply.status.as_u16(), body(&reply));
    assert_eq!(found, (status, expect.as_ref().to_vec()), "{target}");
}

// row: http-api.md §5 Index
// row: http-api.md §5 Missing
// row: config.md §7 http_server.dir
#[test]
fn files_are_found() {
    let site = site();
    check(&site, "/", 200, "<html>");
    check(&site, "/index.html?x=1", 200, "<html>");
    check(&site, "/a%20b.txt", 200, "text");
    check(&site, "//./deep//", 200, "deep");
    check(&site, "/nope.html", 404, "Not Found");
    check(&site, "/empty/", 404, "Not Found");
    check(&site, "/clip.mp4/x", 404, "Not Found");
    check(&site, "/inside.mp4", 200, "0123456789");
    check(&site, "/deep?k=v", 302, "Redirect to /deep/?k=v");
}

#[test]
fn nothing_outside_is_served() {
    let site = site();
    assert!(site.folder.path().join("secret").exists());
    check(&site, "/link", 403, "the file is outside of the folder that is served");
    check(&site, "/../secret", 400, "the path holds \"..\"");
    check(&site, "/%2e%2e/secret", 400, "the path holds \"..\"");
    check(&site, "/%252e%252e/secret", 404, "Not Found");
    check(&site, "//etc/passwd", 404, "Not Found");
    check(&site, "/link%00.html", 400, "the path holds a control character");
}

// row: http-api.md §3 /console/
#[test]
fn the_console_alone_is_served_beside_the_api() {
    let mut site = site();
    let folder = site.folder.path().join("root/console");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("index.html"), "console").expect("a file");
    check(&site, "/console/", 200, "console");
    site.files = StaticSite::console(site.files.conf.clone());
    check(&site, "/console/", 200, "console");
    check(&site, "/console", 302, "Redirect to /console/");
    assert!(site.try_ask("GET", "/index.html", &[]).is_none(), "other files are not for this port");
}

// row: http-api.md §5 MIME
#[test]
fn content_types_are_those_of_srs() {
    for (name, kind) in [
        ("a.ts", "video/MP2T"),
        ("a.flv", "video/x-flv"),
        ("a.m4v", "video/x-m4v"),
        ("a.3gp", "video/3gpp"),
        ("a.mp4", "video/mp4"),
        ("a.aac", "audio/x-aac"),
        ("a.mp3", "audio/mpeg"),
        ("a.m4a", "audio/x-m4a"),
        ("a.ogg", "audio/ogg"),
        ("a.m3u8", "application/vnd.apple.mpegurl"),
        ("a.rss", "application/rss+xml"),
        ("a.json", "application/json"),
        ("a.xml", "text/xml"),
        ("a.html", "text/html"),
        ("a.HTM", "text/html"),
        ("a.js", "text/javascript"),
        ("a.css", "text/css"),
        ("a.mpd", "application/dash+xml"),
        ("a.m4s", "video/iso.segment"),
        ("a.mp4v", "video/mp4"),
        ("a.jpg", "image/jpeg"),
        ("a.unknown", "application/octet-stream"),
        ("flv", "application/octet-stream"),
    ] {
        assert_eq!(content_type(name), kind, "{name}");
    }
    assert_eq!(field(&site().ask("GET", "/clip.mp4", &[]), "content-type"), "video/mp4");
}

fn check_range(target: &str, range: Option<&str>, status: u16, expect: &str, content_range: &str) {
    let fields: Vec<_> = range.map(|range| ("range", range)).into_iter().collect();
    let site = site();
    let reply = site.ask("GET", target, &fields);
    let found = (reply.status.as_u16(), String::from_utf8(body(&reply)).expect("text"), field(&reply, "content-range"));
    assert_eq!(found, (status, expect.to_owned(), content_range.to_owned()), "{target} {range:?}");
}

// row: http-api.md §5 MP4 range
#[test]
fn ranges_are_served() {
    check_range("/clip.mp4", None, 200, "0123456789", "");
    check_range("/clip.mp4", Some("bytes=2-4"), 206, "234", "bytes 2-4/10");
    check_range("/clip.mp4", Some("bytes=7-"), 206, "789", "bytes 7-9/10");
    check_range("/clip.mp4", Some("bytes=-2"), 206, "89", "bytes 8-9/10");
    check_range("/clip.mp4", Some("bytes=10-"), 416, "the file has 10 bytes", "bytes */10");
    check_range("/clip.mp4?range=2-4", None, 206, "234", "bytes 2-4/10");
    check_range("/clip.mp4?bytes=7-", None, 206, "789", "bytes 7-9/10");
    check_range("/a%20b.txt?bytes=1-2", None, 200, "text", "");
    check_range("/a%20b.txt", Some("bytes=1-2"), 206, "ex", "bytes 1-2/4");
}

#[test]
fn a_file_that_did_not_change_is_not_sent_again() {
    let site = site();
    let tag = field(&site.ask("GET", "/clip.mp4", &[]), "etag");
    let again = site.ask("GET", "/clip.mp4", &[("if-none-match", &tag)]);
    assert_eq!((again.status.as_u16(), body(&again)), (304, Vec::new()));
    let part = |tag: &str| site.ask("GET", "/clip.mp4", &[("range", "bytes=2-4"), ("if-range", tag)]).status.as_u16();
    assert_eq!((part(&tag), part("\"other\"")), (206, 200));
}

// row: http-api.md §5 FLV pseudo-stream
#[test]
fn flv_files_are_played_from_an_offset() {
    let (site, file) = (site(), flv());
    let metadata = 13..13 + 11 + 4 + 4;
    let headers_end = metadata.end + (11 + 4 + 4) + (11 + 6 + 4);
    let expect = [&file[..13], &file[metadata.end..headers_end], &file[headers_end + 180..]].concat();
    check(&site, &format!("/vod/clip.flv?start={}", headers_end + 180), 200, expect);
    check(&site, "/vod/clip.flv?start=5", 200, &file);
    check(&site, "/vod/clip.flv?start=0", 200, &file);
    check(&site, "/vod/clip.flv?start=x", 200, &file);
    let past = site.ask("GET", "/vod/clip.flv?start=999999", &[]);
    assert_eq!(past.status.as_u16(), 416);
    std::fs::write(site.folder.path().join("root/bad.flv"), b"no flv at all, really not").expect("a file");
    let bad = site.ask("GET", "/bad.flv?start=5", &[]);
    assert_eq!(bad.status.as_u16(), 400, "{}", String::from_utf8_lossy(&body(&bad)));
}

#[test]
fn only_get_and_head_are_allowed() {
    let site = site();
    assert_eq!(site.ask("HEAD", "/clip.mp4", &[]).status.as_u16(), 200);
    let post = site.ask("POST", "/clip.mp4", &[]);
    assert_eq!((post.status.as_u16(), field(&post, "allow").as_str()), (405, "GET, HEAD, OPTIONS"));
}
