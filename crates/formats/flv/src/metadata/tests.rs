use super::OnMetaData;
use crate::amf0::{self, Value};

fn body(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    values.iter().for_each(|value| value.write_to(&mut out));
    out
}

fn properties() -> Vec<(String, Value)> {
    vec![
        ("duration".into(), Value::Number(9.5)),
        ("width".into(), Value::Number(1280.0)),
        ("encoder".into(), Value::string("Lavf59.27.100")),
    ]
}

// row: protocols.md §1.5 metadata
#[test]
fn players_get_an_object_signed_by_the_server() {
    let check = |values: &[Value]| {
        let mut metadata = OnMetaData::parse(&body(values)).expect("AMF0").expect("metadata");
        metadata.sign("weir/0.1.0", "0.1.0");
        let mut out = Vec::new();
        metadata.write_to(&mut out);
        let got: Vec<Value> = amf0::values(&out).collect::<Result<_, _>>().expect("AMF0");
        let expect = Value::object([
            ("width", Value::Number(1280.0)),
            ("encoder", Value::string("Lavf59.27.100")),
            ("server", Value::string("weir/0.1.0")),
            ("server_version", Value::string("0.1.0")),
        ]);
        assert_eq!(got, [Value::string("onMetaData"), expect]);
    };
    let name = Value::string("onMetaData");
    check(&[Value::string("@setDataFrame"), name.clone(), Value::EcmaArray(properties())]);
    check(&[Value::string("@setDataFrame"), name.clone(), Value::Object(properties())]);
    check(&[name.clone(), Value::Object(properties())]);
    // From another server: its signature is replaced where it stands.
    let signed = Value::object([
        ("width", Value::Number(1280.0)),
        ("encoder", Value::string("Lavf59.27.100")),
        ("server", Value::string("SRS/7.0.18(Hang)")),
    ]);
    check(&[name, signed]);
}

#[test]
fn atc_is_asked_for_by_the_text_true() {
    let check = |value: Value, expect: bool| {
        let body = body(&[Value::string("onMetaData"), Value::object([("bravo_atc", value)])]);
        assert_eq!(OnMetaData::parse(&body).expect("AMF0").expect("metadata").asks_for_atc(), expect);
    };
    check(Value::string("true"), true);
    check(Value::string("false"), false);
    check(Value::Boolean(true), false);
}

#[test]
fn other_scripts_are_not_metadata() {
    let check = |values: &[Value]| assert_eq!(OnMetaData::parse(&body(values)), Ok(None));
    check(&[]);
    check(&[Value::string("onCuePoint"), Value::Object(properties())]);
    check(&[Value::string("onMetaData")]);
    check(&[Value::string("@setDataFrame"), Value::string("onMetaData"), Value::Null]);
    check(&[Value::Number(1.0)]);
    assert!(OnMetaData::parse(&[2, 0]).is_err());
}
