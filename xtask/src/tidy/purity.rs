//! formats and protocols are pure: bytes and instants come in as arguments, values go out.

use super::mask::{code_without_tests, contains_path};
use super::{File, Violation};
use crate::workspace::Package;

/// The floors this holds for.
const PURE: [&str; 2] = ["crates/formats/", "crates/protocols/"];

/// Paths and calls that reach out of the process or read a clock, with what to do instead.
const FORBIDDEN: [(&str, &str); 12] = [
    ("std::fs", "IO belongs to core and above"),
    ("std::net", "addresses are in core::net, sockets belong to core"),
    ("std::env", "pass values as arguments"),
    ("std::process", "IO belongs to core and above"),
    ("std::thread", "sessions are values, threads belong to core"),
    ("std::os", "IO belongs to core and above"),
    ("std::io::stdin", "IO belongs to core and above"),
    ("std::io::stdout", "IO belongs to core and above"),
    ("Instant::now", "take the instant as an argument"),
    ("SystemTime::now", "take the time as an argument"),
    ("Timestamp::now", "take the time as an argument"),
    ("tokio", "runtimes belong to core and above"),
];

/// Method and macro calls of the same kind; matched as written.
const FORBIDDEN_CALLS: [(&str, &str); 4] = [
    (".elapsed()", "it reads the clock: take the instant as an argument"),
    ("println!", "return a value, the services log"),
    ("eprintln!", "return a value, the services log"),
    ("dbg!", "return a value, the services log"),
];

/// What `use std::{…}` may not list.
const STD_MODULES: [&str; 6] = ["fs", "net", "env", "process", "thread", "os"];

/// Crates that do IO, read clocks or run tasks, with everything named `CRATE-…`.
const IMPURE_CRATES: [&str; 14] = [
    "tokio",
    "mio",
    "socket2",
    "nix",
    "libc",
    "rustix",
    "hyper",
    "reqwest",
    "notify",
    "procfs",
    "async-std",
    "smol",
    "polling",
    "quinn-udp",
];

/// No dependency of any kind, dev included, may bring IO or a runtime to a pure floor.
pub(super) fn check_dependencies(package: &Package, manifest: &File, found: &mut Vec<Violation>) {
    if !PURE.iter().any(|floor| package.folder.starts_with(floor)) {
        return;
    }
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        if IMPURE_CRATES.iter().any(|impure| name == *impure || name.starts_with(&format!("{impure}-"))) {
            found.push(manifest.violation(
                manifest.line_of_key(name),
                format!("{} may not depend on {name}: it brings IO, a clock or a runtime", package.name),
            ));
        }
    }
}

/// Nor may its code, outside of tests, name anything that does.
pub(super) fn check_source(file: &File, found: &mut Vec<Violation>) {
    if !file.is_rust() || !PURE.iter().any(|floor| file.name.starts_with(floor)) || is_test_file(&file.name) {
        return;
    }
    let code = code_without_tests(&file.text);
    for (index, line) in code.lines().enumerate() {
        let mut report = |what: &str, instead: &str| {
            found.push(file.violation(index + 1, format!("`{what}` on a floor without IO and clocks: {instead}")));
        };
        for (path, instead) in FORBIDDEN.iter().filter(|(path, _)| contains_path(line, path)) {
            report(path, instead);
        }
        for (call, instead) in FORBIDDEN_CALLS.iter().filter(|(call, _)| contains_call(line, call)) {
            report(call, instead);
        }
    }
    for (offset, module) in grouped_std_imports(&code) {
        let line = code.get(..offset).map_or(0, |before| before.matches('\n').count()) + 1;
        found.push(file.violation(line, format!("`std::{{{module}}}` on a floor without IO and clocks")));
    }
}

/// `tests.rs` beside the code, anything below a `tests/` folder of the crate, benches and examples; and fuzz bodies,
/// which need an instant to start from and are called by fuzzers and tests only.
fn is_test_file(name: &str) -> bool {
    name.ends_with("/tests.rs")
        || name.ends_with("/fuzz.rs")
        || ["/tests/", "/benches/", "/examples/"].iter().any(|folder| name.contains(folder))
}

fn contains_call(line: &str, call: &str) -> bool {
    line.match_indices(call).any(|(at, _)| {
        let before = line.get(..at).and_then(|head| head.chars().next_back());
        call.starts_with('.') || !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The forbidden modules that a `std::{a, b::{c}}` group names at its top level, with the offset of the group.
fn grouped_std_imports(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, open) in code.match_indices("std::{") {
        let mut depth = 0_usize;
        let mut entry = String::new();
        for c in code.get(at + open.len()..).unwrap_or_default().chars() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => entry.push('\n'),
                c if depth == 0 && !c.is_whitespace() => entry.push(c),
                _ => {}
            }
        }
        let heads = entry.lines().filter_map(|entry| entry.split("::").next());
        found.extend(heads.filter(|head| STD_MODULES.contains(head)).map(|head| (at, head.to_owned())));
    }
    found
}
