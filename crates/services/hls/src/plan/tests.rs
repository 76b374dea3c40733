use weir_conf::Config;

use super::*;

fn plan_of(hls: &str, app: &str, name: &str) -> Result<Plan, PlanError> {
    let text =
        format!("listen 1935; http_server {{ enabled on; }} utc_time on; vhost v {{ hls {{ enabled on; {hls} }} }}");
    let conf = Config::from_text(&text).unwrap_or_else(|report| panic!("{report}")).config;
    let vhost = conf.vhost("v").expect("it is there");
    let key = StreamKey { vhost: "v".into(), app: app.into(), name: name.into() };
    Plan::new(&conf, &vhost, &Source::first(&key), &[Tracks::First])
}

fn plan(hls: &str) -> Plan {
    plan_of(hls, "live", "cam").unwrap_or_else(|error| panic!("{error}"))
}

/// 2026-11-21 05:12:08.106 UTC.
const MOMENT: i64 = 1_795_237_928_106;

// row: config.md §17 hls_m3u8_file
// row: config.md §17 hls_ts_file
// row: config.md §17 hls_key_file
// row: config.md §17 time set
// row: protocols.md §7 Path vars
// row: config.md §11 hls hls_ts_file
// row: config.md §11 hls hls_m3u8_file
// row: config.md §11 hls hls_key_file
#[test]
fn variables_name_files() {
    let check = |hls: &str, playlist: &str, segment: &str| {
        let plan = plan(hls);
        let moment = plan.moment(7, None, MOMENT * 1_000_000);
        let file = plan.segment(&moment, Some(Duration::from_millis(2023))).expect("a name");
        assert_eq!((plan.playlist.name.as_str(), file.name.as_str()), (playlist, segment), "{hls}");
    };
    check("", "live/cam.m3u8", "live/cam-7.ts");
    check("hls_use_fmp4 on;", "live/cam.m3u8", "live/cam-7.m4s");
    check(
        "hls_m3u8_file [vhost]/[app]/[stream]/index.m3u8; hls_ts_file [app]/[2006]/[01]/[02]/[15].[04].[05].[999].ts;",
        "v/live/cam/index.m3u8",
        "live/2026/11/21/05.12.08.106.ts",
    );
    check("hls_ts_file /./[stream]//[timestamp]-[duration].ts;", "live/cam.m3u8", "cam/1795237928106-2023.ts");
    check("hls_m3u8_file [seq].m3u8;", "[seq].m3u8", "live/cam-7.ts");
    let plan = plan("hls_ts_floor on; hls_ts_file [stream]-[timestamp].ts; hls_key_file k/[stream]-[seq]-[timestamp];");
    let moment = plan.moment(7, Some(179_523), MOMENT * 1_000_000);
    assert_eq!(plan.segment(&moment, None).expect("a name").name, "cam-179523.ts");
    assert_eq!(plan.key(&moment).expect("a name").name, "k/cam-7-[timestamp]");
    assert_eq!(plan.init(&moment).expect("a name").name, "live/cam-init-7.mp4");
    assert_eq!(
        (numbered("a.b/cam", 3), numbered("a/cam-7.ts", 0)),
        ("a.b/cam.3".to_owned(), "a/cam-7.0.ts".to_owned())
    );
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let check = |hls: &str, name: &str, expect: &str| {
        let error = plan_of(hls, "live", name).expect_err(hls);
        assert_eq!(error.to_string(), expect);
    };
    check(
        "hls_m3u8_file ../[stream].m3u8;",
        "cam",
        "hls_m3u8_file ../[stream].m3u8: \"../cam.m3u8\" leads out of the folder",
    );
    check("hls_ts_file a/../[seq].ts;", "cam", "hls_ts_file a/../[seq].ts: \"a/../0.ts\" leads out of the folder");
    check("hls_ts_file [stream]/[seq].ts;", "..", "hls_ts_file [stream]/[seq].ts: \"../0.ts\" leads out of the folder");
    check("hls_m3u8_file ././;", "cam", "hls_m3u8_file ././: the name is empty");
    check("", "a\0b", "hls_m3u8_file [app]/[stream].m3u8: \"live/a\\0b.m3u8\" has a control character");
    check("hls_key_file ..;", "cam", "hls_key_file ..: \"..\" leads out of the folder");
    check(
        "hls_ts_file [app]/[stream].ts;",
        "cam",
        "hls_ts_file [app]/[stream].ts gives every segment the same name: it needs [seq] or [timestamp]",
    );
    let long = "hls_m3u8_file [app]/[stream].m3u8: a part of the name is longer than 250 bytes, or all of it than 2048";
    check("", &"x".repeat(300), long);
    assert!(plan_of("hls_ts_file [stream]-[duration].ts;", "a", "b").is_ok());
    assert!(plan_of("", "a..b", "..c").is_ok(), "dots within a name are names");
}

// row: config.md §11 hls hls_path
// row: ops.md §11 hls_path
#[test]
fn files_are_served_where_the_folder_is_served() {
    let check = |path: &str, file: &str, url: &str, server: bool| {
        let plan = plan(&format!("hls_path {path};"));
        let found = (plan.playlist.path.as_str(), plan.playlist.url.as_str(), plan.folder.scope == Scope::Server);
        assert_eq!(found, (file, url, server));
    };
    check("./objs/nginx/html", "./objs/nginx/html/live/cam.m3u8", "/live/cam.m3u8", true);
    check("objs//nginx/html/", "objs//nginx/html/live/cam.m3u8", "/live/cam.m3u8", true);
    check("./objs/nginx/html/hls", "./objs/nginx/html/hls/live/cam.m3u8", "/hls/live/cam.m3u8", true);
    check("./objs/nginx/html/../html/x", "./objs/nginx/html/../html/x/live/cam.m3u8", "/x/live/cam.m3u8", true);
    check("./objs/nginx", "./objs/nginx/live/cam.m3u8", "/live/cam.m3u8", false);
    check("/data/hls", "/data/hls/live/cam.m3u8", "/live/cam.m3u8", false);
}

// row: protocols.md §7 entry_prefix
// row: config.md §11 hls hls_entry_prefix
#[test]
fn playlists_call_files_from_where_they_are() {
    let check = |hls: &str, expect: &str| {
        let plan = plan(hls);
        let moment = plan.moment(7, None, 0);
        assert_eq!(plan.uri(&plan.segment(&moment, None).expect("a name")), expect, "{hls}");
    };
    check("", "cam-7.ts");
    check("hls_m3u8_file [stream].m3u8;", "live/cam-7.ts");
    check("hls_m3u8_file [app]/[stream]/index.m3u8; hls_ts_file [app]/ts/[seq].ts;", "../ts/7.ts");
    check("hls_ts_file [app]/12:00?#%[seq].ts;", "./12:00%3F%23%257.ts");
    check("hls_entry_prefix http://cdn;", "http://cdn/live/cam-7.ts");
    check("hls_entry_prefix http://cdn/x/;", "http://cdn/x/cam-7.ts");
    check("hls_entry_prefix http://cdn; hls_m3u8_file [stream].m3u8;", "http://cdn/live/cam-7.ts");
}

// row: config.md §11 hls hls_key_file_path
// row: config.md §11 hls hls_key_url
#[test]
fn keys_are_called_by_their_url() {
    let check = |hls: &str, expect: &str, path: &str, served: bool| {
        let plan = plan(&format!("hls_keys on; {hls}"));
        let key = plan.key(&plan.moment(5, None, 0)).expect("a name");
        assert_eq!(
            (plan.key_uri(&key).as_str(), key.path.as_str(), plan.serves_keys()),
            (expect, path, served),
            "{hls}"
        );
    };
    check("", "cam-5.key", "./objs/nginx/html/live/cam-5.key", true);
    check("hls_key_url https://keys/;", "https://keys/live/cam-5.key", "./objs/nginx/html/live/cam-5.key", true);
    check(
        "hls_key_url https://keys; hls_key_file_path /secret;",
        "https://keyslive/cam-5.key",
        "/secret/live/cam-5.key",
        false,
    );
    check("hls_key_file_path ./objs/nginx/html/k;", "../k/live/cam-5.key", "./objs/nginx/html/k/live/cam-5.key", true);
    assert!(!plan("hls_keys on; hls_low_latency on;").has_parts());
}

#[test]
fn some_settings_change_without_a_new_segment() {
    let before = plan("hls_fragment 5;");
    let check = |hls: &str, expect: bool| assert_eq!(before.goes_on_with(&plan(hls)), expect, "{hls}");
    check("hls_fragment 5;", true);
    check("hls_fragment 5; hls_dispose 7; hls_ctx off; hls_ts_ctx off; hls_on_error ignore;", true);
    check("hls_fragment 6;", false);
    check("hls_fragment 5; hls_window 7;", false);
}
