//! Floors are folders: dependencies of every kind (normal, dev, build) point down.

use super::{File, Violation};
use crate::workspace::{Dependency, Package};

/// The floors below `crates/`, lowest first.
const FLOORS: [&str; 5] = ["formats", "protocols", "core", "services", "weir"];

/// Siblings of one floor that may see each other: each sees those before it. A floor that is not here has no such edge.
const RANKS: [(&str, &[&str]); 2] = [
    ("formats", &["base", "json", "codec", "audio", "flv", "mpegts", "mp4", "playlist", "rtp", "sdp"]),
    ("core", &["conf", "fetch", "hub", "admit", "bridge", "net", "httpd"]),
];

/// Where a package stands.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place<'a> {
    /// Index into `FLOORS`; `None` for what stands outside of the server (xtask, e2e, weir-bench).
    floor: Option<usize>,
    /// The last part of its folder.
    name: &'a str,
}

impl<'a> Place<'a> {
    fn of(folder: &'a str) -> Self {
        let name = folder.rsplit('/').next().unwrap_or(folder);
        let floor = match folder.strip_prefix("crates/").map(|rest| rest.split('/').collect::<Vec<_>>()) {
            Some(parts) if parts.len() == 2 => position(&FLOORS, parts[0]),
            Some(parts) if parts == ["weir"] => position(&FLOORS, "weir"),
            _ => None,
        };
        Self { floor, name }
    }

    fn title(self) -> String {
        match self.floor.map(|floor| FLOORS[floor]) {
            Some("weir") => "weir".to_owned(),
            Some(floor) => format!("{floor}/{}", self.name),
            None => format!("{} (outside of the server)", self.name),
        }
    }
}

/// Checks one package: its edges, its name, its lints.
pub(super) fn check(package: &Package, manifest: &File, found: &mut Vec<Violation>) {
    let place = Place::of(&package.folder);
    for dependency in &package.dependencies {
        if let Some(broken) = broken_edge(place, dependency) {
            found.push(manifest.violation(manifest.line_of_key(&dependency.name), broken));
        }
    }
    let expected = expected_name(place);
    if package.name != expected {
        found.push(manifest.violation(
            manifest.line_of_key("name"),
            format!("package `{}` stands in {}: name it `{expected}`", package.name, package.folder),
        ));
    }
    if !inherits_lints(&manifest.text) {
        found.push(manifest.violation(1, "does not inherit the workspace's lints: add `[lints] workspace = true`"));
    }
}

/// Why this edge is forbidden, if it is.
fn broken_edge(from: Place<'_>, dependency: &Dependency) -> Option<String> {
    let to = Place::of(dependency.folder.as_deref()?);
    let edge = format!("{} must not depend on {}", from.title(), to.title());
    match (from.floor, to.floor) {
        (None, _) => None,
        (Some(_), None) => Some(format!("{edge}: nothing in the server sees it")),
        (Some(from), Some(to)) if from < to => {
            Some(format!("{edge}: the edge goes up ({} → {})", FLOORS[from], FLOORS[to]))
        }
        (Some(floor), Some(to_floor)) if floor == to_floor => {
            broken_sibling(FLOORS[floor], from.name, to.name).map(|why| format!("{edge}: {why}"))
        }
        _ => None,
    }
}

fn broken_sibling(floor: &str, from: &str, to: &str) -> Option<String> {
    let Some((_, rank)) = RANKS.iter().find(|(name, _)| *name == floor) else {
        return Some(format!("the edge goes sideways, siblings in {floor} do not see each other"));
    };
    let order = rank.join(" < ");
    match (position(rank, from), position(rank, to)) {
        (Some(from), Some(to)) if to < from => None,
        (Some(_), Some(_)) => Some(format!("the rank is {order}")),
        _ => Some(format!("the rank ({order}) does not hold both, write it in xtask/src/tidy/floors.rs")),
    }
}

/// Folder name = package name, with `weir-` before it; sessions of a protocol carry `proto`, so that the service of
/// that protocol can have the plain name.
fn expected_name(place: Place<'_>) -> String {
    match place.floor.map(|floor| FLOORS[floor]) {
        Some("weir") => "weir".to_owned(),
        Some("protocols") => format!("weir-proto-{}", place.name),
        Some(_) => format!("weir-{}", place.name),
        None if place.name == "xtask" || place.name.starts_with("weir-") => place.name.to_owned(),
        None => format!("weir-{}", place.name),
    }
}

fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(|line| line.replace(' ', ""));
    if lines.clone().any(|line| line == "lints.workspace=true") {
        return true;
    }
    lines.any(|line| line == "[lints]")
        && lines.take_while(|line| !line.starts_with('[')).any(|l| l == "workspace=true")
}

fn position(list: &[&str], name: &str) -> Option<usize> {
    list.iter().position(|entry| *entry == name)
}
