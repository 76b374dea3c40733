//! What two documents must have in common: keys, their order, the types of values and the decimals of numbers.

/// The document with every string emptied, every digit 0 and every number one digit before the point, and every truth
/// value `true`.
pub(super) fn shape(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '"' => {
                let len = string_len(rest);
                let is_key = rest[len..].starts_with(':');
                out.push_str(if is_key { &rest[..len] } else { "\"\"" });
                len
            }
            '-' | '0'..='9' => {
                let len = rest.find(|c: char| !matches!(c, '-' | '.' | '0'..='9')).unwrap_or(rest.len());
                let (_, decimals) = rest[..len].split_once('.').unwrap_or((rest, ""));
                out.push('0');
                if !decimals.is_empty() {
                    out.push('.');
                    out.extend(std::iter::repeat_n('0', decimals.len()));
                }
                len
            }
            't' | 'f' => {
                out.push_str("true");
                if c == 't' { 4 } else { 5 }
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    out
}

/// The length of the string that a text begins with, quotes included.
fn string_len(text: &str) -> usize {
    let mut escaped = false;
    let end = text[1..].find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    end.expect("a closed string") + 2
}

#[test]
fn a_shape_keeps_keys_types_and_decimals() {
    let json = r#"{"a":"x\"y","b":[-12,3.40,{"c":false}],"d":null}"#;
    assert_eq!(shape(json), r#"{"a":"","b":[0,0.00,{"c":true}],"d":null}"#);
}
