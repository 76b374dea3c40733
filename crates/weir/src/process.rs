//! The process itself: going to the background, and saying who it is.

use std::io;
use std::process::Command;

/// Set in the environment of the process that serves in the background.
const DETACHED: &str = "WEIR_DETACHED";

/// Starts this program again in a session of its own. True in the process that was started by hand: it ends at once.
///
/// Starting anew instead of forking keeps the threads of the server out of a forked copy.
pub(crate) fn detach() -> io::Result<bool> {
    if std::env::var_os(DETACHED).is_some() {
        nix::unistd::setsid().map_err(io::Error::from)?;
        return Ok(false);
    }
    Command::new(std::env::current_exe()?).args(std::env::args_os().skip(1)).env(DETACHED, "1").spawn()?;
    Ok(true)
}

/// The first lines of the log.
pub(crate) fn banner() {
    let uname = nix::sys::utsname::uname().ok();
    let field = |value: Option<&std::ffi::OsStr>| value.unwrap_or_default().to_string_lossy().into_owned();
    tracing::info!("{}, MIT or Apache-2.0 licence, process {}", weir_conf::SIGNATURE, std::process::id());
    tracing::info!(
        "in folder {}, on {} {} {}",
        std::env::current_dir().unwrap_or_default().display(),
        field(uname.as_ref().map(|name| name.sysname())),
        field(uname.as_ref().map(|name| name.release())),
        field(uname.as_ref().map(|name| name.machine())),
    );
}
