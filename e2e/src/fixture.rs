//! The files that are pushed, made once by ffmpeg and kept beside the build.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use crate::process::Running;

/// Seconds of media in each file.
pub const SECONDS: u64 = 10;
/// Pictures a second.
pub const FPS: u64 = 25;
/// Pictures from one key frame to the next: a second.
pub const GOP: u64 = 25;

/// How long the making may take.
const LIMIT: Duration = Duration::from_secs(60);

/// H.264 with B frames and AAC in FLV.
pub fn h264_aac() -> PathBuf {
    made("h264-aac.flv", &["-c:a", "aac"])
}

/// H.264 with B frames and MP3 in FLV.
pub fn h264_mp3() -> PathBuf {
    made("h264-mp3.flv", &["-c:a", "libmp3lame"])
}

fn made(name: &str, audio: &[&str]) -> PathBuf {
    // Threads of one process take turns; another process at the same work renames the same content.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let file = folder().join(name);
    if !file.is_file() {
        let unfinished = folder().join(format!("{}-{name}", std::process::id()));
        make(&unfinished, audio);
        std::fs::rename(&unfinished, &file).expect("a finished fixture");
    }
    file
}

fn make(file: &Path, audio: &[&str]) {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y"]);
    ffmpeg.args(["-f", "lavfi", "-i", &format!("testsrc2=size=320x180:rate={FPS}")]);
    ffmpeg.args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]);
    ffmpeg.args(["-t", &SECONDS.to_string(), "-pix_fmt", "yuv420p"]);
    ffmpeg.args(["-c:v", "libx264", "-preset", "veryfast", "-bf", "2"]);
    ffmpeg.args(["-g", &GOP.to_string(), "-sc_threshold", "0"]);
    ffmpeg.args(audio).args(["-ac", "2", "-b:a", "64k"]).arg(file);
    Running::spawn(&mut ffmpeg).wait(LIMIT).expect_success();
}

/// Beside the test binaries: `target/PROFILE/e2e-fixtures`.
fn folder() -> PathBuf {
    let exe = std::env::current_exe().expect("the path of the test");
    let folder = exe.ancestors().nth(2).expect("target/PROFILE/deps/TEST").join("e2e-fixtures");
    std::fs::create_dir_all(&folder).expect("a folder for the fixtures");
    folder
}
