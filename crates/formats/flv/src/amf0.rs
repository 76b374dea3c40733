//! AMF0, the value encoding of RTMP commands and of FLV script tags (Action Message Format 0, Adobe 2007).

use weir_base::{ByteReader, Short};

/// Objects and arrays nest no deeper than this. Real commands use 3 levels; parsing and dropping recurse once a level,
/// so this bounds the stack.
pub const MAX_DEPTH: usize = 64;

/// Values in one message, properties and elements included. A `keyframes` index of a day at one key frame a second
/// has 173 000; one byte on the wire can become a value of some 50 bytes, so this bounds the memory to about 13 MB.
pub const MAX_VALUES: usize = 1 << 18;

const NUMBER: u8 = 0x00;
const BOOLEAN: u8 = 0x01;
const STRING: u8 = 0x02;
const OBJECT: u8 = 0x03;
const NULL: u8 = 0x05;
const UNDEFINED: u8 = 0x06;
const REFERENCE: u8 = 0x07;
const ECMA_ARRAY: u8 = 0x08;
const OBJECT_END: u8 = 0x09;
const STRICT_ARRAY: u8 = 0x0a;
const DATE: u8 = 0x0b;
const LONG_STRING: u8 = 0x0c;
const UNSUPPORTED: u8 = 0x0d;
const XML: u8 = 0x0f;
const TYPED_OBJECT: u8 = 0x10;
const AVMPLUS: u8 = 0x11;

/// One AMF0 value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A double (2.2).
    Number(f64),
    /// True or false (2.3).
    Boolean(bool),
    /// Text (2.4), or a long string (2.14) where it has more than 65 535 bytes. Bytes that are not UTF-8 arrive as
    /// U+FFFD.
    String(String),
    /// Properties in the order of the wire (2.5). A typed object (2.18) arrives as one too, its class name is dropped:
    /// nothing is ever built from a name that a peer chose.
    Object(Vec<(String, Value)>),
    /// Properties that also announce their number (2.10).
    EcmaArray(Vec<(String, Value)>),
    /// Values without names (2.12).
    StrictArray(Vec<Value>),
    /// Null (2.7).
    Null,
    /// Undefined (2.8).
    Undefined,
    /// A point in time (2.13): milliseconds since 1970 UTC and a time zone that is reserved and should be 0.
    Date {
        /// Milliseconds since 1970-01-01 UTC.
        millis: f64,
        /// As read; writers should put 0.
        zone: i16,
    },
    /// The number of an earlier object of the message (2.9). Not resolved.
    Reference(u16),
    /// An XML document as text (2.17).
    Xml(String),
    /// A value that the sender could not encode (2.15).
    Unsupported,
}

/// Why bytes are not AMF0. Offsets count from the first byte that was given to the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// When the bytes end inside of a value.
    #[error("AMF0 ends early: {0}")]
    Short(#[from] Short),
    /// When a marker is reserved or unknown, or an object ends that never began.
    #[error("no AMF0 value begins with marker {marker:#04x} (offset {at})")]
    Marker {
        /// Offset of the marker.
        at: usize,
        /// The byte.
        marker: u8,
    },
    /// When a value switches to AMF3, which is not spoken here.
    #[error("the value at offset {at} is AMF3 (avmplus), which is not understood")]
    Amf3 {
        /// Offset of the marker.
        at: usize,
    },
    /// When values nest deeper than [`MAX_DEPTH`].
    #[error("values nest deeper than {MAX_DEPTH} levels at offset {at}")]
    Depth {
        /// Offset of the value that is too deep.
        at: usize,
    },
    /// When a message holds more than [`MAX_VALUES`] values.
    #[error("more than {MAX_VALUES} values, at offset {at}")]
    TooMany {
        /// Offset of the value that is one too many.
        at: usize,
    },
}

impl Value {
    /// Text, as a value.
    pub fn string(text: impl Into<String>) -> Value {
        Value::String(text.into())
    }

    /// Properties, as an object.
    pub fn object<N: Into<String>>(properties: impl IntoIterator<Item = (N, Value)>) -> Value {
        Value::Object(properties.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Value::Number(n) = self { Some(*n) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Boolean(b) = self { Some(*b) } else { None }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(s) = self { Some(s) } else { None }
    }

    /// The properties of an object or ECMA array, in order.
    pub fn properties(&self) -> Option<&[(String, Value)]> {
        match self {
            Value::Object(properties) | Value::EcmaArray(properties) => Some(properties),
            _ => None,
        }
    }

    /// The properties of an object or ECMA array, to change.
    pub fn properties_mut(&mut self) -> Option<&mut Vec<(String, Value)>> {
        match self {
            Value::Object(properties) | Value::EcmaArray(properties) => Some(properties),
            _ => None,
        }
    }

    /// The first property called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties()?.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    /// Replaces the property `name` where it stands, or appends it. Nothing happens to a value without properties.
    pub fn set(&mut self, name: &str, value: Value) {
        let Some(properties) = self.properties_mut() else { return };
        match properties.iter_mut().find(|(n, _)| n == name) {
            Some(slot) => slot.1 = value,
            None => properties.push((name.to_owned(), value)),
        }
    }

    /// Removes every property called `name`.
    pub fn remove(&mut self, name: &str) {
        if let Some(properties) = self.properties_mut() {
            properties.retain(|(n, _)| n != name);
        }
    }

    /// Reads one value.
    pub fn parse(r: &mut ByteReader<'_>) -> Result<Value, Error> {
        Parser { r, left: MAX_VALUES }.value(0)
    }

    /// Appends the value to `out`.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Value::Number(n) => write_number(out, *n),
            Value::Boolean(b) => out.extend_from_slice(&[BOOLEAN, u8::from(*b)]),
            Value::String(s) => write_string(out, s),
            Value::Object(properties) => write_object(out, properties),
            Value::EcmaArray(properties) => write_ecma_array(out, saturate(properties.len()), properties),
            Value::StrictArray(values) => {
                out.push(STRICT_ARRAY);
                out.extend_from_slice(&saturate(values.len()).to_be_bytes());
                values.iter().for_each(|value| value.write_to(out));
            }
            Value::Null => out.push(NULL),
            Value::Undefined => out.push(UNDEFINED),
            Value::Date { millis, zone } => {
                out.push(DATE);
                out.extend_from_slice(&millis.to_be_bytes());
                out.extend_from_slice(&zone.to_be_bytes());
            }
            Value::Reference(number) => {
                out.push(REFERENCE);
                out.extend_from_slice(&number.to_be_bytes());
            }
            Value::Xml(text) => write_long(out, XML, text),
            Value::Unsupported => out.push(UNSUPPORTED),
        }
    }
}

/// Appends a number.
pub fn write_number(out: &mut Vec<u8>, n: f64) {
    out.push(NUMBER);
    out.extend_from_slice(&n.to_be_bytes());
}

/// Appends a string, as a long string where it has more than 65 535 bytes.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    match u16::try_from(text.len()) {
        Ok(_) => {
            out.push(STRING);
            write_name(out, text);
        }
        Err(_) => write_long(out, LONG_STRING, text),
    }
}

/// Appends an object.
pub fn write_object(out: &mut Vec<u8>, properties: &[(String, Value)]) {
    out.push(OBJECT);
    write_properties(out, properties);
}

/// Appends an ECMA array that announces `count` properties. Readers go by the end marker, and some writers (SRS among
/// them) announce 0.
pub fn write_ecma_array(out: &mut Vec<u8>, count: u32, properties: &[(String, Value)]) {
    out.push(ECMA_ARRAY);
    out.extend_from_slice(&count.to_be_bytes());
    write_properties(out, properties);
}

fn write_properties(out: &mut Vec<u8>, properties: &[(String, Value)]) {
    for (name, value) in properties {
        write_name(out, name);
        value.write_to(out);
    }
    out.extend_from_slice(&[0, 0, OBJECT_END]);
}

/// Length and text without a marker, cut at a character where it would not fit: replacing bytes that are not UTF-8
/// makes a name longer than it was on the wire.
fn write_name(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(usize::from(u16::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn write_long(out: &mut Vec<u8>, marker: u8, text: &str) {
    out.push(marker);
    out.extend_from_slice(&saturate(text.len()).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// A count or length as its 32-bit field. Nothing that passed the caps gets near.
fn saturate(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// The values of one message, one after the other, until the bytes end or one is wrong. [`MAX_VALUES`] counts for all
/// of them together.
pub fn values(bytes: &[u8]) -> Values<'_> {
    Values { r: ByteReader::new(bytes), left: MAX_VALUES, failed: false }
}

/// The iterator of [`values`]. Nothing comes after an error.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    r: ByteReader<'a>,
    left: usize,
    failed: bool,
}

impl Iterator for Values<'_> {
    type Item = Result<Value, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.r.is_empty() {
            return None;
        }
        let mut parser = Parser { r: &mut self.r, left: self.left };
        let value = parser.value(0);
        self.left = parser.left;
        self.failed = value.is_err();
        Some(value)
    }
}

/// The state of one descent: where it is, and how many values it may still make.
struct Parser<'r, 'a> {
    r: &'r mut ByteReader<'a>,
    left: usize,
}

impl Parser<'_, '_> {
    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        let at = self.r.position();
        self.left = self.left.checked_sub(1).ok_or(Error::TooMany { at })?;
        if depth >= MAX_DEPTH {
            return Err(Error::Depth { at });
        }
        Ok(match self.r.u8()? {
            NUMBER => Value::Number(self.r.f64()?),
            BOOLEAN => Value::Boolean(self.r.u8()? != 0),
            STRING => Value::String(self.name()?),
            OBJECT => Value::Object(self.properties(depth, false)?),
            NULL => Value::Null,
            UNDEFINED => Value::Undefined,
            REFERENCE => Value::Reference(self.r.u16()?),
            ECMA_ARRAY => {
                self.r.skip(4)?;
                Value::EcmaArray(self.properties(depth, true)?)
            }
            STRICT_ARRAY => Value::StrictArray(self.elements(depth)?),
            DATE => Value::Date { millis: self.r.f64()?, zone: i16::from_be_bytes(self.r.array()?) },
            LONG_STRING => Value::String(self.long()?),
            UNSUPPORTED => Value::Unsupported,
            XML => Value::Xml(self.long()?),
            TYPED_OBJECT => {
                self.name()?;
                Value::Object(self.properties(depth, false)?)
            }
            AVMPLUS => return Err(Error::Amf3 { at }),
            marker => return Err(Error::Marker { at, marker }),
        })
    }

    /// Properties up to the end marker. Some encoders leave out the end of an ECMA array that ends the message
    /// (`open_ended`); the announced count is ignored, it is wrong as often as right.
    fn properties(&mut self, depth: usize, open_ended: bool) -> Result<Vec<(String, Value)>, Error> {
        let mut properties = Vec::new();
        loop {
            if open_ended && self.r.is_empty() {
                return Ok(properties);
            }
            let name = self.name()?;
            if name.is_empty() && self.r.peek() == Some(OBJECT_END) {
                self.r.skip(1)?;
                return Ok(properties);
            }
            properties.push((name, self.value(depth + 1)?));
        }
    }

    fn elements(&mut self, depth: usize) -> Result<Vec<Value>, Error> {
        let count = self.r.u32()?;
        // Grows with what arrives, not with what is announced.
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value(depth + 1)?);
        }
        Ok(values)
    }

    fn name(&mut self) -> Result<String, Error> {
        let len = self.r.u16()?;
        self.text(usize::from(len))
    }

    fn long(&mut self) -> Result<String, Error> {
        let len = self.r.u32()?;
        self.text(usize::try_from(len).unwrap_or(usize::MAX))
    }

    fn text(&mut self, len: usize) -> Result<String, Error> {
        Ok(String::from_utf8_lossy(self.r.take(len)?).into_owned())
    }
}

/// Bodies for the fuzzer; a plain test replays its corpus.
#[doc(hidden)]
pub mod fuzz {
    /// Any bytes parse or fail; what parses is written and read back the same.
    pub fn amf0(data: &[u8]) {
        let mut first = Vec::new();
        super::values(data).flatten().for_each(|value| value.write_to(&mut first));
        let mut again = Vec::new();
        for value in super::values(&first) {
            value.expect("what was written parses").write_to(&mut again);
        }
        assert_eq!(first, again);
    }
}

#[cfg(test)]
mod tests;
