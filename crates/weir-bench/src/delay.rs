//! `weir-bench delay`: how long a frame takes from its publisher to the players.

use anyhow::{Result, ensure};
use clap::Args as ClapArgs;

use crate::options::Common;
use crate::packets::Shape;
use crate::push::{Source, publish_targets};
use crate::swarm::{self, Job, Schedule};
use crate::target::Template;

/// Publishes marked frames and measures when players get them
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Where to publish: rtmp://HOST[:PORT]/APP/STREAM, or WHIP: http://HOST[:PORT]/…/whip/…
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
    /// So many more players come while it is measured
    #[arg(long, default_value_t = 0)]
    late: u32,
    /// Of them each second
    #[arg(long, default_value_t = 100)]
    late_ramp: u32,
    /// WebRTC over TCP, to the first candidate for it
    #[arg(long)]
    tcp: bool,
    #[command(flatten)]
    shape: Shape,
    #[command(flatten)]
    common: Common,
}

/// Measures, then prints.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.parse > 0, "at least one player has to read the marks (--parse)");
    let parse = |url: &str| Ok::<_, anyhow::Error>(Template::parse(url)?.over_tcp(args.tcp));
    let publish = if args.no_publish { None } else { Some(parse(&args.url)?) };
    let play = parse(args.play.as_ref().unwrap_or(&args.url))?;
    let source = Source::synthetic(args.shape);
    let mut jobs = marked_jobs(&source, publish, play.clone(), args.clients, args.parse)?;
    let late = play.targets(args.clients, args.late)?;
    jobs.extend(late.into_iter().map(|target| Job::Play { target, parse: false }));
    let schedule = Schedule { late: args.late as usize, late_ramp: args.late_ramp, ..args.common.schedule() };
    args.common.print(&swarm::run(jobs, &schedule)?)
}

/// A publisher of marked frames, if it is to be, and `count` players, `parse` of which read the marks.
pub(crate) fn marked_jobs(
    source: &Source,
    publish: Option<Template>,
    play: Template,
    count: u32,
    parse: u32,
) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    if let Some(url) = publish {
        jobs.extend(publish_targets(url, 0, 1)?.into_iter().map(|target| source.job(target, true)));
    }
    let targets = play.targets(0, count)?;
    let every = count.checked_div(parse.min(count)).unwrap_or(u32::MAX).max(1);
    jobs.extend(targets.into_iter().zip(0..).map(|(target, i): (_, u32)| {
        let parse = i.is_multiple_of(every) && i / every < parse;
        Job::Play { target, parse }
    }));
    Ok(jobs)
}
