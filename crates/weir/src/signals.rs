//! Signals, and the two ways to end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::SigSet;
use tokio::signal::unix::{Signal, SignalKind, signal};
use weir_api::Reloads;
use weir_conf::{Config, Live};
use weir_net::Connections;

use crate::log::Log;

/// What a signal asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ask {
    /// End at once.
    Quit,
    /// End when the clients have gone.
    QuitGracefully,
}

/// The signals that the server listens to.
pub(crate) struct Signals {
    hup: Signal,
    int: Signal,
    term: Signal,
    quit: Signal,
    usr1: Signal,
    /// Heeded so that a file that may not grow is an error of its write, not the end of the server.
    _xfsz: Signal,
    reloads: Arc<Reloads>,
    conf: Live<Config>,
}

/// Keeps SIGHUP, which would end the process, until [`Signals`] are installed: a start takes a while. For the first thread,
/// before there is another one.
pub(crate) fn keep_hangup() {
    // Where it cannot be kept, all is as it would be without.
    let _ = SigSet::from(nix::sys::signal::Signal::SIGHUP).thread_block();
}

impl Signals {
    /// Installs them, in the thread that called [`keep_hangup`].
    pub(crate) fn install(conf: Live<Config>, reloads: Arc<Reloads>) -> io::Result<Signals> {
        let signals = Signals {
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            term: signal(SignalKind::terminate())?,
            quit: signal(SignalKind::quit())?,
            usr1: signal(SignalKind::user_defined1())?,
            _xfsz: signal(SignalKind::from_raw(nix::libc::SIGXFSZ))?,
            reloads,
            conf,
        };
        // One that came before now is heeded now.
        SigSet::from(nix::sys::signal::Signal::SIGHUP).thread_unblock()?;
        Ok(signals)
    }

    /// Waits for a signal that ends the server; serves the others.
    pub(crate) async fn ask(&mut self, log: &Log) -> Ask {
        loop {
            tokio::select! {
                _ = self.int.recv() => return Ask::Quit,
                _ = self.term.recv() => {
                    return if self.conf.load().force_grace_quit { Ask::QuitGracefully } else { Ask::Quit };
                }
                _ = self.quit.recv() => return Ask::QuitGracefully,
                _ = self.usr1.recv() => reopen(log),
                _ = self.hup.recv() => self.reloads.ask(),
            }
        }
    }

    /// Waits until the clients have gone, in the steps that SRS logs: 1, 2, 4, 8, 16, 32, 31, … seconds. INT or TERM
    /// end the wait: then false.
    pub(crate) async fn drain(&mut self, log: &Log, connections: &Connections) -> bool {
        let (mut seconds, mut next_line) = (0_u32, 1_u32);
        while connections.open() > 0 {
            if !self.pause(log, Duration::from_secs(1)).await {
                return false;
            }
            seconds += 1;
            if seconds >= next_line {
                tracing::info!(
                    "connections that are still open: {}; their end is waited for, or a signal TERM or INT",
                    connections.open()
                );
                (seconds, next_line) = (0, (next_line * 2) % 33);
            }
        }
        true
    }

    /// Sleeps, unless INT or TERM come first: then false. Serves the other signals meanwhile.
    pub(crate) async fn pause(&mut self, log: &Log, time: Duration) -> bool {
        let until = tokio::time::Instant::now() + time;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return true,
                _ = self.int.recv() => return false,
                _ = self.term.recv() => return false,
                _ = self.usr1.recv() => reopen(log),
                _ = self.hup.recv() => self.reloads.ask(),
            }
        }
    }
}

fn reopen(log: &Log) {
    log.reopen();
    tracing::info!("the log file was opened again (signal USR1)");
}
