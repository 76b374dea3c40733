//! Publishers and players of WebRTC.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clients::python;
use crate::load::eventually_by_load;
use crate::process::Running;
use crate::{Server, browser, signal};

/// How long something may take that a test waits for on a calm machine: several connections, and the media after them.
const PATIENCE: Duration = Duration::from_secs(60);
/// What publishers sound like, in Hz, and how well that is heard.
const PITCH: std::ops::RangeInclusive<f64> = 420.0..=460.0;

/// A publisher on this server; `more` is what `browser/rtc.mjs` says of it.
pub fn publisher(server: &Server, stream: &str, more: Value) -> Value {
    peer(server, "publish", stream, more)
}

/// A player on this server; `more` is what `browser/rtc.mjs` says of it.
pub fn player(server: &Server, stream: &str, more: Value) -> Value {
    peer(server, "play", stream, more)
}

fn peer(server: &Server, role: &str, stream: &str, more: Value) -> Value {
    let api = format!("http://127.0.0.1:{}", server.port("api"));
    let mut peer = json!({ "role": role, "api": api, "stream": stream });
    if let (Some(peer), Value::Object(more)) = (peer.as_object_mut(), more) {
        peer.extend(more);
    }
    peer
}

/// An offer of Chromium to publish (or to play, the other way round): enough to be answered.
pub fn offer(direction: &str) -> String {
    let media = |kind: &str, number: u8, codec: &str| {
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {number}\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:kxGf\r\n\
             a=ice-pwd:9TqRrH6ZfVw3m8kd1XcLyB5s\r\na=ice-options:trickle\r\na=fingerprint:sha-256 {}\r\na=setup:actpass\r\n\
             a=mid:{kind}\r\na={direction}\r\na=msid:- {kind}\r\na=rtcp-mux\r\na=rtpmap:{number} {codec}\r\n\
             a=ssrc:{number} cname:x\r\na=ssrc:{number} msid:- {kind}\r\n",
            ["AB"; 32].join(":")
        )
    };
    format!(
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio video\r\n\
         a=msid-semantic: WMS\r\n{}{}",
        media("audio", 111, "opus/48000/2"),
        media("video", 96, "VP8/90000"),
    )
}

/// Publishers and players in one program. Dropping this ends them without a word to the server.
#[derive(Debug)]
pub struct Peers {
    running: Running,
    count: usize,
}

impl Peers {
    /// In one page of Chromium.
    pub fn chromium(peers: &[Value]) -> Self {
        Self::spawn(&mut browser::script("rtc.mjs"), peers)
    }

    /// By aiortc.
    pub fn aiortc(peers: &[Value]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/peers.py");
        Self::spawn(python::command().arg(script), peers)
    }

    fn spawn(program: &mut Command, peers: &[Value]) -> Self {
        let running = Running::spawn(program.arg(json!({ "peers": peers }).to_string()));
        Self { running, count: peers.len() }
    }

    /// What each has seen and counted so far: fewer than all in the beginning.
    pub fn now(&mut self) -> Vec<Value> {
        last(&self.running.output()).unwrap_or_default()
    }

    /// Waits until they have come to that.
    #[track_caller]
    pub fn wait(&mut self, what: &str, ready: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let seen = eventually_by_load(PATIENCE, || {
            let now = self.now();
            let is_ready = now.len() == self.count && ready(&now);
            (is_ready || !self.running.is_running()).then_some(is_ready)
        });
        assert!(seen == Some(true), "no {what}: {:#?}\n{}", self.now(), words(&self.running.output()));
        self.now()
    }

    /// Waits until all players show and sound what publishers make, so many pictures.
    #[track_caller]
    pub fn wait_play(&mut self, pictures: u64) -> Vec<Value> {
        let is_fine = |peer: &Value| peer["role"] == "publish" || plays(peer, pictures);
        self.wait("right pictures", |all| all.iter().all(is_fine))
    }

    /// Has the publishers of Chromium that are silent sound, and those that sound be silent.
    pub fn turn_sound(&self) {
        signal(self.running.pid(), "USR2");
    }

    /// Has them take themselves down, each with its own call; what each saw in the end.
    #[track_caller]
    pub fn end(mut self) -> Vec<Value> {
        signal(self.running.pid(), "TERM");
        eventually_by_load(PATIENCE, || (!self.running.is_running()).then_some(()));
        let ended = self.running.wait(Duration::ZERO).expect_success();
        last(&ended.output).unwrap_or_else(|| panic!("nothing seen: {}", ended.output))
    }
}

/// Whether a player shows the pictures that publishers make, at least so many, and their tone is heard.
pub fn plays(player: &Value, pictures: u64) -> bool {
    let [right, wrong] = ["right", "wrong"].map(|name| player[name].as_u64().unwrap_or(0));
    let is_heard = player["pitch"].as_f64().is_some_and(|pitch| PITCH.contains(&pitch));
    // The first ones may be blurred.
    right >= pictures && wrong * 5 <= right && is_heard
}

/// A count or measure of a peer; 0 where it has none.
pub fn number(peer: &Value, name: &str) -> f64 {
    peer[name].as_f64().unwrap_or(0.0)
}

/// The peers of the last whole line.
fn last(output: &str) -> Option<Vec<Value>> {
    let whole = output.rsplit_once('\n')?.0;
    let seen = whole.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok())?;
    seen["peers"].as_array().cloned()
}

/// What they printed beside their lines of JSON.
fn words(output: &str) -> String {
    let words: Vec<&str> = output.lines().filter(|line| !line.starts_with("{\"peers\"")).collect();
    words.join("\n")
}
