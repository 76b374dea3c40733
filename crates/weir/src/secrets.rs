//! Keys that the server makes for itself, so that none is the same on two machines (`secrets`).

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nix::fcntl::OFlag;
use nix::unistd::Uid;
use weir_conf::{Config, Secrets};

/// Random bytes of a key: nobody tries 2^144 of them.
const KEY: usize = 18;
/// Nobody but the owner reads or writes the file.
const MODE: u32 = 0o600;
/// A longer file is none of ours.
const MAX_FILE: u64 = 4096;

const HEADER: &str =
    "# Keys of this server, made at its first start. Whoever has one may use it: keep them to yourself.\n";

/// Where the keys came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Made {
    /// None is needed.
    Nothing,
    /// They were there.
    Read,
    /// They were made now.
    New,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretsError {
    /// The file cannot be read or written.
    #[error("the keys of the server cannot be kept in {path} (secrets): {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is another one.
    #[error("{path} (secrets) has no line \"{name} KEY\": remove the file to have new keys made")]
    Missing {
        /// The file.
        path: String,
        /// What is not there.
        name: &'static str,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// Puts keys from the file `path` where the configuration says `auto`; makes them at the first time.
pub(crate) fn fill(config: &mut Config, path: &str) -> Result<Made, SecretsError> {
    if !config.has_auto() {
        return Ok(Made::Nothing);
    }
    let path = path.to_owned();
    let failed = |source| SecretsError::File { path: path.clone(), source };
    let (secrets, made) = match read(Path::new(&path)) {
        Ok(text) => (parse(&path, &text)?, Made::Read),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secrets = Secrets { publish: key()?, play: key()?, admin: key()? };
            write(Path::new(&path), &secrets).map_err(failed)?;
            tracing::info!("keys of this server were made and are kept in {path} (secrets)");
            (secrets, Made::New)
        }
        Err(error) => return Err(failed(error)),
    };
    config.fill_secrets(&secrets);
    Ok(made)
}

/// Nothing is changed of what is not ours.
fn read(path: &Path) -> io::Result<String> {
    let file = open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let (owner, own) = (metadata.uid(), Uid::effective().as_raw());
    if owner != own {
        return Err(io::Error::other(format!("it belongs to user {owner}, the server runs as {own}")));
    }
    if metadata.len() > MAX_FILE {
        return Err(io::Error::other("it is too long"));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!("{} could be read by others: it is its owner's alone from now on (secrets)", path.display());
        file.set_permissions(Permissions::from_mode(MODE))?;
    }
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text)?;
    Ok(text)
}

/// Does not go where a link leads, and does not wait for who writes to a pipe.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
    OpenOptions::new().read(true).custom_flags(flags.bits()).open(path).map_err(|error| {
        match error.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32) {
            true => io::Error::other("it is a symbolic link, name the file that it leads to"),
            false => error,
        }
    })
}

fn write(path: &Path, secrets: &Secrets) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let Secrets { publish, play, admin } = secrets;
    let text = format!("{HEADER}publish {publish}\nplay {play}\nadmin {admin}\n");
    // Never there with less than all of it, nor with other rights.
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn parse(path: &str, text: &str) -> Result<Secrets, SecretsError> {
    let find = |name: &'static str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        let found = lines.find(|(key, value)| *key == name && !value.trim().is_empty());
        found.map(|(_, value)| value.trim().to_owned()).ok_or(SecretsError::Missing { path: path.to_owned(), name })
    };
    Ok(Secrets { publish: find("publish")?, play: find("play")?, admin: find("admin")? })
}

fn key() -> Result<String, SecretsError> {
    let mut bytes = [0; KEY];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| SecretsError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests;
