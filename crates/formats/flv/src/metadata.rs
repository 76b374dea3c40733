//! onMetaData: what a publisher says about its stream, and what the server says to the players.

use crate::amf0::{self, Value};

/// Sent by publishers before the name, to have the data kept for late joiners. Not for players.
const SET_DATA_FRAME: &str = "@setDataFrame";

/// The metadata of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct OnMetaData {
    /// An object. What came as an ECMA array is one too.
    properties: Value,
}

impl OnMetaData {
    /// Reads the body of a script message or tag: `onMetaData` and its properties, with or without `@setDataFrame`.
    ///
    /// [`None`] for other script data, such as cue points. Fails when AMF0 does.
    pub fn parse(body: &[u8]) -> Result<Option<OnMetaData>, amf0::Error> {
        let mut values = amf0::values(body);
        let mut name = values.next().transpose()?;
        if name.as_ref().and_then(Value::as_str) == Some(SET_DATA_FRAME) {
            name = values.next().transpose()?;
        }
        if name.as_ref().and_then(Value::as_str) != Some("onMetaData") {
            return Ok(None);
        }
        Ok(match values.next().transpose()? {
            // SRS: players always get an object, also where the publisher sent an ECMA array.
            Some(Value::Object(properties) | Value::EcmaArray(properties)) => {
                Some(OnMetaData { properties: Value::Object(properties) })
            }
            _ => None,
        })
    }

    /// The property called `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties.get(name)
    }

    /// The publisher asks that its timestamps be kept (`bravo_atc` is the text `true`), for `atc_auto`.
    pub fn asks_for_atc(&self) -> bool {
        self.get("bravo_atc").and_then(Value::as_str) == Some("true")
    }

    /// Makes it the server's: no `duration`, since a live stream has none, and the server's signature and version
    /// behind all that the publisher sent.
    pub fn sign(&mut self, server: &str, version: &str) {
        self.properties.remove("duration");
        self.properties.set("server", Value::string(server));
        self.properties.set("server_version", Value::string(version));
    }

    /// Appends the body of the script message for players.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        amf0::write_string(out, "onMetaData");
        self.properties.write_to(out);
    }
}

#[cfg(test)]
mod tests;
