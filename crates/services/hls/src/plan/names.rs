//! Names of files: variables (config.md §17), what may be in them, and how playlists write them.

use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use weir_conf::expand;
use weir_hub::StreamKey;

/// The longest name of a file that file systems have, less what is added while it is written.
const MAX_PART: usize = 255 - ".temp".len();
/// The longest path below a folder. Systems allow 4096 bytes from the root on.
const MAX_NAME: usize = 2048;

/// Why a name cannot be one of a file in a folder.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum BadName {
    /// It leads out of the folder.
    #[error("\"{0}\" leads out of the folder")]
    Dots(String),
    /// It has a character that no name has.
    #[error("{0:?} has a control character")]
    Control(String),
    /// There is nothing in it.
    #[error("the name is empty")]
    Empty,
    /// A part of it is longer than file systems allow.
    #[error("a part of the name is longer than {MAX_PART} bytes, or all of it than {MAX_NAME}")]
    Long,
}

/// The variables of a stream.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Values {
    vhost: String,
    app: String,
    stream: String,
}

/// The variables of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Moment {
    seq: String,
    timestamp: String,
    year: String,
    month: String,
    day: String,
    hour: String,
    minute: String,
    second: String,
    millis: String,
}

impl Moment {
    /// Of a segment that begins at this time.
    pub(super) fn new(seq: u64, floor: Option<i64>, unix_ms: i64, utc: bool) -> Moment {
        let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
        let time = Timestamp::from_millisecond(unix_ms).unwrap_or_default().to_zoned(zone);
        Moment {
            seq: seq.to_string(),
            timestamp: floor.unwrap_or(unix_ms).to_string(),
            year: format!("{:04}", time.year()),
            month: format!("{:02}", time.month()),
            day: format!("{:02}", time.day()),
            hour: format!("{:02}", time.hour()),
            minute: format!("{:02}", time.minute()),
            second: format!("{:02}", time.second()),
            millis: format!("{:03}", time.millisecond()),
        }
    }
}

impl Values {
    pub(super) fn new(key: &StreamKey, name: String) -> Values {
        Values { vhost: key.vhost.to_string(), app: key.app.to_string(), stream: name }
    }

    /// A template with the variables of the stream, and those of a segment. `[duration]` is in milliseconds, and nothing
    /// while it is not known.
    pub(super) fn expand(&self, template: &str, segment: Option<(&Moment, Option<Duration>)>) -> String {
        let mut variables = self.variables();
        let Some((moment, duration)) = segment else { return expand(template, &variables) };
        let duration = duration.map(|duration| duration.as_millis().to_string()).unwrap_or_default();
        variables.extend([
            ("seq", &*moment.seq),
            ("duration", &*duration),
            ("timestamp", &*moment.timestamp),
            ("2006", &*moment.year),
            ("01", &*moment.month),
            ("02", &*moment.day),
            ("15", &*moment.hour),
            ("04", &*moment.minute),
            ("05", &*moment.second),
            ("999", &*moment.millis),
        ]);
        expand(template, &variables)
    }

    /// The same for a key, which is named by stream and number alone.
    pub(super) fn expand_key(&self, template: &str, moment: &Moment) -> String {
        let mut variables = self.variables();
        variables.push(("seq", &*moment.seq));
        expand(template, &variables)
    }

    fn variables(&self) -> Vec<(&'static str, &str)> {
        vec![("vhost", &self.vhost), ("app", &self.app), ("stream", &self.stream)]
    }
}

/// The name without `.` and needless slashes, if it is one of a file in a folder.
pub(super) fn clean(name: &str) -> Result<String, BadName> {
    if name.chars().any(char::is_control) {
        return Err(BadName::Control(name.to_owned()));
    }
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.contains(&"..") {
        return Err(BadName::Dots(name.to_owned()));
    }
    if parts.iter().any(|part| part.len() > MAX_PART) || name.len() > MAX_NAME {
        return Err(BadName::Long);
    }
    if parts.is_empty() { Err(BadName::Empty) } else { Ok(parts.join("/")) }
}

/// How one file calls another: both from the same root on.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    let parts: Vec<&str> = to.split('/').collect();
    let most = folders.len().min(parts.len().saturating_sub(1));
    let shared = folders.iter().zip(&parts).take(most).take_while(|(a, b)| a == b).count();
    let up = "../".repeat(folders.len() - shared);
    let down = parts.into_iter().skip(shared).collect::<Vec<_>>().join("/");
    // A colon before the first slash would make it a scheme.
    let first_has_colon = down.split('/').next().is_some_and(|first| first.contains(':'));
    let here = if up.is_empty() && first_has_colon { "./" } else { "" };
    format!("{here}{up}{}", escape(&down))
}

/// A path as a URI has it. What is outside of ASCII stays: playlists are UTF-8, and SRS writes it so.
pub(crate) fn escape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if matches!(c, '%' | '?' | '#' | ' ' | '"' | '\\' | '<' | '>' | '^' | '`' | '{' | '|' | '}') {
            let _ = write!(out, "%{:02X}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}
