//! `weir-bench compare`: weir beside what it is measured by, one after the other on the same core with the same load.

mod bars;
mod cases;
mod document;
mod lines;
mod segments;
mod servers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Args as ClapArgs, ValueEnum};
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

use cases::{Case, Lab};
use servers::Cores;

/// Measures weir beside nginx-rtmp, nginx, the floor and itself; writes tables and plots
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
    /// Fetches segments
    #[arg(long, default_value = "/usr/bin/wrk")]
    wrk: PathBuf,
    /// This case alone, and no other tables than its own are written; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Case>,
    /// Folder for performance.md (its parts between the bench markers), performance.json and the plots
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

/// Measures every case, prints what comes of it, and writes it down if asked. Fails when something was not measured; then
/// the tables of that case stay as they are.
pub(crate) fn run(args: &Args) -> Result<()> {
    let cases = if args.only.is_empty() { Case::value_variants() } else { &args.only };
    let lab = Lab::new(args, cases, pick_cores()?)?;
    let mut void = Vec::new();
    let mut found = serde_json::Map::new();
    for case in cases.iter().copied() {
        if let Some(missing) = lab.missing(case) {
            ensure!(args.only.is_empty(), "{missing}");
            eprintln!("{} is left out: {missing}", case.name());
            continue;
        }
        let findings = lab.measure(case)?;
        if args.json {
            found.insert(case.name(), findings.json());
        } else {
            println!("{}", findings.text());
        }
        void.extend(findings.void.iter().map(|what| format!("{}: {what}", case.name())));
        if let Some(folder) = args.out.as_ref().filter(|_| findings.void.is_empty()) {
            document::write(folder, &findings)?;
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    }
    ensure!(void.is_empty(), "not measured: {}", void.join("; "));
    Ok(())
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
