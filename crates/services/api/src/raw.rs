//! `/api/v1/raw`: how a client asks for a reload and hears what came of it (`http-api.md` §3.3).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use weir_conf::{HttpApi, RawApi};
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
    last: Mutex<Attempt>,
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

impl Reloads {
    /// Wants a reload. Several before the next one begins are one.
    pub fn ask(&self) {
        let rid = weir_hub::vid().trim_start_matches("vid-").to_owned();
        *self.attempt() = Attempt { rid, ..Attempt::default() };
        self.asked.notify_one();
    }

    /// Waits until somebody wants a reload.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    /// Tells how far the reload is that was asked for last; with an error, that it ended there.
    pub fn tell(&self, step: Step, error: Option<(u16, String)>) {
        let (err, msg) = error.unwrap_or_else(|| (0, SUCCESS.to_owned()));
        let mut attempt = self.attempt();
        *attempt = Attempt { rid: attempt.rid.clone(), step, err, msg };
    }

    /// The last reload, or the one that is done now.
    pub fn last(&self) -> Attempt {
        self.attempt().clone()
    }

    fn attempt(&self) -> MutexGuard<'_, Attempt> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The raw API, as it was configured when the server started.
#[derive(Debug)]
pub(crate) struct Raw {
    allowed: RawApi,
    reloads: Arc<Reloads>,
}

impl Raw {
    pub(crate) fn new(allowed: RawApi, reloads: Arc<Reloads>) -> Raw {
        Raw { allowed, reloads }
    }

    pub(crate) fn answer(&self, asked: &Asked, api: &HttpApi) -> Reply {
        let pairs = asked.pairs();
        let rpc = pairs.get("rpc").unwrap_or_default();
        match rpc {
            "raw" => self.describe(api),
            _ if !self.allowed.enabled => reply::code(IS_OFF),
            "reload" if !self.allowed.allow_reload => reply::code(IS_OFF),
            "reload" => {
                tracing::info!("{} asks the API for a reload", asked.peer);
                self.reloads.ask();
                reply::code(0)
            }
            "reload-fetch" => self.fetch(),
            _ => reply::code(BAD_RPC),
        }
    }

    fn describe(&self, api: &HttpApi) -> Reply {
        let raw_api = object! {
            "enabled": self.allowed.enabled,
            "allow_reload": self.allowed.allow_reload,
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
