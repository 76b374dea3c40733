//! [`Told`]: each thing that is wrong with a publish is said once.

use std::sync::Arc;

use weir_hub::Stream;

/// So many different things are said of one publish.
const MAX_TOLD: usize = 8;

/// What was said of a publish.
pub(crate) struct Told<T> {
    stream: Arc<Stream>,
    /// Who says it, in the log and in the API.
    output: &'static str,
    said: Vec<T>,
}

impl<T: PartialEq> Told<T> {
    pub(crate) fn new(stream: Arc<Stream>, output: &'static str) -> Told<T> {
        Told { stream, output, said: Vec::new() }
    }

    /// Says it in the log and in the API, unless it was said.
    pub(crate) fn tell(&mut self, what: T, in_words: impl FnOnce(&T) -> String) {
        if self.said.len() >= MAX_TOLD || self.said.contains(&what) {
            return;
        }
        let words = in_words(&what);
        tracing::warn!("{} of {} {words}", self.output, self.stream.key);
        self.stream.note_fault(self.output, &words);
        self.said.push(what);
    }

    /// What follows is another publish.
    pub(crate) fn forget(&mut self) {
        self.said.clear();
    }
}
