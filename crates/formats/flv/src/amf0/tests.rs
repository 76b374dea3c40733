use super::{Error, MAX_DEPTH, MAX_VALUES, Value, values, write_ecma_array};
use proptest::prelude::*;
use scuffle_amf0::{Amf0Decoder, Amf0Value};
use std::collections::BTreeMap;
use weir_base::{ByteReader, Short};

/// `bytes` are `expect`, and `expect` is written as `bytes`.
fn check(bytes: &[u8], expect: Value) {
    assert_eq!(Value::parse(&mut ByteReader::new(bytes)), Ok(expect.clone()));
    assert_eq!(written(&expect), bytes);
}

fn written(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    value.write_to(&mut out);
    out
}

#[test]
fn every_type_is_read_and_written() {
    check(b"\x00\x3f\xf0\0\0\0\0\0\0", Value::Number(1.0));
    check(b"\x01\x01", Value::Boolean(true));
    check(b"\x02\x00\x02hi", Value::string("hi"));
    check(b"\x03\x00\x01a\x05\0\0\x09", Value::object([("a", Value::Null)]));
    check(b"\x03\x00\x00\x05\0\0\x09", Value::object([("", Value::Null)]));
    check(b"\x05", Value::Null);
    check(b"\x06", Value::Undefined);
    check(b"\x07\x01\x02", Value::Reference(0x102));
    check(b"\x08\0\0\0\x01\0\x01a\x06\0\0\x09", Value::EcmaArray(vec![("a".into(), Value::Undefined)]));
    check(b"\x0a\0\0\0\x02\x05\x06", Value::StrictArray(vec![Value::Null, Value::Undefined]));
    check(b"\x0b\x3f\xf0\0\0\0\0\0\0\xff\xc4", Value::Date { millis: 1.0, zone: -60 });
    check(b"\x0d", Value::Unsupported);
    check(b"\x0f\0\0\0\x04<a/>", Value::Xml("<a/>".into()));
}

#[test]
fn a_text_over_64_kib_is_a_long_string() {
    let text = "x".repeat(65_536);
    let mut bytes = vec![0x0c, 0, 1, 0, 0];
    bytes.extend_from_slice(text.as_bytes());
    check(&bytes, Value::String(text));
}

#[test]
fn bytes_that_are_not_utf8_become_replacement_characters() {
    assert_eq!(Value::parse(&mut ByteReader::new(b"\x02\0\x03a\xffb")), Ok(Value::string("a\u{fffd}b")));
}

#[test]
fn a_name_that_grew_past_64_kib_is_cut_at_a_character() {
    let value = Value::object([("é".repeat(40_000), Value::Null)]);
    let again = Value::parse(&mut ByteReader::new(&written(&value))).unwrap();
    assert_eq!(again.properties().unwrap()[0].0.len(), 65_534);
}

#[test]
fn an_ecma_array_may_announce_any_count_and_miss_its_end() {
    let array = Value::EcmaArray(vec![("a".into(), Value::Null)]);
    for count in [0, 1, u32::MAX] {
        let mut bytes = Vec::new();
        write_ecma_array(&mut bytes, count, array.properties().unwrap());
        assert_eq!(Value::parse(&mut ByteReader::new(&bytes)), Ok(array.clone()));
        assert_eq!(Value::parse(&mut ByteReader::new(&bytes[..bytes.len() - 3])), Ok(array.clone()));
    }
}

#[test]
fn a_typed_object_is_an_object_and_its_class_builds_nothing() {
    let bytes = b"\x10\0\x04Evil\0\x01a\x01\x00\0\0\x09";
    assert_eq!(Value::parse(&mut ByteReader::new(bytes)), Ok(Value::object([("a", Value::Boolean(false))])));
}

fn check_fails(bytes: &[u8], expect: Error) {
    assert_eq!(values(bytes).last(), Some(Err(expect)));
}

#[test]
fn what_is_wrong_is_told_with_its_offset() {
    check_fails(b"\x00\x00", Error::Short(Short { at: 1, wanted: 8, left: 1 }));
    check_fails(b"\x02\xff\xffabc", Error::Short(Short { at: 3, wanted: 65_535, left: 3 }));
    check_fails(b"\x0c\xff\xff\xff\xffabc", Error::Short(Short { at: 5, wanted: 0xffff_ffff, left: 3 }));
    check_fails(b"\x0a\xff\xff\xff\xff\x05", Error::Short(Short { at: 6, wanted: 1, left: 0 }));
    check_fails(b"\x03\0\x01a\x05", Error::Short(Short { at: 5, wanted: 2, left: 0 }));
    check_fails(b"\x05\x04", Error::Marker { at: 1, marker: 0x04 });
    check_fails(b"\x09", Error::Marker { at: 0, marker: 0x09 });
    check_fails(b"\x0e", Error::Marker { at: 0, marker: 0x0e });
    check_fails(b"\x11\x0a", Error::Amf3 { at: 0 });
}

/// ZLM #4787: nesting that exhausts the stack before anything is authorised.
#[test]
fn nesting_of_100_000_levels_is_refused_at_the_cap() {
    check_fails(&b"\x0a\0\0\0\x01".repeat(100_000), Error::Depth { at: 5 * MAX_DEPTH });
    check_fails(&b"\x03\0\x01a".repeat(100_000), Error::Depth { at: 4 * MAX_DEPTH });
    check_fails(&b"\x08\0\0\0\x01\0\x01a".repeat(100_000), Error::Depth { at: 8 * MAX_DEPTH });
    check_fails(&b"\x10\0\x01C\0\x01a".repeat(100_000), Error::Depth { at: 7 * MAX_DEPTH });
}

#[test]
fn nesting_up_to_the_cap_is_read() {
    let mut bytes = b"\x0a\0\0\0\x01".repeat(MAX_DEPTH - 1);
    bytes.push(0x05);
    assert!(values(&bytes).all(|value| value.is_ok()));
}

#[test]
fn the_number_of_values_is_capped_over_the_whole_message() {
    let half = u32::try_from(MAX_VALUES / 2).unwrap().to_be_bytes();
    let mut bytes = [&[0x0a][..], &half, &vec![0x05; MAX_VALUES / 2]].concat();
    bytes.extend_from_within(..);
    let read: Vec<_> = values(&bytes).collect();
    assert!(read[0].is_ok());
    // Two arrays are values themselves, so the last two elements are too many.
    assert_eq!(read[1], Err(Error::TooMany { at: bytes.len() - 2 }));
}

#[test]
fn properties_are_found_replaced_in_place_and_removed() {
    let mut value = Value::object([("a", Value::Null), ("b", Value::Boolean(true)), ("a", Value::Undefined)]);
    assert_eq!(value.get("b").and_then(Value::as_bool), Some(true));
    value.set("b", Value::Number(2.0));
    value.set("c", Value::string("x"));
    value.remove("a");
    assert_eq!(value, Value::object([("b", Value::Number(2.0)), ("c", Value::string("x"))]));
    assert_eq!(Value::Null.get("a"), None);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<f64>().prop_filter("NaN is not equal to itself", |n| !n.is_nan()).prop_map(Value::Number),
        any::<bool>().prop_map(Value::Boolean),
        ".{0,12}".prop_map(Value::String),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::btree_map("[a-z]{1,8}", inner.clone(), 0..6).prop_map(Value::object),
            prop::collection::vec(inner, 0..6).prop_map(Value::StrictArray),
        ]
    })
}

/// What an independent decoder made of the bytes, its objects sorted by name.
fn theirs(value: &Amf0Value<'_>) -> Value {
    match value {
        Amf0Value::Number(n) => Value::Number(*n),
        Amf0Value::Boolean(b) => Value::Boolean(*b),
        Amf0Value::String(s) => Value::string(s.as_str()),
        Amf0Value::Null => Value::Null,
        Amf0Value::Object(properties) => {
            let sorted: BTreeMap<_, _> = properties.iter().map(|(n, v)| (n.as_str().to_owned(), theirs(v))).collect();
            Value::object(sorted)
        }
        Amf0Value::Array(values) => Value::StrictArray(values.iter().map(theirs).collect()),
    }
}

proptest! {
    /// Without ECMA arrays: scuffle-amf0 0.2.4 does not pass over the end marker of one that is inside of an object.
    #[test]
    fn an_independent_decoder_reads_what_is_written(value in any_value()) {
        let bytes = written(&value);
        let decoded = Amf0Decoder::from_slice(&bytes).decode_value().unwrap();
        prop_assert_eq!(theirs(&decoded), value.clone());
        prop_assert_eq!(Value::parse(&mut ByteReader::new(&bytes)).unwrap(), value);
    }

    #[test]
    fn any_bytes_parse_or_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        super::fuzz::amf0(&bytes);
    }
}

#[test]
fn the_kept_corpus_replays() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fuzz/corpus/amf0");
    let Ok(entries) = std::fs::read_dir(corpus) else { return };
    for entry in entries {
        super::fuzz::amf0(&std::fs::read(entry.unwrap().path()).unwrap());
    }
}
