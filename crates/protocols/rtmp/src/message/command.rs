//! Commands: a name, a transaction number, and values.

use super::{amf_error, kind};
use crate::Error;
use weir_flv::amf0::{self, Value};

/// A call, or the answer to one (7.2).
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// The procedure; `_result` and `_error` for answers.
    pub name: String,
    /// Answers repeat the number of their call; 0 asks for none.
    pub transaction: f64,
    /// What follows. The first is the command object, mostly null.
    pub args: Vec<Value>,
}

impl Command {
    /// Reads the body of a command message of type 20 or 17. An argument that is AMF3 or broken ends the arguments
    /// there: peers put odd things behind those that matter. Nesting without end is an error all the same.
    pub fn parse(payload: &[u8]) -> Result<Command, Error> {
        // The byte that AMF3 puts first. A name cannot begin with it.
        let body = payload.strip_prefix(&[0]).unwrap_or(payload);
        let mut values = amf0::values(body);
        let mut next = || values.next().transpose().map_err(amf_error(kind::COMMAND));
        let (Some(Value::String(name)), Some(Value::Number(transaction))) = (next()?, next()?) else {
            return Err(Error::NoCommand);
        };
        let mut args = Vec::new();
        for value in values {
            match value {
                Ok(value) => args.push(value),
                Err(e @ (amf0::Error::Depth { .. } | amf0::Error::TooMany { .. })) => {
                    return Err(amf_error(kind::COMMAND)(e));
                }
                Err(_) => break,
            }
        }
        Ok(Command { name, transaction, args })
    }

    /// Appends the body of the message, type 20.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        amf0::write_string(out, &self.name);
        amf0::write_number(out, self.transaction);
        self.args.iter().for_each(|value| value.write_to(out));
    }

    /// A text argument; 0 is the command object.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.args.get(index)?.as_str()
    }

    /// A number argument; 0 is the command object.
    pub fn number(&self, index: usize) -> Option<f64> {
        self.args.get(index)?.as_number()
    }
}
