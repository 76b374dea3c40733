//! Segments of HLS out of memory beside nginx, which sends the same bytes from a file by sendfile; `wrk` asks for them.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::cases::{Lab, ROUNDS};
use super::servers::{Running, Server};
use crate::numbers;
use crate::packets::Shape;
use crate::push::{Source, publish_targets};
use crate::swarm::{self, Schedule, resolve};
use crate::target::Template;
use crate::usage::Sample;

/// Seconds of media in a segment: what low latency asks for, and what one is like at four times the rate.
pub(super) const LENGTHS: [u32; 2] = [2, 8];
/// Requests at a time, each on a connection of its own that is kept.
const CONNECTIONS: u32 = 16;
/// A response that does not come would stop everything.
const PATIENCE: Duration = Duration::from_secs(10);

/// How fast one segment was fetched over and over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fetched {
    /// Bytes of the segment.
    pub(super) len: usize,
    /// Responses a second.
    pub(super) rate: f64,
    /// How many they were.
    responses: f64,
    /// Processor time of the server.
    cpu: Duration,
}

impl Fetched {
    pub(super) fn cpu_per_gb(&self) -> Option<f64> {
        numbers::ratio(self.cpu.as_secs_f64(), self.responses * self.len as f64 / 1e9)
    }

    /// Cores of the server in use.
    pub(super) fn cores(&self) -> Option<f64> {
        numbers::ratio(self.cpu.as_secs_f64(), self.responses / self.rate)
    }
}

impl Lab {
    /// Fetches a segment of each length from both servers, in turn.
    pub(super) fn fetch_segments(&self) -> Result<BTreeMap<(Server, u32), Fetched>> {
        let mut fetched = BTreeMap::new();
        for seconds in LENGTHS {
            let weir = Server::WeirSegments(seconds);
            let server = self.programs.start(weir)?;
            let path = self.publish_segments(&server, seconds)?;
            let segment = get(server.http(), &path)?;
            let file = self.programs.folder.join("segment.ts");
            std::fs::write(&file, &segment).with_context(|| format!("cannot write {}", file.display()))?;
            let nginx = self.programs.start(Server::NginxFiles)?;
            ensure!(get(nginx.http(), "/segment.ts")? == segment, "nginx sends something else");
            let mut rounds: BTreeMap<Server, Vec<Fetched>> = BTreeMap::new();
            for _ in 0..if self.quick { 1 } else { ROUNDS } {
                for (kind, running, path) in [(Server::NginxFiles, &nginx, "/segment.ts"), (weir, &server, &*path)] {
                    let one = self.wrk(running, path, segment.len())?;
                    eprintln!(
                        "{}, {seconds} s: {:.0}/s, {} s/GB, {} of a core",
                        kind.name(),
                        one.rate,
                        numbers::three_digits(one.cpu_per_gb().unwrap_or(0.0)),
                        numbers::three_digits(one.cores().unwrap_or(0.0)),
                    );
                    rounds.entry(kind).or_default().push(one);
                }
            }
            for (kind, mut rounds) in rounds {
                rounds.sort_by(|a, b| a.rate.total_cmp(&b.rate));
                fetched.extend(rounds.get(rounds.len() / 2).map(|middle| ((kind, seconds), *middle)));
            }
        }
        Ok(fetched)
    }

    /// Publishes until there is a whole segment between two others; answers its path.
    fn publish_segments(&self, server: &Running, seconds: u32) -> Result<String> {
        let source = Source::synthetic(Shape::default());
        let targets = publish_targets(Template::parse(&server.rtmp_url("bench"))?, 0, 1)?.into_iter();
        let jobs = targets.map(|target| source.job(target, false)).collect();
        let duration = Duration::from_secs(u64::from(seconds) * 3 + 1);
        swarm::run(jobs, &Schedule { warm_up: Duration::ZERO, duration, ..self.schedule.clone() })?;
        ensure!(!swarm::interrupted(), "interrupted");
        let mut path = "/live/bench.m3u8".to_owned();
        // A playlist may be the way to another.
        for _ in 0..3 {
            let text = String::from_utf8_lossy(&get(server.http(), &path)?).into_owned();
            let uris: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
            let is_master = text.contains("#EXT-X-STREAM-INF");
            let uri = if is_master { uris.first() } else { uris.get(1) };
            path = resolve(&path, uri.with_context(|| format!("too little in {path}: {text}"))?);
            if !is_master {
                return Ok(path);
            }
        }
        bail!("one master playlist after the other")
    }

    fn wrk(&self, running: &Running, path: &str, len: usize) -> Result<Fetched> {
        ensure!(!swarm::interrupted(), "interrupted");
        let mut command = Command::new(&self.programs.wrk);
        command.args(["--threads", "1", "--connections", &CONNECTIONS.to_string(), "--duration"]);
        command.arg(format!("{}s", self.schedule.duration.as_secs())).arg(format!("http://{}{path}", running.http()));
        let before = Sample::take(running.pid())?;
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {command:?}"))?;
        let cpu = Sample::take(running.pid())?.since(&before).cpu.total;
        let text = String::from_utf8_lossy(&output.stdout);
        let (responses, rate) = read_wrk(&text)?;
        Ok(Fetched { len, rate, responses, cpu })
    }
}

/// Responses, and responses a second, as wrk tells them.
fn read_wrk(text: &str) -> Result<(f64, f64)> {
    for bad in ["Non-2xx", "Socket errors"] {
        ensure!(!text.contains(bad), "wrk saw errors:\n{text}");
    }
    let responses = text.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse::<f64>().ok());
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse::<f64>().ok());
    responses.zip(rate).filter(|(responses, _)| *responses > 0.0).with_context(|| format!("wrk says:\n{text}"))
}

/// The body at a path.
fn get(server: SocketAddr, path: &str) -> Result<Vec<u8>> {
    let mut socket = TcpStream::connect(server)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    write!(socket, "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")?;
    let mut response = Vec::new();
    socket.read_to_end(&mut response).with_context(|| format!("no answer to {path}"))?;
    let end =
        response.windows(4).position(|four| four == b"\r\n\r\n").with_context(|| format!("{path}: no response"))?;
    let body = response.split_off(end + 4);
    let status = String::from_utf8_lossy(&response);
    ensure!(status.split_whitespace().nth(1) == Some("200"), "{path}: {status}");
    Ok(body)
}

#[cfg(test)]
mod tests;
