//! Copies the pages that `make web` built to where the crate embeds them from. There may be none: weir builds without
//! Node, and then serves a page that says what is missing.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = |name| env::var_os(name).map(PathBuf::from).ok_or_else(|| io::Error::other(format!("no {name}")));
    let web = folder("CARGO_MANIFEST_DIR")?.join("../../../web");
    let (from, to) = (web.join("dist"), folder("OUT_DIR")?.join("dist"));
    // A file that is not there would have cargo build this crate anew each time.
    let watched = if from.exists() { &from } else { &web };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=build.rs");
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    fs::create_dir_all(&to)?;
    // Without its first page the rest is what a failed build left.
    if from.join("index.html").exists() { copy(&from, &to) } else { Ok(()) }
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
