//! The process: background, pid file, identity, limits, signals.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use weir_e2e::clients::ffmpeg;
use weir_e2e::rtmp::RawRtmp;
use weir_e2e::{Ended, Running, Server, eventually, eventually_some, fixture, http, pause, ports, signal, weir};

mod line;
mod log;

/// How long anything may take that is to happen at once, on a busy machine.
const SOON: Duration = Duration::from_secs(15);
/// A fast end is over by then.
const FAST: Duration = Duration::from_secs(2);
/// Longer than a fast end, shorter than a test.
const FOREVER_MS: u32 = 60_000;

fn folder(conf: &str) -> TempDir {
    let dir = TempDir::with_prefix("weir-e2e-").unwrap();
    fs::write(dir.path().join("weir.conf"), conf).unwrap();
    dir
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// A process that nobody waits for. Killed on drop, if it is still the server.
struct Background {
    pid: u32,
}

impl Background {
    /// The process of this pid file, once it is written.
    #[track_caller]
    fn of(pid_file: &Path) -> Self {
        let pid = eventually_some(SOON, || read(pid_file).parse().ok());
        Self { pid: pid.unwrap_or_else(|| panic!("no pid in {}", pid_file.display())) }
    }

    /// A field of `/proc/PID/stat`, counted from 1 as in proc(5); `None` when it has ended.
    fn stat(&self, field: usize) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        let (_, fields) = stat.rsplit_once(") ")?;
        let state_is_third = fields.split(' ').nth(field - 3)?;
        Some(state_is_third.to_owned())
    }

    /// Whoever adopted it may be late to bury it.
    fn has_ended(&self) -> bool {
        self.stat(3).is_none_or(|state| state == "Z")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if read(format!("/proc/{}/comm", self.pid)).trim() == "weir" && !self.has_ended() {
            signal(self.pid, "KILL");
        }
    }
}

// row: ops.md §3 daemon on
// row: ops.md §3 pid file
// row: ops.md §3 pid file at exit
// row: ops.md §11 pid, id file
// row: ops.md §11 srs_log_file
// row: config.md §3 daemon
// row: config.md §3 work_dir
#[test]
fn a_daemon_leaves_its_terminal_and_works_in_its_folder() {
    let port = ports::free();
    let dir = folder(&format!(
        "listen {port}; daemon on; work_dir ./work; pid ./run/weir.pid; srs_log_tank file; srs_log_file ./log/weir.log;"
    ));
    let work = dir.path().join("work");
    fs::create_dir(&work).unwrap();

    let mut starter = Running::spawn(weir(dir.path()).args(["-c", "weir.conf"]));
    let starter_pid = starter.pid();
    let ended_at_once = eventually(SOON, || !starter.is_running());
    assert!(ended_at_once, "{}", starter.output());
    starter.wait(SOON).expect_success();

    let server = Background::of(&work.join("run/weir.pid"));
    assert!(eventually(SOON, || ports::is_listening(port)), "{}", read(work.join("log/weir.log")));
    RawRtmp::shaken(port);
    let pid = server.pid.to_string();
    assert_ne!(server.pid, starter_pid);
    assert_eq!(read(work.join("run/weir.pid")), pid, "decimal, no newline");

    // Another one with the same pid file fails where it was started.
    let second = Running::spawn(weir(dir.path()).args(["-c", "weir.conf"])).wait(SOON);
    assert_eq!(second.status.and_then(|status| status.code()), Some(1035 & 0xff), "{}", second.output);
    assert!(second.output.contains(&format!("held by process {pid}")), "{}", second.output);
    assert_eq!(read(work.join("run/weir.pid")), pid, "untouched");
    assert_eq!(server.stat(6).unwrap(), pid, "a session of its own");
    assert_eq!(fs::read_link(format!("/proc/{pid}/cwd")).unwrap(), work.canonicalize().unwrap());
    assert!(read(work.join("log/weir.log")).contains(&format!("[INFO][{pid}]")));
    assert!(work.join("run/weir.id").is_file());

    signal(server.pid, "TERM");
    assert!(eventually(FAST, || server.has_ended()));
    assert_eq!(read(work.join("run/weir.pid")), pid, "it stays, as with SRS");
}

/// Afterwards, nobody would read it.
#[test]
fn a_daemon_says_before_it_leaves_that_a_port_of_webrtc_is_taken() {
    let rtc = |udp: u16, tcp: u16| {
        let conf = format!("rtc_server {{ enabled on; listen {udp}; tcp {{ enabled on; listen {tcp}; }} }}");
        let dir = folder(&format!("listen {}; daemon on; pid ./weir.pid; {conf}", ports::free()));
        Running::spawn(weir(dir.path()).args(["-c", "weir.conf"])).wait(SOON)
    };
    let check = |ended: Ended, directive: &str| {
        assert!(ended.status.is_some_and(|status| !status.success()), "{}", ended.output);
        assert!(ended.output.contains(directive), "{}", ended.output);
    };
    let udp = UdpSocket::bind(("0.0.0.0", ports::free())).unwrap();
    check(rtc(udp.local_addr().unwrap().port(), ports::free()), "rtc_server.listen");
    let tcp = TcpListener::bind(("0.0.0.0", ports::free())).unwrap();
    check(rtc(ports::free(), tcp.local_addr().unwrap().port()), "rtc_server.tcp.listen");
}

// row: errors.md §3 1034–1040
#[test]
fn one_pid_file_is_for_one_server() {
    let first = Server::start("listen {rtmp};");
    let conf = |pid: &str| format!("listen {}; daemon off; srs_log_tank console; pid {pid};", ports::free());
    let held = folder(&conf(&first.dir().join("weir.pid").display().to_string()));
    let start = |dir: &TempDir| Running::spawn(weir(dir.path()).args(["-c", "weir.conf"])).wait(SOON);

    let second = start(&held);
    assert_eq!(second.status.and_then(|status| status.code()), Some(1035 & 0xff), "{}", second.output);
    assert!(second.output.contains("weir.pid"), "{}", second.output);
    assert!(second.output.contains(&format!("held by process {}", first.pid())), "{}", second.output);
    assert_eq!(read(first.dir().join("weir.pid")), first.pid().to_string(), "untouched");

    let third = start(&folder(&conf("/")));
    assert_eq!(third.status.and_then(|status| status.code()), Some(1034 & 0xff), "{}", third.output);

    // The lock ends with its holder, not with the file.
    drop(first);
    let dir = folder(&conf("./weir.pid"));
    fs::write(dir.path().join("weir.pid"), "1234567").unwrap();
    let mut fourth = Running::spawn(weir(dir.path()).args(["-c", "weir.conf"]));
    assert!(eventually(SOON, || read(dir.path().join("weir.pid")) == fourth.pid().to_string()), "{}", fourth.output());
}

// row: ops.md §3 id file
// row: config.md §3 server_id
#[test]
fn the_server_is_the_same_after_a_restart() {
    let port = ports::free();
    let dir = folder(&format!(
        "listen {}; http_api {{ enabled on; listen {port}; }} daemon off; srs_log_tank console; pid ./weir.pid;",
        ports::free()
    ));
    let id_of = |configured: Option<&str>| {
        let env = configured.map(|id| ("SRS_SERVER_ID", id));
        let server = Running::spawn(weir(dir.path()).args(["-c", "weir.conf"]).envs(env));
        assert!(eventually(SOON, || ports::is_listening(port)));
        let id = http::get(port, "/api/v1/versions").json()["server"].as_str().unwrap().to_owned();
        server.stop();
        assert_eq!(read(dir.path().join("weir.id")), id);
        id
    };
    let first = id_of(None);
    assert!(first.starts_with("vid-") && first.len() == "vid-".len() + 7, "{first}");
    assert_eq!(id_of(None), first);
    assert_eq!(id_of(Some("vid-mine")), "vid-mine");
    assert_eq!(id_of(None), "vid-mine");
}

// row: ops.md §3 docker detection
// row: config.md §3 in_docker
// row: config.md §3 disable_daemon_for_docker
#[test]
fn in_docker_the_server_stays_in_front_and_logs_to_the_console() {
    let port = ports::free();
    let dir = folder(&format!("listen {port}; daemon on; in_docker on; pid ./weir.pid;"));
    let mut server = Running::spawn(weir(dir.path()).args(["-c", "weir.conf"]));
    assert!(eventually(SOON, || ports::is_listening(port)), "{}", server.output());
    assert!(server.is_running());
    assert!(server.output().contains(&format!("[INFO][{}]", server.pid())), "{}", server.output());
}

// row: ops.md §3 Max clients
// row: errors.md §2 1074
// row: config.md §3 max_connections
#[test]
fn one_connection_too_many_is_closed() {
    let server = Server::start(&format!("max_connections 3;{}", Server::LIVE));
    let mut inside: Vec<RawRtmp> = (0..3).map(|_| RawRtmp::shaken(server.port("rtmp"))).collect();
    let closed = RawRtmp::connect(server.port("rtmp")).read_to_close(SOON);
    assert_eq!(closed, Some(Vec::new()));
    assert!(server.logs("max_connections, code 1074", SOON), "the log says why");
    let mut by_http = http::connect(server.port("http"));
    assert_eq!(by_http.read(&mut [0; 16]).unwrap_or(0), 0, "all listeners count together");

    for client in &mut inside {
        assert_eq!(client.read_to_close(Duration::from_millis(100)), None, "those inside stay");
    }
    inside.pop();
    let answers = || http::exchange(server.port("api"), b"GET /api/v1/versions HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(eventually(SOON, || !answers().is_empty()), "the place is free again");
}

// row: ops.md §4 SIGINT, SIGTERM
#[test]
fn int_and_term_end_the_server_fast() {
    for name in ["INT", "TERM"] {
        let mut server = Server::start(Server::LIVE);
        let _push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
        server.wait_published("cam");
        let _silent = http::connect(server.port("http"));
        let mut client = RawRtmp::shaken(server.port("rtmp"));
        server.signal(name);
        let ended = server.wait_end(FAST).unwrap_or_else(|| panic!("{name} does not end it"));
        assert_eq!(ended.code(), Some(0), "{name}");
        assert!(client.read_to_close(FAST).is_some());
        assert!(server.log().contains("the server ends"));
    }
}

// row: ops.md §4 SIGQUIT
// row: ops.md §4 Graceful
// row: config.md §3 grace_start_wait
// row: config.md §3 grace_final_wait
#[test]
fn quit_waits_for_the_clients() {
    let conf = format!("grace_start_wait 1500; grace_final_wait 1500;{}", Server::LIVE);
    let mut server = Server::start(&conf);
    let doors = ["rtmp", "http", "api"].map(|name| server.port(name));
    let push = ffmpeg::push_forever(&fixture::h264_aac(), &server.rtmp("live/cam"));
    server.wait_published("cam");
    let players = [ffmpeg::record(&server.rtmp("live/cam")), ffmpeg::record(&server.http("live/cam.flv"))];
    assert!(players.iter().all(|player| eventually(SOON, || !player.is_empty())));

    let asked = Instant::now();
    server.signal("QUIT");
    pause(Duration::from_millis(300));
    assert!(doors.iter().all(|port| ports::is_listening(*port)), "before grace_start_wait is over");
    assert!(eventually(SOON, || doors.iter().all(|port| !ports::is_listening(*port))), "doors close");
    assert!(asked.elapsed() >= Duration::from_millis(1500), "after {:?}", asked.elapsed());

    let before = players.each_ref().map(|player| player.len());
    pause(Duration::from_secs(2));
    for (player, before) in players.iter().zip(before) {
        assert!(player.len() > before, "those who play go on playing");
    }
    assert_eq!(server.wait_end(Duration::ZERO), None);

    drop(players);
    drop(push);
    let gone = Instant::now();
    let ended = server.wait_end(SOON).expect("it ends when they have gone");
    assert!(gone.elapsed() >= Duration::from_millis(1500), "grace_final_wait: {:?}", gone.elapsed());
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn term_ends_a_graceful_end_at_once() {
    for (start_wait, final_wait, client_stays) in [(FOREVER_MS, 0, true), (0, 0, true), (0, FOREVER_MS, false)] {
        let conf = format!("listen {{rtmp}}; grace_start_wait {start_wait}; grace_final_wait {final_wait};");
        let mut server = Server::start(&conf);
        let client = client_stays.then(|| RawRtmp::shaken(server.port("rtmp")));
        server.signal("QUIT");
        assert!(server.logs("a graceful end was asked for", SOON));
        if start_wait == 0 {
            assert!(eventually(SOON, || !ports::is_listening(server.port("rtmp"))));
            let next = if client_stays { "connections that are still open: 1" } else { "all clients have gone" };
            assert!(server.logs(next, SOON), "{next}");
        }
        assert_eq!(server.wait_end(Duration::ZERO), None);
        server.signal("TERM");
        let ended = server.wait_end(FAST);
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "{start_wait} {final_wait}");
        drop(client);
    }
}

// row: config.md §3 force_grace_quit
#[test]
fn term_is_graceful_when_told_so() {
    let mut server = Server::start("listen {rtmp}; force_grace_quit on; grace_start_wait 0; grace_final_wait 0;");
    let client = RawRtmp::shaken(server.port("rtmp"));
    server.signal("TERM");
    assert!(eventually(SOON, || !ports::is_listening(server.port("rtmp"))));
    assert_eq!(server.wait_end(FAST), None, "it waits for the client");
    drop(client);
    assert_eq!(server.wait_end(SOON).and_then(|status| status.code()), Some(0));
}

// row: ops.md §4 SIGUSR1
// row: ops.md §6 Rotation
// row: ops.md §6 File
#[test]
fn usr1_opens_a_moved_log_file_again() {
    let server = Server::start("listen {rtmp}; srs_log_tank file; srs_log_file {dir}/weir.log;");
    let (log, moved) = (server.dir().join("weir.log"), server.dir().join("weir.log.1"));
    assert!(eventually(SOON, || read(&log).contains("ready")));
    assert_eq!(server.log(), "", "nothing on the console");
    fs::rename(&log, &moved).unwrap();
    let provoke = |text: &Path| {
        let before = read(text).len();
        RawRtmp::connect(server.port("rtmp")).send(b"GET / HTTP/1.1\r\n\r\n");
        eventually(SOON, || read(text).len() > before)
    };
    assert!(provoke(&moved), "the moved file is still written");
    assert!(!log.exists());
    server.signal("USR1");
    assert!(eventually(SOON, || read(&log).contains("USR1")), "{}", read(&moved));
    let len = read(&moved).len();
    assert!(provoke(&log), "the new file is written");
    assert_eq!(read(&moved).len(), len);
}

// row: ops.md §4 SIGPIPE
// row: ops.md §4 SIGUSR2
// row: ops.md §4 SIGABRT
#[test]
fn other_signals_do_what_they_did() {
    let mut server = Server::start("listen {rtmp};");
    server.signal("HUP");
    assert!(server.logs("the configuration was reloaded: nothing is different", SOON));
    server.signal("PIPE");
    RawRtmp::shaken(server.port("rtmp"));
    assert_eq!(server.wait_end(Duration::ZERO), None, "HUP and PIPE do not end it");

    for (name, number) in [("USR2", 12), ("ABRT", 6)] {
        let mut server = Server::start("listen {rtmp};");
        server.signal(name);
        assert_eq!(server.wait_end(FAST).and_then(|status| status.signal()), Some(number), "{name}");
    }
}

// row: ops.md §3 asprocess
// row: config.md §3 asprocess
// row: errors.md §3 1073
#[test]
fn a_server_that_follows_its_parent_ends_with_it() {
    let port = ports::free();
    let dir = folder(&format!(
        "listen {port}; daemon off; asprocess on; pid ./weir.pid; srs_log_tank file; srs_log_file ./weir.log;"
    ));
    let mut shell = Command::new("sh");
    shell.current_dir(dir.path()).args(["-c", "\"$0\" -c weir.conf & wait"]).arg(weir(dir.path()).get_program());
    let shell = Running::spawn(&mut shell);
    let server = Background::of(&dir.path().join("weir.pid"));
    assert!(eventually(SOON, || ports::is_listening(port)));
    pause(FAST);
    assert!(!server.has_ended(), "its parent is still there");
    drop(shell);
    assert!(eventually(SOON, || server.has_ended()));
    let log = read(dir.path().join("weir.log"));
    assert!(log.contains("(asprocess) (code 1073)"), "{log}");
}
