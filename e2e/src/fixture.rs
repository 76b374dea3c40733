//! The files that are pushed, made once by ffmpeg and kept beside the build.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use weir_codec::Codec;

use crate::clients::new_ffmpeg;
use crate::process::Running;

/// Seconds of media in each file.
pub const SECONDS: u64 = 10;
/// Pictures a second.
pub const FPS: u64 = 25;
/// Pictures from one key frame to the next: a second.
pub const GOP: u64 = 25;

/// How long the making may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Seconds of media in the files of [`coded`] and [`pair`].
pub const SHORT: u64 = 4;

/// H.264 with B frames and AAC in FLV.
pub fn h264_aac() -> PathBuf {
    made("h264-aac.flv", |file| make(file, &["-c:a", "aac"]))
}

/// H.264 with B frames and MP3 in FLV.
pub fn h264_mp3() -> PathBuf {
    made("h264-mp3.flv", |file| make(file, &["-c:a", "libmp3lame"]))
}

/// [`SHORT`] seconds of one codec, in FLV; of VP8, which ffmpeg does not put there, in IVF. Pictures have a key frame each
/// second.
pub fn coded(codec: Codec) -> PathBuf {
    let extension = if codec == Codec::Vp8 { "ivf" } else { "flv" };
    made(&format!("{}.{extension}", codec.label()), |file| encode(file, codec, "320x180"))
}

/// As [`coded`], in pictures of another size.
pub fn coded_larger(codec: Codec) -> PathBuf {
    made(&format!("{}-larger.flv", codec.label()), |file| encode(file, codec, "480x270"))
}

/// Pictures of one codec with the sound of another, in FLV.
pub fn pair(video: Codec, audio: Codec) -> PathBuf {
    mixed(&format!("{}-{}.flv", video.label(), audio.label()), &coded(video), &coded(audio))
}

/// The pictures of one file with the sound of another, in the container that the name says.
pub fn mixed(name: &str, video: &Path, audio: &Path) -> PathBuf {
    made(name, |file| {
        let [video, audio] = [video, audio].map(Path::to_string_lossy);
        new_ffmpeg::make(file, &["-i", &video, "-i", &audio, "-map", "0", "-map", "1", "-c", "copy"]);
    })
}

/// The same pictures in large and small, with H.264 of 1500 and 250 kb/s and AAC in FLV. Key frames are at the same times.
pub fn two_sizes() -> [PathBuf; 2] {
    let sized = |name, filter, rate| {
        let coding = ["-c:a", "aac", "-vf", filter, "-b:v", rate, "-maxrate", rate, "-bufsize", rate];
        made(name, |file| make(file, &coding))
    };
    let large = sized("large.flv", "scale=640:360,noise=alls=30:allf=t", "1500k");
    [large, sized("small.flv", "noise=alls=30:allf=t,scale=320:180", "250k")]
}

fn made(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    // Threads of one process take turns; another process at the same work renames the same content.
    static TURN: Mutex<()> = Mutex::new(());
    let file = folder().join(name);
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !file.is_file() {
        let unfinished = folder().join(format!("{}-{name}", std::process::id()));
        make(&unfinished);
        std::fs::rename(&unfinished, &file).expect("a finished fixture");
    }
    file
}

fn encode(file: &Path, codec: Codec, size: &str) {
    let (source, coding) = if codec.is_audio() {
        ("sine=frequency=440:sample_rate=48000".to_owned(), "-ac 2")
    } else {
        (format!("testsrc2=size={size}:rate={FPS}"), "-pix_fmt yuv420p -g 25")
    };
    let seconds = SHORT.to_string();
    let mut args = vec!["-f", "lavfi", "-i", &source, "-t", &seconds];
    args.extend(coding.split(' ').chain(encoder(codec).split(' ')));
    if codec == Codec::Vp9 {
        // Once through the muxer: it makes a record that is not the encoder's, and keeps that.
        let first = file.with_extension("first.flv");
        new_ffmpeg::make(&first, &args);
        args = vec!["-i", first.to_str().expect("a path of ours"), "-c", "copy"];
        new_ffmpeg::make(file, &args);
        let _ = std::fs::remove_file(&first);
    } else {
        new_ffmpeg::make(file, &args);
    }
}

/// How ffmpeg makes a codec, fast.
pub fn encoder(codec: Codec) -> &'static str {
    match codec {
        Codec::H264 => "-c:v libx264 -preset veryfast -bf 2 -sc_threshold 0",
        Codec::H265 => {
            "-c:v libx265 -preset ultrafast \
             -x265-params log-level=error:bframes=2:keyint=25:min-keyint=25:scenecut=0:open-gop=0"
        }
        Codec::Av1 => "-c:v libsvtav1 -preset 12 -svtav1-params lp=1",
        Codec::Vp9 => "-c:v libvpx-vp9 -deadline realtime -cpu-used 8",
        Codec::Vp8 => "-c:v libvpx -deadline realtime -cpu-used 8",
        Codec::Aac => "-c:a aac",
        Codec::Mp3 => "-c:a libmp3lame",
        Codec::Opus => "-c:a libopus",
        Codec::Flac => "-c:a flac -sample_fmt s16",
        Codec::Ac3 => "-c:a ac3",
        Codec::Eac3 => "-c:a eac3",
        other => panic!("no encoder for {}", other.label()),
    }
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
