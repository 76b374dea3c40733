//! [`Fault`]: what of a stream does not reach an output, and why.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// So many different faults of one publish are remembered: a publisher makes up as many as it likes.
const MAX_FAULTS: usize = 16;

/// Something that an output could not do with a stream, as the log said it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The output, such as `HLS`.
    pub output: &'static str,
    /// What and why, for people.
    pub what: String,
    /// How often.
    pub count: u64,
    /// When it happened last.
    pub last: SystemTime,
}

/// The faults of one publish, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Remembers one. Of too many different ones, the oldest gives way.
    pub(crate) fn add(&self, output: &'static str, what: &str, last: SystemTime) {
        let mut faults = self.faults();
        if let Some(fault) = faults.iter_mut().find(|fault| fault.output == output && fault.what == what) {
            (fault.count, fault.last) = (fault.count + 1, last);
            return;
        }
        if faults.len() >= MAX_FAULTS {
            faults.remove(0);
        }
        faults.push(Fault { output, what: what.to_owned(), count: 1, last });
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Fault> {
        self.faults().clone()
    }

    /// Another publish begins.
    pub(crate) fn clear(&self) {
        self.faults().clear();
    }

    fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
