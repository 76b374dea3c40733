//! `cargo xtask fuzz`: every fuzz target in turn, for a bounded time each.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// Where a target stops, however many minutes are asked: a leak shows long before.
const MEMORY_LIMIT_MIB: u32 = 2048;
/// A body that takes longer than this on one input counts as a hang.
const HANG_SECONDS: u32 = 10;

/// Runs the named targets, or all of them; `false` when one of them found something.
pub(crate) fn run(args: &[String]) -> Result<bool> {
    let Plan { minutes, mut targets } = parse(args)?;
    if targets.is_empty() {
        targets = all_targets()?;
    }
    let mut broken = Vec::new();
    for (i, target) in targets.iter().enumerate() {
        println!("== {target} ({}/{}), {minutes} min", i + 1, targets.len());
        if !run_one(target, minutes)? {
            broken.push(target.as_str());
        }
    }
    if broken.is_empty() {
        println!("== {} targets clean", targets.len());
    } else {
        println!("== found something: {} (inputs in fuzz/artifacts/)", broken.join(", "));
    }
    Ok(broken.is_empty())
}

#[derive(Debug, PartialEq)]
struct Plan {
    minutes: u32,
    targets: Vec<String>,
}

fn parse(args: &[String]) -> Result<Plan> {
    let mut plan = Plan { minutes: 1, targets: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--minutes" => {
                let value = args.next().context("--minutes needs a number")?;
                plan.minutes = value.parse().with_context(|| format!("--minutes {value}: not a number"))?;
            }
            option if option.starts_with('-') => bail!("unknown option {option}"),
            target => plan.targets.push(target.to_owned()),
        }
    }
    Ok(plan)
}

fn all_targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/fuzz_targets");
    let mut targets = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            targets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    targets.sort();
    Ok(targets)
}

fn run_one(target: &str, minutes: u32) -> Result<bool> {
    // `+nightly` is understood by rustup's cargo only, not by the one that `CARGO` names here.
    let status = Command::new("cargo")
        .current_dir(workspace::root())
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .args(["+nightly", "fuzz", "run", target, "--"])
        .arg(format!("-max_total_time={}", u64::from(minutes) * 60))
        .arg(format!("-rss_limit_mb={MEMORY_LIMIT_MIB}"))
        .arg(format!("-timeout={HANG_SECONDS}"))
        .arg("-print_final_stats=1")
        .status()
        .context("cannot start cargo: is rustup's cargo on the path?")?;
    Ok(status.success())
}

#[cfg(test)]
mod tests;
