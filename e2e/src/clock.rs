//! A publisher whose pictures carry the time at which they were made, so that whoever sees one knows how old it is.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::clients::new_ffmpeg;

const WIDTH: usize = 320;
const HEIGHT: usize = 192;
const FPS: u32 = 25;
/// The 32 bits of the time are blocks in so many columns and rows, the highest first. A row of colours is below.
const COLUMNS: usize = 8;
const CLOCK_ROWS: usize = 4;

/// ffmpeg, fed with pictures in real time. Dropping it ends it.
#[derive(Debug)]
pub struct ClockPublisher {
    ffmpeg: Child,
    stop: Arc<AtomicBool>,
}

impl ClockPublisher {
    /// Pushes H.264 without B frames and AAC by RTMP, a key frame each second.
    pub fn start(url: &str) -> Self {
        let mut command = Command::new("ffmpeg");
        Self::spawn(input(&mut command).args("-c:a aac -b:a 64k -f flv".split(' ')).arg(url))
    }

    /// Pushes H.264 without B frames and Opus by WHIP, a key frame each second. The token goes with the call, unless it is
    /// empty.
    pub fn whip(url: &str, token: &str) -> Self {
        let mut command = Command::new(new_ffmpeg::program());
        input(&mut command).args("-profile:v baseline -c:a libopus -ac 2 -b:a 64k -f whip".split(' '));
        if !token.is_empty() {
            command.args(["-authorization", token]);
        }
        Self::spawn(command.arg(url))
    }

    /// Whether it still publishes.
    pub fn is_running(&mut self) -> bool {
        matches!(self.ffmpeg.try_wait(), Ok(None))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut ffmpeg = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("ffmpeg starts");
        let mut input = ffmpeg.stdin.take().expect("a pipe to ffmpeg");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        std::thread::spawn(move || {
            let start = Instant::now();
            for at in 0.. {
                let due = start + Duration::from_secs(1) / FPS * at;
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                // It ends when ffmpeg does.
                if stopped.load(Ordering::Relaxed) || input.write_all(&picture(now_millis())).is_err() {
                    return;
                }
            }
        });
        Self { ffmpeg, stop }
    }
}

impl Drop for ClockPublisher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.ffmpeg.kill();
        let _ = self.ffmpeg.wait();
    }
}

/// Milliseconds of the machine's clock, modulo 2^32, as the browser's `Date.now()` has them.
fn now_millis() -> u32 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u32)
}

/// ffmpeg, which reads our pictures and makes a tone, up to the coding of the pictures.
fn input(ffmpeg: &mut Command) -> &mut Command {
    ffmpeg.args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", &format!("{WIDTH}x{HEIGHT}")]);
    ffmpeg.args(["-use_wallclock_as_timestamps", "1", "-r", &FPS.to_string(), "-i", "-"]);
    ffmpeg.args(["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]);
    ffmpeg.args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]);
    ffmpeg.args(["-g", &FPS.to_string()])
}

/// The picture of `browser/picture.js`, in RGB.
fn picture(millis: u32) -> Vec<u8> {
    let colour = |row: usize, column: usize| match row {
        CLOCK_ROWS => [2, 1, 0].map(|bit| full(column >> bit & 1 == 1)),
        _ => [full(millis >> (31 - row * COLUMNS - column) & 1 == 1); 3],
    };
    let line = |row: usize| (0..WIDTH).flat_map(move |x| colour(row, x * COLUMNS / WIDTH)).collect::<Vec<u8>>();
    let lines: Vec<Vec<u8>> = (0..=CLOCK_ROWS).map(line).collect();
    (0..HEIGHT).flat_map(|y| lines.get(y * lines.len() / HEIGHT)).flatten().copied().collect()
}

fn full(is_on: bool) -> u8 {
    if is_on { 255 } else { 0 }
}
