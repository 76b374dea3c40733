//! Chromium, which plays a page.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::load::{self, Load};
use crate::process::Running;

/// Beyond the time that is watched: the start of the browser, its patience with the page, and with a player that is to
/// switch.
const AROUND: Duration = Duration::from_secs(150);

/// What a browser saw.
#[derive(Debug, Clone)]
pub struct Seen {
    saw: Value,
    /// Threads for each core that ran or could have, while it watched.
    load: f64,
}

impl Seen {
    /// Opens a page and watches its video for `seconds` once it plays. `more` goes to `browser/watch.mjs` as it is.
    #[track_caller]
    pub fn watch(url: &str, seconds: u64, more: Value) -> Self {
        let mut wish = json!({ "url": url, "seconds": seconds });
        if let (Some(wish), Value::Object(more)) = (wish.as_object_mut(), more) {
            wish.extend(more);
        }
        let load = Load::begin();
        let saw = run("watch.mjs", &wish, AROUND + Duration::from_secs(seconds));
        Self { saw, load: load.end() }
    }

    /// As [`Seen::watch`] a page whose pictures tell how old they are (`clock` in `more`), which play and are not older
    /// than `limit`, half of the time. Where the machine has too much else to do, it is watched once more, and then
    /// held to less.
    #[track_caller]
    pub fn watch_fresh(url: &str, seconds: u64, more: &Value, limit: Duration) -> Self {
        let watch = || Self::watch(url, seconds, more.clone());
        let is_late = |seen: &Self, limit: Duration| seen.number("delay_p50") >= limit.as_millis() as f64;
        let mut seen = watch();
        if seen.slowness() > 1.0 && (!seen.plays() || is_late(&seen, limit)) {
            seen = watch();
        }
        seen.assert_plays(seconds);
        let (delay, load) = (seen.number("delay_p50"), seen.load);
        println!("{url}: {delay} ms from picture to picture, half of the time, {load:.1} threads for each core");
        let is_late = is_late(&seen, limit.mul_f64(seen.slowness()));
        assert!(!is_late, "the pictures are {delay} ms old, {load:.1} threads for each core");
        seen
    }

    fn slowness(&self) -> f64 {
        load::slowness(self.load)
    }

    /// Whether the video played.
    pub fn plays(&self) -> bool {
        self.saw["playing"] == true
    }

    /// A number: `decoded`, `advanced`, `delay_p50`, …
    #[track_caller]
    pub fn number(&self, name: &str) -> f64 {
        self.saw[name].as_f64().unwrap_or_else(|| panic!("no {name}: {}", self.saw))
    }

    /// The protocols by which files of a kind (`m3u8`, `js`, …) came from the page's own server: `h2`, `http/1.1`.
    pub fn protocols(&self, kind: &str) -> Vec<&str> {
        self.saw["protocols"][kind].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Widths of the pictures, one after the other, with `squeeze`.
    pub fn widths(&self) -> Vec<u64> {
        self.saw["widths"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
    }

    /// The words on the page.
    pub fn text(&self) -> &str {
        self.saw["text"].as_str().unwrap_or_default()
    }

    /// Errors of the page's scripts.
    pub fn errors(&self) -> Vec<&str> {
        self.saw["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Panics with all that was seen unless the video played at its own pace, or as well as a busy machine can.
    #[track_caller]
    pub fn assert_plays(&self, seconds: u64) {
        assert!(self.plays(), "it does not play: {}", self.saw);
        let expect = seconds as f64 / self.slowness();
        let (advanced, load) = (self.number("advanced"), self.load);
        let saw = format!("{load:.1} threads for each core: {}", self.saw);
        assert!(advanced > expect * 0.7, "only {advanced} s in {seconds} s, {saw}");
        assert!(self.number("decoded") > expect * 15.0, "{saw}");
    }
}

/// What one of several pages showed.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The page.
    pub url: String,
    /// Time passed in it, and pictures and sound were decoded.
    pub plays: bool,
    /// What its scripts said, and its words, if it does not play.
    pub errors: String,
}

impl Shown {
    /// Opens pages in one browser, a few at a time, until each has played for `seconds` or has failed to.
    #[track_caller]
    pub fn by(urls: &[String], seconds: u64) -> Vec<Self> {
        let limit = AROUND * u32::try_from(1 + urls.len() / 4).unwrap_or(u32::MAX);
        let seen = run("plays.mjs", &json!({ "urls": urls, "seconds": seconds }), limit);
        let seen = seen.as_array().cloned().unwrap_or_default();
        assert_eq!(seen.len(), urls.len());
        let shown = seen.iter().map(|page| Self {
            url: page["url"].as_str().unwrap_or_default().to_owned(),
            plays: page["plays"] == true,
            errors: format!("{} {}", page["errors"], page["text"]),
        });
        shown.collect()
    }
}

/// Asks the API at `api` from a page at `page`, which is of another origin: each of `paths` by `fetch`, then each of
/// `scripts` by JSONP. The answers, in that order.
#[track_caller]
pub fn console(page: &str, api: &str, paths: &[&str], scripts: &[&str]) -> Vec<Value> {
    let wish = json!({ "page": page, "api": api, "paths": paths, "scripts": scripts });
    run("console.mjs", &wish, AROUND).as_array().cloned().unwrap_or_default()
}

/// Runs a script of `browser/` and reads the last line that it prints.
#[track_caller]
fn run(name: &str, wish: &Value, limit: Duration) -> Value {
    let ended = Running::spawn(script(name).arg(wish.to_string())).wait(limit).expect_success();
    let last = ended.output.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {}", ended.output))
}

/// A script of `browser/`.
pub(crate) fn script(name: &str) -> Command {
    let mut node = Command::new("node");
    node.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")).arg(name);
    node
}
