//! From a source to a checked configuration.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use crate::check;
use crate::env::Env;
use crate::lookup::Context;
use crate::model::Config;
use crate::place::Place;
use crate::report::{Note, Notes, Report};
use crate::transform::transform;
use crate::tree::{MAX_FILE_BYTES, ReadFile, Tree};

/// Where a configuration comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, by its path as the user gave it.
    File(PathBuf),
    /// The environment alone: `-e`.
    EnvOnly,
    /// A text that is already here.
    Text {
        /// What messages call it.
        name: String,
        /// The configuration.
        text: String,
    },
}

impl Source {
    /// What to read: `SRS_ENV_ONLY` or `-e` beats `SRS_CONFIG_FILE`, which beats `-c` (ops.md §1). None when nobody says.
    pub fn choose(file: Option<PathBuf>, env_only: bool, env: &Env) -> Option<Self> {
        if env_only || env.has("SRS_ENV_ONLY") {
            return Some(Self::EnvOnly);
        }
        env.get("SRS_CONFIG_FILE").map(PathBuf::from).or(file).map(Self::File)
    }
}

/// What the checks need to know of the machine; what is unknown is not checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The most files that the process may open.
    pub open_files: Option<u64>,
    /// How many local addresses there are.
    pub local_ips: Option<usize>,
    /// Whether docker was detected.
    pub in_docker: bool,
}

/// A configuration that passed every check.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What the user should know.
    pub warnings: Vec<Note>,
}

impl Config {
    /// Reads, transforms and checks a configuration (config.md §1, §2, §12, §14). Files are read from the disk, relative
    /// to the folder the process runs in.
    ///
    /// # Errors
    /// A breach of the lexical rules, or every check that failed.
    pub fn load(source: Source, env: &Env, facts: &Facts) -> Result<Loaded, Report> {
        Self::load_with(source, env, facts, &read_file)
    }

    /// [`Config::load`] of a text without an environment: for tests and for the default configuration.
    ///
    /// # Errors
    /// As for [`Config::load`].
    pub fn from_text(text: &str) -> Result<Loaded, Report> {
        let source = Source::Text { name: "text".into(), text: text.into() };
        Self::load(source, &Env::default(), &Facts::default())
    }

    /// As [`Config::load`], with `read` in place of the disk.
    pub(crate) fn load_with(source: Source, env: &Env, facts: &Facts, read: &ReadFile<'_>) -> Result<Loaded, Report> {
        let mut notes = Notes::default();
        let env_only = source == Source::EnvOnly;
        let mut tree = match source {
            Source::EnvOnly => Tree::default(),
            Source::Text { name, text } => Tree::parse(&name, text.as_bytes(), read, &mut notes)?,
            Source::File(path) => {
                let name = path.to_string_lossy();
                let bytes = read(&name)
                    .map_err(|e| Note::error(Place::Nowhere, format!("cannot read the configuration {name}: {e}")))?;
                Tree::parse(&name, &bytes, read, &mut notes)?
            }
        };
        transform(&mut tree, &mut notes);
        let env = if env_only { env.for_env_only() } else { env.clone() };
        let root = tree.directives.as_slice();
        let context = Context { env: &env, root, in_docker: facts.in_docker, env_only, notes: RefCell::new(notes) };
        let config = Self::read(&context);
        check::check(&context, &config, facts);
        Ok(Loaded { config, warnings: context.notes.into_inner().finish()? })
    }
}

/// The bytes of a file, at most one more than the parser takes. Nothing but a file is opened: a pipe or a terminal would be
/// waited for, and a device may have no end.
fn read_file(path: &str) -> io::Result<Vec<u8>> {
    let kind = std::fs::metadata(path)?.file_type();
    if !kind.is_file() {
        let what = if kind.is_dir() { "a folder" } else { "a pipe, a socket or a device" };
        return Err(io::Error::other(format!("it is {what}, not a file")));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
