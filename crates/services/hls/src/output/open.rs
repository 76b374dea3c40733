//! What a writer made, on its way into the playlist.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use weir_playlist::{HintKind, Key, Map, OpenSegment, PreloadHint, SegmentStart};

use super::files::Job;
use super::{InUse, Open, Output, State, Stored, list};
use crate::blob::{Blob, OnDisk, Sort};
use crate::catalogue::Resource;
use crate::container::Format;
use crate::crypt::Secret;
use crate::finished::Finished;
use crate::plan::{File, Moment, PlanError, numbered};
use crate::writer::{Begin, Part, Segment};

impl Output {
    /// A segment begins.
    pub(super) fn begin(&self, state: &mut State, begin: Begin) {
        let plan = state.plan.clone();
        let moment = plan.moment(state.next, begin.floor, begin.unix_nanos);
        let is_first = state.next == 0;
        let made = self.take_init(state, &moment, begin.init).map_err(|error| error.to_string());
        if let Err(error) = made.and_then(|()| self.take_key(state, &moment)) {
            return self.refuse(state, &error);
        }
        let map = state.init.as_ref().map(|init| Arc::new(Map { uri: plan.uri(&init.file), encrypted: false }));
        let dated = plan.has_parts() || !state.groups.is_empty();
        let start = SegmentStart {
            // SRS: the first segment of all has one too.
            discontinuity: begin.discontinuity && (!is_first || plan.is_like_srs()),
            map,
            key: state.key.as_ref().map(|key| key.listed.clone()),
            program_date_time: dated.then_some(begin.unix_nanos),
        };
        state.list.independent_segments &= begin.independent;
        let file = match plan.segment(&moment, None) {
            Ok(file) => file,
            Err(error) => return self.refuse(state, &error.to_string()),
        };
        let uri = plan.uri(&file);
        state.tracks = begin.tracks;
        if plan.has_parts() {
            state.list.open = Some(OpenSegment { start: start.clone(), parts: Vec::new() });
        }
        let (parts, durations, excess) = (Vec::new(), Vec::new(), Duration::ZERO);
        state.open = Some(Open { moment, file, uri, start, parts, durations, excess, is_first });
        self.hint(state);
    }

    /// Puts a new initialisation segment in its place, if there is one that says something else.
    fn take_init(&self, state: &mut State, moment: &Moment, init: Option<Bytes>) -> Result<(), PlanError> {
        if state.plan.format() == Format::Ts {
            state.init = None;
            return Ok(());
        }
        let Some(bytes) = init else { return Ok(()) };
        if state.init.as_ref().is_some_and(|kept| kept.bytes().as_ref() == Some(&bytes)) {
            return Ok(());
        }
        let file = state.plan.init(moment)?;
        let blob = self.put(state, file, Sort::Init, bytes);
        self.enqueue(Job::Write(blob.clone()));
        let before = state.init.replace(blob);
        self.drop_unused(state, before, None);
        Ok(())
    }

    /// Puts a new key in its place when it is time to. Without one nothing is published: it was to be encrypted.
    fn take_key(&self, state: &mut State, moment: &Moment) -> Result<(), String> {
        let hls = &state.plan.hls;
        if !hls.hls_keys {
            state.key = None;
            return Ok(());
        }
        let each = u64::try_from(hls.hls_fragments_per_key).unwrap_or(1).max(1);
        if state.key.is_some() && !state.next.is_multiple_of(each) {
            return Ok(());
        }
        let secret = Secret::random().map_err(|_| "the system has no random numbers for a key".to_owned())?;
        let file = state.plan.key(moment).map_err(|error| error.to_string())?;
        let listed = Arc::new(Key { uri: state.plan.key_uri(&file), iv: Some(secret.iv) });
        let blob = self.blob(state, file, Sort::Key, Bytes::copy_from_slice(&secret.key));
        if state.plan.serves_keys() {
            self.shared.catalogue.put(
                &state.plan.keys,
                &blob.file.url,
                Resource::Blob(blob.clone(), state.plan.clone()),
            );
        }
        self.enqueue(Job::Write(blob.clone()));
        let before = state.key.replace(Arc::new(InUse { blob, secret, listed }));
        self.drop_unused(state, None, before);
        Ok(())
    }

    /// A part is finished.
    pub(super) fn add_part(&self, state: &mut State, part: Part) {
        let Some(open) = &state.open else { return };
        let (file, uri) = open.part(open.parts.len());
        // What was promised cannot change. Where a frame lasts longer than could be foreseen, the playlist leaves that out.
        let duration = state.list.part_target.map_or(part.duration, |promised| part.duration.min(promised));
        let listed = weir_playlist::Part { duration, uri, independent: part.independent, gap: false };
        let sort = media(state);
        let blob = Blob::new(file, sort, part.bytes, &self.shared.budget, false);
        self.shared.catalogue.put(&state.plan.folder, &blob.file.url, Resource::Blob(blob.clone(), state.plan.clone()));
        if let Some(open) = &mut state.open {
            open.parts.push(blob);
            open.durations.push(part.duration);
            open.excess += part.duration.saturating_sub(duration);
        }
        if let Some(open) = &mut state.list.open {
            open.parts.push(listed);
        }
        self.hint(state);
    }

    /// The segment is finished.
    pub(super) fn add_segment(&self, state: &mut State, segment: Segment) {
        let plan = state.plan.clone();
        let Some(named) = state.open.as_ref().map(|open| plan.segment(&open.moment, Some(segment.duration))) else {
            return;
        };
        let file = match named {
            Ok(file) => file,
            Err(error) => return self.refuse(state, &error.to_string()),
        };
        let Some(open) = state.open.take() else { return };
        self.forget_name(state, &file);
        let blob = self.whole(state, file, join(&open.parts, segment.bytes));
        let gap = blob.on_disk() == OnDisk::Failed;
        share(&open.parts, &blob);
        let uri = plan.uri(&blob.file);
        let told = self.finished(state, &blob.file, &uri, segment.duration).filter(|_| !gap);
        let mut parts = state.list.open.take().map(|open| open.parts).unwrap_or_default();
        state.list.hints.clear();
        self.forget_hint(state);
        let mut duration = segment.duration.saturating_sub(open.excess);
        if open.excess > duration {
            // Frames last longer now, and go on to: begins anew with what is true.
            duration = segment.duration;
            parts.iter_mut().zip(&open.durations).for_each(|(part, real)| part.duration = *real);
            self.begin_anew(state);
        }
        state.list.segments.push_back(weir_playlist::Segment { start: open.start, parts, duration, uri, gap });
        list::set_targets(&mut state.list, &plan, &open.durations);
        state.segments.push_back(Stored {
            blob: blob.clone(),
            parts: open.parts,
            init: state.init.clone(),
            key: state.key.clone(),
            duration,
            pictures: segment.pictures,
            is_first: open.is_first,
        });
        state.next += 1;
        state.elapsed += segment.duration;
        self.trim(state);
        self.show(state);
        self.enqueue_segment(state, blob, told);
    }

    /// A finished segment in its place, encrypted if it is to be. One that cannot be is nowhere: that is a fault, and a gap.
    fn whole(&self, state: &mut State, file: File, bytes: Bytes) -> Arc<Blob> {
        let sort = media(state);
        let made = match &state.key {
            Some(key) => encrypted(&key.secret, bytes),
            None => Some(bytes),
        };
        if let Some(bytes) = made {
            return self.put(state, file, sort, bytes);
        }
        state.faults.push(format!("{} cannot be encrypted and is left out (hls_keys)", file.name));
        let blob = Blob::new(file, sort, Bytes::new(), &self.shared.budget, true);
        blob.settle(OnDisk::Failed);
        blob
    }

    /// Lets everything leave the playlist but what comes now: what was promised of parts does not hold any more.
    fn begin_anew(&self, state: &mut State) {
        tracing::warn!("HLS of {}: frames last longer than hls_part: the playlist begins anew", self.source);
        while let Some(stored) = state.take_oldest() {
            state.gone.push_back((stored, state.elapsed));
        }
        state.list.part_target = None;
    }

    /// Says which part comes next.
    fn hint(&self, state: &mut State) {
        self.forget_hint(state);
        if !state.plan.has_parts() {
            return;
        }
        let Some(open) = &state.open else { return };
        let (file, uri) = open.part(open.parts.len());
        state.list.hints = vec![PreloadHint { kind: HintKind::Part, uri }];
        if let Some(this) = self.this.upgrade() {
            self.shared.catalogue.put(&state.plan.folder, &file.url, Resource::Hint(this));
        }
        state.hint = Some(file);
    }

    pub(super) fn forget_hint(&self, state: &mut State) {
        if let Some(hint) = state.hint.take() {
            let is_hint = |found: &Resource| matches!(found, Resource::Hint(_));
            self.shared.catalogue.remove_if(&state.plan.folder, &hint.url, is_hint);
        }
    }

    /// What callbacks are told of a segment.
    fn finished(&self, state: &State, file: &File, uri: &str, duration: Duration) -> Option<Arc<Finished>> {
        let publish = state.publish.clone()?;
        let playlist = &state.plan.playlist;
        let is_whole = uri.starts_with("http://") || uri.starts_with("https://");
        let url = match playlist.name.rsplit_once('/') {
            Some((folder, _)) if !is_whole => format!("{folder}/{uri}"),
            _ => uri.to_owned(),
        };
        Some(Arc::new(Finished {
            unfinished: publish.client.unfinished(),
            stream: publish.stream,
            publisher: publish.client,
            duration,
            file: file.path.clone(),
            uri: uri.to_owned(),
            url,
            m3u8: playlist.path.clone(),
            m3u8_url: playlist.name.clone(),
            seq_no: state.next,
        }))
    }

    /// A name or a key cannot be made, which the plan had not foreseen.
    fn refuse(&self, state: &mut State, why: &str) {
        // Whoever waits for what was hinted need not any longer.
        state.dropped += 1;
        self.drop_open(state);
        state.faults.push(format!("a segment is left out: {why}"));
    }

    /// A piece in the folder of the stream.
    fn put(&self, state: &State, file: File, sort: Sort, bytes: Bytes) -> Arc<Blob> {
        let blob = self.blob(state, file, sort, bytes);
        self.shared.catalogue.put(&state.plan.folder, &blob.file.url, Resource::Blob(blob.clone(), state.plan.clone()));
        blob
    }

    fn blob(&self, state: &State, file: File, sort: Sort, bytes: Bytes) -> Arc<Blob> {
        Blob::new(file, sort, bytes, &self.shared.budget, state.plan.hls.hls_disk)
    }
}

fn media(state: &State) -> Sort {
    match state.plan.format() {
        Format::Ts => Sort::Ts,
        Format::Mp4 => Sort::Mp4,
    }
}

/// The parts of a segment in one piece.
fn join(parts: &[Arc<Blob>], whole: Bytes) -> Bytes {
    let parts: Vec<Bytes> = parts.iter().filter_map(|part| part.bytes()).collect();
    match &parts[..] {
        [] => whole,
        [one] if whole.is_empty() => one.clone(),
        parts => {
            let mut joined = Vec::with_capacity(parts.iter().map(Bytes::len).sum::<usize>() + whole.len());
            parts.iter().for_each(|part| joined.extend_from_slice(part));
            joined.extend_from_slice(&whole);
            Bytes::from(joined)
        }
    }
}

impl Open {
    /// One of its parts, and how the playlist calls it. Parts are never on disk.
    fn part(&self, number: usize) -> (File, String) {
        let url = numbered(&self.file.url, number);
        (File { name: String::new(), path: String::new(), url }, numbered(&self.uri, number))
    }
}

/// The parts are pieces of their segment from now on: they take no memory of their own.
fn share(parts: &[Arc<Blob>], whole: &Blob) {
    let Some(whole) = whole.bytes() else { return };
    let mut at = 0_usize;
    for part in parts {
        if let Some(end) = at.checked_add(part.len).filter(|end| *end <= whole.len()) {
            part.share(whole.slice(at..end));
            at = end;
        }
    }
}

fn encrypted(secret: &Secret, bytes: Bytes) -> Option<Bytes> {
    // Nobody else has it yet, so this copies nothing.
    let mut segment = Vec::from(bytes);
    secret.encrypt(&mut segment).ok().map(|()| segment.into())
}
