//! Copies the pages that `make web` built to where the crate embeds them from. There may be none: weir builds without
//! Node, and then serves a page that says what is missing.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("no {name}")));
    let web = folder("CARGO_MANIFEST_DIR")?.join("../../../web");
    let (from, to) = (web.join("dist"), folder("OUT_DIR")?.join("dist"));
    // A file that is not there would have cargo build this crate anew each time.
    let watched = if from.exists() { &from } else { &web };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=build.rs");
    let sources = web.join("src");
    println!("cargo:rerun-if-changed={}", sources.display());
    let built = from.join("index.html").metadata().and_then(|page| page.modified());
    if built.is_ok_and(|built| newest(&sources).is_ok_and(|changed| changed > built)) {
        println!("cargo:warning=the pages in web/dist are older than web/src: make web builds them anew");
    }
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    fs::create_dir_all(&to)?;
    // Without its first page the rest is what a failed build left.
    if from.join("index.html").exists() { copy(&from, &to) } else { Ok(()) }
}

/// When a file in a folder changed last.
fn newest(folder: &Path) -> io::Result<SystemTime> {
    fs::read_dir(folder)?.try_fold(SystemTime::UNIX_EPOCH, |last, entry| {
        let entry = entry?;
        let is_folder = entry.file_type()?.is_dir();
        Ok(last.max(if is_folder { newest(&entry.path())? } else { entry.metadata()?.modified()? }))
    })
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
