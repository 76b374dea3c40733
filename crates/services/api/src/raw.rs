//! `/api/v1/raw`: how a client asks for a reload and hears what came of it (`http-api.md` §3.3).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use weir_conf::HttpApi;
use weir_httpd::{Asked, Reply};

use crate::reply;
use weir_json::{Value, object};

/// `errors.md` §1: what was asked for is not known.
const BAD_RPC: u16 = 1060;
/// `errors.md` §1: it is off.
const IS_OFF: u16 = 1061;

/// What nothing that went wrong is called.
const SUCCESS: &str = "Success";

/// Reloads of the configuration: who wants one asks here, who does them tells here.
#[derive(Debug, Default)]
pub struct Reloads {
    asked: Notify,
    attempts: Mutex<Attempts>,
}

/// The one that was asked for last is the one that is shown.
#[derive(Debug, Default)]
struct Attempts {
    /// Asked for, not begun.
    next: Option<Attempt>,
    /// Begun last.
    last: Attempt,
}

/// One reload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attempt {
    /// Seven characters that are others each time it is asked for; empty before the first reload.
    pub rid: String,
    /// How far it came.
    pub step: Step,
    /// SRS's number for what went wrong, or 0.
    pub err: u16,
    /// The same in words.
    pub msg: String,
}

/// How far a reload came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Not begun.
    Init = 0,
    /// The file is read.
    Parsing = 10,
    /// It is checked.
    Transforming = 20,
    /// It is put in force.
    Applying = 30,
    /// It is in force.
    Finished = 90,
}

impl Default for Attempt {
    fn default() -> Attempt {
        Attempt { rid: String::new(), step: Step::Init, err: 0, msg: SUCCESS.to_owned() }
    }
}

impl Attempt {
    /// One with an id of its own, not begun.
    fn new() -> Attempt {
        Attempt { rid: weir_hub::vid().trim_start_matches("vid-").to_owned(), ..Attempt::default() }
    }
}

impl Attempts {
    fn begin(&mut self) -> bool {
        let Some(next) = self.next.take() else { return false };
        self.last = next;
        true
    }
}

impl Reloads {
    /// Wants a reload. All that is asked for before the next one begins is that one.
    pub fn ask(&self) {
        self.attempts().next.get_or_insert_with(Attempt::new);
        self.asked.notify_one();
    }

    /// Waits until somebody wants a reload, and begins it: what is asked for from now on is another one.
    pub async fn begin(&self) {
        loop {
            if self.attempts().begin() {
                return;
            }
            self.asked.notified().await;
        }
    }

    /// Tells how far the reload is that has begun; with an error, that it ended there.
    pub fn tell(&self, step: Step, error: Option<(u16, String)>) {
        let (err, msg) = error.unwrap_or_else(|| (0, SUCCESS.to_owned()));
        self.put(step, err, msg);
    }

    /// Tells that it is in force; `waits` is what of it is not before the next start.
    pub fn finish(&self, waits: Option<String>) {
        let msg = waits.map_or_else(|| SUCCESS.to_owned(), |waits| format!("{SUCCESS}; {waits}"));
        self.put(Step::Finished, 0, msg);
    }

    /// The reload that was asked for last.
    pub fn last(&self) -> Attempt {
        let attempts = self.attempts();
        attempts.next.as_ref().unwrap_or(&attempts.last).clone()
    }

    fn put(&self, step: Step, err: u16, msg: String) {
        let last = &mut self.attempts().last;
        (last.step, last.err, last.msg) = (step, err, msg);
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The raw API.
#[derive(Debug)]
pub(crate) struct Raw {
    reloads: Arc<Reloads>,
}

impl Raw {
    pub(crate) fn new(reloads: Arc<Reloads>) -> Raw {
        Raw { reloads }
    }

    pub(crate) fn answer(&self, asked: &Asked, api: &HttpApi) -> Reply {
        let pairs = asked.pairs();
        let rpc = pairs.get("rpc").unwrap_or_default();
        match rpc {
            "raw" => Self::describe(api),
            _ if !api.raw_api.enabled => reply::code(IS_OFF),
            "reload" if !api.raw_api.allow_reload => reply::code(IS_OFF),
            "reload" => {
                tracing::info!("{} asks the API for a reload", asked.peer);
                self.reloads.ask();
                reply::code(0)
            }
            "reload-fetch" => self.fetch(),
            _ => reply::code(BAD_RPC),
        }
    }

    fn describe(api: &HttpApi) -> Reply {
        let raw_api = object! {
            "enabled": api.raw_api.enabled,
            "allow_reload": api.raw_api.allow_reload,
            "allow_query": false,
            "allow_update": false,
        };
        let http_api = object! {
            "enabled": api.enabled,
            "listen": &api.listen,
            "crossdomain": api.crossdomain,
            "raw_api": raw_api,
        };
        reply::json(&object! { "code": 0, "http_api": http_api })
    }

    fn fetch(&self) -> Reply {
        let last = self.reloads.last();
        let data: Value = object! { "err": last.err, "msg": &last.msg, "state": last.step as i32, "rid": &last.rid };
        reply::json(&object! { "code": 0, "data": data })
    }
}

#[cfg(test)]
mod tests;
