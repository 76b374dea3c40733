//! Child processes: exec, ingest, transcode.

use crate::lookup::{Scope, Value};
use crate::model::HlsGroup;
use crate::model::section::Section;

section! {
    /// Commands that run with a stream, each as its words.
    Exec { enabled: bool, publish: Vec<Vec<String>> }
}

impl Value for Vec<Vec<String>> {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        scope.occurrences(name)
    }
}

section! {
    /// A stream pulled in by ffmpeg. Without an enabled engine the codecs are copied.
    Ingest [
        /// Unique in the vhost.
        id
    ] { enabled: bool, input: IngestInput, ffmpeg: String, engine: Vec<Engine> }
}

section! {
    /// What is pulled in.
    IngestInput { kind = "type": InputKind, url: String }
}

words! {
    /// Where an input comes from.
    InputKind {
        /// A file, read at its own pace.
        File = "file",
        /// A stream.
        Stream = "stream",
    } else File
}

section! {
    /// ffmpeg on published streams.
    Transcode [
        /// Empty for every stream of the vhost, else an app or `app/stream`.
        scope
    ] { enabled: bool, ffmpeg: String, engine: Vec<Engine> }
}

section! {
    /// One ffmpeg and its output (protocols.md §11). Bit rates are kbit/s; 0 means not given.
    Engine [
        /// For `[engine]` in the output, and the log.
        name
    ] {
        enabled: bool,
        perfile: Vec<OptionLine>,
        iformat: String,
        vfilter: Vec<OptionLine>,
        vcodec: String,
        vbitrate: i64,
        vfps: f64,
        vwidth: i64,
        vheight: i64,
        vthreads: i64,
        vprofile: String,
        vpreset: String,
        vparams: Vec<OptionLine>,
        acodec: String,
        abitrate: i64,
        asample_rate: i64,
        achannels: i64,
        aparams: Vec<OptionLine>,
        oformat: String,
        output: String,
    }
}

/// `name args…` of `perfile`, `vfilter`, `vparams` or `aparams`: becomes `-name args…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionLine {
    /// The option without its dash.
    pub name: String,
    /// Its words.
    pub args: Vec<String>,
}

impl Value for Vec<OptionLine> {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let line = |(name, args)| OptionLine { name, args };
        scope.block(name).lines().into_iter().map(line).collect()
    }
}

/// Every block of that name, in order.
macro_rules! blocks {
    ($($section:ident),*) => {$(
        impl Value for Vec<$section> {
            fn read(scope: &Scope<'_>, name: &str) -> Self {
                scope.blocks(name).map(|block| $section::read_section(&block)).collect()
            }
        }
    )*};
}

blocks!(Engine, HlsGroup, Ingest, Transcode);
