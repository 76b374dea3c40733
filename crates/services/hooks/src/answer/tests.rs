use weir_fetch::{Answer, HeaderMap, StatusCode};

use super::{Fault, judge};

#[track_caller]
fn check(status: u16, body: &str, expect: Result<(), (Fault, u16)>) {
    let status = StatusCode::from_u16(status).expect("a status");
    let answer = Answer { status, headers: HeaderMap::new(), body: body.to_owned().into() };
    assert_eq!(judge(&answer).map(drop).map_err(|fault| (fault.clone(), fault.code())), expect, "{body}");
}

// row: hooks.md §1 Success
#[test]
fn zero_and_code_zero_are_a_yes() {
    check(200, "0", Ok(()));
    check(200, " 0\n", Ok(()));
    check(201, r#"{"code":0}"#, Ok(()));
    check(200, r#"{"msg":"fine","data":{"urls":[]},"code":0}"#, Ok(()));
}

// row: hooks.md §1 Failure codes
// row: errors.md §1 3008
// row: errors.md §2 3064
// row: errors.md §2 4005
#[test]
fn anything_else_is_a_no() {
    for status in [100, 204, 202, 302, 400, 404, 500] {
        check(status, "0", Err((Fault::Status(status), 4005)));
    }
    for body in ["", " ", "ok", "<html></html>", "{", "0 0"] {
        check(200, body, Err((Fault::NotJson(body.len()), 3008)));
    }
    for body in ["{}", r#"{"code":"0"}"#, r#"{"code":0.5}"#, r#"{"code":null}"#, "[]", "null", "true", r#""0""#] {
        check(200, body, Err((Fault::NoCode, 3064)));
    }
    check(200, "1", Err((Fault::Code(1), 3064)));
    check(200, r#"{"code":-1}"#, Err((Fault::Code(-1), 3064)));
}
