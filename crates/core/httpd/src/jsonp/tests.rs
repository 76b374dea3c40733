use http::{HeaderMap, Uri};

use super::*;

fn asked(target: &str) -> Asked {
    let uri: Uri = target.parse().expect("a target");
    Asked::new(Method::GET, &uri, HeaderMap::new(), ([10, 0, 0, 77], 4000).into(), false)
}

fn check(target: &str, expect: Result<Option<&str>, u16>) {
    let found = callback(&asked(target)).map_err(|reply| reply.status.as_u16());
    assert_eq!(found, expect.map(|name| name.map(str::to_owned)), "{target}");
}

// row: errors.md §2 4058
#[test]
fn callback_names_are_checked() {
    check("/api/v1/versions", Ok(None));
    check("/api/v1/versions?callback=", Ok(None));
    check("/api/v1/versions?callback=jQuery_1.a-b", Ok(Some("jQuery_1.a-b")));
    check("/api/v1/versions?callback=a(b)", Err(400));
    check("/api/v1/versions?callback=%3Cscript%3E", Err(400));
    check("/video.mp4?callback=a(b)", Ok(None));
    check("/rtc/v1/whip/?callback=f&method=DELETE", Ok(None));
}

#[test]
fn the_verb_can_be_overridden() {
    assert_eq!(verb(&asked("/api/v1/clients/x?callback=f&method=DELETE")), Some(Method::DELETE));
    assert_eq!(verb(&asked("/api/v1/clients/x?callback=f&method=delete")), None);
    assert_eq!(verb(&asked("/api/v1/clients/x?callback=f")), None);
}

#[test]
fn json_becomes_a_call() {
    let json = |kind: &'static str| Reply {
        status: StatusCode::OK,
        headers: vec![(CONTENT_TYPE, HeaderValue::from_static(kind))],
        body: Body::Bytes(Bytes::from_static(b"{\"code\":0}")),
    };
    let body = |reply: Reply| match reply.body {
        Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
        other => panic!("{other:?}"),
    };
    assert_eq!(body(wrap(json("application/json"), "f")), "f({\"code\":0})");
    assert_eq!(body(wrap(json("text/plain"), "f")), "{\"code\":0}");
}
