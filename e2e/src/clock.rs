//! A publisher whose pictures carry the time at which they were made, so that whoever sees one knows how old it is.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const WIDTH: usize = 320;
const HEIGHT: usize = 192;
const FPS: u32 = 25;
/// The 32 bits of the time are blocks in so many columns and rows, the highest first.
const COLUMNS: usize = 8;
const ROWS: usize = 4;

/// ffmpeg, fed with pictures in real time. Dropping it ends it.
#[derive(Debug)]
pub struct ClockPublisher {
    ffmpeg: Child,
    stop: Arc<AtomicBool>,
}

impl ClockPublisher {
    /// Pushes H.264 without B frames and AAC, a key frame each second.
    pub fn start(url: &str) -> Self {
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", &format!("{WIDTH}x{HEIGHT}")]);
        command.args(["-use_wallclock_as_timestamps", "1", "-r", &FPS.to_string(), "-i", "-"]);
        command.args(["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]);
        command.args(["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p"]);
        command.args(["-g", &FPS.to_string(), "-c:a", "aac", "-b:a", "64k", "-f", "flv", url]);
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

fn picture(millis: u32) -> Vec<u8> {
    let block = |x: usize, y: usize| y * ROWS / HEIGHT * COLUMNS + x * COLUMNS / WIDTH;
    let shade = |bit: usize| if millis >> (31 - bit) & 1 == 1 { 235 } else { 16 };
    (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| shade(block(x, y)))).collect()
}
