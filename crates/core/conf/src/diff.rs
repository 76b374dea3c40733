//! [`Diff`]: what a reload changes, directive by directive.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Config, Vhost};
use crate::table::{self, Reload};

/// What is different in a new configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diff {
    /// Directives with another value, those of the server first, then those of vhosts in the order of their names.
    pub changes: Vec<Change>,
    /// Vhosts that are new.
    pub added: Vec<String>,
    /// Vhosts that are gone.
    pub removed: Vec<String>,
}

/// A directive with another value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Its vhost; none for a directive of the server.
    pub vhost: Option<String>,
    /// Its path in the table, such as `vhost.security.deny`. For a list of blocks, that of the block.
    pub path: String,
    /// When the new value counts.
    pub reload: Reload,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.vhost {
            Some(vhost) => write!(f, "vhost {vhost}: {}", self.path.strip_prefix("vhost.").unwrap_or(&self.path)),
            None => f.write_str(&self.path),
        }
    }
}

impl Diff {
    /// From `old` to `new`.
    pub fn between(old: &Config, new: &Config) -> Diff {
        let mut paths = Vec::new();
        old.compare(new, "", &mut paths);
        let mut diff = Diff::default();
        diff.add(None, paths.into_iter().filter(|path| path != "vhost"));
        let by_name = |config: &Config| -> BTreeMap<String, Arc<Vhost>> {
            config.vhosts.iter().map(|vhost| (vhost.name.clone(), vhost.clone())).collect()
        };
        let (old, mut new) = (by_name(old), by_name(new));
        for (name, vhost) in old {
            let Some(other) = new.remove(&name) else {
                diff.removed.push(name);
                continue;
            };
            let mut paths = Vec::new();
            vhost.compare(&other, "vhost", &mut paths);
            diff.add(Some(&name), paths.into_iter());
        }
        diff.added.extend(new.into_keys());
        diff
    }

    /// True when nothing is different.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.added.is_empty() && self.removed.is_empty()
    }

    fn add(&mut self, vhost: Option<&str>, paths: impl Iterator<Item = String>) {
        self.changes.extend(paths.map(|path| {
            // A list of blocks counts as the block does, and that as what it holds.
            let row = table::find(&path).map_or(Reload::Never, |row| row.reload);
            let reload = match row {
                Reload::Never => table::children(&path).map(|child| child.reload).next().unwrap_or(row),
                reload => reload,
            };
            Change { vhost: vhost.map(str::to_owned), path, reload }
        }));
    }
}

/// Notes the paths of what differs.
pub(crate) trait Compare {
    /// `path` is that of the directive or block.
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>);
}

/// The path of a child.
pub(crate) fn child(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Notes a value that is different as a whole.
pub(crate) fn note<T: PartialEq>(old: &T, new: &T, path: &str, found: &mut Vec<String>) {
    if old != new {
        found.push(path.to_owned());
    }
}

/// Values that are different as a whole.
macro_rules! whole {
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::diff::Compare for $ty {
            fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
                $crate::diff::note(self, new, path, found);
            }
        }
    )*};
}

pub(crate) use whole;

whole!(bool, i64, f64, u16, u32, usize, Duration, String, IpAddr);

impl<T: PartialEq> Compare for Vec<T> {
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
        note(self, new, path, found);
    }
}

impl<T: PartialEq> Compare for Option<T> {
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
        note(self, new, path, found);
    }
}

#[cfg(test)]
mod tests;
