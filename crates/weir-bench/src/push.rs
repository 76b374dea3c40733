//! `weir-bench push`: many publishers in real time.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, bail};
use clap::Args as ClapArgs;

use crate::media::Media;
use crate::options::Common;
use crate::packets::{Packets, Shape};
use crate::swarm::{self, Job};
use crate::target::{Kind, Target, Template};

/// Publishes by RTMP or WebRTC (WHIP) in real time
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// rtmp://HOST[:PORT]/APP/STREAM, or WHIP: http://HOST[:PORT]/…/whip/… or …/PATH/whip; %d becomes the number of the
    /// client
    url: String,
    /// Publishers
    #[arg(short = 'n', long, default_value_t = 1)]
    clients: u32,
    /// The number of the first one
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// RTMP: an FLV file to send in a loop, instead of the built-in 600 kb/s
    #[arg(long)]
    file: Option<PathBuf>,
    /// WebRTC over TCP, to the first candidate for it
    #[arg(long)]
    tcp: bool,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    common: Common,
}

/// Publishes, then prints what was measured.
pub(crate) fn run(args: &Args) -> Result<()> {
    let media = Arc::new(match &args.file {
        Some(path) => Media::from_file(path)?,
        None => Media::synthetic(),
    });
    let targets = publish_targets(Template::parse(&args.url)?.over_tcp(args.tcp), args.first, args.clients)?;
    let source = Source { media, packets: Arc::new(Packets::new(args.shape)) };
    let jobs = targets.into_iter().map(|target| source.job(target, false));
    args.common.print(&swarm::run(jobs.collect(), &args.common.schedule())?)
}

/// What publishers share, whatever they speak.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) media: Arc<Media>,
    pub(crate) packets: Arc<Packets>,
}

impl Source {
    /// What is built in.
    pub(crate) fn synthetic(shape: Shape) -> Self {
        Self { media: Arc::new(Media::synthetic()), packets: Arc::new(Packets::new(shape)) }
    }

    /// A publisher.
    pub(crate) fn job(&self, target: Target, marked: bool) -> Job {
        if let Kind::Rtc { .. } | Kind::Srtp = target.kind {
            return Job::Send { target, packets: Arc::clone(&self.packets), marked };
        }
        Job::Push { target, media: Arc::clone(&self.media), marked }
    }
}

/// Targets that one can publish to.
pub(crate) fn publish_targets(url: Template, first: u32, count: u32) -> Result<Vec<Target>> {
    let targets = url.targets(first, count)?;
    if targets.iter().any(|target| matches!(target.kind, Kind::Http { .. })) {
        bail!("publish by rtmp:// or WHIP");
    }
    Ok(targets)
}
