//! What of a stream is still to be written to disk, or removed from it.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::{Output, State};
use crate::blob::{Blob, OnDisk};
use crate::disk::{Work, remove_file, write_file};
use crate::finished::Finished;

/// Segments of one stream that wait for the disk. More are not written: they live in memory for their time.
const MAX_SEGMENTS: usize = 32;
/// Things to do of one stream that wait for the disk, all together: keys come with each segment, if they are to.
const MAX_JOBS: usize = 4 * MAX_SEGMENTS;
/// Names of what is being written.
const TEMPORARY: &str = ".tmp";
const TEMPORARY_PLAYLIST: &str = ".temp";

/// Something to do on disk.
#[derive(Debug)]
pub(super) enum Job {
    /// Write a piece.
    Write(Arc<Blob>),
    /// Write a segment, then tell callbacks of it.
    Segment(Arc<Blob>, Option<Arc<Finished>>),
    /// Write the playlist as it is then.
    Playlist,
    /// Remove files that were written.
    Remove(Vec<String>),
}

/// What is to be done, in its order.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    /// Each with the publish that it comes from.
    list: VecDeque<(u64, Job)>,
    /// Segments among them.
    segments: usize,
    /// A thread has been asked for.
    asked: bool,
}

impl Output {
    /// A segment is finished: it and the playlist are to be written.
    pub(super) fn enqueue_segment(&self, state: &mut State, blob: Arc<Blob>, told: Option<Arc<Finished>>) {
        if !state.plan.hls.hls_disk {
            return self.announce(told);
        }
        if blob.on_disk() == OnDisk::Failed {
            return self.enqueue(Job::Playlist);
        }
        if self.jobs().segments >= MAX_SEGMENTS {
            blob.settle(OnDisk::Failed);
            state.faults.push(format!(
                "{} is not written: the disk is so slow that {MAX_SEGMENTS} segments wait for it (hls_path)",
                blob.file.path
            ));
            return;
        }
        self.jobs().segments += 1;
        self.enqueue(Job::Segment(blob, told));
        self.enqueue(Job::Playlist);
    }

    /// Something is to be done on disk, after what was asked for before.
    pub(super) fn enqueue(&self, job: Job) {
        let mut jobs = self.jobs();
        match &job {
            Job::Write(blob) if blob.on_disk() == OnDisk::Never => return,
            Job::Write(blob) if jobs.list.len() >= MAX_JOBS => {
                blob.settle(OnDisk::Failed);
                return;
            }
            // One is enough: it is written as it is then.
            Job::Playlist => jobs.list.retain(|(_, job)| !matches!(job, Job::Playlist)),
            _ => {}
        }
        jobs.list.push_back((self.era(), job));
        let Some(this) = self.this.upgrade().filter(|_| !mem::replace(&mut jobs.asked, true)) else { return };
        drop(jobs);
        self.shared.disk.submit(this);
    }

    /// Takes pieces from the disk, where they are or will be. Answers how many segments had waited for it in vain.
    pub(super) fn erase(&self, blobs: &[Arc<Blob>]) -> usize {
        let (mut written, mut waited) = (Vec::new(), Vec::new());
        for blob in blobs {
            match blob.discard() {
                OnDisk::Written => written.push(blob.file.path.clone()),
                OnDisk::Waiting => waited.push(blob),
                OnDisk::Never | OnDisk::Failed => {}
            }
        }
        if !waited.is_empty() {
            self.jobs().forget(&waited);
        }
        let vain = waited.iter().filter(|blob| blob.is_media()).count();
        if !written.is_empty() {
            self.enqueue(Job::Remove(written));
        }
        vain
    }

    pub(super) fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, told: Option<Arc<Finished>>) {
        if let Some(told) = told {
            // Whether somebody listens is their affair.
            let _ = self.shared.finished.send(told);
        }
    }

    fn write_blob(&self, blob: &Arc<Blob>, told: Option<Arc<Finished>>, era: u64) {
        let Some(bytes) = blob.bytes() else { return };
        match write_file(&blob.file.path, TEMPORARY, &bytes) {
            Ok(()) => {
                drop(bytes);
                if !blob.settle(OnDisk::Written) {
                    return self.remove(&blob.file.path);
                }
                // The others are small, and asked for by each player.
                if blob.is_media() {
                    self.shared.budget.spare(blob);
                }
                self.announce(told);
            }
            Err(error) => {
                if blob.settle(OnDisk::Failed) {
                    self.disk_fault(&blob.file.path, &error, era);
                }
            }
        }
    }

    fn write_playlist(&self, era: u64) {
        if let Some((text, file)) = self.text_on_disk()
            && let Err(error) = write_file(&file.path, TEMPORARY_PLAYLIST, text.as_bytes())
        {
            self.disk_fault(&file.path, &error, era);
        }
    }

    fn disk_fault(&self, path: &str, error: &io::Error, era: u64) {
        self.fault(&format!("{path} cannot be written: {error} (hls_path)"), false, era);
    }

    fn remove(&self, path: &str) {
        if let Err(error) = remove_file(path) {
            tracing::warn!("HLS of {}: {path} cannot be removed: {error}", self.source);
        }
    }
}

impl Jobs {
    /// Pieces are not to be written any more.
    fn forget(&mut self, blobs: &[&Arc<Blob>]) {
        let is_one = |blob: &Arc<Blob>| blobs.iter().any(|one| Arc::ptr_eq(one, blob));
        let is_void = |job: &Job| matches!(job, Job::Write(blob) | Job::Segment(blob, _) if is_one(blob));
        let segments = &mut self.segments;
        self.list.retain(|(_, job)| {
            let is_void = is_void(job);
            *segments -= usize::from(is_void && matches!(job, Job::Segment(..)));
            !is_void
        });
    }
}

impl Work for Output {
    fn work(&self) {
        let list = mem::take(&mut self.jobs().list);
        for (era, job) in list {
            match job {
                Job::Write(blob) => self.write_blob(&blob, None, era),
                Job::Segment(blob, told) => {
                    self.write_blob(&blob, told, era);
                    let mut jobs = self.jobs();
                    jobs.segments = jobs.segments.saturating_sub(1);
                }
                Job::Playlist => self.write_playlist(era),
                Job::Remove(paths) => paths.iter().for_each(|path| self.remove(path)),
            }
        }
    }

    fn has_more(&self) -> bool {
        let mut jobs = self.jobs();
        let more = !jobs.list.is_empty();
        if !more {
            jobs.asked = false;
        }
        more
    }
}
