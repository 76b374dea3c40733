//! [`Cast`]: what is offered of one publish: its first tracks, and further ones as renditions beside them (`hls_tracks`).

mod early;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::OwnedSemaphorePermit;
use weir_bridge::track::needs_header;
use weir_codec::Codec;
use weir_conf::Vhost;
use weir_flv::tag::TagKind;
use weir_hub::{Client, Flags, Frame, Stream};

use super::Hls;
use crate::container::carries;
use crate::news::News;
use crate::output::Output;
use crate::plan::{Plan, PlanError, is_group};
use crate::source::{Source, Tracks};
use crate::writer::{Made, Writer};
use early::Early;

/// Renditions of one stream, the first tracks among them. Each is muxed, and its window is kept in memory, on the word of
/// the publisher alone; encoders send up to 14 tracks.
const MAX_RENDITIONS: usize = 16;
/// When one rendition has so many segments, those that have none yet are not offered any more.
const PATIENCE_SEGMENTS: u32 = 3;

/// The renditions of a publish. All of them get every frame, so that they begin and end together.
pub(super) struct Cast {
    publish: Publish,
    /// What the plans were made of.
    conf: Arc<Vhost>,
    /// In the order in which they are offered.
    renditions: Vec<Rendition>,
    /// Until a first segment is finished, nobody has seen what is offered: further tracks may still join.
    early: Option<Early>,
    /// Further tracks that came, whether they are offered or not.
    noticed: BTreeSet<Tracks>,
    /// It was seen which renditions have segments.
    is_complete: bool,
}

/// One playlist.
struct Rendition {
    output: Arc<Output>,
    plan: Arc<Plan>,
    writer: Writer,
    /// What the output was not given yet.
    made: Vec<Made>,
    segments: u32,
    /// Whoever has it writes.
    _turn: OwnedSemaphorePermit,
}

/// Who publishes what.
#[derive(Clone)]
struct Publish {
    hls: Arc<Hls>,
    stream: Arc<Stream>,
    client: Arc<Client>,
}

impl Cast {
    /// Begins a publish, once the one before has been read to its end. Nothing when there is no HLS of it: the log says why.
    pub(super) async fn begin(hls: Arc<Hls>, stream: Arc<Stream>, client: Arc<Client>) -> Option<Cast> {
        let publish = Publish { hls, stream, client };
        let conf = Arc::clone(&publish.stream.conf.load());
        let has_tracks = conf.hls.hls_tracks;
        let first = Source::first(&publish.stream.key);
        let plan = publish.plan_or_say(&conf, &first, &[Tracks::First])?;
        let (output, turn) = publish.hls.shared.wait_for_turn(&plan).await;
        // A publisher that comes back most likely has the tracks that it had.
        let before = Some(output.plan().offered.clone()).filter(|_| has_tracks).unwrap_or_else(|| plan.offered.clone());
        let plan = publish.plan_or_say(&conf, &first, &before)?;
        let rendition = publish.open(output, plan, turn)?;
        let early = has_tracks.then(Early::default);
        let mut cast = Cast {
            publish,
            conf,
            renditions: vec![rendition],
            early,
            noticed: BTreeSet::new(),
            is_complete: before == [Tracks::First],
        };
        if !cast.is_complete {
            cast.offer(before);
        }
        Some(cast)
    }

    /// Takes a frame that arrived at `unix_nanos`.
    pub(super) fn take(&mut self, frame: &Frame, unix_nanos: i64) {
        if self.conf.hls.hls_tracks {
            self.notice(frame);
        }
        if let Some(early) = &mut self.early {
            early.push(frame, unix_nanos);
        }
        for rendition in &mut self.renditions {
            rendition.writer.push(frame, unix_nanos, &mut rendition.made);
        }
        if self.early.as_ref().is_some_and(|early| early.is_full() || self.renditions.iter().any(Rendition::is_cut)) {
            self.settle();
        }
    }

    /// Time passes without frames.
    pub(super) fn tick(&mut self, unix_nanos: i64) {
        self.renditions.iter_mut().for_each(|one| one.writer.tick(unix_nanos, &mut one.made));
    }

    /// Frames were lost, which were behind by more than a limit.
    pub(super) fn lost(&mut self, frames: u64, limit: &str) {
        let (key, cid) = (&self.publish.stream.key, &self.publish.client.id);
        tracing::warn!(cid, "HLS of {key}: the server is too busy: {frames} frames are left out ({limit})");
        self.early = None;
        self.renditions.iter_mut().for_each(|one| one.writer.lost());
    }

    /// Gives outputs what was made. `now` is there when media came.
    pub(super) fn apply(&mut self, now: Option<Instant>) {
        for rendition in &mut self.renditions {
            if let Some(now) = now {
                rendition.output.touch(now);
            }
            rendition.apply();
        }
        if !self.is_complete && self.renditions.iter().any(|one| one.segments >= PATIENCE_SEGMENTS) {
            self.complete();
        }
    }

    /// How long it is after the newest frame until something may be finished.
    pub(super) fn due(&self) -> Option<Duration> {
        self.renditions.iter().filter_map(|one| one.writer.due()).min()
    }

    pub(super) fn has_parts(&self) -> bool {
        self.renditions.iter().any(|one| one.plan.has_parts())
    }

    /// True once a fault ended HLS of this publish.
    pub(super) fn is_stopped(&self) -> bool {
        self.renditions.iter().any(|one| one.output.is_stopped())
    }

    /// False once the vhost has HLS off. Other settings that changed begin a new segment.
    pub(super) fn is_on(&mut self) -> bool {
        let conf = self.publish.stream.conf.load();
        if Arc::ptr_eq(&self.conf, &conf) {
            return true;
        }
        self.conf = Arc::clone(&conf);
        if !self.conf.hls.enabled {
            return false;
        }
        if self.renditions.iter().all(|one| one.plan.hls == self.conf.hls) {
            return true;
        }
        let (publish, conf) = (&self.publish, &self.conf);
        self.renditions.iter_mut().all(|one| one.go_on(publish, conf))
    }

    /// What is open is finished.
    pub(super) fn end(mut self) {
        if self.early.is_some() {
            self.settle();
        }
        self.renditions.iter_mut().for_each(Rendition::finish);
        // The first one last: who waits for its turn wants the others too.
        while let Some(rendition) = self.renditions.pop() {
            rendition.output.leave();
        }
    }

    /// Looks for tracks that are not known yet.
    fn notice(&mut self, frame: &Frame) {
        if frame.track == 0 && !frame.flags.has(Flags::MANY) {
            return;
        }
        let mut news = Vec::new();
        for frame in frame.tracks().filter(|frame| frame.track != 0) {
            let tracks = match frame.kind {
                TagKind::Video => Tracks::Video(frame.track),
                TagKind::Audio => Tracks::Audio(frame.track),
                TagKind::Script => continue,
            };
            let is_announced = frame.flags.has(Flags::CONFIG) || !needs_header(frame.codec);
            if (is_announced || self.early.is_none()) && self.noticed.insert(tracks) {
                news.push((tracks, frame.codec));
            }
        }
        if news.is_empty() {
            return;
        }
        let before = self.offered();
        let mut offered = before.clone();
        for (tracks, codec) in news {
            if before.contains(&tracks) {
                continue;
            }
            match self.why_not(codec, &offered) {
                Some(why) => self.publish.warn(&format!("{tracks} is left out: {why}")),
                None => offered.push(tracks),
            }
        }
        if offered != before {
            offered.sort();
            self.offer(offered);
        }
    }

    /// Why a track cannot be a rendition.
    fn why_not(&self, codec: Codec, offered: &[Tracks]) -> Option<String> {
        let name = &self.publish.stream.key.name;
        let format = self.renditions.first()?.plan.format();
        if is_group(&self.conf.hls, name) {
            return Some(format!(
                "{name} is also the name of a group, whose master playlist takes the place (hls_group)"
            ));
        }
        if self.early.is_none() {
            return Some("it came when the first segment was finished".to_owned());
        }
        if offered.len() >= MAX_RENDITIONS {
            return Some(format!("a stream has {MAX_RENDITIONS} renditions at most"));
        }
        (!carries(format, codec)).then(|| News::LeftOut { codec, format }.to_string())
    }

    /// The first segment is finished: what was expected and did not come is not offered.
    fn settle(&mut self) {
        let mut offered = self.offered();
        offered.retain(|tracks| *tracks == Tracks::First || self.noticed.contains(tracks));
        if offered != self.offered() {
            self.offer(offered);
        }
        self.early = None;
    }

    /// Renditions that have no segments by now would keep the master playlist waiting for ever.
    fn complete(&mut self) {
        self.is_complete = true;
        let (rich, poor): (Vec<_>, Vec<_>) = self.renditions.iter().partition(|one| one.segments > 0);
        if !poor.is_empty() {
            poor.iter().for_each(|one| {
                self.publish.warn(&format!("{} is left out: nothing of it can be in segments", one.plan.source.tracks));
            });
            let offered = rich.iter().map(|one| one.plan.source.tracks).collect();
            self.offer(offered);
        }
    }

    fn offered(&self) -> Vec<Tracks> {
        self.renditions.first().map(|one| one.plan.offered.clone()).unwrap_or_default()
    }

    /// Offers these tracks and no others. Those whose playlist is already written by another stream are left out.
    fn offer(&mut self, mut offered: Vec<Tracks>) {
        while let Err(refused) = self.try_offer(&offered) {
            match refused {
                // Without its place beside the master playlist, it is all that there is.
                Tracks::First if offered.len() > 1 => offered = vec![Tracks::First],
                refused => offered.retain(|tracks| *tracks != refused),
            }
            if offered.is_empty() {
                return;
            }
        }
        let further = self.publish.hls.shared.outputs().into_iter().filter(|output| {
            output.source.stream == self.publish.stream.key && !offered.contains(&output.source.tracks)
        });
        further.for_each(|output| {
            self.publish.hls.shared.remove_idle(&output);
        });
        self.is_complete = offered == [Tracks::First];
        if let Some(master) = self.renditions.first().and_then(|one| one.plan.master.as_ref()) {
            let (key, cid, url) = (&self.publish.stream.key, &self.publish.client.id, &master.url);
            tracing::info!(cid, "HLS of {key}: {} renditions, master playlist, http path {url}", offered.len());
        }
    }

    /// As an error, the tracks whose playlist cannot be written.
    fn try_offer(&mut self, offered: &[Tracks]) -> Result<(), Tracks> {
        // Those that go may have what others need.
        self.renditions.retain(|one| offered.contains(&one.plan.source.tracks));
        for (place, tracks) in offered.iter().enumerate() {
            let tracks = *tracks;
            let source = Source { tracks, ..Source::first(&self.publish.stream.key) };
            let plan = self.publish.plan_or_say(&self.conf, &source, offered).ok_or(tracks)?;
            let found = self.renditions.iter_mut().find(|one| one.plan.source == source);
            let is_new = match found {
                Some(rendition) => rendition.recast(&self.publish, plan).map_err(|()| tracks)?,
                None => {
                    let rendition = self.publish.open_at_once(plan).ok_or(tracks)?;
                    self.renditions.insert(place.min(self.renditions.len()), rendition);
                    true
                }
            };
            let rendition = self.renditions.iter_mut().find(|one| one.plan.source == source);
            if let (Some(rendition), Some(early), true) = (rendition, &self.early, is_new) {
                early.frames().for_each(|(frame, unix)| rendition.writer.push(frame, *unix, &mut rendition.made));
            }
        }
        Ok(())
    }
}

impl Rendition {
    /// A segment is finished.
    fn is_cut(&self) -> bool {
        self.made.iter().any(|made| matches!(made, Made::Segment(_)))
    }

    fn apply(&mut self) {
        let made = std::mem::take(&mut self.made);
        // Of further pictures, those without count for nothing: they are the first sound.
        let wants_pictures = matches!(self.plan.source.tracks, Tracks::Video(_));
        let counts = |made: &Made| matches!(made, Made::Segment(one) if one.pictures > 0 || !wants_pictures);
        let segments = made.iter().filter(|made| counts(made)).count();
        self.segments = self.segments.saturating_add(u32::try_from(segments).unwrap_or(u32::MAX));
        if let Some(limit) = self.output.apply(made, self.writer.held()) {
            self.writer.limit_parts(limit);
        }
    }

    fn finish(&mut self) {
        self.writer.finish(&mut self.made);
        self.output.apply(std::mem::take(&mut self.made), 0);
        if self.output.is_stopped() {
            self.output.dispose();
        }
    }

    /// Other tracks are offered beside it. True when it begins anew for that: its playlist is another.
    fn recast(&mut self, publish: &Publish, plan: Arc<Plan>) -> Result<bool, ()> {
        let begins_anew = self.plan.playlist != plan.playlist;
        publish.adopt(&self.output, &plan).ok_or(())?;
        self.plan = plan;
        if begins_anew {
            self.writer = publish.writer(&self.plan);
            self.made.clear();
            self.output.forget_open();
            self.segments = 0;
        }
        Ok(begins_anew)
    }

    /// Goes on with other settings. False when it cannot.
    fn go_on(&mut self, publish: &Publish, conf: &Vhost) -> bool {
        let Some(plan) = publish.plan_or_say(conf, &self.plan.source, &self.plan.offered) else { return false };
        let goes_on = self.plan.goes_on_with(&plan);
        if !goes_on {
            self.finish();
        }
        if publish.adopt(&self.output, &plan).is_none() {
            return false;
        }
        if !goes_on {
            self.writer = publish.writer(&plan);
        }
        self.plan = plan;
        true
    }
}

impl Publish {
    fn warn(&self, why: &str) {
        self.stream.note_fault("HLS", why);
        tracing::warn!(cid = self.client.id, "HLS of {}: {why}", self.stream.key);
    }

    fn plan_or_say(&self, conf: &Vhost, source: &Source, offered: &[Tracks]) -> Option<Arc<Plan>> {
        let plan: Result<Plan, PlanError> = Plan::new(&self.hls.hub.conf(), conf, source, offered);
        let say = |error: &PlanError| self.say(source, &error.to_string());
        plan.inspect_err(say).ok().map(Arc::new)
    }

    fn say(&self, source: &Source, why: &str) {
        self.stream.note_fault("HLS", why);
        tracing::error!(cid = self.client.id, "there is no HLS of {source}: {why}");
    }

    fn writer(&self, plan: &Plan) -> Writer {
        Writer::aligned(plan.settings(), self.hls.shared.grid(plan))
    }

    /// A rendition whose output nobody writes.
    fn open_at_once(&self, plan: Arc<Plan>) -> Option<Rendition> {
        match self.hls.shared.try_turn(&plan) {
            Some((output, turn)) => self.open(output, plan, turn),
            None => {
                self.say(&plan.source, "the publish before still writes it");
                None
            }
        }
    }

    fn open(&self, output: Arc<Output>, plan: Arc<Plan>, turn: OwnedSemaphorePermit) -> Option<Rendition> {
        self.adopt(&output, &plan)?;
        let names = (&plan.playlist.path, &plan.playlist.url);
        tracing::info!(
            cid = self.client.id,
            "HLS of {}: {} segments of {:.3} s, playlist {}, http path {}",
            plan.source,
            plan.format(),
            plan.hls.hls_fragment.as_secs_f64(),
            if plan.hls.hls_disk { names.0 } else { "in memory" },
            names.1,
        );
        let writer = self.writer(&plan);
        Some(Rendition { output, plan, writer, made: Vec::new(), segments: 0, _turn: turn })
    }

    /// Makes this publish the one that an output is written by. An idle stream that had the same playlist gives it up.
    fn adopt(&self, output: &Arc<Output>, plan: &Arc<Plan>) -> Option<()> {
        let adopt = || output.adopt(plan.clone(), &self.stream, &self.client);
        let holder = match adopt() {
            Ok(()) => return Some(()),
            Err(holder) if !self.hls.shared.remove_idle(&holder) => holder,
            Err(_) => match adopt() {
                Ok(()) => return Some(()),
                Err(other) => other,
            },
        };
        self.say(&plan.source, &format!("{} writes {} (hls_path, hls_m3u8_file)", holder.source, plan.playlist.path));
        None
    }
}
