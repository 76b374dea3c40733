use super::*;

fn check(template: &str, first: u32, count: u32, expect: &[(&str, &str)]) {
    let targets = Template::parse(template).unwrap().targets(first, count).unwrap();
    let found: Vec<(String, String)> = targets
        .into_iter()
        .map(|target| match target.kind {
            Kind::Rtmp { app, stream, .. } => (app, stream),
            Kind::Http { host, path } => (host, path),
            Kind::Rtc { path, is_tcp, .. } => (if is_tcp { "TCP" } else { "UDP" }.to_owned(), path),
            Kind::Srtp => (target.address.to_string(), String::new()),
        })
        .collect();
    let expect: Vec<_> = expect.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(found, expect, "{template}");
}

#[test]
fn templates_number_their_clients() {
    check("rtmp://127.0.0.1/live/cam", 0, 2, &[("live", "cam"), ("live", "cam")]);
    check("rtmp://127.0.0.1:1936/live/cam_%d", 5, 2, &[("live", "cam_5"), ("live", "cam_6")]);
    check("rtmp://127.0.0.1/a/b/s?token=x/%d", 1, 1, &[("a/b", "s?token=x/1")]);
    check("http://127.0.0.1:8080/live/%d.flv?a=b", 0, 1, &[("127.0.0.1:8080", "/live/0.flv?a=b")]);
}

#[test]
fn signalling_is_known_by_its_path() {
    let srs = "http://127.0.0.1:1985/rtc/v1/whip/?app=live&stream=s%d";
    check(srs, 7, 1, &[("UDP", "/rtc/v1/whip/?app=live&stream=s7")]);
    check("http://127.0.0.1:8889/cam/whep", 0, 1, &[("UDP", "/cam/whep")]);
    check("http://127.0.0.1/whip.flv?whip", 0, 1, &[("127.0.0.1", "/whip.flv?whip")]);
    check("srtp://127.0.0.1:9000", 0, 1, &[("127.0.0.1:9000", "")]);
    let over_tcp = Template::parse(srs).unwrap().over_tcp(true).targets(0, 1).unwrap().remove(0);
    assert!(matches!(over_tcp.kind, Kind::Rtc { is_tcp: true, .. }));
}

#[test]
fn ports_have_defaults() {
    let port = |url| Template::parse(url).unwrap().targets(0, 1).unwrap()[0].address.port();
    assert_eq!(port("rtmp://127.0.0.1/live/cam"), 1935);
    assert_eq!(port("http://127.0.0.1/live/cam.flv"), 80);
    assert_eq!(port("rtmp://127.0.0.1:7/live/cam"), 7);
}

#[test]
fn what_is_no_url_is_refused() {
    for url in ["", "rtmp://", "rtmp://h", "rtmp://h/live", "rtmp://h/live/", "srt://h/a/b", "rtmp://h/%d/%d"] {
        assert!(Template::parse(url).is_err(), "{url}");
    }
}
