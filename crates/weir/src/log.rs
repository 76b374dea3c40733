//! The log: SRS's line format, to the console or to a file that can be moved away and opened again.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use nix::errno::Errno;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use weir_conf::{Config, LogLevel};

/// Lines that may wait for a slow disk. Beyond, lines are dropped and counted: the log never delays media.
const WAITING_LINES: usize = 8192;
/// A longer line is cut here, in bytes.
const MAX_LINE: usize = 8192;

/// Where lines go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Tank {
    /// Standard output, with colours for warnings and errors.
    Console,
    /// A file, created when the first line comes.
    File(PathBuf),
}

/// The running log. Dropping it writes what still waits.
pub(crate) struct Log {
    lines: SyncSender<Job>,
    writer: Option<JoinHandle<()>>,
    utc: Arc<AtomicBool>,
}

enum Job {
    Line { level: Level, text: String },
    Reopen,
    Stop,
}

impl Log {
    /// Starts the log that the configuration asks for. `cid` names lines that belong to no connection.
    pub(crate) fn start(config: &Config, tank: Tank, cid: &str) -> io::Result<Log> {
        let (lines, jobs) = sync_channel(WAITING_LINES);
        let writer = std::thread::Builder::new().name("log".to_owned()).spawn(move || write_all(tank, &jobs))?;
        let utc = Arc::new(AtomicBool::new(config.utc_time));
        let zone = TimeZone::system();
        let layer =
            Lines { lines: lines.clone(), utc: utc.clone(), zone, cid: cid.to_owned(), dropped: AtomicU64::new(0) };
        let filtered = tracing_subscriber::registry().with(layer.with_filter(level(config)));
        tracing::subscriber::set_global_default(filtered).map_err(io::Error::other)?;
        Ok(Log { lines, writer: Some(writer), utc })
    }

    /// Whether times are those of UTC (`utc_time`), for a reload to change.
    pub(crate) fn utc(&self) -> Arc<AtomicBool> {
        self.utc.clone()
    }

    /// Opens the log file again: it may have been moved away.
    pub(crate) fn reopen(&self) {
        // The writer lives as long as this value.
        let _ = self.lines.send(Job::Reopen);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.lines.send(Job::Stop);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// The lowest level that is written.
fn level(config: &Config) -> LevelFilter {
    match config.log_level() {
        LogLevel::Trace => LevelFilter::TRACE,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Off => LevelFilter::OFF,
    }
}

/// Turns events into lines and hands them to the writer.
struct Lines {
    lines: SyncSender<Job>,
    utc: Arc<AtomicBool>,
    /// Where the machine is.
    zone: TimeZone,
    cid: String,
    dropped: AtomicU64,
}

impl Lines {
    fn send(&self, level: Level, text: String) -> bool {
        !matches!(self.lines.try_send(Job::Line { level, text }), Err(TrySendError::Full(_)))
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = *event.metadata().level();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let zone = if self.utc.load(Ordering::Relaxed) { TimeZone::UTC } else { self.zone.clone() };
        let now = Timestamp::now().to_zoned(zone);
        let text = line(&now, level, std::process::id(), &self.cid, &fields);
        if !self.send(level, text) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            let message = format!("{dropped} log lines were dropped because the log could not be written in time");
            let fields = Fields { message, ..Fields::default() };
            self.send(Level::WARN, line(&now, Level::WARN, std::process::id(), &self.cid, &fields));
        }
    }
}

/// The fields of an event that have a place in the line.
#[derive(Default)]
struct Fields {
    message: String,
    cid: Option<String>,
    tag: Option<String>,
    errno: i64,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "cid" => self.cid = Some(value.to_owned()),
            "tag" => self.tag = Some(value.to_owned()),
            "message" => self.message = value.to_owned(),
            _ => {}
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "errno" {
            self.errno = value;
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "cid" => self.cid = Some(format!("{value:?}")),
            _ => {}
        }
    }
}

/// `[YYYY-MM-DD HH:MM:SS.mmm][LEVEL][pid][cid][errno][tag] text`: errno only for warnings and errors, the tag only when
/// the event has one. Control characters are escaped, so that a name sent by a client cannot forge a line.
fn line(now: &Zoned, level: Level, pid: u32, cid: &str, fields: &Fields) -> String {
    let cid = fields.cid.as_deref().unwrap_or(cid);
    let mut line = format!("[{}][{level}][{pid}][{cid}]", now.strftime("%Y-%m-%d %H:%M:%S%.3f"));
    if level <= Level::WARN {
        // Writing to a String does not fail.
        let _ = write!(line, "[{}]", fields.errno);
    }
    if let Some(tag) = &fields.tag {
        let _ = write!(line, "[{tag}]");
    }
    line.push(' ');
    for character in fields.message.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            control if control.is_control() => line.extend(control.escape_default()),
            other => line.push(other),
        }
    }
    if level == Level::ERROR
        && let Ok(errno @ 1..) = i32::try_from(fields.errno)
    {
        let _ = write!(line, "({})", Errno::from_raw(errno).desc());
    }
    if line.len() > MAX_LINE {
        let end = (0..=MAX_LINE).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
        line.truncate(end);
        line.push('…');
    }
    line
}

fn write_all(tank: Tank, jobs: &Receiver<Job>) {
    let (mut file, mut tried) = (None, false);
    while let Ok(job) = jobs.recv() {
        match (job, &tank) {
            (Job::Stop, _) => return,
            (Job::Reopen, _) => (file, tried) = (None, false),
            (Job::Line { level, text }, Tank::Console) => {
                let colour = match level {
                    Level::WARN => Some("33"),
                    Level::ERROR => Some("31"),
                    _ => None,
                };
                let line = match colour {
                    Some(colour) => format!("\x1b[{colour}m{text}\x1b[0m\n"),
                    None => text + "\n",
                };
                // Nobody may read the console any more; the server goes on.
                let _ = io::stdout().lock().write_all(line.as_bytes());
            }
            (Job::Line { text, .. }, Tank::File(path)) => {
                if !tried {
                    (file, tried) = (open(path), true);
                }
                if let Some(file) = &mut file {
                    let _ = file.write_all((text + "\n").as_bytes());
                }
            }
        }
    }
}

fn open(path: &Path) -> Option<File> {
    if let Some(folder) = path.parent() {
        // Where this fails, opening the file fails and tells.
        let _ = std::fs::create_dir_all(folder);
    }
    match OpenOptions::new().append(true).create(true).mode(0o664).open(path) {
        Ok(file) => Some(file),
        Err(error) => {
            eprintln!("cannot open the log file {} (srs_log_file): {error}", path.display());
            None
        }
    }
}

#[cfg(test)]
mod tests;
