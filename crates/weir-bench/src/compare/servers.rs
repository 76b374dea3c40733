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

/// weir: a plain live server. SENDING is replaced by one of the lines below.
const WEIR: &str = "\
listen              RTMP_PORT;
max_connections     19000;
daemon              off;
srs_log_tank        console;
srs_log_level       warn;
pid                 FOLDER/weir.pid;
http_server { enabled on; listen HTTP_PORT; dir FOLDER; }
vhost __defaultVhost__ {
    http_remux { enabled on; mount [vhost]/[app]/[stream].flv; }
    SENDING
}
";
/// Every send waits for 350 ms of the stream, whatever the load.
const WEIR_FIXED: &str = "play { mw_latency 350; mw_fixed on; }";
/// Every frame is sent at once.
const WEIR_AT_ONCE: &str = "min_latency on; play { mw_latency 0; }";
/// The defaults: at once while there is time, merged up to 350 ms under load.
const WEIR_ADAPTIVE: &str = "play { mw_latency 350; }";

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

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Server {
    WeirFixed,
    WeirAtOnce,
    WeirAdaptive,
    /// As `WeirFixed`, with two workers on both cores; the clients are on one of them.
    WeirTwoCores,
    Nginx,
    FloorMerged,
    FloorAtOnce,
}

impl Server {
    pub(super) fn name(self) -> &'static str {
        match self {
            Server::WeirFixed => "weir, 350 ms",
            Server::WeirAtOnce => "weir, at once",
            Server::WeirAdaptive => "weir, adaptive",
            Server::WeirTwoCores => "weir, 350 ms, 2 cores",
            Server::Nginx => "nginx-rtmp",
            Server::FloorMerged => "floor, 350 ms",
            Server::FloorAtOnce => "floor, at once",
        }
    }

    pub(super) fn is_weir(self) -> bool {
        matches!(self, Server::WeirFixed | Server::WeirAtOnce | Server::WeirAdaptive | Server::WeirTwoCores)
    }

    /// It makes the stream itself.
    pub(super) fn is_floor(self) -> bool {
        matches!(self, Server::FloorMerged | Server::FloorAtOnce)
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

    pub(super) fn flv_url(&self, stream: &str) -> String {
        format!("http://127.0.0.1:{}/live/{stream}.flv", self.http)
    }
}

impl Programs {
    /// Starts a server on its core and waits until it listens.
    pub(super) fn start(&self, server: Server) -> Result<Running> {
        let rtmp = free_port()?;
        let http = if server.is_weir() { free_port()? } else { rtmp };
        let mut command = self.command(server, rtmp, http)?;
        let log = self.folder.join("server.log");
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
        let write = |name: &str, text: &str, sending: &str| -> Result<PathBuf> {
            let path = self.folder.join(name);
            let text = text
                .replace("RTMP_PORT", &rtmp.to_string())
                .replace("HTTP_PORT", &http.to_string())
                .replace("FOLDER", &self.folder.to_string_lossy())
                .replace("MODULE", &self.nginx_module.to_string_lossy())
                .replace("SENDING", sending);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(path)
        };
        let weir = |sending| -> Result<Command> {
            let mut command = Command::new(&self.weir);
            command.arg("-c").arg(write("weir.conf", WEIR, sending)?);
            Ok(command)
        };
        let floor = |merge: &str| -> Result<Command> {
            let mut command = Command::new(std::env::current_exe()?);
            command.args(["floor", "--listen", &format!("127.0.0.1:{rtmp}"), "--merge", merge]);
            Ok(command)
        };
        match server {
            Server::WeirFixed | Server::WeirTwoCores => weir(WEIR_FIXED),
            Server::WeirAtOnce => weir(WEIR_AT_ONCE),
            Server::WeirAdaptive => weir(WEIR_ADAPTIVE),
            Server::FloorMerged => floor("350"),
            Server::FloorAtOnce => floor("0"),
            Server::Nginx => {
                let mut command = Command::new(&self.nginx);
                command.arg("-p").arg(&self.folder).arg("-c").arg(write("nginx.conf", NGINX, "")?);
                Ok(command)
            }
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
