//! [`Disk`]: the threads that write files, so that a slow disk stops nothing else.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Threads that write at the same time, at most: a file system that hangs holds one for each stream on it, up to all.
const THREADS: usize = 4;
/// One thread writes, since several get in each other's way in a folder; another helps when work has waited so long.
const PATIENCE: Duration = Duration::from_millis(100);

/// Something with files to write. It is asked on a thread of its own, one thread at a time.
pub(crate) trait Work: Send + Sync {
    /// Does what is to be done now.
    fn work(&self);
    /// Whether there is more. Must answer false only together with noting that it is not waiting any more.
    fn has_more(&self) -> bool;
}

/// Threads that write files. They are started when they are needed.
#[derive(Default)]
pub(crate) struct Disk {
    /// Each that waits stands here once, so there are never more than there are streams.
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Instant, Arc<dyn Work>)>,
    threads: usize,
    busy: usize,
}

impl Disk {
    /// Lets a thread do the work of `work`, which is not waiting for one yet.
    pub(crate) fn submit(self: &Arc<Self>, work: Arc<dyn Work>) {
        let mut state = self.state();
        state.waiting.push_back((Instant::now(), work));
        if state.threads == 0 {
            self.start(&mut state);
        }
        drop(state);
        self.wake.notify_one();
    }

    /// Starts another thread when work waits and all are busy. Called every second.
    pub(crate) fn tend(self: &Arc<Self>) {
        let mut state = self.state();
        if state.is_late() && state.busy == state.threads && state.threads < THREADS {
            self.start(&mut state);
        }
    }

    fn start(self: &Arc<Self>, state: &mut State) {
        let disk = self.clone();
        match std::thread::Builder::new().name("hls-disk".to_owned()).spawn(move || disk.run()) {
            Ok(_) => state.threads += 1,
            Err(error) => tracing::error!("no thread can be started to write HLS: {error}"),
        }
    }

    /// Waits until everything is done, for so long at most. True when it is.
    pub(crate) async fn drain(&self, limit: Duration) -> bool {
        let drained = async {
            while !self.is_quiet() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(limit, drained).await.is_ok()
    }

    fn is_quiet(&self) -> bool {
        let state = self.state();
        state.waiting.is_empty() && state.busy == 0
    }

    fn run(&self) {
        let mut state = self.state();
        loop {
            let Some((_, work)) = state.take() else {
                state = match state.waiting.is_empty() {
                    true => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                    false => self.wake.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner).0,
                };
                continue;
            };
            state.busy += 1;
            drop(state);
            work.work();
            let has_more = work.has_more();
            state = self.state();
            state.busy -= 1;
            if has_more {
                state.waiting.push_back((Instant::now(), work));
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next work, if it is for one more thread to do.
    fn take(&mut self) -> Option<(Instant, Arc<dyn Work>)> {
        if self.busy == 0 || self.is_late() { self.waiting.pop_front() } else { None }
    }

    /// The oldest work has waited for too long.
    fn is_late(&self) -> bool {
        self.waiting.front().is_some_and(|(since, _)| since.elapsed() >= PATIENCE)
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        f.debug_struct("Disk").field("waiting", &state.waiting.len()).field("threads", &state.threads).finish()
    }
}

/// Writes a file so that it is there whole or not at all: under another name first. Makes the folders above it.
pub(crate) fn write_file(path: &str, temporary: &str, bytes: &[u8]) -> io::Result<()> {
    let beside = format!("{path}{temporary}");
    let write = || -> io::Result<()> {
        let mut file = match fs::File::create(&beside) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(Path::new(path).parent().unwrap_or_else(|| Path::new("")))?;
                fs::File::create(&beside)?
            }
            created => created?,
        };
        file.write_all(bytes)?;
        fs::rename(&beside, path)
    };
    write().inspect_err(|_| {
        // Half a file is of no use; where there is none, there is nothing to remove.
        let _ = fs::remove_file(&beside);
    })
}

/// Removes a file, if it is there.
pub(crate) fn remove_file(path: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests;
