//! Child processes that end in time, and that no test leaves behind.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::wait::{eventually, eventually_some};

/// How long a client may take to end after SIGTERM.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// A client that runs. Dropping it ends it, and nothing else.
#[derive(Debug)]
pub struct Running {
    what: String,
    child: Child,
    output: File,
}

/// What became of a client.
#[derive(Debug)]
pub struct Ended {
    what: String,
    /// `None`: it was ended from outside, by [`Running::stop`] or at the limit of [`Running::wait`].
    pub status: Option<ExitStatus>,
    /// What it printed to both streams.
    pub output: String,
}

impl Running {
    /// Starts it without input, with both output streams kept.
    pub fn spawn(command: &mut Command) -> Self {
        let what = format!("{command:?}");
        let output = tempfile::tempfile().expect("a file for the output");
        let stream = || Stdio::from(output.try_clone().expect("a second handle"));
        let child = command.stdin(Stdio::null()).stdout(stream()).stderr(stream()).spawn();
        Self { child: child.unwrap_or_else(|e| panic!("cannot start {what}: {e}")), what, output }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until it ends by itself; ends it at the limit.
    pub fn wait(mut self, limit: Duration) -> Ended {
        let status = eventually_some(limit, || self.child.try_wait().expect("the state of a child"));
        self.end(status)
    }

    /// Ends it with SIGTERM, so that it can finish its file; kills it when it takes too long.
    pub fn stop(mut self) -> Ended {
        if self.is_running() {
            let _ = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status();
            eventually(LAST_WORDS, || !self.is_running());
        }
        self.end(None)
    }

    /// What it printed so far.
    pub fn output(&mut self) -> String {
        let mut bytes = Vec::new();
        self.output.rewind().and_then(|()| self.output.read_to_end(&mut bytes)).expect("the output of a child");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn end(mut self, status: Option<ExitStatus>) -> Ended {
        // A process that has ended already cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
        Ended { output: self.output(), status, what: std::mem::take(&mut self.what) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Panics with what it printed unless it ended by itself and well.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        let well = self.status.is_some_and(|status| status.success());
        assert!(well, "{} ended with {:?}:\n{}", self.what, self.status, self.output);
        self
    }
}
