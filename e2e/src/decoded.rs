//! Media as a decoder sees it, to compare files of different containers.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::Running;

/// How long ffmpeg may decode one file.
const LIMIT: Duration = Duration::from_secs(60);

/// What a decoder makes of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// MD5 of each picture, in the order in which they are shown.
    pub pictures: Vec<String>,
    /// MD5 of each packet of sound, without what its container put around it.
    pub sounds: Vec<String>,
}

impl Decoded {
    /// Reads a file with ffmpeg.
    #[track_caller]
    pub fn of(file: &Path) -> Self {
        Self { pictures: hashes(file, &["-an"]), sounds: sounds(file) }
    }

    /// Panics unless both have the same pictures and sounds. `path` is how they came.
    #[track_caller]
    pub fn assert_same(&self, path: &str, received: &Self) {
        for (what, sent, received) in
            [("picture", &self.pictures, &received.pictures), ("sound", &self.sounds, &received.sounds)]
        {
            let same = sent.iter().zip(received).take_while(|(sent, received)| sent == received).count();
            assert_eq!(
                same,
                sent.len(),
                "{path}: {what} {same} of {} is another ({} received)",
                sent.len(),
                received.len()
            );
            assert_eq!(sent.len(), received.len(), "{path}: number of {what}s");
        }
    }
}

fn sounds(file: &Path) -> Vec<String> {
    let copy = ["-vn", "-c", "copy"];
    let bare = [&copy[..], &["-bsf:a", "aac_adtstoasc"]].concat();
    // The filter takes no other codec than AAC.
    match hashes(file, &bare) {
        sounds if sounds.is_empty() => hashes(file, &copy),
        sounds => sounds,
    }
}

fn hashes(file: &Path, output: &[&str]) -> Vec<String> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "quiet", "-nostdin", "-i"]).arg(file).args(output).args(["-f", "framemd5", "-"]);
    let ended = Running::spawn(&mut ffmpeg).wait(LIMIT);
    let lines = ended.output.lines().filter(|line| !line.starts_with('#'));
    // Stream, times, length and size stand before it; what the container added to the packet behind it.
    lines.filter_map(|line| line.split(',').nth(5)).map(|hash| hash.trim().to_owned()).collect()
}
