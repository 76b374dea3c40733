//! What of a stream is still to be written to disk, or removed from it.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::{Output, State};
use crate::blob::{Blob, OnDisk};
use crate::disk::{Work, remove_file, write_file};
use crate::finished::Finished;
use crate::plan::File;

/// Segments of one stream that wait for the disk. More are not written: they live in memory for their time.
const MAX_SEGMENTS: usize = 32;
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
    /// Remove pieces that were written.
    Remove(Vec<Arc<Blob>>),
    /// Remove the playlist.
    RemovePlaylist(File),
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
        if self.jobs().segments >= MAX_SEGMENTS {
            blob.set_on_disk(OnDisk::Failed);
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
        let on_disk = |blob: &Arc<Blob>| blob.on_disk() != OnDisk::Never;
        let job = match job {
            Job::Write(blob) if !on_disk(&blob) => return,
            Job::Remove(blobs) => Job::Remove(blobs.into_iter().filter(on_disk).collect()),
            job => job,
        };
        if matches!(&job, Job::Remove(blobs) if blobs.is_empty()) {
            return;
        }
        let mut jobs = self.jobs();
        jobs.list.push_back((self.era(), job));
        let Some(this) = self.this.upgrade().filter(|_| !mem::replace(&mut jobs.asked, true)) else { return };
        drop(jobs);
        self.shared.disk.submit(this);
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
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
                blob.set_on_disk(OnDisk::Written);
                self.shared.budget.spare(blob);
                self.announce(told);
            }
            Err(error) => {
                blob.set_on_disk(OnDisk::Failed);
                self.disk_fault(&blob.file.path, &error, era);
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

impl Work for Output {
    fn work(&self) {
        let list = mem::take(&mut self.jobs().list);
        let last_playlist = list.iter().rposition(|(_, job)| matches!(job, Job::Playlist));
        for (index, (era, job)) in list.into_iter().enumerate() {
            match job {
                Job::Write(blob) => self.write_blob(&blob, None, era),
                Job::Segment(blob, told) => {
                    self.write_blob(&blob, told, era);
                    let mut jobs = self.jobs();
                    jobs.segments = jobs.segments.saturating_sub(1);
                }
                // A newer one comes.
                Job::Playlist if Some(index) != last_playlist => {}
                Job::Playlist => self.write_playlist(era),
                Job::Remove(blobs) => {
                    let written = blobs.iter().filter(|blob| blob.on_disk() == OnDisk::Written);
                    written.for_each(|blob| self.remove(&blob.file.path));
                }
                Job::RemovePlaylist(file) => self.remove(&file.path),
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
