//! [`Plan`]: what the configuration means for one stream: names of files, their URLs, and how segments are made.

mod names;

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use weir_base::MediaTime;
use weir_conf::{Config, Hls, HlsAudio, HlsVideo, Vhost};
use weir_hub::StreamKey;

use crate::container::Format;
use crate::cut::Rules;
use crate::source::{Source, Tracks};
use crate::writer::Settings;
pub(crate) use names::{BadName, Moment, escape, relative};
use names::{Values, clean};

/// Parts are not made shorter than this: each costs a request for every player.
const MIN_PART: Duration = Duration::from_millis(50);
/// Fragments of MP4 in segments without parts.
const FRAGMENT: MediaTime = MediaTime::from_millis(1_000);
/// Segments without parts, as MPEG-TS has them.
const ENDLESS: MediaTime = MediaTime::from_millis(1 << 40);

/// Which requests find a stream's files.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Scope {
    /// Every host: they are in the folder of the HTTP server.
    Server,
    /// Those for the vhost.
    Vhost(Arc<str>),
}

/// A folder of files and where it is on the HTTP server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Folder {
    /// As configured, without `/` at its end.
    pub(crate) dir: String,
    /// The beginning of its URLs: `/`, or more when the folder is within that of the HTTP server.
    pub(crate) prefix: String,
    /// Who finds it.
    pub(crate) scope: Scope,
}

/// A file in such a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct File {
    /// Below the folder, without `/` at its beginning.
    pub(crate) name: String,
    /// On disk.
    pub(crate) path: String,
    /// On the HTTP server, not percent-encoded.
    pub(crate) url: String,
}

/// What the configuration means for one stream, or for one of its renditions.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Plan {
    /// What is in the playlist.
    pub(crate) source: Source,
    /// All that is offered of the stream.
    pub(crate) offered: Vec<Tracks>,
    /// The `hls` block.
    pub(crate) hls: Hls,
    /// Segments and playlists.
    pub(crate) folder: Folder,
    /// Keys.
    pub(crate) keys: Folder,
    /// The playlist.
    pub(crate) playlist: File,
    /// The master playlist of the tracks of the stream, where there are several.
    pub(crate) master: Option<File>,
    /// Times in names are UTC.
    utc: bool,
    values: Values,
}

/// Why there is no HLS of a stream.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// A name cannot be one of a file in the folder.
    #[error("{directive} {template}: {why}")]
    Name {
        /// The directive.
        directive: &'static str,
        /// Its value.
        template: String,
        /// What is wrong with what it becomes.
        why: BadName,
    },
    /// All segments would have the same name.
    #[error("{directive} {template} gives every segment the same name: it needs [seq] or [timestamp]")]
    Same {
        /// The directive.
        directive: &'static str,
        /// Its value.
        template: String,
    },
}

impl Plan {
    /// For a stream of a vhost, of which these tracks are offered.
    pub(crate) fn new(conf: &Config, vhost: &Vhost, source: &Source, offered: &[Tracks]) -> Result<Plan, PlanError> {
        let hls = vhost.hls.clone();
        let key = &source.stream;
        let folder = Folder::new(&hls.hls_path, &conf.http_server.dir, &key.vhost);
        let keys = Folder::new(&hls.hls_key_file_path, &conf.http_server.dir, &key.vhost);
        let values = Values::new(key, source.name());
        let playlist =
            |values: &Values| named("hls_m3u8_file", &hls.hls_m3u8_file, values.expand(&hls.hls_m3u8_file, None));
        let name = playlist(&values)?;
        let is_alone = offered == [Tracks::First];
        let of_stream = if is_alone { None } else { Some(playlist(&Values::new(key, key.name.to_string()))?) };
        let is_beside = is_group(&hls, &source.name()) || of_stream.as_ref() == Some(&name);
        let playlist = folder.file(if is_beside { beside_group(&name) } else { name });
        let master = of_stream.map(|name| folder.file(name));
        let plan = Plan {
            source: source.clone(),
            offered: offered.to_vec(),
            hls,
            folder,
            keys,
            playlist,
            master,
            utc: conf.utc_time,
            values,
        };
        // Tells now what it would say of each segment.
        let moment = plan.moment(0, None, 0);
        let first = plan.segment(&moment, Some(Duration::ZERO))?;
        plan.init(&moment)?;
        plan.key(&moment)?;
        let next = plan.segment(&plan.moment(1, Some(1), 401 * 86_400_123_000_000), Some(Duration::from_secs(1)))?;
        if first == next {
            let template = plan.segment_template();
            return Err(PlanError::Same { directive: template.0, template: template.1.clone() });
        }
        Ok(plan)
    }

    /// The playlist of another stream of this vhost.
    pub(crate) fn playlist_of(&self, key: &StreamKey) -> Option<File> {
        let name = Values::new(key, key.name.to_string()).expand(&self.hls.hls_m3u8_file, None);
        clean(&name).ok().map(|name| self.folder.file(name))
    }

    /// What a writer is to do.
    pub(crate) fn settings(&self) -> Settings {
        let hls = &self.hls;
        let part = match (self.has_parts(), self.format()) {
            (true, _) => from_duration(hls.hls_part.clamp(MIN_PART, hls.hls_fragment.max(MIN_PART))),
            (false, Format::Mp4) => FRAGMENT,
            (false, Format::Ts) => ENDLESS,
        };
        let (video, audio) = self.source.tracks.numbers();
        Settings {
            video,
            audio,
            tells_others: !hls.hls_tracks,
            format: self.format(),
            low_latency: self.has_parts(),
            rules: Rules::of(hls, part),
            retime: !hls.hls_dts_directly,
            wants_audio: audio.is_some() && hls.hls_acodec != HlsAudio::None,
            wants_video: video.is_some() && hls.hls_vcodec != HlsVideo::None,
            floor: hls.hls_ts_floor,
        }
    }

    /// What segments are.
    pub(crate) fn format(&self) -> Format {
        if self.hls.hls_use_fmp4 { Format::Mp4 } else { Format::Ts }
    }

    /// Whether playlists list parts. Those of an encrypted segment would each have to be encrypted again.
    pub(crate) fn has_parts(&self) -> bool {
        self.hls.hls_low_latency && !self.hls.hls_keys
    }

    /// Whether playlists are to look like those of SRS.
    pub(crate) fn is_like_srs(&self) -> bool {
        self.format() == Format::Ts && !self.has_parts()
    }

    /// The moment at which a segment begins, for names.
    pub(crate) fn moment(&self, seq: u64, floor: Option<i64>, unix_nanos: i64) -> Moment {
        Moment::new(seq, floor, unix_nanos.div_euclid(1_000_000), self.utc)
    }

    /// A segment that begins at this moment. Without its duration, the name that stands for it while it is open.
    pub(crate) fn segment(&self, moment: &Moment, duration: Option<Duration>) -> Result<File, PlanError> {
        let (directive, template) = self.segment_template();
        let name = self.values.expand(template, Some((moment, duration)));
        Ok(self.folder.file(named(directive, template, name)?))
    }

    fn segment_template(&self) -> (&'static str, &String) {
        match self.format() {
            Format::Ts => ("hls_ts_file", &self.hls.hls_ts_file),
            Format::Mp4 => ("hls_fmp4_file", &self.hls.hls_fmp4_file),
        }
    }

    /// An initialisation segment that is needed from this moment on.
    pub(crate) fn init(&self, moment: &Moment) -> Result<File, PlanError> {
        let template = &self.hls.hls_init_file;
        let name = self.values.expand(template, Some((moment, None)));
        Ok(self.folder.file(named("hls_init_file", template, name)?))
    }

    /// A key that is used from this moment on.
    pub(crate) fn key(&self, moment: &Moment) -> Result<File, PlanError> {
        let template = &self.hls.hls_key_file;
        let name = self.values.expand_key(template, moment);
        Ok(self.keys.file(named("hls_key_file", template, name)?))
    }

    /// How the playlist calls a file.
    pub(crate) fn uri(&self, file: &File) -> String {
        let prefix = &self.hls.hls_entry_prefix;
        let uri = relative(&self.playlist.name, &file.name);
        match self.playlist.name.rsplit_once('/') {
            // SRS: a prefix that ends with a slash is the whole way to the folder.
            _ if prefix.is_empty() || prefix.ends_with('/') => format!("{prefix}{uri}"),
            Some((folder, _)) => format!("{prefix}/{}/{uri}", escape(folder)),
            None => format!("{prefix}/{uri}"),
        }
    }

    /// How the playlist calls a key.
    // SRS: the prefix is `hls_path` unless it is configured, which no player can use: then the key is found from the
    // playlist.
    pub(crate) fn key_uri(&self, file: &File) -> String {
        if self.has_key_url() {
            format!("{}{}", self.hls.hls_key_url, escape(&file.name))
        } else {
            relative(&self.playlist.url, &file.url)
        }
    }

    /// Whether keys are given out over HTTP: not when they lie apart and somebody else gives them out.
    pub(crate) fn serves_keys(&self) -> bool {
        !self.has_key_url() || self.keys.scope == Scope::Server
    }

    fn has_key_url(&self) -> bool {
        self.hls.hls_key_url != self.hls.hls_path
    }

    /// True when going on with this plan needs no new segment: only what is asked for at each use differs.
    pub(crate) fn goes_on_with(&self, other: &Plan) -> bool {
        let settle = |plan: &Plan| {
            let mut plan = plan.clone();
            let fixed = &self.hls;
            plan.hls.hls_on_error = fixed.hls_on_error;
            (plan.hls.hls_dispose, plan.hls.hls_ctx, plan.hls.hls_ts_ctx) =
                (fixed.hls_dispose, fixed.hls_ctx, fixed.hls_ts_ctx);
            plan.hls.hls_tracks = fixed.hls_tracks;
            plan
        };
        settle(self) == settle(other)
    }

    /// How long an idle stream is remembered beyond its files, so that a publisher that comes back goes on with its
    /// numbers.
    pub(crate) fn memory(&self) -> Duration {
        const WITHOUT_DISPOSE: Duration = Duration::from_secs(120);
        self.hls.hls_dispose.map_or(WITHOUT_DISPOSE, |dispose| dispose.saturating_add(dispose / 10))
    }
}

impl Folder {
    fn new(dir: &str, served: &str, vhost: &Arc<str>) -> Folder {
        let trimmed = dir.trim_end_matches('/');
        // The root of the file system is a folder too.
        let trimmed = if trimmed.is_empty() && dir.starts_with('/') { "/" } else { trimmed };
        let inside = absolute(dir).strip_prefix(absolute(served)).ok().and_then(Path::to_str).map(str::to_owned);
        let (prefix, scope) = match inside.as_deref() {
            Some("") => ("/".to_owned(), Scope::Server),
            Some(below) => (format!("/{below}/"), Scope::Server),
            None => ("/".to_owned(), Scope::Vhost(vhost.clone())),
        };
        Folder { dir: trimmed.to_owned(), prefix, scope }
    }

    fn file(&self, name: String) -> File {
        let path = if self.dir.is_empty() { name.clone() } else { format!("{}/{name}", self.dir) };
        let url = format!("{}{name}", self.prefix);
        File { name, path, url }
    }
}

/// A part of a segment: the name of the segment with the number of the part before its extension.
pub(crate) fn numbered(segment: &str, part: usize) -> String {
    match segment.rsplit_once('.').filter(|(_, extension)| !extension.contains('/')) {
        Some((stem, extension)) => format!("{stem}.{part}.{extension}"),
        None => format!("{segment}.{part}"),
    }
}

fn named(directive: &'static str, template: &str, name: String) -> Result<String, PlanError> {
    clean(&name).map_err(|why| PlanError::Name { directive, template: template.to_owned(), why })
}

/// True for the name of a group.
pub(crate) fn is_group(hls: &Hls, name: &str) -> bool {
    hls.hls_group.iter().any(|group| *group.name == *name)
}

/// The playlist of a stream that has the name of a group, or several tracks: a master playlist takes its place.
fn beside_group(name: &str) -> String {
    let stem = name.strip_suffix(".m3u8").unwrap_or(name);
    format!("{stem}.media.m3u8")
}

/// A folder from the root of the file system on, without `.` and `..`. Links are not followed: the folder need not be
/// there yet.
fn absolute(dir: &str) -> PathBuf {
    let dir = if dir.is_empty() { "." } else { dir };
    let mut clean = PathBuf::new();
    for part in std::path::absolute(dir).unwrap_or_else(|_| dir.into()).components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

fn from_duration(span: Duration) -> MediaTime {
    MediaTime::from_nanos(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
