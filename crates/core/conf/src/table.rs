//! The one table of directives: everything known about a name stands in its row and nowhere else.
//!
//! The check of unknown names, the defaults, the environment overlay, `conf/full.conf` and `docs/configuration.md` are
//! all read from here.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

mod root;
mod vhost;

/// How the words of a directive are read (legend of config.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True only for exactly `on`.
    B0,
    /// False only for exactly `off`.
    B1,
    /// The number that C's `atoi` finds at the start of the word.
    Int,
    /// A number as C's `atof` finds it.
    Float,
    /// Whole seconds.
    Sec,
    /// Seconds with a fraction.
    FSec,
    /// Whole milliseconds.
    Ms,
    /// Milliseconds with a fraction.
    FMs,
    /// One word.
    Str,
    /// All words.
    List,
    /// All words of every occurrence.
    Rules,
    /// A block whose children are checked.
    Block,
    /// A block that tolerates any child.
    Open,
    /// A name that is accepted and does nothing.
    Inert,
}

impl Kind {
    /// The name of the kind in the reference.
    pub fn name(self) -> &'static str {
        match self {
            Self::B0 | Self::B1 => "on, off",
            Self::Int => "integer",
            Self::Float => "number",
            Self::Sec => "seconds, whole",
            Self::FSec => "seconds",
            Self::Ms => "ms, whole",
            Self::FMs => "ms",
            Self::Str => "word",
            Self::List => "words",
            Self::Rules => "words, repeatable",
            Self::Block | Self::Open => "block",
            Self::Inert => "ignored",
        }
    }

    /// Whether the row is a block.
    pub fn is_block(self) -> bool {
        matches!(self, Self::Block | Self::Open)
    }
}

/// When a changed value takes effect after a successful reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// At the next use.
    Live,
    /// At once, on live connections and streams.
    Applied,
    /// For new connections and streams.
    New,
    /// After a restart.
    Restart,
    /// Never: nothing reads it, or a change is not noticed.
    Never,
}

impl Reload {
    /// The words for it in the reference.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "next use",
            Self::Applied => "at once",
            Self::New => "new sessions",
            Self::Restart => "restart",
            Self::Never => "–",
        }
    }
}

/// What the environment may say about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvName {
    /// Nothing.
    None,
    /// The path in upper case, `_` for `.`, after `SRS_`.
    Regular,
    /// Another name only.
    Only(&'static str),
    /// The regular name, then another one.
    Also(&'static str),
}

/// One directive.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Names from the root, joined by dots; `vhost.` is any vhost.
    pub path: &'static str,
    /// How it is read.
    pub kind: Kind,
    /// How the environment value is read, where that differs.
    pub env_kind: Option<Kind>,
    /// The value when nothing is written, as it would be written; empty for none.
    pub default: &'static str,
    /// The path of the row whose value is the default; for a block, the row whose children it has.
    pub like: Option<&'static str>,
    /// Other defaults, each with its condition.
    pub instead: &'static [(&'static str, &'static str)],
    /// Environment names.
    pub env: EnvName,
    /// When a change takes effect.
    pub reload: Reload,
    /// Whether SRS has no such directive.
    pub weir: bool,
    /// The service that this switch turns on and that this version lacks, and the word that turns it on (`on` for
    /// boolean rows).
    pub later: Option<(&'static str, &'static str)>,
    /// The first word of a block that needs one, or a sample value where there is no default.
    pub sample: &'static str,
    /// Whether several occurrences all count.
    pub repeats: bool,
    /// One line of help.
    pub help: &'static str,
}

impl Row {
    /// The last name of the path.
    pub fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }

    /// The path of the block that holds it; empty for the root.
    pub fn parent(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(parent, _)| parent)
    }

    /// The environment names that set it, the one that wins first.
    pub fn env_names(&self) -> Vec<String> {
        let regular = || format!("SRS_{}", self.path.to_ascii_uppercase().replace('.', "_"));
        match self.env {
            EnvName::None => Vec::new(),
            EnvName::Regular => vec![regular()],
            EnvName::Only(name) => vec![name.to_owned()],
            EnvName::Also(name) => vec![regular(), name.to_owned()],
        }
    }

    const fn file_only(mut self) -> Self {
        self.env = EnvName::None;
        self
    }

    const fn env_only_as(mut self, name: &'static str) -> Self {
        self.env = EnvName::Only(name);
        self
    }

    const fn env_also(mut self, name: &'static str) -> Self {
        self.env = EnvName::Also(name);
        self
    }

    const fn env_kind(mut self, kind: Kind) -> Self {
        self.env_kind = Some(kind);
        self
    }

    const fn like(mut self, path: &'static str) -> Self {
        self.like = Some(path);
        self
    }

    const fn instead(mut self, defaults: &'static [(&'static str, &'static str)]) -> Self {
        self.instead = defaults;
        self
    }

    const fn weir(mut self) -> Self {
        self.weir = true;
        self
    }

    const fn later(mut self, service: &'static str) -> Self {
        self.later = Some((service, "on"));
        self
    }

    const fn later_when(mut self, word: &'static str, service: &'static str) -> Self {
        self.later = Some((service, word));
        self
    }

    const fn sample(mut self, words: &'static str) -> Self {
        self.sample = words;
        self
    }

    const fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }
}

/// A row with a value.
const fn row(path: &'static str, kind: Kind, default: &'static str, reload: Reload, help: &'static str) -> Row {
    Row {
        path,
        kind,
        env_kind: None,
        default,
        like: None,
        instead: &[],
        env: EnvName::Regular,
        reload,
        weir: false,
        later: None,
        sample: "",
        repeats: matches!(kind, Kind::Rules),
        help,
    }
}

/// A row for a block.
const fn block(path: &'static str, kind: Kind, help: &'static str) -> Row {
    row(path, kind, "", Reload::Never, help).file_only()
}

/// A row for a name that does nothing.
const fn inert(path: &'static str, help: &'static str) -> Row {
    row(path, Kind::Inert, "", Reload::Never, help).file_only()
}

/// Stands for a row that should be there: see `Scope::row`.
pub(crate) static NO_ROW: Row = row("", Kind::Str, "", Reload::Never, "").file_only();

/// All rows, each block before its children.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    root::ROWS.iter().chain(vhost::ROWS)
}

/// The row of `path`.
pub fn find(path: &str) -> Option<&'static Row> {
    static INDEX: OnceLock<BTreeMap<&'static str, &'static Row>> = OnceLock::new();
    INDEX.get_or_init(|| rows().map(|row| (row.path, row)).collect()).get(path).copied()
}

/// A row with what is made of it for each lookup.
pub(crate) struct Known {
    pub(crate) row: &'static Row,
    pub(crate) env_names: Vec<String>,
}

/// The row of `name` in the block of the row `path`. Ten thousand vhosts look up millions: nothing is made anew for it.
pub(crate) fn child(path: &str, name: &str) -> Option<&'static Known> {
    static INDEX: OnceLock<HashMap<&'static str, HashMap<&'static str, Known>>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index = HashMap::<_, HashMap<_, _>>::new();
        for row in rows() {
            index.entry(row.parent()).or_default().insert(row.name(), Known { row, env_names: row.env_names() });
        }
        index
    });
    index.get(path)?.get(name)
}

/// The rows directly inside the block `path`, the empty path being the root.
pub fn children(path: &str) -> impl Iterator<Item = &'static Row> {
    static INDEX: OnceLock<BTreeMap<&'static str, Vec<&'static Row>>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let mut index = BTreeMap::<_, Vec<_>>::new();
        rows().for_each(|row| index.entry(row.parent()).or_default().push(row));
        index
    });
    let home = find(path).and_then(|row| row.like).unwrap_or(path);
    index.get(home).map_or(&[][..], Vec::as_slice).iter().copied()
}

#[cfg(test)]
mod tests;
