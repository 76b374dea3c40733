//! `weir-bench delay`: how long a frame takes from its publisher to the players.

use std::sync::Arc;

use anyhow::{Result, ensure};
use clap::Args as ClapArgs;

use crate::media::Media;
use crate::options::Common;
use crate::push::publish_targets;
use crate::swarm::{self, Job};
use crate::target::Template;

/// Publishes marked frames and measures when players get them
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Where to publish: rtmp://HOST[:PORT]/APP/STREAM
    url: String,
    /// Where to play, if by another URL, such as http://HOST[:PORT]/APP/STREAM.flv
    #[arg(long)]
    play: Option<String>,
    /// Players
    #[arg(short = 'n', long, default_value_t = 200)]
    clients: u32,
    /// So many of them, spread over the others, measure; more would delay each other
    #[arg(long, default_value_t = 20)]
    parse: u32,
    /// Somebody else publishes marked frames: weir-bench floor does
    #[arg(long)]
    no_publish: bool,
    #[command(flatten)]
    common: Common,
}

/// Measures, then prints.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.parse > 0, "at least one player has to read the marks (--parse)");
    let publish = (!args.no_publish).then_some(args.url.as_str());
    let jobs = marked_jobs(publish, args.play.as_ref().unwrap_or(&args.url), args.clients, args.parse)?;
    args.common.print(&swarm::run(jobs, &args.common.schedule())?)
}

/// A publisher of marked frames, if it is to be, and `count` players, `parse` of which read the marks.
pub(crate) fn marked_jobs(publish: Option<&str>, play: &str, count: u32, parse: u32) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    if let Some(url) = publish {
        let media = Arc::new(Media::synthetic());
        let targets = publish_targets(url, 0, 1)?.into_iter();
        jobs.extend(targets.map(|target| Job::Push { target, media: Arc::clone(&media), marked: true }));
    }
    let targets = Template::parse(play)?.targets(0, count)?;
    let every = count.checked_div(parse.min(count)).unwrap_or(u32::MAX).max(1);
    jobs.extend(targets.into_iter().zip(0..).map(|(target, i): (_, u32)| {
        let parse = i.is_multiple_of(every) && i / every < parse;
        Job::Play { target, parse }
    }));
    Ok(jobs)
}
