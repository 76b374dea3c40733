//! The process itself: going to the background, and saying who it is.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::{Pid, getppid, setsid};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use weir_api::Sampler;
use weir_hub::Hub;
use weir_net::shard::Shards;

use crate::Failure;

/// Set in the environment of the process that serves in the background.
const DETACHED: &str = "WEIR_DETACHED";

/// How often is looked whether lines are due, and the least time between two.
const LOOK: Duration = Duration::from_secs(1);

/// Whether this process was started by [`detach`].
pub(crate) fn is_detached() -> bool {
    std::env::var_os(DETACHED).is_some()
}

/// Starts this program again in a session of its own, with its arguments, in the folder where they mean the same. True
/// in the process that was started by hand: it ends at once.
///
/// Starting anew instead of forking keeps the threads of the server out of a forked copy.
pub(crate) fn detach(started_in: &Path) -> io::Result<bool> {
    if is_detached() {
        setsid().map_err(io::Error::from)?;
        return Ok(false);
    }
    let mut again = Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1)).current_dir(started_in).env(DETACHED, "1").spawn()?;
    Ok(true)
}

/// The first lines of the log.
pub(crate) fn banner() {
    let uname = nix::sys::utsname::uname().ok();
    let field = |value: Option<&std::ffi::OsStr>| value.unwrap_or_default().to_string_lossy().into_owned();
    tracing::info!("{}, MIT or Apache-2.0 licence, process {}", weir_base::SIGNATURE, std::process::id());
    tracing::info!(
        "in folder {}, on {} {} {}",
        std::env::current_dir().unwrap_or_default().display(),
        field(uname.as_ref().map(|name| name.sysname())),
        field(uname.as_ref().map(|name| name.release())),
        field(uname.as_ref().map(|name| name.machine())),
    );
}

/// Every `pithy_print_ms`, says in a few lines what the server does.
pub(crate) async fn summarise(hub: Arc<Hub>, shards: Arc<Shards>, sampler: Arc<Sampler>, ending: CancellationToken) {
    let mut last = Instant::now();
    loop {
        // A reload may change the time between two of them.
        let due = last + hub.conf().pithy_print_ms.max(LOOK);
        tokio::select! {
            () = tokio::time::sleep_until(due.min(Instant::now() + LOOK)) => {}
            () = ending.cancelled() => return,
        }
        if Instant::now() < due {
            continue;
        }
        last = due;
        if let Some((cpu, kbytes)) = sampler.process() {
            tracing::info!("the server uses {:.1}% of a processor, at most {} MB so far", cpu * 100.0, kbytes / 1024);
        }
        let rates = hub.traffic().rates();
        let clients = hub.clients();
        let publishers = clients.iter().filter(|client| client.kind.publishes()).count();
        let players = clients.len() - publishers;
        if publishers > 0 {
            tracing::info!(tag = "CPB", "publishers: {publishers}, sending {} kb/s (mean of 30 s)", rates.recv_30s);
        }
        if players > 0 {
            let skipped: u64 = hub.streams().iter().map(|stream| stream.skipped()).sum();
            let window = shards.gauges().map(|gauge| gauge.window_ms()).max().unwrap_or(0);
            tracing::info!(
                tag = "PLA",
                "players: {players}, getting {} kb/s (mean of 30 s), frames wait {window} ms at most, {skipped} skipped",
                rates.send_30s,
            );
        }
    }
}

/// `asprocess`: the process to follow. The first process of a system or container adopts orphans and never ends before
/// the others; the first process itself has no parent.
pub(crate) fn parent_to_follow(parent: Pid) -> Result<Pid, Failure> {
    if parent.as_raw() > 1 { Ok(parent) } else { Err(Failure::NoParent(parent.as_raw())) }
}

/// `asprocess`: ends the server when the process that started it has gone.
pub(crate) async fn follow_parent(parent: Pid, ending: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = ending.cancelled() => return,
        }
        if getppid() != parent {
            ending.cancel();
        }
    }
}

#[cfg(test)]
mod tests;
