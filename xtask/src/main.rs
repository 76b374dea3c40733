//! Chores of the repository that cargo and clippy cannot do: `cargo xtask` lists them.

mod contract;
mod fuzz;
mod tidy;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

const USAGE: &str = "\
usage: cargo xtask <chore>

  tidy                          floors, IO below core, names, layout: everything clippy cannot see
  contract [--from DIR] [--strict]
                                rows of the contract tables that no test names, and tests that name no row
  fuzz [--minutes N] [TARGET…]  runs the fuzz targets (all by default), N minutes each (1 by default)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("xtask: {e:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs one chore; `false` means that it worked and found something wrong.
fn run(args: &[String]) -> Result<bool> {
    match args.split_first().map(|(chore, rest)| (chore.as_str(), rest)) {
        Some(("tidy", [])) => tidy::run(),
        Some(("contract", rest)) => contract::run(rest),
        Some(("fuzz", rest)) => fuzz::run(rest),
        Some(("help" | "-h" | "--help", _)) => {
            print!("{USAGE}");
            Ok(true)
        }
        _ => {
            eprint!("{USAGE}");
            Ok(false)
        }
    }
}
