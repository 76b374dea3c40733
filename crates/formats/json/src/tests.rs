use super::Value;

fn check(value: impl Into<Value>, expect: &str) {
    assert_eq!(value.into().render(), expect);
}

// row: http-api.md §2 JSON formatting
#[test]
fn numbers_have_the_form_of_srs() {
    check(0, "0");
    check(-1, "-1");
    check(u64::MAX, "9223372036854775807");
    check(0.0, "0.00");
    check(2.0, "2.00");
    check(0.005, "0.01");
    check(5268.857, "5268.86");
    check(1e12, "1000000000000.00");
    check(f64::NAN, "0.00");
    check(f64::INFINITY, "0.00");
}

// row: http-api.md §2 JSON formatting
#[test]
fn text_is_escaped_as_srs_does() {
    check("a/b", r#""a/b""#);
    check("\"\\\u{8}\u{c}\n\r\t", r#""\"\\\b\f\n\r\t""#);
    check("摄像头 é", r#""摄像头 é""#);
}

#[test]
fn control_characters_cannot_break_the_document() {
    check("a\0b\u{1b}\u{7f}\u{9f}", r#""a\u0000b\u001b\u007f\u009f""#);
}

// row: http-api.md §2 JSON formatting
#[test]
fn members_keep_their_order() {
    check(object! { "z": 1, "a": true, "m": object! {} }, r#"{"z":1,"a":true,"m":{}}"#);
    check([1, 2].into_iter().collect::<Value>(), "[1,2]");
    check(Value::List(Vec::new()), "[]");
    check(None::<bool>, "null");
}
