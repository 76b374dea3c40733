//! The server under test.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{binary, eventually, eventually_some, http, ports};

/// How long a start may take: several servers of a debug build start at once on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(15);
/// How much of the log a failed test prints.
const LOG_TAIL_LINES: usize = 200;

/// Written after the text of the test: the first occurrence of a directive wins, so these are only defaults.
const DEFAULTS: &str = "
daemon off;
srs_log_tank console;
pid {dir}/weir.pid;
max_connections 500;
";

/// A running server, ended on drop. A test that panics prints the end of its log.
#[derive(Debug)]
pub struct Server {
    child: Child,
    dir: TempDir,
    ports: BTreeMap<String, u16>,
}

/// How the server ended instead of listening.
#[derive(Debug)]
pub struct Refusal {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed to both streams.
    pub output: String,
}

impl Server {
    /// RTMP, HTTP-FLV of the default vhost, the API; nothing else.
    pub const LIVE: &'static str = "
        listen {rtmp};
        http_api { enabled on; listen {api}; }
        http_server { enabled on; listen {http}; dir {dir}/html; }
        vhost __defaultVhost__ { http_remux { enabled on; mount [vhost]/[app]/[stream].flv; } }
    ";

    /// RTMP, the API, WebRTC over UDP on 127.0.0.1; nothing else.
    pub const RTC: &'static str = "
        listen {rtmp};
        http_api { enabled on; listen {api}; }
        rtc_server { enabled on; listen {udp_rtc}; candidate 127.0.0.1; }
        vhost __defaultVhost__ { rtc { enabled on; } }
    ";

    /// Starts the server on this configuration and waits until it listens.
    ///
    /// `{NAME}` stands for a free port, the same for the same name: `{rtmp}`, `{http}`, `{api}`, … A TCP port is
    /// waited for, unless its name starts with `udp` or `free`. `{dir}` is the server's folder.
    #[track_caller]
    pub fn start(conf: &str) -> Self {
        Self::try_start(conf)
            .unwrap_or_else(|refusal| panic!("the server ended: {:?}\n{}", refusal.status, refusal.output))
    }

    /// As [`Server::start`], for a configuration that may be refused.
    #[track_caller]
    pub fn try_start(conf: &str) -> Result<Self, Refusal> {
        Self::try_start_with(conf, &[])
    }

    /// As [`Server::try_start`], with more in its environment.
    #[track_caller]
    pub fn try_start_with(conf: &str, environment: &[(&str, &str)]) -> Result<Self, Refusal> {
        let dir = TempDir::with_prefix("weir-e2e-").expect("a folder for the server");
        std::fs::create_dir_all(dir.path().join("html")).expect("a folder for its files");
        let mut ports = BTreeMap::new();
        let text = fill(&format!("{conf}{DEFAULTS}"), dir.path(), &mut ports);
        let file = dir.path().join("weir.conf");
        std::fs::write(&file, text).expect("its configuration");
        let environment = environment.iter().copied();
        let child = command(&dir).envs(environment).arg("-c").arg(&file).spawn().expect("the server starts");

        let mut server = Self { child, dir, ports };
        let awaited: Vec<u16> = server
            .ports
            .iter()
            .filter(|(name, _)| !name.starts_with("udp") && !name.starts_with("free"))
            .map(|(_, port)| *port)
            .collect();
        let mut ended = None;
        let listens = eventually(START_LIMIT, || {
            ended = server.child.try_wait().expect("the state of the server");
            ended.is_some() || awaited.iter().all(|port| ports::is_listening(*port))
        });
        match ended {
            Some(status) => Err(Refusal { status, output: server.log() }),
            None if listens => Ok(server),
            None => panic!("the server does not listen on {:?}\n{}", server.ports, server.log()),
        }
    }

    /// Runs the binary with these arguments instead of a configuration, to its end, which must come soon.
    pub fn run(args: &[&str]) -> Refusal {
        let dir = TempDir::with_prefix("weir-e2e-").expect("a folder for the server");
        let mut child = command(&dir).args(args).spawn().expect("the server starts");
        let status = eventually_some(START_LIMIT, || child.try_wait().expect("the state of the server"));
        let status = status.unwrap_or_else(|| {
            let _ = child.kill();
            child.wait().expect("the state of the server")
        });
        Refusal { status, output: read_lossy(&log_file(&dir)) }
    }

    /// The port that stands for `{name}`.
    #[track_caller]
    pub fn port(&self, name: &str) -> u16 {
        *self.ports.get(name).unwrap_or_else(|| panic!("no {{{name}}} in the configuration"))
    }

    /// `rtmp://127.0.0.1:PORT/PATH`.
    pub fn rtmp(&self, path: &str) -> String {
        format!("rtmp://127.0.0.1:{}/{path}", self.port("rtmp"))
    }

    /// `http://127.0.0.1:PORT/PATH` of the HTTP server.
    pub fn http(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port("http"))
    }

    /// A GET on the API.
    #[track_caller]
    pub fn api(&self, path: &str) -> Value {
        http::get(self.port("api"), path).json()
    }

    /// The object of `/api/v1/streams/` with this name, once `ready` holds for it.
    #[track_caller]
    pub fn wait_stream(&self, name: &str, limit: Duration, ready: impl Fn(&Value) -> bool) -> Value {
        let found = eventually_some(limit, || {
            let answer = self.api("/api/v1/streams/?count=1000");
            let streams = answer["streams"].as_array().cloned().unwrap_or_default();
            streams.into_iter().find(|stream| stream["name"] == name && ready(stream))
        });
        found.unwrap_or_else(|| panic!("stream {name} did not come to that: {}", self.api("/api/v1/streams/")))
    }

    /// Waits until somebody publishes the stream of this name.
    #[track_caller]
    pub fn wait_published(&self, name: &str) -> Value {
        self.wait_stream(name, Duration::from_secs(10), |stream| stream["publish"]["active"] == true)
    }

    /// Writes another text of its configuration; it is read when the server is told to.
    #[track_caller]
    pub fn configure(&self, edit: impl FnOnce(&str) -> String) {
        let file = self.dir.path().join("weir.conf");
        let beside = self.dir.path().join("weir.conf.new");
        std::fs::write(&beside, edit(&self.configuration())).expect("another configuration");
        std::fs::rename(&beside, &file).expect("in its place");
    }

    /// The text of its configuration.
    #[track_caller]
    pub fn configuration(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("weir.conf")).expect("its configuration")
    }

    /// What it logged so far, if its log goes to the console.
    pub fn log(&self) -> String {
        read_lossy(&log_file(&self.dir))
    }

    /// Whether the log holds this text within the limit.
    pub fn logs(&self, text: &str, limit: Duration) -> bool {
        eventually(limit, || self.log().contains(text))
    }

    /// Its folder, which is its working directory too.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal: `TERM`, `QUIT`, `USR1`, …
    #[track_caller]
    pub fn signal(&self, name: &str) {
        signal(self.pid(), name);
    }

    /// How it ended, if it does within the limit.
    pub fn wait_end(&mut self, limit: Duration) -> Option<ExitStatus> {
        eventually_some(limit, || self.child.try_wait().expect("the state of the server"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(LOG_TAIL_LINES)..).unwrap_or_default();
            eprintln!("the server's log:\n{}", tail.join("\n"));
        }
    }
}

/// The binary in this folder, without the SRS variables of our own environment: for what [`Server`] does not do.
pub fn weir(dir: &Path) -> Command {
    let mut command = Command::new(binary::weir());
    command.current_dir(dir).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SRS_")) {
        command.env_remove(name);
    }
    command
}

/// Sends a signal to a process of ours: `TERM`, `QUIT`, `USR1`, …
#[track_caller]
pub fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()).status();
    assert!(status.is_ok_and(|status| status.success()), "cannot send {name} to {pid}");
}

fn command(dir: &TempDir) -> Command {
    let log = std::fs::File::create(log_file(dir)).expect("a file for the log");
    let mut command = weir(dir.path());
    command.stdout(log.try_clone().expect("a second handle")).stderr(log);
    command
}

fn log_file(dir: &TempDir) -> PathBuf {
    dir.path().join("console.log")
}

fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// Puts ports for `{name}` and the folder for `{dir}`. Blocks of the configuration have a space or a newline inside
/// their braces, so they are none of these.
fn fill(conf: &str, dir: &Path, ports: &mut BTreeMap<String, u16>) -> String {
    let mut text = String::new();
    let mut rest = conf;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}').filter(|(name, _)| is_name(name)) {
            Some((name, tail)) => {
                let value = match name {
                    "dir" => dir.display().to_string(),
                    name => ports.entry(name.to_owned()).or_insert_with(ports::free).to_string(),
                };
                let _ = write!(text, "{value}");
                rest = tail;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests;
