//! Servers under test: their configurations, and processes that end with their handle.

use std::fs::File;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

/// How long a server may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(15);

/// weir: a plain live server. SERVICE is replaced by what a case is about, one of the lines below among it.
const WEIR: &str = "\
listen              RTMP_PORT;
max_connections     19000;
daemon              off;
srs_log_tank        console;
srs_log_level       warn;
pid                 FOLDER/weir.pid;
http_server { enabled on; listen HTTP_PORT; dir FOLDER; }
vhost __defaultVhost__ {
    http_remux { enabled on; mount [vhost]/[app]/[stream].FORMAT; }
    SERVICE
}
";
/// Every send waits for 350 ms of the stream, whatever the load.
const WEIR_FIXED: &str = "play { mw_latency 350; mw_fixed on; }";
/// Every frame is sent at once.
const WEIR_AT_ONCE: &str = "min_latency on; play { mw_latency 0; }";
/// The defaults: at once while there is time, merged up to 350 ms under load.
const WEIR_ADAPTIVE: &str = "play { mw_latency 350; }";

/// weir: a plain server of WebRTC; the port of its API is also that of its media.
const WEIR_RTC: &str = "\
listen              RTMP_PORT;
max_connections     19000;
daemon              off;
srs_log_tank        console;
srs_log_level       warn;
pid                 FOLDER/weir.pid;
http_api { enabled on; listen HTTP_PORT; }
rtc_server { enabled on; listen HTTP_PORT; candidate 127.0.0.1; }
vhost __defaultVhost__ {
    rtc { enabled on; }
}
";

/// nginx with the RTMP module, one process, nothing but live.
const NGINX: &str = "\
load_module MODULE;
daemon off;
master_process off;
worker_processes 1;
worker_rlimit_nofile 20000;
error_log stderr error;
pid FOLDER/nginx.pid;
events { worker_connections 19000; }
rtmp {
    access_log off;
    server {
        listen 127.0.0.1:RTMP_PORT;
        ping 0;
        application live { live on; }
    }
}
";

/// nginx as a server of files, one process, as its manual has them sent fastest.
const NGINX_FILES: &str = "\
daemon off;
master_process off;
worker_processes 1;
error_log stderr error;
pid FOLDER/nginx.pid;
events { worker_connections 1024; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    types { video/MP2T ts; }
    client_body_temp_path FOLDER/nginx-temp;
    proxy_temp_path FOLDER/nginx-temp;
    fastcgi_temp_path FOLDER/nginx-temp;
    uwsgi_temp_path FOLDER/nginx-temp;
    scgi_temp_path FOLDER/nginx-temp;
    server { listen 127.0.0.1:HTTP_PORT; root FOLDER; }
}
";

/// How weir cuts streams for HLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cut {
    /// Transport streams, in memory only.
    Ts,
    /// And on disk.
    TsOnDisk,
    /// Fragmented MP4 with parts (low latency), in memory only.
    Parts,
    /// And on disk.
    PartsOnDisk,
}

/// Seconds that segments stay which are asked for again and again.
const KEPT: u32 = 600;
/// Seconds of a segment, and of the playlists of [`Cut`]: three segments, the fewest that players are promised.
pub(super) const SEGMENT: u32 = 2;
pub(super) const WINDOW: u32 = 6;

impl Cut {
    pub(super) const ALL: [Cut; 4] = [Cut::Ts, Cut::TsOnDisk, Cut::Parts, Cut::PartsOnDisk];

    fn settings(self) -> &'static str {
        match self {
            Cut::Ts => "hls_disk off;",
            Cut::TsOnDisk => "hls_disk on;",
            Cut::Parts => "hls_use_fmp4 on; hls_low_latency on; hls_disk off;",
            Cut::PartsOnDisk => "hls_use_fmp4 on; hls_low_latency on; hls_disk on;",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Cut::Ts => "TS in memory",
            Cut::TsOnDisk => "TS, on disk too",
            Cut::Parts => "fMP4 with parts in memory",
            Cut::PartsOnDisk => "fMP4 with parts, on disk too",
        }
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Server {
    WeirFixed,
    WeirAtOnce,
    WeirAdaptive,
    /// As `WeirFixed`, with two workers on both cores; the clients are on one of them.
    WeirTwoCores,
    /// As `WeirFixed`, for players of transport streams.
    WeirTsFixed,
    /// As `WeirAtOnce`, for players of transport streams.
    WeirTsAtOnce,
    /// As `WeirAdaptive`, with HLS.
    WeirCut(Cut),
    /// As `WeirAdaptive`, with HLS of segments of so many seconds that stay for minutes, in memory only.
    WeirSegments(u32),
    /// WebRTC, on its defaults.
    WeirRtc,
    /// A server of files.
    NginxFiles,
    Nginx,
    FloorMerged,
    FloorAtOnce,
    /// Encrypts and sends, reads and decrypts.
    FloorSrtp,
}

impl Server {
    pub(super) fn name(self) -> &'static str {
        match self {
            Server::WeirFixed => "weir, 350 ms",
            Server::WeirAtOnce => "weir, at once",
            Server::WeirAdaptive => "weir, adaptive",
            Server::WeirTwoCores => "weir, 350 ms, 2 cores",
            Server::WeirTsFixed => "weir, 350 ms, HTTP-TS",
            Server::WeirTsAtOnce => "weir, at once, HTTP-TS",
            Server::WeirCut(Cut::Ts) => "weir, HLS of TS in memory",
            Server::WeirCut(Cut::TsOnDisk) => "weir, HLS of TS on disk",
            Server::WeirCut(Cut::Parts) => "weir, HLS of fMP4 with parts in memory",
            Server::WeirCut(Cut::PartsOnDisk) => "weir, HLS of fMP4 with parts on disk",
            Server::WeirSegments(_) => "weir",
            Server::WeirRtc => "weir",
            Server::NginxFiles => "nginx",
            Server::Nginx => "nginx-rtmp",
            Server::FloorMerged => "floor, 350 ms",
            Server::FloorAtOnce => "floor, at once",
            Server::FloorSrtp => "floor",
        }
    }

    pub(super) fn is_weir(self) -> bool {
        !self.is_floor() && !matches!(self, Server::NginxFiles | Server::Nginx)
    }

    /// It makes the stream itself.
    pub(super) fn is_floor(self) -> bool {
        matches!(self, Server::FloorMerged | Server::FloorAtOnce | Server::FloorSrtp)
    }
}

/// Where programs run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cores {
    pub(super) server: usize,
    pub(super) clients: usize,
}

/// Where programs are, and where they may write.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) weir: PathBuf,
    pub(super) nginx: PathBuf,
    pub(super) nginx_module: PathBuf,
    pub(super) wrk: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) cores: Cores,
}

/// A program that is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Result<Process> {
        command.spawn().map(Process).with_context(|| format!("cannot start {command:?}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that listens.
#[derive(Debug)]
pub(super) struct Running {
    process: Process,
    rtmp: u16,
    /// The same as `rtmp` where there is no other.
    http: u16,
}

impl Running {
    pub(super) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    pub(super) fn rtmp_url(&self, stream: &str) -> String {
        format!("rtmp://127.0.0.1:{}/live/{stream}", self.rtmp)
    }

    /// A stream over HTTP; `extension` has its dot.
    pub(super) fn http_url(&self, stream: &str, extension: &str) -> String {
        format!("http://127.0.0.1:{}/live/{stream}{extension}", self.http)
    }

    /// Where one publishes by WebRTC, or to the floor.
    pub(super) fn whip_url(&self, stream: &str) -> String {
        self.rtc_url("whip", stream)
    }

    /// Where one plays by WebRTC, or from the floor.
    pub(super) fn whep_url(&self, stream: &str) -> String {
        self.rtc_url("whep", stream)
    }

    fn rtc_url(&self, call: &str, stream: &str) -> String {
        if self.http == self.rtmp {
            return format!("srtp://127.0.0.1:{}/{stream}", self.http);
        }
        format!("http://127.0.0.1:{}/rtc/v1/{call}/?app=live&stream={stream}", self.http)
    }

    /// Where it serves HTTP.
    pub(super) fn http(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.http))
    }
}

impl Programs {
    /// Starts a server on its core and waits until it listens.
    pub(super) fn start(&self, server: Server) -> Result<Running> {
        let rtmp = free_port()?;
        let http = if server.is_weir() { free_port()? } else { rtmp };
        let mut command = self.command(server, rtmp, http)?;
        let log = self.folder.join(if server.is_weir() { "weir.log" } else { "peer.log" });
        let out = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        // A child takes over the cores of its parent.
        pin(&[self.cores.server])?;
        if server == Server::WeirTwoCores {
            pin(&[self.cores.server, self.cores.clients])?;
        }
        let child = Process::start(&mut command);
        pin(&[self.cores.clients])?;
        let mut running = Running { process: child?, rtmp, http };
        running.wait_until_up().with_context(|| {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(10).collect();
            format!("{}\n{}", server.name(), tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
        })?;
        Ok(running)
    }

    /// Starts a program that wants all of the server's core, so that half of it is left for the server.
    pub(super) fn start_rival(&self) -> Result<Process> {
        pin(&[self.cores.server])?;
        let rival = Process::start(Command::new(std::env::current_exe()?).arg("rival").stdin(Stdio::null()));
        pin(&[self.cores.clients])?;
        rival
    }

    fn command(&self, server: Server, rtmp: u16, http: u16) -> Result<Command> {
        let write = |name: &str, text: &str| -> Result<PathBuf> {
            let path = self.folder.join(name);
            let text = text
                .replace("RTMP_PORT", &rtmp.to_string())
                .replace("HTTP_PORT", &http.to_string())
                .replace("FOLDER", &self.folder.to_string_lossy())
                .replace("MODULE", &self.nginx_module.to_string_lossy());
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(path)
        };
        let weir = |service: &str, format: &str| -> Result<Command> {
            let mut command = Command::new(&self.weir);
            let text = WEIR.replace("SERVICE", service).replace("FORMAT", format);
            command.arg("-c").arg(write("weir.conf", &text)?);
            Ok(command)
        };
        let hls = |fragment: u32, window: u32, settings: &str| {
            let times = format!("hls_fragment {fragment}; hls_window {window};");
            weir(&format!("{WEIR_ADAPTIVE} hls {{ enabled on; hls_path FOLDER; {times} {settings} }}"), "flv")
        };
        let floor = |how: &[&str]| -> Result<Command> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["floor", "--listen", &format!("127.0.0.1:{rtmp}")]).args(how);
            Ok(command)
        };
        let nginx = |name: &str, text: &str| -> Result<Command> {
            let mut command = Command::new(&self.nginx);
            command.arg("-p").arg(&self.folder).arg("-c").arg(write(name, text)?);
            Ok(command)
        };
        match server {
            Server::WeirFixed | Server::WeirTwoCores => weir(WEIR_FIXED, "flv"),
            Server::WeirAtOnce => weir(WEIR_AT_ONCE, "flv"),
            Server::WeirAdaptive => weir(WEIR_ADAPTIVE, "flv"),
            Server::WeirTsFixed => weir(WEIR_FIXED, "ts"),
            Server::WeirTsAtOnce => weir(WEIR_AT_ONCE, "ts"),
            Server::WeirCut(cut) => hls(SEGMENT, WINDOW, cut.settings()),
            Server::WeirSegments(seconds) => hls(seconds, KEPT, "hls_disk off;"),
            Server::WeirRtc => {
                let mut command = Command::new(&self.weir);
                command.arg("-c").arg(write("weir.conf", WEIR_RTC)?);
                Ok(command)
            }
            Server::FloorMerged => floor(&["--merge", "350"]),
            Server::FloorAtOnce => floor(&[]),
            Server::FloorSrtp => floor(&["--srtp"]),
            Server::NginxFiles => nginx("nginx-files.conf", NGINX_FILES),
            Server::Nginx => nginx("nginx.conf", NGINX),
        }
    }
}

impl Running {
    fn wait_until_up(&mut self) -> Result<()> {
        let began = Instant::now();
        let mut ports = vec![self.rtmp];
        if self.http != self.rtmp {
            ports.push(self.http);
        }
        while let Some(port) = ports.last() {
            if TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], *port))).is_ok() {
                ports.pop();
                continue;
            }
            if let Some(status) = self.process.0.try_wait()? {
                bail!("ended at once: {status}");
            }
            if began.elapsed() > START_LIMIT {
                bail!("does not listen on port {port}");
            }
            pause(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// Moves this process to these cores.
fn pin(cores: &[usize]) -> Result<()> {
    let mut set = CpuSet::new();
    for core in cores {
        set.set(*core)?;
    }
    sched_setaffinity(Pid::from_raw(0), &set).with_context(|| format!("cannot run on cores {cores:?}"))
}

/// A port that nobody listens on at this moment.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port")?.local_addr()?.port())
}

#[expect(clippy::disallowed_methods, reason = "no worker and no stream is on this thread")]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// What a program says of its version.
pub(super) fn version(program: &Path) -> String {
    let Ok(output) = Command::new(program).arg("-v").stdin(Stdio::null()).output() else { return String::new() };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    text.lines().next().unwrap_or_default().trim_start_matches("nginx version: ").to_owned()
}
