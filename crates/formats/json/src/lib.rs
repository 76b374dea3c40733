//! JSON in the form of SRS: no white space, keys in the order they were put, floats with two decimals.
#![forbid(unsafe_code)]

use std::fmt::Write;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with two decimals.
    Float(f64),
    /// A string.
    Text(String),
    /// Elements.
    List(Vec<Value>),
    /// Members in the order they are written.
    Object(Vec<(&'static str, Value)>),
}

/// An object from its members, in the order they are written.
#[macro_export]
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        $crate::Value::Object(vec![$(($key, $crate::Value::from($value))),*])
    };
}

impl Value {
    /// Adds a member to an object.
    pub fn put(&mut self, key: &'static str, value: impl Into<Value>) {
        if let Value::Object(members) = self {
            members.push((key, value.into()));
        }
    }

    /// The text of the value.
    pub fn render(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => put(out, format_args!("{value}")),
            Value::Float(value) if value.is_finite() => put(out, format_args!("{value:.2}")),
            // JSON has no word for these; a rate over no time at all is none.
            Value::Float(_) => out.push_str("0.00"),
            Value::Text(text) => write_text(text, out),
            Value::List(values) => write_list(values, out),
            Value::Object(members) => write_object(members, out),
        }
    }
}

fn write_list(values: &[Value], out: &mut String) {
    out.push('[');
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        value.write_to(out);
    }
    out.push(']');
}

fn write_object(members: &[(&'static str, Value)], out: &mut String) {
    out.push('{');
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(key, out);
        out.push(':');
        value.write_to(out);
    }
    out.push('}');
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // SRS writes other control characters as they are, which is not JSON: a client could name its stream so
            // that no dashboard can read the list any more.
            c if c.is_control() => put(out, format_args!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn put(out: &mut String, args: std::fmt::Arguments<'_>) {
    out.write_fmt(args).expect("a String takes any text");
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

/// Integers. What does not fit, no counter reaches.
macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Value {
                Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
            }
        }
    )*};
}

from_integers!(i64, i32, u64, u32, u16, u8, usize);

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::Float(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Value {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        Value::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Value {
        Value::Text(value.clone())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Value {
        Value::List(values.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests;
