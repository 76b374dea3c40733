//! [`Hooks`]: the gate that asks callbacks, and the teller of what happened.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use tokio::runtime::Handle;
use weir_conf::{Config, HttpHooks, Live, Vhost};
use weir_fetch::{Body, Call, Error, Fetch, HeaderName, HeaderValue, without_secrets};
use weir_hub::{Closed, Entry, Gate, Refusal, Request, Role, Verdict};
use weir_json::Value;

use crate::answer::{Fault, judge};
use crate::event::{self, Ids, Recording, Segment, Subject};
use crate::outbox::{Note, Outbox};

/// How long the end of the server waits for events.
const LAST_EVENTS: Duration = Duration::from_secs(3);
/// Time of `on_hls_notify` (hooks.md §3).
const NOTIFY: Duration = Duration::from_secs(10);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The HMAC-SHA256 of the body by `http_hooks.secret`, in hex.
const SIGNATURE: HeaderName = HeaderName::from_static("x-weir-signature");

/// HTTP callbacks of all vhosts.
pub struct Hooks {
    pub(crate) ids: Ids,
    pub(crate) conf: Live<Config>,
    pub(crate) fetch: Fetch,
    outbox: Arc<Outbox>,
    /// The working directory, for files whose paths are relative to it.
    cwd: String,
}

/// Who is asked, and by which directive.
type Urls = (&'static str, fn(&HttpHooks) -> &Vec<String>);

const ON_CONNECT: Urls = ("http_hooks.on_connect", |hooks| &hooks.on_connect);
const ON_PUBLISH: Urls = ("http_hooks.on_publish", |hooks| &hooks.on_publish);
const ON_PLAY: Urls = ("http_hooks.on_play", |hooks| &hooks.on_play);

impl Hooks {
    /// Callbacks of the configuration in force at each event. Events that nobody waits for are told on `control`.
    pub fn new(ids: Ids, conf: Live<Config>, fetch: Fetch, control: Handle) -> Arc<Hooks> {
        let cwd = std::env::current_dir().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let outbox = Outbox::new(fetch.clone(), control);
        Arc::new(Hooks { ids, conf, fetch, outbox, cwd })
    }

    /// Tells of a segment: `on_hls` and `on_hls_notify`.
    pub fn segment(&self, segment: &Segment) {
        let vhost = segment.stream.conf.load().clone();
        let Some(hooks) = self.of(&vhost) else { return };
        let subject = Subject::of_publisher(&segment.publisher, &segment.stream);
        let gets = hooks.on_hls_notify.iter().map(|template| subject.on_hls_notify(&self.ids, template, segment));
        let most = vhost.hls.hls_nb_notify;
        let notify = |url: &str| Ok(Call::get(url)?.within(NOTIFY).body(Body::First(most)));
        let calls = self.calls("on_hls_notify", gets, notify);
        let cid = &segment.publisher.id;
        // A slow receiver delays later segments of the same stream, and neither its end nor the other receivers.
        self.push(&vhost, &hooks, Note { judged: false, ..Note::new("on_hls_notify", cid, "notify", calls) });
        if !hooks.on_hls.is_empty() {
            self.tell(
                &vhost,
                &hooks,
                ("on_hls", &hooks.on_hls),
                cid,
                "hls",
                subject.on_hls(&self.ids, &self.cwd, segment),
            );
        }
    }

    /// Tells of a recorded file: `on_dvr`.
    pub fn recording(&self, recording: &Recording) {
        let vhost = recording.stream.conf.load().clone();
        let Some(hooks) = self.of(&vhost).filter(|hooks| !hooks.on_dvr.is_empty()) else { return };
        let subject = Subject::of_publisher(&recording.publisher, &recording.stream);
        let body = subject.on_dvr(&self.ids, &self.cwd, &recording.file);
        self.tell(&vhost, &hooks, ("on_dvr", &hooks.on_dvr), &recording.publisher.id, "dvr", body);
    }

    /// Tells what is still to be told, for some seconds at most.
    pub async fn shutdown(&self) {
        self.outbox.drain(LAST_EVENTS).await;
    }

    /// The callbacks of a vhost as they are configured now; none when they are off.
    fn of(&self, vhost: &Vhost) -> Option<HttpHooks> {
        let conf = self.conf.load();
        // A vhost that is not there any more still tells of those who were in it.
        let now = conf.vhost(&vhost.name).filter(|now| now.name == vhost.name);
        let hooks = now.as_deref().map_or(&vhost.http_hooks, |now| &now.http_hooks);
        hooks.enabled.then(|| hooks.clone())
    }

    /// Asks one URL after the other until one says no.
    async fn ask(
        &self,
        vhost: &Vhost,
        (directive, urls): Urls,
        body: impl FnOnce(&Ids) -> Value,
        cid: &str,
    ) -> Result<(), Refusal> {
        let Some(hooks) = self.of(vhost).filter(|hooks| !urls(hooks).is_empty()) else { return Ok(()) };
        let event = directive.rsplit('.').next().unwrap_or(directive);
        let body = body(&self.ids).render();
        for url in urls(&hooks) {
            self.post(url, &body, &hooks.secret).await.map_err(|fault| {
                // The client is not told whom its operator asks.
                tracing::warn!(
                    cid,
                    "{event} is answered with no by {}: {fault} (code {})",
                    without_secrets(url),
                    fault.code()
                );
                let why = match fault.denial() {
                    weir_hub::Denial::Unanswered => format!("{event} could not be asked for"),
                    _ => format!("{event} was not granted"),
                };
                Refusal::Denied { denial: fault.denial(), code: fault.code(), why, directive }
            })?;
        }
        Ok(())
    }

    /// Posts a body and judges the answer.
    pub(crate) async fn post(&self, url: &str, body: &str, secret: &str) -> Result<serde_json::Value, Fault> {
        judge(&self.fetch.call(post(url, body, secret)?).await?)
    }

    /// Has a body posted to each URL, without waiting.
    fn tell(
        &self,
        vhost: &Vhost,
        hooks: &HttpHooks,
        (event, urls): (&'static str, &[String]),
        cid: &str,
        order: &str,
        body: Value,
    ) {
        let body = body.render();
        let calls = self.calls(event, urls.iter().cloned(), |url| post(url, &body, &hooks.secret));
        self.push(vhost, hooks, Note::new(event, cid, order, calls));
    }

    /// The calls of those URLs that are some.
    fn calls(
        &self,
        event: &str,
        urls: impl Iterator<Item = String>,
        call: impl Fn(&str) -> Result<Call, Error>,
    ) -> Vec<(String, Call)> {
        let call = |url: String| {
            let shown = without_secrets(&url);
            match call(&url) {
                Ok(call) => Some((shown, call)),
                Err(error) => {
                    tracing::warn!("{shown} cannot be told of {event}: {error} (http_hooks.{event})");
                    None
                }
            }
        };
        urls.filter_map(call).collect()
    }

    fn push(&self, vhost: &Vhost, hooks: &HttpHooks, note: Note) {
        if !note.calls.is_empty() {
            self.outbox.push(&vhost.name, Note { retries: hooks.retries, ..note });
        }
    }
}

/// A signed POST of JSON.
fn post(url: &str, body: &str, secret: &str) -> Result<Call, Error> {
    let call = Call::post(url, JSON, body.to_owned())?;
    if secret.is_empty() {
        return Ok(call);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body.as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    // Hexadecimal digits are always a value.
    Ok(match HeaderValue::try_from(format!("sha256={hex}")) {
        Ok(value) => call.header(SIGNATURE, value),
        Err(_) => call,
    })
}

impl Note {
    fn new(event: &'static str, cid: &str, order: &str, calls: Vec<(String, Call)>) -> Note {
        Note { order: format!("{order} {cid}"), cid: cid.to_owned(), event, calls, retries: 0, judged: true }
    }
}

impl Gate for Hooks {
    fn connect<'a>(&'a self, vhost: &'a Vhost, request: &'a Request) -> Verdict<'a> {
        let body = |ids: &Ids| Subject::of_request(vhost, request).on_connect(ids);
        Box::pin(self.ask(vhost, ON_CONNECT, body, &request.id))
    }

    fn admit<'a>(&'a self, entry: &'a Entry) -> Verdict<'a> {
        let subject = Subject::of_entry(entry);
        Box::pin(async move {
            match entry.role {
                Role::Publish => {
                    let body = |ids: &Ids| subject.of_stream(ids, "on_publish");
                    self.ask(&entry.vhost, ON_PUBLISH, body, &entry.request.id).await
                }
                Role::Play => self.ask(&entry.vhost, ON_PLAY, |ids| subject.on_play(ids), &entry.request.id).await,
            }
        })
    }

    fn left(&self, entry: &Entry) {
        let Some(hooks) = self.of(&entry.vhost) else { return };
        let (event, urls) = match entry.role {
            Role::Publish => ("on_unpublish", &hooks.on_unpublish),
            Role::Play => ("on_stop", &hooks.on_stop),
        };
        if !urls.is_empty() {
            let body = Subject::of_entry(entry).of_stream(&self.ids, event);
            self.tell(&entry.vhost, &hooks, (event, urls), &entry.request.id, "", body);
        }
    }

    fn closed(&self, closed: &Closed) {
        let Some(vhost) = self.conf.load().vhost(&closed.vhost) else { return };
        let Some(hooks) = self.of(&vhost).filter(|hooks| !hooks.on_close.is_empty()) else { return };
        let body = event::on_close(&self.ids, &vhost.name, closed);
        self.tell(&vhost, &hooks, ("on_close", &hooks.on_close), &closed.id, "", body);
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("ids", &self.ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
