//! [`Diff`]: what a reload changes, directive by directive.

use std::collections::{BTreeMap, BTreeSet};
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

impl Change {
    /// Whether the old value stays in force while the server runs.
    pub fn waits(&self) -> bool {
        matches!(self.reload, Reload::Restart | Reload::Never)
    }
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

    /// The paths of what waits, of the server or of a vhost.
    fn waiting(&self, vhost: Option<&str>) -> BTreeSet<String> {
        let of_vhost = self.changes.iter().filter(|change| change.waits() && change.vhost.as_deref() == vhost);
        of_vhost.map(|change| change.path.clone()).collect()
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

impl Config {
    /// Takes the values of `old` where those of this configuration, which differs by `diff`, wait: so nobody reads a value
    /// that is not in force.
    pub fn hold_back(&mut self, old: &Config, diff: &Diff) {
        self.keep(old, "", &diff.waiting(None));
        let names: BTreeSet<_> =
            diff.changes.iter().filter(|change| change.waits()).filter_map(|c| c.vhost.as_deref()).collect();
        for name in names {
            let Some(old) = old.vhosts.named(name) else { continue };
            if let Some(vhost) = self.vhosts.named_mut(name) {
                vhost.keep(old, "vhost", &diff.waiting(Some(name)));
            }
        }
    }
}

/// Notes the paths of what differs.
pub(crate) trait Compare {
    /// `path` is that of the directive or block.
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>);

    /// Takes the values of `old` that stand at the paths `kept`.
    fn keep(&mut self, old: &Self, path: &str, kept: &BTreeSet<String>);
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

/// Takes a value as a whole.
pub(crate) fn take<T: Clone>(new: &mut T, old: &T, path: &str, kept: &BTreeSet<String>) {
    if kept.contains(path) {
        new.clone_from(old);
    }
}

/// Values that are different as a whole.
macro_rules! whole {
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::diff::Compare for $ty {
            fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
                $crate::diff::note(self, new, path, found);
            }

            fn keep(&mut self, old: &Self, path: &str, kept: &std::collections::BTreeSet<String>) {
                $crate::diff::take(self, old, path, kept);
            }
        }
    )*};
}

pub(crate) use whole;

whole!(bool, i64, f64, u16, u32, usize, Duration, String, IpAddr);

impl<T: PartialEq + Clone> Compare for Vec<T> {
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
        note(self, new, path, found);
    }

    fn keep(&mut self, old: &Self, path: &str, kept: &BTreeSet<String>) {
        take(self, old, path, kept);
    }
}

impl<T: PartialEq + Clone> Compare for Option<T> {
    fn compare(&self, new: &Self, path: &str, found: &mut Vec<String>) {
        note(self, new, path, found);
    }

    fn keep(&mut self, old: &Self, path: &str, kept: &BTreeSet<String>) {
        take(self, old, path, kept);
    }
}

#[cfg(test)]
mod tests;
