//! Independent clients, as commands. Each one runs until it is stopped, waited for or dropped.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::packets::Packets;
use crate::process::Running;
use crate::wait::eventually;

/// A client that writes what it plays to a file.
#[derive(Debug)]
pub struct Recorder {
    running: Running,
    // Dropped after the client.
    dir: TempDir,
}

impl Recorder {
    fn spawn(command: impl FnOnce(&Path) -> Command) -> Self {
        let dir = open_folder();
        Self { running: Running::spawn(&mut command(&recording(&dir))), dir }
    }

    /// Bytes written so far.
    pub fn len(&self) -> u64 {
        std::fs::metadata(recording(&self.dir)).map_or(0, |metadata| metadata.len())
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the client still runs.
    pub fn is_running(&mut self) -> bool {
        self.running.is_running()
    }

    /// Waits until the client ends by itself; panics at the limit.
    #[track_caller]
    pub fn wait_end(&mut self, limit: Duration) {
        assert!(eventually(limit, || !self.is_running()), "still runs: {}", self.running.output());
    }

    /// What the client printed so far.
    pub fn output(&mut self) -> String {
        self.running.output()
    }

    /// Ends the client and reads what it recorded.
    #[track_caller]
    pub fn finish(self) -> Packets {
        let Self { running, dir } = self;
        let ended = running.stop();
        let packets = Packets::of(&recording(&dir));
        assert!(!packets.video.is_empty() || !packets.audio.is_empty(), "nothing recorded: {}", ended.output);
        packets
    }

    /// Ends the client and has the file read that it recorded.
    pub fn finish_with<T>(self, read: impl FnOnce(&Path) -> T) -> T {
        let Self { running, dir } = self;
        running.stop();
        read(&recording(&dir))
    }
}

/// Many clients of the project's own, which are there to be a load.
pub mod crowd {
    use super::{Command, Running};
    use crate::binary;

    /// `clients` clients that `play` or `push` (the `action`) for about three seconds, leave and come again. `%d` in the
    /// URL is the number of the client.
    pub fn restless(action: &str, url: &str, clients: u32) -> Running {
        let clients = clients.to_string();
        let arguments = [action, url, "-n", &clients, "--stay", "3", "--duration", "120", "--quiet"];
        Running::spawn(Command::new(binary::weir_bench()).args(arguments))
    }
}

/// ffmpeg: pushes and plays with its own RTMP and HTTP.
pub mod ffmpeg {
    use super::{Command, Duration, Path, Recorder, Running};

    /// How long the server may send nothing, before the first packet too. A signal would not do to end a recording:
    /// ffmpeg needs two of them to leave a read, and after the second it does not write the packets that it holds.
    pub const SILENCE: Duration = Duration::from_secs(6);

    /// `ffmpeg -re -i FILE -c copy -f flv URL`.
    pub fn push(file: &Path, url: &str) -> Running {
        Running::spawn(push_command(file, &[]).arg(url))
    }

    /// As [`push`], the file over and over.
    pub fn push_forever(file: &Path, url: &str) -> Running {
        Running::spawn(push_command(file, &["-stream_loop", "-1"]).arg(url))
    }

    /// Width and height of the pictures behind a URL.
    #[track_caller]
    pub fn size(url: &str) -> (u32, u32) {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=width,height"]);
        let ended = Running::spawn(ffprobe.args(["-of", "csv=p=0", url])).wait(SILENCE * 4).expect_success();
        let line = ended.output.lines().find_map(|line| line.trim().trim_end_matches(',').split_once(','));
        let size = line.and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        size.unwrap_or_else(|| panic!("no size: {}", ended.output))
    }

    /// As [`push_forever`], several files side by side, each to a URL of its own, with the same clock.
    pub fn push_together(pushed: &[(&Path, String)]) -> Running {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "warning", "-nostdin"]);
        for (file, _) in pushed {
            ffmpeg.args(["-re", "-stream_loop", "-1", "-i"]).arg(file);
        }
        for (place, (_, url)) in pushed.iter().enumerate() {
            ffmpeg.args(["-map", &place.to_string(), "-c", "copy", "-f", "flv"]);
            ffmpeg.args(["-flvflags", "no_duration_filesize", url]);
        }
        Running::spawn(&mut ffmpeg)
    }

    fn push_command(file: &Path, input: &[&str]) -> Command {
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "warning", "-nostdin", "-re"]).args(input).arg("-i").arg(file);
        ffmpeg.args(["-c", "copy", "-f", "flv", "-flvflags", "no_duration_filesize"]);
        ffmpeg
    }

    /// Records a URL of any protocol, without decoding and with the times as they come. Ends by itself, all packets
    /// written, when the server closes or is silent for [`SILENCE`].
    pub fn record(url: &str) -> Recorder {
        Recorder::spawn(|file| {
            let mut ffmpeg = Command::new("ffmpeg");
            ffmpeg.args(["-v", "warning", "-nostdin", "-rw_timeout", &SILENCE.as_micros().to_string()]);
            ffmpeg.args(["-copyts", "-i", url, "-c", "copy"]);
            ffmpeg.args(["-f", "flv", "-flvflags", "no_duration_filesize", "-flush_packets", "1"]).arg(file);
            ffmpeg
        })
    }
}

/// Chromium, which receives what a WebSocket carries.
pub mod websocket {
    use super::Recorder;
    use crate::browser;

    /// Records a URL to its end, whatever its certificate. Prints the code with which it was closed.
    pub fn record(url: &str) -> Recorder {
        Recorder::spawn(|file| {
            let mut node = browser::script("websocket.mjs");
            node.arg(url).arg(file);
            node
        })
    }
}

/// ffmpeg 8 or newer, which reads and writes Enhanced RTMP with all its codecs and tracks.
pub mod new_ffmpeg {
    use super::ffmpeg::SILENCE;
    use super::{Command, Duration, Path, PathBuf, Recorder, Running};

    /// How long one command may take that does not wait for a server.
    const LIMIT: Duration = Duration::from_secs(60);

    /// One packet as it lies in the file: stream, dts and pts in milliseconds, size, MD5.
    pub type Packet = (usize, i64, i64, u64, String);

    /// What a file holds.
    #[derive(Debug, Clone, Default, PartialEq)]
    pub struct Content {
        /// Codec and hash of the configuration of each stream.
        pub streams: Vec<String>,
        /// `video` or `audio`, of each stream.
        pub kinds: Vec<String>,
        /// Seconds of a tick of each stream.
        pub ticks: Vec<f64>,
        /// Stream by stream.
        pub packets: Vec<Packet>,
    }

    impl Content {
        /// Reads a file.
        #[track_caller]
        pub fn of(file: &Path) -> Self {
            Self::read(file, "0", &["-c", "copy", "-copyts"])
        }

        /// The sound of a file, without the headers that ADTS puts before frames of AAC.
        #[track_caller]
        pub fn of_bare_sound(file: &Path, is_aac: bool) -> Self {
            let filter: &[&str] = if is_aac { &["-bsf:a", "aac_adtstoasc"] } else { &[] };
            Self::read(file, "0:a?", &[&["-c", "copy", "-copyts"], filter].concat())
        }

        /// The pictures of a file as they are shown, each as a packet.
        #[track_caller]
        pub fn of_pictures(file: &Path) -> Self {
            Self::read(file, "0:v?", &["-copyts", "-fps_mode", "passthrough", "-threads", "1"])
        }

        #[track_caller]
        fn read(file: &Path, streams: &str, output: &[&str]) -> Self {
            let mut ffmpeg = command();
            ffmpeg.arg("-i").arg(file).args(["-map", streams]).args(output);
            ffmpeg.args(["-f", "framehash", "-hash", "md5", "-"]);
            Self::parse(&Running::spawn(&mut ffmpeg).wait(LIMIT).output)
        }

        fn parse(text: &str) -> Self {
            let mut content = Self::default();
            for line in text.lines() {
                if line.starts_with("#codec_id") || line.starts_with("#extradata") {
                    content.streams.push(line.to_owned());
                }
                if line.starts_with("#media_type") {
                    content.kinds.extend(line.split_whitespace().last().map(str::to_owned));
                }
                if let Some((tick, over)) =
                    line.strip_prefix("#tb ").and_then(|line| line.split_once(' ')?.1.split_once('/'))
                {
                    content.ticks.extend(tick.parse::<f64>().ok().zip(over.parse::<f64>().ok()).map(|(a, b)| a / b));
                }
                content.packets.extend(packet(line));
            }
            content.streams.sort();
            content.packets.sort_by_key(|packet| packet.0);
            content
        }

        /// The hashes of the packets of `video` or `audio`, in their order.
        pub fn hashes(&self, kind: &str) -> Vec<&str> {
            let is_meant = |packet: &&Packet| self.kinds.get(packet.0).is_some_and(|one| one == kind);
            self.packets.iter().filter(is_meant).map(|packet| packet.4.as_str()).collect()
        }

        /// When the packets of `video` or `audio` are shown, in seconds.
        pub fn times(&self, kind: &str) -> Vec<f64> {
            let is_meant = |packet: &&Packet| self.kinds.get(packet.0).is_some_and(|one| one == kind);
            let seconds = |packet: &Packet| packet.2 as f64 * self.ticks.get(packet.0).copied().unwrap_or(0.0);
            self.packets.iter().filter(is_meant).map(seconds).collect()
        }

        /// The same, its first packet at 0.
        pub fn from_zero(mut self) -> Self {
            let first = self.packets.first().map_or(0, |packet| packet.1);
            for (_, dts, pts, ..) in &mut self.packets {
                (*dts, *pts) = (*dts - first, *pts - first);
            }
            self
        }
    }

    /// A line of framehash: stream, dts, pts, duration, size, hash; then what the container put beside it.
    fn packet(line: &str) -> Option<Packet> {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let [stream, dts, pts, _, size, hash, ..] = fields[..] else { return None };
        // How ffmpeg reads a tag with the order of channels, at times.
        if size == "0" {
            return None;
        }
        Some((stream.parse().ok()?, dts.parse().ok()?, pts.parse().ok()?, size.parse().ok()?, hash.to_owned()))
    }

    /// `ffmpeg ARGS FILE`.
    #[track_caller]
    pub fn make(file: &Path, args: &[&str]) {
        Running::spawn(command().args(args).arg(file)).wait(LIMIT).expect_success();
    }

    /// All streams of FILE in real time.
    #[track_caller]
    pub fn push(file: &Path, url: &str) -> Running {
        push_with(&["-re"], file, &[url])
    }

    /// As [`push`], the file over and over, to several URLs at once.
    #[track_caller]
    pub fn push_forever(file: &Path, urls: &[&str]) -> Running {
        push_with(&["-re", "-stream_loop", "-1"], file, urls)
    }

    /// All streams of FILE as fast as they are taken, to several URLs at once.
    #[track_caller]
    pub fn push_fast(file: &Path, urls: &[&str]) -> Running {
        push_with(&[], file, urls)
    }

    fn push_with(input: &[&str], file: &Path, urls: &[&str]) -> Running {
        let mut ffmpeg = command();
        ffmpeg.args(input).arg("-i").arg(file);
        for url in urls {
            ffmpeg.args(["-map", "0", "-c", "copy", "-f", "flv", "-flvflags", "no_duration_filesize", url]);
        }
        Running::spawn(&mut ffmpeg)
    }

    /// Records all streams of a URL, as they come. Ends by itself when the server closes or is silent. FourCCs that are
    /// given here are announced in the `connect` of RTMP.
    #[track_caller]
    pub fn record(url: &str, fourccs: &str) -> Recorder {
        record_with(url, fourccs, SILENCE)
    }

    /// As [`record`], until the server closes.
    #[track_caller]
    pub fn record_to_close(url: &str) -> Recorder {
        record_with(url, "", LIMIT)
    }

    fn record_with(url: &str, fourccs: &str, silence: Duration) -> Recorder {
        Recorder::spawn(|file| {
            let mut ffmpeg = command();
            if !fourccs.is_empty() {
                ffmpeg.args(["-rtmp_enhanced_codecs", fourccs]);
            }
            ffmpeg.args(["-rw_timeout", &silence.as_micros().to_string(), "-copyts", "-i", url]);
            ffmpeg.args(["-map", "0", "-c", "copy", "-f", "flv", "-flvflags", "no_duration_filesize"]);
            ffmpeg.args(["-flush_packets", "1"]).arg(file);
            ffmpeg
        })
    }

    /// Reads the RTP that a session description announces, and writes a hash of each packet that it puts together.
    pub fn read_rtp(description: &Path, file: &Path) -> Command {
        let mut ffmpeg = command();
        ffmpeg.args(["-protocol_whitelist", "file,udp,rtp", "-reorder_queue_size", "0"]);
        // It would look at some seconds before it writes anything.
        ffmpeg.args(["-analyzeduration", "100000", "-fpsprobesize", "0"]);
        ffmpeg.arg("-i").arg(description).args(["-c", "copy", "-f", "framehash", "-hash", "sha256"]);
        ffmpeg.args(["-flush_packets", "1"]).arg(file);
        ffmpeg
    }

    fn command() -> Command {
        let mut ffmpeg = Command::new(program());
        ffmpeg.args(["-v", "error", "-nostdin", "-y"]);
        ffmpeg
    }

    /// What `scripts/test-deps` fetched, or the system's.
    pub(crate) fn program() -> PathBuf {
        let fetched = std::fs::read_dir(super::fetched().join("imageio_ffmpeg/binaries"));
        let mut fetched = fetched.into_iter().flatten().flatten().map(|entry| entry.path());
        let is_program =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ffmpeg"));
        if let Some(program) = fetched.find(is_program) {
            return program;
        }
        let version = Running::spawn(Command::new("ffmpeg").arg("-version")).wait(LIMIT).output;
        let major = version.trim_start_matches("ffmpeg version ").trim_start_matches('n').split('.').next();
        let major: u32 = major.and_then(|major| major.parse().ok()).unwrap_or(0);
        assert!(major >= 8, "no ffmpeg of version 8 or newer: run scripts/test-deps, which fetches one");
        "ffmpeg".into()
    }
}

/// librtmp: `rtmpdump` plays; GStreamer's older RTMP sink pushes with it.
pub mod librtmp {
    use super::{Command, Path, Recorder, Running, gstreamer};

    /// `rtmpdump --live`.
    pub fn record(url: &str) -> Recorder {
        Recorder::spawn(|file| {
            let mut rtmpdump = Command::new("rtmpdump");
            rtmpdump.args(["--live", "--rtmp", url, "--flv"]).arg(file);
            rtmpdump
        })
    }

    /// FILE in real time through `rtmpsink`.
    pub fn push(file: &Path, url: &str) -> Running {
        gstreamer::push_to(file, &["rtmpsink", &format!("location={url} live=1")])
    }
}

/// GStreamer's own RTMP: `rtmp2src` and `rtmp2sink`.
pub mod gstreamer {
    use super::{Command, Path, Recorder, Running};

    /// What `rtmp2src` receives, written as it comes.
    pub fn record(url: &str) -> Recorder {
        Recorder::spawn(|file| {
            let mut gst = launch();
            gst.args(["rtmp2src", &format!("location={url}"), "!", "filesink", "buffer-mode=unbuffered"]);
            gst.arg(format!("location={}", file.display()));
            gst
        })
    }

    /// FILE in real time through `rtmp2sink`.
    pub fn push(file: &Path, url: &str) -> Running {
        push_to(file, &["rtmp2sink", &format!("location={url}")])
    }

    pub(super) fn push_to(file: &Path, sink: &[&str]) -> Running {
        let mut gst = launch();
        gst.args(["filesrc", &format!("location={}", file.display()), "!", "flvdemux", "name=in"]);
        gst.args(["flvmux", "name=out", "streamable=true", "!"]).args(sink);
        gst.args("in.video ! queue ! identity sync=true ! out.video".split(' '));
        gst.args("in.audio ! queue ! identity sync=true ! out.audio".split(' '));
        Running::spawn(&mut gst)
    }

    /// Takes RTP at a port, of one encoding, and writes what a depayloader makes of it, one behind the other.
    pub fn read_rtp(port: u16, encoding: &str, depayloader: &str, file: &Path) -> Command {
        let mut gst = launch();
        gst.args(["udpsrc", "address=127.0.0.1", &format!("port={port}")]);
        gst.arg(format!("caps=application/x-rtp,media=video,clock-rate=90000,payload=96,encoding-name={encoding}"));
        gst.arg("!").args(depayloader.split(' ')).args(["!", "filesink", "buffer-mode=unbuffered"]);
        gst.arg(format!("location={}", file.display()));
        gst
    }

    fn launch() -> Command {
        let mut gst = Command::new("gst-launch-1.0");
        gst.arg("--quiet");
        gst
    }
}

/// VLC without a screen.
pub mod vlc {
    use super::{Command, Path, Recorder, Running};

    /// What VLC demuxes, muxed again by VLC.
    pub fn record(url: &str) -> Recorder {
        record_as("avformat{mux=flv}", url)
    }

    /// As [`record`], into a transport stream, which has a place for more codecs.
    pub fn record_ts(url: &str) -> Recorder {
        record_as("ts", url)
    }

    fn record_as(mux: &str, url: &str) -> Recorder {
        Recorder::spawn(|file| {
            let mut vlc = headless(file.parent().unwrap_or(file));
            let sink = format!("#std{{access=file,mux={mux},dst={}}}", file.display());
            vlc.args([url, "--sout", &sink, "vlc://quit"]);
            vlc
        })
    }

    /// FILE in real time.
    pub fn push(file: &Path, url: &str) -> Push {
        // Its user may not be ours, and may not reach the fixture.
        let dir = super::open_folder();
        let copy = dir.path().join("input.flv");
        std::fs::copy(file, &copy).expect("a copy of the fixture");
        let mut vlc = headless(dir.path());
        let sink = format!("#std{{access=avio,mux=avformat{{mux=flv}},dst={url}}}");
        vlc.arg(&copy).args(["--sout", &sink, "vlc://quit"]);
        Push { running: Running::spawn(&mut vlc), _dir: dir }
    }

    /// A VLC that pushes, with the folder that it reads.
    #[derive(Debug)]
    pub struct Push {
        /// The client.
        pub running: Running,
        _dir: tempfile::TempDir,
    }

    /// VLC refuses to run as root: then it runs as nobody.
    fn headless(home: &Path) -> Command {
        const NOBODY: &str = "65534";
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
        let mut vlc = if is_root {
            let mut as_nobody = Command::new("setpriv");
            as_nobody.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "cvlc"]);
            as_nobody
        } else {
            Command::new("cvlc")
        };
        vlc.env("HOME", home).current_dir(home).args(["--quiet", "--no-plugins-cache"]);
        vlc
    }
}

/// Programs in Python, of packages that `scripts/test-deps` fetched.
pub mod python {
    use super::{Command, Duration, Path, Running};

    /// How long prometheus-client may take, whose start is most of it.
    const LIMIT: Duration = Duration::from_secs(60);

    /// What Prometheus' own reader makes of a text of metrics: `NAME{LABEL='VALUE',…} NUMBER`, one for each line, labels in
    /// the order of their names.
    const READ: &str = "
import sys
from prometheus_client.parser import text_fd_to_metric_families
for family in text_fd_to_metric_families(open(sys.argv[1], newline='\\n')):
    for sample in family.samples:
        labels = ','.join(f'{name}={value!r}' for name, value in sorted(sample.labels.items()))
        print(f'{sample.name}{{{labels}}} {sample.value:g}')
";

    /// The samples of a text of metrics; panics when it cannot be read.
    #[track_caller]
    pub fn metrics(text: &str) -> Vec<String> {
        let dir = super::open_folder();
        let file = dir.path().join("metrics");
        std::fs::write(&file, text).expect("a file for the metrics");
        let output = Running::spawn(command().args(["-c", READ]).arg(&file)).wait(LIMIT).expect_success().output;
        output.lines().map(str::to_owned).collect()
    }

    /// `schemathesis run DOCUMENT --url URL ARGS`: asks everything that an OpenAPI document describes, also with values
    /// that it does not allow, and compares the answers with it.
    pub fn schemathesis(document: &Path, url: &str, args: &[&str]) -> Running {
        let mut command = command();
        command.arg(super::fetched().join("python/bin/schemathesis")).arg("run").arg(document).args(["--url", url]);
        // It keeps what it learned beside it.
        Running::spawn(command.args(args).current_dir(document.parent().unwrap_or(document)))
    }

    /// `python3` with those packages.
    pub(crate) fn command() -> Command {
        let packages = super::fetched().join("python");
        assert!(packages.is_dir(), "no packages of Python: run scripts/test-deps, which fetches them");
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", packages);
        python
    }
}

/// Where `scripts/test-deps` puts what it fetches.
fn fetched() -> PathBuf {
    let exe = std::env::current_exe().expect("the path of the test");
    exe.ancestors().nth(3).expect("target/PROFILE/deps/TEST").join("test-deps")
}

fn recording(dir: &TempDir) -> PathBuf {
    dir.path().join("recorded.flv")
}

/// A folder that any user may write to.
fn open_folder() -> TempDir {
    let dir = TempDir::with_prefix("weir-e2e-").expect("a folder for the client");
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).expect("a folder open to all");
    dir
}
