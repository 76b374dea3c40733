use super::*;

fn check(mount: &str, path: &str, expect: Option<(&str, &str)>) {
    let named = Template::parse(mount, "a.com").and_then(|template| template.find(path));
    let found = named.map(|named| (named.app.unwrap_or_default(), named.stream));
    assert_eq!(found, expect.map(|(app, stream)| (app.to_owned(), stream.to_owned())), "{mount} {path}");
}

// row: http-api.md §5 Mount
// row: config.md §11 http_remux mount
#[test]
fn templates_name_streams() {
    check("[vhost]/[app]/[stream].flv", "/live/cam1.flv", Some(("live", "cam1")));
    check("[vhost]/[app]/[stream].flv", "/live/cam1.2.flv", Some(("live", "cam1.2")));
    check("[vhost]/[app]/[stream].flv", "/live/cam1.ts", None);
    check("[vhost]/[app]/[stream].flv", "/cam1.flv", None);
    check("[vhost]/[app]/[stream].flv", "/live/.flv", None);
    check("[vhost]/[app]/[stream].flv", "/live/cam1.flv/", None);
    check("/[app]/[stream].flv", "/live/cam1.flv", Some(("live", "cam1")));
    check("[vhost]/[stream].flv", "/cam1.flv", Some(("", "cam1")));
    check("[vhost]/[stream].flv", "/live/cam1.flv", None);
    check("[vhost]/show/[stream].flv", "/show/cam1.flv", Some(("show", "cam1")));
    check("[vhost]/show/[stream].flv", "/live/cam1.flv", None);
    check("[vhost]/[app]_[stream].flv", "/live_cam1.flv", Some(("live", "cam1")));
    check("[vhost]/hd/[app]/[stream]-x.flv", "/hd/live/cam1-x.flv", Some(("live", "cam1")));
    check("a.com/[app]/[stream].flv", "/live/cam1.flv", Some(("live", "cam1")));
    check("b.com/[app]/[stream].flv", "/live/cam1.flv", None);
    check("/[vhost]/[app]/[stream].flv", "/a.com/live/cam1.flv", Some(("live", "cam1")));
    check("[vhost]/[app][stream].flv", "/livecam1.flv", None);
    // An app of several levels is found; the listener asks whether it is live.
    check("[vhost]/[app]/[stream].flv", "/a/b/cam1.flv", Some(("a/b", "cam1")));
}

fn conf(text: &str) -> Config {
    Config::from_text(&format!("listen 1935;\n{text}")).expect("a configuration").config
}

fn check_folder(text: &str, vhost: &str, path: &str, expect: (&str, &str)) {
    let found = folder(&conf(text), vhost, path);
    assert_eq!((found.prefix.as_str(), found.dir.as_str()), expect, "{vhost} {path}");
}

const MOUNTS: &str = "http_server { enabled on; dir ./root; }
    vhost __defaultVhost__ { http_static { enabled on; mount [vhost]/vod/; dir ./vod; } }
    vhost a.com { http_static { enabled on; mount [vhost]/; dir ./a; } }
    vhost b.com { http_static { enabled off; mount [vhost]/; dir ./b; } }";

// row: http-api.md §5 http_static mount
// row: http-api.md §5 Root
// row: config.md §11 http_static mount
// row: config.md §11 http_static dir
#[test]
fn folders_are_found_by_vhost_and_prefix() {
    check_folder(MOUNTS, "x.com", "/a.html", ("/", "./root"));
    check_folder(MOUNTS, "x.com", "/vod/a.mp4", ("/vod/", "./vod"));
    check_folder(MOUNTS, "x.com", "/vod", ("/vod/", "./vod"));
    check_folder(MOUNTS, "x.com", "/vods", ("/", "./root"));
    check_folder(MOUNTS, "a.com", "/a.html", ("/", "./a"));
    check_folder(MOUNTS, "b.com", "/a.html", ("/", "./root"));
    check_folder("http_server { enabled on; }", "x.com", "/a", ("/", "./objs/nginx/html"));
}
