//! Which rules of the specification a playlist breaks, and which an update of it.

mod master;
mod media;
mod update;

use crate::{Error, MasterPlaylist, MediaPlaylist};
use std::fmt;

/// How strongly the specification puts a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Players may do without, some worse.
    Should,
    /// Players may fail.
    Must,
}

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How strongly the specification puts it.
    pub level: Level,
    /// A short name for the rule, such as `target-duration`.
    pub rule: &'static str,
    /// What breaks it, with the numbers.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Should => "should",
            Level::Must => "must",
        };
        write!(f, "{level} {}: {}", self.rule, self.detail)
    }
}

/// The rules that a playlist of either kind breaks. Fails when the text is no playlist; a delta update is checked with
/// [`check_update`].
pub fn check(text: &str) -> Result<Vec<Finding>, Error> {
    match MediaPlaylist::parse(text) {
        Ok(playlist) => Ok(playlist.check()),
        Err(Error::OtherKind { .. }) => MasterPlaylist::parse(text).map(|playlist| playlist.check()),
        Err(error) => Err(error),
    }
}

/// The rules that a media playlist breaks as what follows another: two answers to the same request, the newer in full or as
/// a delta update. What each breaks by itself is not said again: see [`check`]. Fails when one of them is no playlist.
pub fn check_update(old: &str, new: &str) -> Result<Vec<Finding>, Error> {
    let old = MediaPlaylist::parse(old)?;
    let new = MediaPlaylist::parse_after(new, &old)?;
    Ok(new.check_after(&old))
}

/// Collects findings.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn must(&mut self, holds: bool, rule: &'static str, detail: impl FnOnce() -> String) {
        self.rule(Level::Must, holds, rule, detail);
    }

    fn should(&mut self, holds: bool, rule: &'static str, detail: impl FnOnce() -> String) {
        self.rule(Level::Should, holds, rule, detail);
    }

    fn rule(&mut self, level: Level, holds: bool, rule: &'static str, detail: impl FnOnce() -> String) {
        if !holds {
            self.0.push(Finding { level, rule, detail: detail() });
        }
    }
}

#[cfg(test)]
mod tests;
