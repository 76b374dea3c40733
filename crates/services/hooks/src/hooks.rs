//! [`Hooks`]: the gate that asks callbacks, and the teller of what happened.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use tokio::runtime::Handle;
use weir_conf::{Config, HttpHooks, Live, Vhost};
use weir_fetch::{Body, Call, Error, Fetch, HeaderName, HeaderValue, without_secrets};
use weir_hub::{Closed, Entry, Gate, Question, Refusal, Request, Role, StreamKey, Verdict};
use weir_json::Value;

use crate::answer::{Fault, judge};
use crate::asking::Asking;
use crate::event::{self, Ids, Recording, Segment, Subject};
use crate::outbox::{Calls, Note, Outbox};

/// How long the end of the server waits for events.
const LAST_EVENTS: Duration = Duration::from_secs(3);
/// Time of `on_hls_notify` (hooks.md §3).
const NOTIFY: Duration = Duration::from_secs(10);
/// The end of a publish is told so much later at most than it was, behind the segments that end with it: less than
/// [`SETTLE`] and [`LAST_EVENTS`], so that it is told before the next publish is asked about, and before the server ends.
const LAST_SEGMENTS: Duration = Duration::from_secs(2);
/// Who is asked about waits so long for what is still to be told of it, at most.
const SETTLE: Duration = Duration::from_secs(3);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The HMAC-SHA256 of the body by `http_hooks.secret`, in hex.
const SIGNATURE: HeaderName = HeaderName::from_static("x-weir-signature");

/// HTTP callbacks of all vhosts.
pub struct Hooks {
    pub(crate) ids: Arc<Ids>,
    pub(crate) conf: Live<Config>,
    pub(crate) fetch: Fetch,
    outbox: Arc<Outbox>,
    /// The working directory, for files whose paths are relative to it.
    cwd: String,
}

/// Who is asked or told, and by which directive.
type Urls = (&'static str, fn(&HttpHooks) -> &Vec<String>);

const ON_CONNECT: Urls = ("http_hooks.on_connect", |hooks| &hooks.on_connect);
const ON_PUBLISH: Urls = ("http_hooks.on_publish", |hooks| &hooks.on_publish);
const ON_PLAY: Urls = ("http_hooks.on_play", |hooks| &hooks.on_play);
const ON_UNPUBLISH: Urls = ("http_hooks.on_unpublish", |hooks| &hooks.on_unpublish);
const ON_STOP: Urls = ("http_hooks.on_stop", |hooks| &hooks.on_stop);
const ON_CLOSE: Urls = ("http_hooks.on_close", |hooks| &hooks.on_close);
const ON_HLS: Urls = ("http_hooks.on_hls", |hooks| &hooks.on_hls);
const ON_HLS_NOTIFY: Urls = ("http_hooks.on_hls_notify", |hooks| &hooks.on_hls_notify);
const ON_DVR: Urls = ("http_hooks.on_dvr", |hooks| &hooks.on_dvr);

impl Hooks {
    /// Callbacks of the configuration in force at each event. Events that nobody waits for are told on `control`.
    pub fn new(ids: Ids, conf: Live<Config>, fetch: Fetch, control: Handle) -> Arc<Hooks> {
        let cwd = std::env::current_dir().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let outbox = Outbox::new(fetch.clone(), control);
        Arc::new(Hooks { ids: Arc::new(ids), conf, fetch, outbox, cwd })
    }

    /// Tells of a segment: `on_hls` and `on_hls_notify`.
    pub fn segment(&self, segment: &Segment) {
        let (vhost, cid) = (segment.stream.conf.load().clone(), &segment.publisher.id);
        let subject = Subject::of_publisher(&segment.publisher, &segment.stream);
        if let Some(vhost) = self.wanted(&vhost, ON_HLS_NOTIFY) {
            let gets = vhost.http_hooks.on_hls_notify.iter();
            let gets: Vec<String> = gets.map(|template| subject.on_hls_notify(&self.ids, template, segment)).collect();
            let body = Body::First(vhost.hls.hls_nb_notify);
            let notify = move |url: &str| Ok(Call::get(url)?.within(NOTIFY).body(body));
            let calls = move || calls("on_hls_notify", gets.iter().cloned(), notify);
            // A slow receiver delays later segments of the same stream, and neither its end nor the other receivers.
            let note = Note::new(&vhost, ON_HLS_NOTIFY, cid, "notify", Box::new(calls));
            self.outbox.push(&vhost.name, Note { judged: false, ..note });
        }
        if let Some(vhost) = self.wanted(&vhost, ON_HLS) {
            let body = subject.on_hls(&self.ids, &self.cwd, segment).render();
            self.tell(&vhost, ON_HLS, cid, ("hls", None), move || Some(body.clone()));
        }
    }

    /// Tells of a recorded file: `on_dvr`.
    pub fn recording(&self, recording: &Recording) {
        let Some(vhost) = self.wanted(&recording.stream.conf.load(), ON_DVR) else { return };
        let subject = Subject::of_publisher(&recording.publisher, &recording.stream);
        let body = subject.on_dvr(&self.ids, &self.cwd, &recording.file).render();
        self.tell(&vhost, ON_DVR, &recording.publisher.id, ("dvr", None), move || Some(body.clone()));
    }

    /// Events that wait to be told.
    pub fn waiting(&self) -> usize {
        self.outbox.waiting()
    }

    /// Events since the start that were not told, because too many waited.
    pub fn left_out(&self) -> u64 {
        self.outbox.left_out()
    }

    /// Events since the start that somebody did not take.
    pub fn failed(&self) -> u64 {
        self.outbox.failed()
    }

    /// Tells what is still to be told, for some seconds at most.
    pub async fn shutdown(&self) {
        self.outbox.drain(LAST_EVENTS).await;
    }

    /// A vhost as it is configured now, when its callbacks are on and have such URLs.
    fn wanted(&self, vhost: &Arc<Vhost>, (_, urls): Urls) -> Option<Arc<Vhost>> {
        // A vhost that is not there any more still tells of those who were in it.
        let now = self.conf.load().vhost(&vhost.name).filter(|now| now.name == vhost.name);
        let now = now.unwrap_or_else(|| vhost.clone());
        (now.http_hooks.enabled && !urls(&now.http_hooks).is_empty()).then_some(now)
    }

    /// Holds back what is told of the end of a publisher, and of its connection, until its last segments are told.
    fn hold_end(&self, entry: &Entry) {
        if [ON_HLS, ON_HLS_NOTIFY, ON_DVR].into_iter().all(|urls| self.wanted(&entry.vhost, urls).is_none()) {
            return;
        }
        let (vhost, cid, client) = (&entry.vhost.name, &entry.request.id, entry.client.clone());
        let files = FILES.map(|order| order_of(order, cid));
        if client.is_finished() && !self.outbox.is_untold(vhost, &files) {
            return;
        }
        let (outbox, of) = (self.outbox.clone(), vhost.clone());
        let told = async move {
            client.finished().await;
            outbox.settle(&of, &files, LAST_SEGMENTS).await;
        };
        self.outbox.hold(vhost, order_of("", cid), LAST_SEGMENTS, told);
    }

    /// Asks one URL after the other until one says no, once what happened before is told: of the client, and of the stream
    /// that it is to publish.
    async fn ask(
        &self,
        vhost: &Arc<Vhost>,
        (directive, urls): Urls,
        body: impl FnOnce(&Ids) -> Value,
        cid: &str,
        publishes: Option<&StreamKey>,
        question: &Arc<Question>,
    ) -> Result<(), Refusal> {
        let Some(vhost) = self.wanted(vhost, (directive, urls)) else {
            question.answer(true);
            return Ok(());
        };
        let event = event_of(directive);
        let body = body(&self.ids).render();
        let before = [order_of("", cid), publishes.map(ToString::to_string).unwrap_or_default()];
        if !self.outbox.settle(&vhost.name, &before, SETTLE).await {
            tracing::warn!(cid, "{event} is asked for before all that happened earlier is told (http_hooks.{event})");
        }
        let secret = vhost.http_hooks.secret.clone();
        let call = {
            let question = question.clone();
            move |url: &str| {
                let question = question.clone();
                Ok(post(url, &body, &secret)?.with_consent(move || question.put()))
            }
        };
        let calls = each(self.fetch.clone(), directive, cid.to_owned(), urls(&vhost.http_hooks).clone(), call);
        let asking = Asking {
            calls: Some(Box::pin(calls)),
            question: question.clone(),
            outbox: self.outbox.clone(),
            vhost: vhost.name.clone(),
            order: order_of("", cid),
        };
        asking.await
    }

    /// Posts a body and judges the answer.
    pub(crate) async fn post(&self, url: &str, body: &str, secret: &str) -> Result<serde_json::Value, Fault> {
        judge(&self.fetch.call(post(url, body, secret)?).await?)
    }

    /// Has a body posted to each URL, without waiting; none where there is none when it is its turn.
    fn tell(
        &self,
        vhost: &Arc<Vhost>,
        (directive, urls): Urls,
        cid: &str,
        (order, ends): (&str, Option<String>),
        body: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) {
        let of = vhost.clone();
        let calls = move || {
            let (hooks, Some(body)) = (&of.http_hooks, body()) else { return Vec::new() };
            calls(event_of(directive), urls(hooks).iter().cloned(), |url| post(url, &body, &hooks.secret))
        };
        let note = Note::new(vhost, (directive, urls), cid, order, Box::new(calls));
        self.outbox.push(&vhost.name, Note { ends, ..note });
    }
}

/// Orders of what is told before the end of a publish. A slow receiver of `on_hls_notify` delays nothing else.
const FILES: [&str; 2] = ["hls", "dvr"];

fn order_of(order: &str, cid: &str) -> String {
    format!("{order} {cid}")
}

/// The last word of a directive.
fn event_of(directive: &'static str) -> &'static str {
    directive.rsplit('.').next().unwrap_or(directive)
}

/// Makes the calls of an event that is asked about, one after another, until one is answered with no.
async fn each(
    fetch: Fetch,
    directive: &'static str,
    cid: String,
    urls: Vec<String>,
    call: impl Fn(&str) -> Result<Call, Error>,
) -> Result<(), Refusal> {
    let event = event_of(directive);
    for url in urls {
        let answer = async { judge(&fetch.call(call(&url)?).await?) };
        answer.await.map_err(|fault: Fault| {
            // The client is not told whom its operator asks.
            let (shown, code) = (without_secrets(&url), fault.code());
            tracing::warn!(cid, "{event} is answered with no by {shown}: {fault} (code {code})");
            let why = match fault.denial() {
                weir_hub::Denial::Unanswered => format!("{event} could not be asked for"),
                _ => format!("{event} was not granted"),
            };
            Refusal::Denied { denial: fault.denial(), code, why, directive }
        })?;
    }
    Ok(())
}

/// The calls of those URLs that are some.
fn calls(
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
    fn new(vhost: &Vhost, (directive, _): Urls, cid: &str, order: &str, calls: Calls) -> Note {
        let (event, retries) = (event_of(directive), vhost.http_hooks.retries);
        Note { order: order_of(order, cid), ends: None, cid: cid.to_owned(), event, calls, retries, judged: true }
    }
}

impl Gate for Hooks {
    fn connect<'a>(&'a self, vhost: &'a Vhost, request: &'a Request) -> Verdict<'a> {
        Box::pin(async move {
            let body = |ids: &Ids| Subject::of_request(vhost, request).on_connect(ids);
            let now = self.conf.load().vhost(&vhost.name).filter(|now| now.name == vhost.name);
            let vhost = now.unwrap_or_else(|| Arc::new(vhost.clone()));
            self.ask(&vhost, ON_CONNECT, body, &request.id, None, &Arc::default()).await
        })
    }

    fn admit<'a>(&'a self, entry: &'a Entry) -> Verdict<'a> {
        let subject = Subject::of_entry(entry);
        Box::pin(async move {
            let Entry { vhost, question, .. } = entry;
            match entry.role {
                Role::Publish => {
                    let body = |ids: &Ids| subject.of_stream(ids, "on_publish");
                    self.ask(vhost, ON_PUBLISH, body, &entry.request.id, Some(&entry.stream.key), question).await
                }
                Role::Play => {
                    let body = |ids: &Ids| subject.on_play(ids);
                    self.ask(vhost, ON_PLAY, body, &entry.request.id, None, question).await
                }
            }
        })
    }

    fn left(&self, entry: &Entry) {
        if !entry.question.may_be_granted() {
            return;
        }
        if entry.role == Role::Publish {
            self.hold_end(entry);
        }
        let urls = if entry.role == Role::Publish { ON_UNPUBLISH } else { ON_STOP };
        let Some(vhost) = self.wanted(&entry.vhost, urls) else { return };
        // What waits keeps no stream alive, and nothing is rendered where media is sent.
        let (ids, of, request, id) = (self.ids.clone(), vhost.clone(), entry.request.clone(), entry.stream.id.clone());
        let ends = (entry.role == Role::Publish).then(|| entry.stream.key.to_string());
        let question = entry.question.clone();
        self.tell(&vhost, urls, &entry.request.id, ("", ends), move || {
            // The no came after the client had gone.
            let subject = question.may_be_granted().then(|| Subject::of_guest(&of, &request, &id));
            subject.map(|subject| subject.of_stream(&ids, event_of(urls.0)).render())
        });
    }

    fn closed(&self, closed: &Closed) {
        let Some(vhost) = self.wanted(&closed.vhost, ON_CLOSE) else { return };
        let (ids, of) = (self.ids.clone(), closed.clone());
        self.tell(&vhost, ON_CLOSE, &closed.id, ("", None), move || Some(event::on_close(&ids, &of).render()));
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("ids", &self.ids).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
