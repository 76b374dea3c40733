//! [`Output`]: the playlist of one stream and what it lists, in memory and on its way to the disk.

mod files;
mod list;
mod open;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, broadcast, watch};
use weir_bridge::track::Description;
use weir_conf::HlsOnError;
use weir_hub::{Client, Stream, StreamKey};
use weir_playlist::{Key, MediaPlaylist, RenditionReport};

use crate::blob::Blob;
use crate::budget::{Budget, Counted};
use crate::catalogue::{Catalogue, Resource};
use crate::crypt::Secret;
use crate::cut::Grid;
use crate::disk::Disk;
use crate::finished::Finished;
use crate::group::Group;
use crate::news::News;
use crate::plan::{File, Moment, Plan, relative};
use crate::source::Source;
use crate::writer::Made;
use files::Jobs;
pub(crate) use list::Offer;

/// Finished segments that wait for slow callbacks, all streams together; then the oldest are not told.
const MAX_FINISHED: usize = 1024;
/// Requests that wait at the same time, all streams together: a player has two at most, and each takes some KiB.
pub(crate) const MAX_WAITING: usize = 32 * 1024;
/// A fault that happens again is logged after so long.
const QUIET: Duration = Duration::from_secs(30);

/// What all streams share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Paths.
    pub(crate) catalogue: Catalogue,
    /// Memory.
    pub(crate) budget: Arc<Budget>,
    /// Threads that write.
    pub(crate) disk: Arc<Disk>,
    /// Tells of finished segments.
    pub(crate) finished: broadcast::Sender<Arc<Finished>>,
    /// Places for requests that wait for what comes next.
    pub(crate) waiting: Semaphore,
    outputs: Mutex<HashMap<Source, Arc<Output>>>,
    /// Grids of renditions that are published.
    grids: Mutex<HashMap<StreamKey, Weak<Grid>>>,
}

impl Shared {
    pub(crate) fn new(budget: Arc<Budget>) -> Arc<Shared> {
        Arc::new(Shared {
            catalogue: Catalogue::default(),
            budget,
            disk: Arc::default(),
            finished: broadcast::channel(MAX_FINISHED).0,
            waiting: Semaphore::new(MAX_WAITING),
            outputs: Mutex::default(),
            grids: Mutex::default(),
        })
    }

    /// The output of a source that has one.
    pub(crate) fn output(&self, source: &Source) -> Option<Arc<Output>> {
        self.table().get(source).cloned()
    }

    /// The output of a plan's source, a new one if need be, once nobody else writes it.
    pub(crate) async fn wait_for_turn(self: &Arc<Self>, plan: &Arc<Plan>) -> (Arc<Output>, OwnedSemaphorePermit) {
        loop {
            let output = self.output_or_new(plan);
            // One that was removed meanwhile gives no turn.
            if let Ok(turn) = output.turn.clone().acquire_owned().await {
                return (output, turn);
            }
        }
    }

    /// The same at once. Nothing when somebody writes it.
    pub(crate) fn try_turn(self: &Arc<Self>, plan: &Arc<Plan>) -> Option<(Arc<Output>, OwnedSemaphorePermit)> {
        loop {
            let output = self.output_or_new(plan);
            match output.turn.clone().try_acquire_owned() {
                Ok(turn) => return Some((output, turn)),
                Err(TryAcquireError::NoPermits) => return None,
                Err(TryAcquireError::Closed) => {}
            }
        }
    }

    /// Takes an output away for good that nobody writes. False when somebody does.
    pub(crate) fn remove_idle(&self, output: &Arc<Output>) -> bool {
        let Ok(_turn) = output.turn.clone().try_acquire_owned() else { return false };
        output.dispose();
        output.retire();
        self.table().retain(|_, one| !Arc::ptr_eq(one, output));
        output.turn.close();
        true
    }

    fn output_or_new(self: &Arc<Self>, plan: &Arc<Plan>) -> Arc<Output> {
        let new = || Output::new(plan.clone(), self);
        self.table().entry(plan.source.clone()).or_insert_with(new).clone()
    }

    /// The grid of a playlist that is in groups: kept by those who write such playlists.
    pub(crate) fn grid(&self, plan: &Plan) -> Option<Arc<Grid>> {
        let key = Group::grid_of(plan)?;
        let mut grids = self.grids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(grid) = grids.get(&key).and_then(Weak::upgrade) {
            return Some(grid);
        }
        grids.retain(|_, grid| grid.strong_count() > 0);
        let grid = Arc::default();
        grids.insert(key, Arc::downgrade(&grid));
        Some(grid)
    }

    /// All outputs.
    pub(crate) fn outputs(&self) -> Vec<Arc<Output>> {
        self.table().values().cloned().collect()
    }

    fn table(&self) -> MutexGuard<'_, HashMap<Source, Arc<Output>>> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far a stream is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Progress {
    /// The segment that is being made, or comes next.
    pub(crate) msn: u64,
    /// Its finished parts.
    pub(crate) parts: u64,
    /// Parts of the segment before.
    pub(crate) parts_before: u64,
    /// Its playlist, once it has one.
    pub(crate) url: Option<Arc<str>>,
    /// Segments that were begun and will not be there, nor what was hinted of them.
    dropped: u64,
}

impl Progress {
    /// True when the playlist has segment `msn`, or its part `part`. A part beyond the last one is the first of the next
    /// segment.
    pub(crate) fn has(&self, msn: u64, part: Option<u64>) -> bool {
        match part {
            _ if msn.saturating_add(1) < self.msn => true,
            None => msn < self.msn,
            Some(part) if msn == self.msn => part < self.parts,
            Some(part) => msn < self.msn && (part < self.parts_before || self.parts > 0),
        }
    }

    /// The last segment in the playlist and its last part.
    fn last(&self) -> (u64, Option<u64>) {
        match (self.parts.checked_sub(1), self.parts_before.checked_sub(1)) {
            (Some(part), _) => (self.msn, Some(part)),
            (None, part) => (self.msn.saturating_sub(1), part),
        }
    }
}

/// The playlist of one stream, or of one of its renditions, over all its publishes.
#[derive(Debug)]
pub(crate) struct Output {
    /// What is in it.
    pub(crate) source: Source,
    /// Held by the one that writes: a publish waits for the one before to end. Closed once it is removed.
    turn: Arc<Semaphore>,
    shared: Arc<Shared>,
    this: Weak<Output>,
    state: Mutex<State>,
    progress: watch::Sender<Progress>,
    jobs: Mutex<Jobs>,
    /// Counts publishes: a fault of an earlier one is no reason to end this one.
    era: AtomicU64,
    /// A fault ended HLS of this publish (`hls_on_error ignore`).
    stopped: AtomicBool,
    faults: Mutex<Faults>,
}

#[derive(Debug)]
struct State {
    plan: Arc<Plan>,
    groups: Vec<Arc<Group>>,
    publish: Option<Publish>,
    list: MediaPlaylist,
    segments: VecDeque<Stored>,
    /// Segments that have left the playlist, which players may still ask for, each with `elapsed` when it left.
    gone: VecDeque<(Stored, Duration)>,
    /// How long all segments so far are together.
    elapsed: Duration,
    /// The longest that the playlist was.
    longest: Duration,
    open: Option<Open>,
    /// The number of the next segment.
    next: u64,
    /// Segments that were begun and will not be there.
    dropped: u64,
    init: Option<Arc<Blob>>,
    key: Option<Arc<InUse>>,
    last_media: Instant,
    texts: Texts,
    tracks: Vec<Description>,
    hint: Option<File>,
    /// The playlist is at its path.
    listed: bool,
    /// Bytes that the writer holds.
    held: Counted,
    /// What is to be told when nothing is locked.
    faults: Vec<String>,
}

/// A publish that writes.
#[derive(Clone, Debug)]
struct Publish {
    stream: Arc<Stream>,
    client: Arc<Client>,
}

/// A segment in the playlist.
#[derive(Debug)]
struct Stored {
    blob: Arc<Blob>,
    parts: Vec<Arc<Blob>>,
    init: Option<Arc<Blob>>,
    key: Option<Arc<InUse>>,
    duration: Duration,
    pictures: u32,
    /// Its discontinuity means nothing: there is no segment before it.
    is_first: bool,
}

/// The segment that is being made.
#[derive(Debug)]
struct Open {
    moment: Moment,
    /// The segment while it is open, which names its parts.
    file: File,
    uri: String,
    start: weir_playlist::SegmentStart,
    parts: Vec<Arc<Blob>>,
    /// How long they are.
    durations: Vec<Duration>,
    /// How much longer they are together than the playlist says.
    excess: Duration,
    is_first: bool,
}

/// A key, and how the playlist calls it.
#[derive(Debug)]
struct InUse {
    blob: Arc<Blob>,
    secret: Secret,
    listed: Arc<Key>,
}

/// The playlist as text, until it changes.
#[derive(Debug, Default)]
struct Texts {
    full: Option<Bytes>,
    delta: Option<Bytes>,
}

/// Faults that were not logged.
#[derive(Debug, Default)]
struct Faults {
    logged: Option<Instant>,
    unlogged: u64,
}

impl Output {
    fn new(plan: Arc<Plan>, shared: &Arc<Shared>) -> Arc<Output> {
        Arc::new_cyclic(|this| Output {
            turn: Arc::new(Semaphore::new(1)),
            shared: shared.clone(),
            this: this.clone(),
            progress: watch::Sender::default(),
            jobs: Mutex::default(),
            era: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            faults: Mutex::default(),
            state: Mutex::new(State {
                list: list::empty(&plan, false),
                groups: Group::of(&plan),
                plan: plan.clone(),
                publish: None,
                segments: VecDeque::new(),
                gone: VecDeque::new(),
                elapsed: Duration::ZERO,
                longest: Duration::ZERO,
                open: None,
                next: 0,
                dropped: 0,
                init: None,
                key: None,
                last_media: Instant::now(),
                texts: Texts::default(),
                tracks: Vec::new(),
                hint: None,
                listed: false,
                held: shared.budget.count(),
                faults: Vec::new(),
            }),
            source: plan.source.clone(),
        })
    }

    /// Goes on with a new publish, or with new settings. The one who holds the turn calls it. Fails when another stream
    /// writes the same playlist.
    pub(crate) fn adopt(&self, plan: Arc<Plan>, stream: &Arc<Stream>, client: &Arc<Client>) -> Result<(), Arc<Output>> {
        let this = self.this.upgrade();
        if let Some(this) = this {
            self.shared.catalogue.claim(&claims_of(&plan), &this)?;
        }
        let mut state = self.state();
        self.era.fetch_add(1, Ordering::Relaxed);
        self.stopped.store(false, Ordering::Relaxed);
        if state.plan.playlist != plan.playlist || state.plan.format() != plan.format() {
            self.clear(&mut state);
        }
        let given_up = claims_of(&state.plan).into_iter().filter(|path| !claims_of(&plan).contains(path));
        self.shared.catalogue.release(&given_up.collect::<Vec<_>>());
        let mut left = std::mem::replace(&mut state.groups, Group::of(&plan));
        left.retain(|group| !state.groups.iter().any(|one| one.url == group.url));
        let is_in_group = !state.groups.is_empty();
        list::adopt(&mut state.list, &plan, is_in_group);
        state.plan = plan;
        let key = state.key.take();
        self.drop_unused(&state, None, key);
        state.publish = Some(Publish { stream: stream.clone(), client: client.clone() });
        state.last_media = Instant::now();
        state.texts = Texts::default();
        if state.listed {
            self.show_groups(&state);
        }
        drop(state);
        self.leave_groups(&left);
        Ok(())
    }

    /// Takes in what a writer made. Answers the limit of parts, when the playlist has promised one.
    pub(crate) fn apply(&self, made: Vec<Made>, held: usize) -> Option<Duration> {
        let mut news = Vec::new();
        let mut state = self.state();
        state.held.set(held);
        if made.is_empty() {
            return state.list.part_target;
        }
        state.texts = Texts::default();
        for made in made {
            match made {
                Made::Begin(begin) => self.begin(&mut state, begin),
                Made::Part(part) => self.add_part(&mut state, part),
                Made::Segment(segment) => self.add_segment(&mut state, segment),
                Made::Dropped => self.drop_open(&mut state),
                Made::News(one) => news.push(one),
            }
        }
        self.progress.send_if_modified(|progress| {
            let now = state.progress();
            std::mem::replace(progress, now.clone()) != now
        });
        let limit = state.list.part_target;
        let faults = std::mem::take(&mut state.faults);
        drop(state);
        news.iter().for_each(|news| self.tell(news));
        faults.iter().for_each(|fault| self.fault(fault, false, self.era()));
        limit
    }

    /// Media came.
    pub(crate) fn touch(&self, now: Instant) {
        self.state().last_media = now;
    }

    /// How long no media came.
    pub(crate) fn idle(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.state().last_media)
    }

    /// The plan in force.
    pub(crate) fn plan(&self) -> Arc<Plan> {
        self.state().plan.clone()
    }

    /// The groups of the stream.
    pub(crate) fn groups(&self) -> Vec<Arc<Group>> {
        self.state().groups.clone()
    }

    /// True once there is something to play.
    pub(crate) fn has_segments(&self) -> bool {
        !self.state().segments.is_empty()
    }

    /// The target durations of segments and of parts.
    pub(crate) fn targets(&self) -> (Duration, Duration) {
        let state = self.state();
        let target = Duration::from_secs(state.list.target_duration.into());
        (target, state.list.part_target.unwrap_or(target))
    }

    /// Follows how far the stream is.
    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// True once a fault ended HLS of this publish.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// What was begun is forgotten: it is made anew.
    pub(crate) fn forget_open(&self) {
        let mut state = self.state();
        self.drop_open(&mut state);
        self.progress.send_replace(state.progress());
    }

    /// Nobody writes any more. What is there stays until it is disposed of.
    pub(crate) fn leave(&self) {
        let mut state = self.state();
        state.publish = None;
        state.open = None;
        state.held.set(0);
    }

    /// Takes everything away, on disk too if `hls_dispose` says so. The numbers go on.
    pub(crate) fn dispose(&self) {
        let mut state = self.state();
        self.clear(&mut state);
        self.progress.send_replace(state.progress());
    }

    /// Forgets the playlist's name, so that another stream may have it.
    pub(crate) fn retire(&self) {
        self.shared.catalogue.release(&claims_of(&self.plan()));
        self.leave_groups(&self.groups());
    }

    /// Groups without other members are not offered any more.
    fn leave_groups(&self, groups: &[Arc<Group>]) {
        for group in groups {
            let rest = group.members.iter().filter(|source| **source != self.source);
            let mut rest = rest.filter_map(|source| self.shared.output(source)).flat_map(|output| output.groups());
            if !rest.any(|one| one.url == group.url) {
                let is_group = |found: &Resource| matches!(found, Resource::Group(_));
                self.shared.catalogue.remove_if(&group.folder, &group.url, is_group);
            }
        }
    }

    /// How far the other renditions of its groups are.
    fn reports(&self) -> Vec<RenditionReport> {
        let (groups, url) = {
            let state = self.state();
            (state.groups.clone(), state.plan.playlist.url.clone())
        };
        let others = groups.iter().flat_map(|group| &group.members).filter(|source| **source != self.source);
        let mut reports: Vec<RenditionReport> = Vec::new();
        for other in others.filter_map(|source| self.shared.output(source)) {
            let progress = other.progress.borrow().clone();
            let Some(theirs) = &progress.url else { continue };
            let (last_msn, last_part) = progress.last();
            let report = RenditionReport { uri: relative(&url, theirs), last_msn, last_part };
            if !reports.iter().any(|one| one.uri == report.uri) {
                reports.push(report);
            }
        }
        reports
    }

    /// Says what a writer has to tell, and does what `hls_on_error` says about it.
    fn tell(&self, news: &News) {
        if !news.is_fault() {
            let publish = self.state().publish.clone();
            if let Some(publish) = &publish {
                publish.stream.note_fault("HLS", &news.to_string());
            }
            let cid = publish.as_ref().map_or("", |publish| &publish.client.id);
            return tracing::warn!(cid, "HLS of {}: {news}", self.source);
        }
        self.fault(news, news.is_of_header(), self.era());
    }

    fn era(&self) -> u64 {
        self.era.load(Ordering::Relaxed)
    }

    /// A fault of a publish: says so, and does what `hls_on_error` says.
    fn fault(&self, why: &dyn std::fmt::Display, is_of_header: bool, era: u64) {
        let state = self.state();
        let is_past = era != self.era();
        let policy = state.plan.hls.hls_on_error;
        let publish = state.publish.clone();
        drop(state);
        if let Some(publish) = publish.as_ref().filter(|_| !is_past) {
            publish.stream.note_fault("HLS", &why.to_string());
        }
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if faults.logged.is_some_and(|logged| now.saturating_duration_since(logged) < QUIET) {
            faults.unlogged += 1;
        } else {
            let more = match std::mem::take(&mut faults.unlogged) {
                0 => String::new(),
                more => format!("; {more} more faults since the last line"),
            };
            let cid = publish.as_ref().map_or("", |publish| &publish.client.id);
            tracing::error!(cid, "HLS of {}: {why}{more} ({})", self.source, policy_words(policy, is_of_header));
            faults.logged = Some(now);
        }
        match (policy, publish) {
            _ if is_past => {}
            (HlsOnError::Ignore, _) => self.stopped.store(true, Ordering::Relaxed),
            (HlsOnError::Disconnect, Some(publish)) => publish.client.kick(),
            _ => {}
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn progress(&self) -> Progress {
        let parts = self.open.as_ref().map_or(0, |open| open.parts.len() as u64);
        let parts_before = self.segments.back().map_or(0, |last| last.parts.len() as u64);
        let url = self.listed.then(|| self.plan.playlist.url.as_str().into());
        Progress { msn: self.next, parts, parts_before, url, dropped: self.dropped }
    }
}

/// What stands for a playlist among those who might write the same. The first rendition stands for the master playlist too.
fn claims_of(plan: &Plan) -> Vec<PathBuf> {
    let is_first = plan.offered.first() == Some(&plan.source.tracks);
    let files = plan.master.iter().filter(|_| is_first).chain([&plan.playlist]);
    files.map(|file| std::path::absolute(&file.path).unwrap_or_else(|_| PathBuf::from(&file.path))).collect()
}

fn policy_words(policy: HlsOnError, is_of_header: bool) -> &'static str {
    match policy {
        HlsOnError::Ignore => "hls_on_error ignore: HLS of this publish ends",
        HlsOnError::Disconnect => "hls_on_error disconnect: the publisher is sent away",
        HlsOnError::Continue if is_of_header => "hls_on_error continue: it waits for another",
        HlsOnError::Continue => "hls_on_error continue: it goes on with what follows",
    }
}

#[cfg(test)]
mod tests;
