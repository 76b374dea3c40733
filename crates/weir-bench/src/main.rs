//! Load for live servers: players and publishers by the thousand on one core, delay, the floor of the machine, and
//! servers side by side.
#![forbid(unsafe_code)]

mod compare;
mod delay;
mod floor;
mod media;
mod numbers;
mod options;
mod packets;
mod play;
mod plot;
mod push;
mod srtp;
mod swarm;
mod table;
mod target;
mod usage;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Load for live servers: players and publishers by the thousand on one core.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Play(play::Args),
    Push(push::Args),
    Delay(delay::Args),
    Floor(floor::Args),
    Compare(compare::Args),
    /// Uses up a core, for as long as one search takes at most: what `compare` takes away from a server
    #[command(hide = true)]
    Rival,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    raise_open_files().context("cannot raise the limit of open files")?;
    if !matches!(cli.command, Command::Floor(_) | Command::Rival) {
        swarm::heed_interrupts()?;
    }
    match cli.command {
        Command::Play(args) => play::run(&args),
        Command::Push(args) => push::run(&args),
        Command::Delay(args) => delay::run(&args),
        Command::Floor(args) => floor::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Rival => {
            compare::be_a_rival();
            Ok(())
        }
    }
}

/// Each client is an open file.
fn raise_open_files() -> Result<()> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft < hard {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    }
    Ok(())
}
