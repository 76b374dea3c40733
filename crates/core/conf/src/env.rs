//! The environment as a value: read once, injected everywhere.

use std::collections::BTreeMap;

/// Environment variables. A variable set to the empty text counts as not set (config.md §2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// The variables of this process, as they are now. Text that is not UTF-8 is read with replacement characters.
    pub fn from_process() -> Self {
        let text = |s: std::ffi::OsString| s.to_string_lossy().into_owned();
        std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect()
    }

    /// The value of `name`, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether `name` is there at all, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// `$NAME` is the value of NAME, `*` when that is not set; any other text is itself (config.md §1, special forms).
    pub fn expand(&self, word: &str) -> String {
        match word.strip_prefix('$') {
            Some(name) => self.get(name).unwrap_or("*").to_owned(),
            None => word.to_owned(),
        }
    }

    /// The environment of a server started with `-e`: in the foreground and logging to the console, unless it says
    /// otherwise (config.md §2).
    pub(crate) fn for_env_only(&self) -> Self {
        let mut env = self.clone();
        if env.get("SRS_DAEMON").is_none() {
            env.set("SRS_DAEMON", "off");
        }
        if env.get("SRS_SRS_LOG_TANK").is_none() && env.get("SRS_LOG_TANK").is_none() {
            env.set("SRS_SRS_LOG_TANK", "console");
        }
        env
    }

    fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests;
