//! `weir-bench play`: many players of streams that somebody else publishes.

use anyhow::Result;
use clap::Args as ClapArgs;

use crate::options::Common;
use crate::swarm::{self, Job};
use crate::target::Template;

/// Plays by RTMP, HTTP (FLV, TS, any endless body), HLS (.m3u8, low latency where the server can) or WebRTC (WHEP)
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// rtmp://HOST[:PORT]/APP/STREAM, http://HOST[:PORT]/PATH.flv, or WHEP: http://HOST[:PORT]/…/whep/… or …/PATH/whep; %d
    /// becomes the number of the client
    url: String,
    /// Players
    #[arg(short = 'n', long, default_value_t = 1)]
    clients: u32,
    /// The number of the first one
    #[arg(long, default_value_t = 0)]
    first: u32,
    /// So many of them read every frame instead of dropping bytes
    #[arg(long, default_value_t = 0)]
    parse: u32,
    /// WebRTC over TCP, to the first candidate for it
    #[arg(long)]
    tcp: bool,
    #[command(flatten)]
    common: Common,
}

/// Plays, then prints what was measured.
pub(crate) fn run(args: &Args) -> Result<()> {
    let targets = Template::parse(&args.url)?.over_tcp(args.tcp).targets(args.first, args.clients)?;
    let jobs = targets.into_iter().zip(0..).map(|(target, i)| Job::Play { target, parse: i < args.parse }).collect();
    args.common.print(&swarm::run(jobs, &args.common.schedule())?)
}
