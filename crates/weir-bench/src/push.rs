//! `weir-bench push`: many publishers in real time.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use crate::media::Media;
use crate::options::Common;
use crate::swarm::{self, Job};
use crate::target::{Kind, Target, Template};

/// Publishes by RTMP in real time
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// rtmp://HOST[:PORT]/APP/STREAM; %d becomes the number of the client
    url: String,
    /// Publishers
    #[arg(short = 'n', long, default_value_t = 1)]
    clients: u32,
    /// The number of the first one
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// An FLV file to send in a loop, instead of the built-in 600 kb/s
    #[arg(long)]
    file: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// Publishes, then prints what was measured.
pub(crate) fn run(args: &Args) -> Result<()> {
    let media = Arc::new(match &args.file {
        Some(path) => Media::from_file(path)?,
        None => Media::synthetic(),
    });
    let targets = publish_targets(&args.url, args.first, args.clients)?;
    let jobs = targets.into_iter().map(|target| Job::Push { target, media: Arc::clone(&media), marked: false });
    args.common.print(&swarm::run(jobs.collect(), &args.common.schedule())?)
}

/// Targets that one can publish to.
pub(crate) fn publish_targets(url: &str, first: u32, count: u32) -> Result<Vec<Target>> {
    let targets = Template::parse(url)?.targets(first, count)?;
    if targets.iter().any(|target| matches!(target.kind, Kind::Http { .. })) {
        bail!("{url}: publish by rtmp://");
    }
    Ok(targets)
}
