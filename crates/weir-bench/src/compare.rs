//! `weir-bench compare`: weir, nginx-rtmp and the floor, one after the other on the same core with the same load.

mod cases;
mod document;
mod lines;
mod servers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args as ClapArgs;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use cases::Lab;
use servers::Cores;

/// Measures weir beside nginx-rtmp and the floor; writes tables and plots
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The server to measure
    #[arg(long, default_value = "target/release/weir")]
    weir: PathBuf,
    /// Debian's nginx, with libnginx-mod-rtmp
    #[arg(long, default_value = "/usr/sbin/nginx")]
    nginx: PathBuf,
    /// The module of libnginx-mod-rtmp
    #[arg(long, default_value = "/usr/lib/nginx/modules/ngx_rtmp_module.so")]
    nginx_module: PathBuf,
    /// Folder for performance.md (its part between the bench markers), performance.json and the plots
    #[arg(long)]
    out: Option<PathBuf>,
    /// Shorter runs and fewer of them: for trying out, not for quoting
    #[arg(long)]
    quick: bool,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// A line each second
    #[arg(short, long)]
    verbose: bool,
}

/// Measures everything, prints it, and writes it down if asked.
pub(crate) fn run(args: &Args) -> Result<()> {
    let lab = Lab::new(args, pick_cores()?)?;
    let findings = lab.measure()?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&findings.json())?);
    } else {
        println!("{}", findings.text());
    }
    match &args.out {
        Some(folder) => document::write(folder, &findings),
        None => Ok(()),
    }
}

/// A rival that was forgotten ends by itself.
const RIVAL_LIMIT: Duration = Duration::from_secs(300);

/// Uses up a core, so that half of it is left for the server that shares it.
pub(crate) fn be_a_rival() {
    let began = Instant::now();
    while began.elapsed() < RIVAL_LIMIT {
        std::hint::spin_loop();
    }
}

/// The first core for the server, the second one for the clients.
fn pick_cores() -> Result<Cores> {
    let allowed = sched_getaffinity(Pid::this()).context("cannot ask for cores")?;
    let mut cores = (0..CpuSet::count()).filter(|core| allowed.is_set(*core).unwrap_or(false));
    let server = cores.next().context("no core")?;
    let clients = cores.next();
    if clients.is_none() {
        eprintln!("one core only: server and clients share it, so the figures say little");
    }
    Ok(Cores { server, clients: clients.unwrap_or(server) })
}
