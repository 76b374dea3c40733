//! Where things stand and how long they are, and what may not be written down anywhere.

use super::mask::contains_path;
use super::{File, Violation};

/// Longer files are more than one idea; the middle is about 150.
const MAX_LINES: usize = 900;
/// Flat tables read well at any length.
const FLAT_TABLES: [&str; 2] = ["crates/core/conf/src/table/root.rs", "crates/core/conf/src/table/vhost.rs"];

/// Marks of unfinished work. Written in halves, so that this file does not break its own rule.
const UNFINISHED: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
/// Folders of one machine.
const MACHINE_PATHS: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
/// Hosts of package registries: which one is used is a setting of the machine.
const REGISTRY_HOSTS: [&str; 9] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("registry.npmjs", ".org"),
    concat!("registry.yarnpkg", ".com"),
    concat!("deb.debian", ".org"),
    concat!("security.debian", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("sparse+", "http"),
];
/// Files that tools write; fuzz inputs, which hold anything.
const NOT_OURS: [&str; 3] = ["Cargo.lock", "fuzz/Cargo.lock", "fuzz/corpus/"];

/// A library or binary opens with what it is for.
pub(super) fn check_crate_docs(crate_root: &File, found: &mut Vec<Violation>) {
    if !crate_root.text.trim_start().starts_with("//!") {
        found.push(crate_root.violation(1, "a crate opens with `//!` and what it is for"));
    }
}

/// Checks one text file of any kind.
pub(super) fn check(file: &File, found: &mut Vec<Violation>) {
    if NOT_OURS.iter().any(|name| file.name == *name || (name.ends_with('/') && file.name.starts_with(name))) {
        return;
    }
    check_lines(file, found);
    if !file.is_rust() {
        return;
    }
    if file.name.ends_with("/mod.rs") {
        found.push(file.violation(1, "no mod.rs: write foo.rs beside foo/"));
    }
    let lines = file.text.lines().count();
    if lines > MAX_LINES && !FLAT_TABLES.contains(&file.name.as_str()) {
        found.push(file.violation(MAX_LINES + 1, format!("{lines} lines, {MAX_LINES} at most: split it by idea")));
    }
}

fn check_lines(file: &File, found: &mut Vec<Violation>) {
    for (index, line) in file.text.lines().enumerate() {
        let mut report = |message: String| found.push(file.violation(index + 1, message));
        if file.is_rust() {
            for mark in UNFINISHED.iter().filter(|mark| contains_path(line, mark)) {
                report(format!("{mark}: finish it or write an issue"));
            }
        }
        for path in MACHINE_PATHS.iter().filter(|path| names_machine_path(line, path)) {
            report(format!("{path} is a folder of one machine"));
        }
        for host in REGISTRY_HOSTS.iter().filter(|host| line.contains(**host)) {
            report(format!("{host} is the host of a registry: name the package only"));
        }
    }
}

/// An absolute path, not the middle of a longer one.
fn names_machine_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "._-]}$~".contains(c))
    })
}
