//! What the playlist says of itself, and its text.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use weir_bridge::track::Media;
use weir_playlist::{Form, MediaPlaylist, Segment, ServerControl, Variant};

use super::files::Job;
use super::{InUse, Output, State, Stored};
use crate::blob::{Blob, OnDisk};
use crate::catalogue::Resource;
use crate::container::Format;
use crate::plan::{File, Plan};
use crate::source::Tracks;

/// Versions: SRS's, the one of fragmented MP4, the one of delta updates.
const VERSION_SRS: u8 = 3;
const VERSION_MP4: u8 = 7;
const VERSION_LOW_LATENCY: u8 = 9;
/// Segments that a playlist keeps when the memory is full.
const FEWEST: usize = 3;
/// Target durations from the end of the playlist up to which parts can be had; they are listed for three.
const PARTS_FOR: u32 = 4;
/// PART-TARGET is a multiple of this, so that rounded timestamps do not make it odd.
const PART_STEP: u128 = 10_000_000;

/// How a playlist is offered in a master playlist.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// As a variant, without its URI.
    pub(crate) variant: Variant,
    /// Channels of its sound, if it has some.
    pub(crate) channels: Option<u8>,
    /// Each of its segments can be decoded without the others.
    pub(crate) independent: bool,
    /// The path of its playlist.
    pub(crate) url: String,
}

/// A playlist without segments.
pub(super) fn empty(plan: &Plan, is_in_group: bool) -> MediaPlaylist {
    let mut list = MediaPlaylist::default();
    adopt(&mut list, plan, is_in_group);
    list
}

/// Makes a playlist one of this plan.
pub(super) fn adopt(list: &mut MediaPlaylist, plan: &Plan, is_in_group: bool) {
    list.version = match (plan.has_parts(), plan.format()) {
        (true, _) => VERSION_LOW_LATENCY,
        (false, Format::Mp4) => VERSION_MP4,
        (false, Format::Ts) => VERSION_SRS,
    };
    list.independent_segments = (!plan.is_like_srs() || is_in_group)
        && plan.hls.hls_wait_keyframe
        && (list.segments.is_empty() || list.independent_segments);
    (list.open, list.hints) = (None, Vec::new());
    if !plan.has_parts() {
        (list.part_target, list.server_control) = (None, None);
    }
}

/// Sets what must cover the newest segment, whose parts lasted so long.
pub(super) fn set_targets(list: &mut MediaPlaylist, plan: &Plan, parts: &[Duration]) {
    let aim = Duration::try_from_secs_f64(plan.hls.hls_fragment.as_secs_f64() * plan.hls.hls_td_ratio);
    let aim = aim.unwrap_or(plan.hls.hls_fragment);
    if plan.is_like_srs() {
        list.target_duration = list.srs_target_duration(aim);
        return;
    }
    let longest = list.segments.iter().map(|segment| segment.duration).max().unwrap_or_default();
    let rounded = longest.saturating_add(Duration::from_millis(500)).as_secs();
    let least = u64::try_from(aim.as_nanos().div_ceil(1_000_000_000)).unwrap_or(u64::MAX).max(rounded);
    list.target_duration = list.target_duration.max(u32::try_from(least).unwrap_or(u32::MAX)).max(1);
    if plan.has_parts() {
        if list.part_target.is_none() {
            // The last part is as short as it happens to be.
            let whole = parts.len().saturating_sub(1);
            let longest = parts.iter().take(whole).max().copied().unwrap_or(plan.hls.hls_part);
            list.part_target = Some(in_steps(longest.max(parts.last().copied().unwrap_or_default())));
        }
        set_control(list);
    }
}

fn in_steps(part: Duration) -> Duration {
    let nanos = part.as_nanos().div_ceil(PART_STEP).saturating_mul(PART_STEP);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

fn set_control(list: &mut MediaPlaylist) {
    let target = Duration::from_secs(list.target_duration.into());
    list.server_control = Some(ServerControl {
        can_block_reload: true,
        can_skip_until: Some(target.saturating_mul(6)),
        hold_back: None,
        part_hold_back: list.part_target.map(|part| part.saturating_mul(3)),
    });
}

impl Output {
    /// The playlist as players of this server get it; as a delta update where that is shorter. Nothing before the first
    /// segment is finished.
    pub(crate) fn text(&self, delta: bool) -> Option<Bytes> {
        let kept = |state: &State| if delta { state.texts.delta.clone() } else { state.texts.full.clone() };
        {
            let state = self.state();
            if state.segments.is_empty() {
                return None;
            }
            if let Some(text) = kept(&state) {
                return Some(text);
            }
        }
        // Asks the other renditions, which may be asking this one.
        let reports = self.reports();
        let mut state = self.state();
        if state.segments.is_empty() {
            return None;
        }
        state.list.reports = if state.plan.has_parts() { reports } else { Vec::new() };
        let mut text = String::new();
        if delta {
            state.list.write_delta_to(&mut text, state.form());
        } else {
            state.list.write_to(&mut text, state.form());
        }
        let text = Bytes::from(text);
        let place = if delta { &mut state.texts.delta } else { &mut state.texts.full };
        *place = Some(text.clone());
        Some(text)
    }

    /// The playlist as a file for other servers: without what only this one can do, and up to where segments are on disk.
    pub(super) fn text_on_disk(&self) -> Option<(String, File)> {
        let state = self.state();
        let on_disk = |stored: &&Stored| stored.blob.on_disk() != OnDisk::Waiting;
        let written = state.segments.iter().take_while(on_disk).count();
        if written == 0 || !state.listed {
            return None;
        }
        let listed = state.list.segments.iter().zip(&state.segments).take(written);
        let segments = listed.map(|(segment, stored)| Segment {
            start: segment.start.clone(),
            parts: Vec::new(),
            duration: segment.duration,
            uri: segment.uri.clone(),
            gap: stored.blob.on_disk() == OnDisk::Failed,
        });
        let list = MediaPlaylist {
            version: state.list.version.min(VERSION_MP4),
            target_duration: state.list.target_duration,
            media_sequence: state.list.media_sequence,
            discontinuity_sequence: state.list.discontinuity_sequence,
            independent_segments: state.list.independent_segments,
            segments: segments.collect(),
            ..MediaPlaylist::default()
        };
        let mut text = String::new();
        list.write_to(&mut text, state.form());
        Some((text, state.plan.playlist.clone()))
    }

    /// How it is offered as a rendition, once it has a playlist.
    pub(crate) fn offer(&self) -> Option<Offer> {
        let state = self.state();
        if !state.listed {
            return None;
        }
        let names: Option<Vec<String>> = state.tracks.iter().map(|track| track.codec_string()).collect();
        let mut variant = Variant { codecs: names.unwrap_or_default(), ..Variant::default() };
        let has_pictures = state.tracks.iter().any(|track| matches!(track.media, Media::Video { .. }));
        if matches!(self.source.tracks, Tracks::Video(_)) && !has_pictures {
            return None;
        }
        let mut heard = None;
        for track in &state.tracks {
            match track.media {
                Media::Video { width, height, frame_rate } => {
                    variant.resolution = (width > 0 && height > 0).then_some((width, height));
                    variant.frame_rate = frame_rate.or_else(|| state.frame_rate());
                }
                Media::Audio { channels, .. } => heard = Some(channels),
            }
        }
        let (peak, average) = state.bandwidth();
        (variant.bandwidth, variant.average_bandwidth) = (peak, Some(average));
        let independent = state.list.independent_segments;
        Some(Offer { variant, channels: heard, independent, url: state.plan.playlist.url.clone() })
    }

    /// The playlist and the groups of the stream are at their paths.
    pub(super) fn show(&self, state: &mut State) {
        if state.listed {
            return;
        }
        state.listed = true;
        let Some(this) = self.this.upgrade() else { return };
        self.show_groups(state);
        let plan = &state.plan;
        self.shared.catalogue.put(&plan.folder, &plan.playlist.url, Resource::Playlist(this));
    }

    pub(super) fn show_groups(&self, state: &State) {
        for group in &state.groups {
            self.shared.catalogue.put(&group.folder, &group.url, Resource::Group(group.clone()));
        }
    }

    /// Lets go what is older than `hls_window`, or more than the memory has room for.
    pub(super) fn trim(&self, state: &mut State) {
        let window = state.window();
        loop {
            let rest: Duration = state.segments.iter().skip(1).map(|one| one.duration).sum();
            let is_full = state.segments.len() > FEWEST && self.shared.budget.is_exceeded();
            if state.segments.is_empty() || !(rest > window || is_full) {
                break;
            }
            if rest <= window {
                let words =
                    "the memory for segments is full and the disk does not take them: the playlist is shortened";
                state.faults.push(words.to_owned());
            }
            if let Some(stored) = state.take_oldest() {
                state.gone.push_back((stored, state.elapsed));
            }
        }
        let listed = state.segments.iter().map(|one| one.duration).sum();
        state.longest = state.longest.max(listed);
        let vain = self.forget_gone(state);
        if vain > 0 {
            state.faults.push(format!(
                "{vain} segments left the playlist before they were written: the disk is too slow (hls_path)"
            ));
        }
        self.drop_old_parts(state);
    }

    /// The parts of segments that are too old to be listed with theirs.
    fn drop_old_parts(&self, state: &mut State) {
        let keep = Duration::from_secs(state.list.target_duration.into()).saturating_mul(PARTS_FOR);
        let mut behind = Duration::ZERO;
        for (stored, listed) in state.segments.iter_mut().zip(&mut state.list.segments).rev() {
            if behind > keep {
                if stored.parts.is_empty() {
                    break;
                }
                for part in stored.parts.drain(..) {
                    self.shared.catalogue.remove_blob(&state.plan.folder, &part);
                }
                listed.parts.clear();
            }
            behind += stored.duration;
        }
    }

    /// Lets those segments go that nobody has in a playlist any more (RFC 8216 clause 6.2.2). Answers how many had waited for
    /// the disk in vain.
    fn forget_gone(&self, state: &mut State) -> usize {
        let (erase, mut vain) = (state.plan.hls.hls_cleanup, 0);
        while let Some((oldest, since)) = state.gone.front() {
            // SRS: they go at once.
            let stays = !state.plan.is_like_srs() && !self.shared.budget.is_exceeded();
            if stays && state.elapsed.saturating_sub(*since) < oldest.duration + state.longest {
                break;
            }
            if let Some((stored, _)) = state.gone.pop_front() {
                vain += self.release(state, stored, erase);
            }
        }
        vain
    }

    /// Lets a segment go, and what only it needs. `erase` removes their files. Answers how many segments had waited for the
    /// disk in vain.
    fn release(&self, state: &State, stored: Stored, erase: bool) -> usize {
        for blob in stored.parts.iter().chain([&stored.blob]) {
            self.shared.catalogue.remove_blob(&state.plan.folder, blob);
        }
        let mut gone = vec![stored.blob];
        gone.extend(self.take_unused(state, stored.init, stored.key));
        if erase { self.erase(&gone) } else { 0 }
    }

    /// Lets go an initialisation segment and a key that may have been the last to be used.
    pub(super) fn drop_unused(&self, state: &State, init: Option<Arc<Blob>>, key: Option<Arc<InUse>>) {
        let gone = self.take_unused(state, init, key);
        if state.plan.hls.hls_cleanup {
            self.erase(&gone);
        }
    }

    /// Takes them out of the catalogue where nothing needs them.
    fn take_unused(&self, state: &State, init: Option<Arc<Blob>>, key: Option<Arc<InUse>>) -> Vec<Arc<Blob>> {
        let mut gone = Vec::new();
        if let Some(init) = init.filter(|init| !state.needs_init(init)) {
            self.shared.catalogue.remove_blob(&state.plan.folder, &init);
            gone.push(init);
        }
        if let Some(key) = key.filter(|key| !state.needs_key(&key.blob)) {
            self.shared.catalogue.remove_blob(&state.plan.keys, &key.blob);
            gone.push(key.blob.clone());
        }
        gone
    }

    /// A segment of this name comes: older ones of the same name are not what they were.
    pub(super) fn forget_name(&self, state: &mut State, file: &File) {
        let is_same = |stored: &Stored| stored.blob.file.path == file.path;
        while let Some(index) = state.gone.iter().position(|(stored, _)| is_same(stored)) {
            if let Some((stored, _)) = state.gone.remove(index) {
                self.release(state, stored, false);
            }
        }
        while state.segments.iter().any(is_same) {
            let words = format!("two segments in the playlist have the name {}: it is shortened", file.name);
            state.faults.push(words);
            if let Some(stored) = state.take_oldest() {
                self.release(state, stored, false);
            }
        }
    }

    /// Takes away the segment that is being made, and its parts.
    pub(super) fn drop_open(&self, state: &mut State) {
        self.forget_hint(state);
        if let Some(open) = state.open.take() {
            state.dropped += 1;
            open.parts.iter().for_each(|part| self.shared.catalogue.remove_blob(&state.plan.folder, part));
        }
        (state.list.open, state.list.hints) = (None, Vec::new());
        state.texts = super::Texts::default();
    }

    /// Takes everything out of the playlist, and the playlist away. On disk too, unless `hls_dispose` is 0.
    pub(super) fn clear(&self, state: &mut State) {
        let erase = state.plan.hls.hls_dispose.is_some();
        self.drop_open(state);
        let (init, key) = (state.init.take(), state.key.take());
        let had_segments = !state.segments.is_empty();
        while let Some(stored) = state.gone.pop_front().map(|(stored, _)| stored).or_else(|| state.take_oldest()) {
            self.release(state, stored, erase);
        }
        state.longest = Duration::ZERO;
        let unused = self.take_unused(state, init, key);
        if erase {
            self.erase(&unused);
        }
        if had_segments && erase && state.plan.hls.hls_disk {
            self.enqueue(Job::Remove(vec![state.plan.playlist.path.clone()]));
        }
        let is_ours = |found: &Resource| matches!(found, Resource::Playlist(one) if std::ptr::eq(&**one, self));
        self.shared.catalogue.remove_if(&state.plan.folder, &state.plan.playlist.url, is_ours);
        state.listed = false;
        state.list.media_sequence = state.next;
        state.list.part_target = None;
    }
}

impl State {
    fn form(&self) -> Form {
        if self.plan.is_like_srs() { Form::Srs } else { Form::Exact }
    }

    /// `hls_window`; at least three target durations where the playlist is not to be SRS's.
    fn window(&self) -> Duration {
        let window = self.plan.hls.hls_window;
        if self.plan.is_like_srs() {
            return window;
        }
        window.max(Duration::from_secs(self.list.target_duration.into()).saturating_mul(3))
    }

    /// Takes the oldest segment out of the playlist.
    pub(super) fn take_oldest(&mut self) -> Option<Stored> {
        let stored = self.segments.pop_front()?;
        let removed = self.list.remove_oldest();
        if stored.is_first && removed.is_some_and(|segment| segment.start.discontinuity) {
            // SRS: the first segment of all has a discontinuity, which parts it from nothing.
            self.list.discontinuity_sequence = self.list.discontinuity_sequence.saturating_sub(1);
        }
        Some(stored)
    }

    /// Segments that can be had.
    fn stored(&self) -> impl Iterator<Item = &Stored> {
        self.gone.iter().map(|(stored, _)| stored).chain(&self.segments)
    }

    fn needs_init(&self, init: &Arc<Blob>) -> bool {
        let in_use = self.stored().filter_map(|stored| stored.init.as_ref()).chain(&self.init);
        in_use.into_iter().any(|one| Arc::ptr_eq(one, init))
    }

    fn needs_key(&self, key: &Arc<Blob>) -> bool {
        let in_use = self.stored().filter_map(|stored| stored.key.as_ref()).chain(&self.key);
        in_use.into_iter().any(|one| Arc::ptr_eq(&one.blob, key))
    }

    /// Pictures a second in the playlist.
    fn frame_rate(&self) -> Option<f64> {
        let seconds: f64 = self.segments.iter().map(|one| one.duration.as_secs_f64()).sum();
        let pictures: u32 = self.segments.iter().map(|one| one.pictures).sum();
        (seconds > 0.0 && pictures > 0).then(|| f64::from(pictures) / seconds)
    }

    /// Bits a second: of the largest segment for its length, and of all.
    fn bandwidth(&self) -> (u64, u64) {
        let rate = |bytes: usize, seconds: f64| if seconds > 0.0 { (bytes as f64 * 8.0 / seconds) as u64 } else { 0 };
        let peak = self.segments.iter().map(|one| rate(one.blob.len, one.duration.as_secs_f64())).max().unwrap_or(0);
        let bytes = self.segments.iter().map(|one| one.blob.len).sum();
        let average = rate(bytes, self.segments.iter().map(|one| one.duration.as_secs_f64()).sum());
        (peak.max(1), average.max(1))
    }
}
