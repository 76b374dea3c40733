//! The server's identity: the same over restarts, written beside the pid file.

use std::fs;
use std::path::Path;

/// Longest id that is taken from the id file, in bytes.
const MAX_ID: usize = 128;

/// The configured id, else the one of the id file, else a new one. The result is written to the id file.
pub(crate) fn resolve(configured: &str, id_file: &Path) -> String {
    let kept = || {
        let text = fs::read_to_string(id_file).ok()?;
        let id = text.trim();
        (!id.is_empty() && id.len() <= MAX_ID && id.bytes().all(|byte| byte.is_ascii_graphic())).then(|| id.to_owned())
    };
    let id = match configured {
        "" => kept().unwrap_or_else(weir_hub::vid),
        id => id.to_owned(),
    };
    if let Err(error) = fs::write(id_file, &id) {
        tracing::warn!(
            "cannot keep the server id in {}: {error}; it will change with the next start",
            id_file.display()
        );
    }
    id
}

#[cfg(test)]
mod tests;
