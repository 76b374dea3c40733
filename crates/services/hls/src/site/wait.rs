//! Requests that wait for what comes next (rfc8216bis clauses 6.2.5.2 and 6.2.6).

use std::time::Duration;

use http::StatusCode;
use tokio::sync::Semaphore;
use weir_httpd::Asked;

use crate::output::Output;

/// Segments that a request may be ahead of the last one in the playlist.
const MAX_AHEAD: u64 = 2;
/// Parts shorter than a second: a request may be ahead of the last one by as many as are in so many seconds.
const SECONDS_AHEAD: f64 = 3.0;
/// A request waits for this many target durations at most.
const PATIENCE: u32 = 3;
/// What a request is told for which there is no place to wait.
pub(super) const CROWDED: &str = "too many requests wait for what comes next";

/// What of a playlist a request waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Reload {
    /// `_HLS_msn` and `_HLS_part`.
    until: Option<(u64, Option<u64>)>,
    /// `_HLS_skip`: a delta update will do.
    pub(super) delta: bool,
}

/// How waiting ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Waited {
    /// The playlist can be sent.
    Ready,
    /// It cannot.
    Refused(StatusCode, &'static str),
}

impl Reload {
    /// What a request asks for; nothing where the playlist does not offer it. Fails when the request makes no sense.
    pub(super) fn of(asked: &Asked, offered: bool) -> Result<Reload, &'static str> {
        let value = |name: &str| asked.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        if !offered {
            return Ok(Reload::default());
        }
        let delta = value("_HLS_skip").is_some_and(|skip| matches!(skip, "YES" | "v2"));
        let number = |text: &str| text.parse::<u64>().map_err(|_| "_HLS_msn and _HLS_part are numbers");
        let until = match (value("_HLS_msn"), value("_HLS_part")) {
            (None, None) => None,
            (None, Some(_)) => return Err("_HLS_part needs _HLS_msn"),
            (Some(msn), part) => Some((number(msn)?, part.map(number).transpose()?)),
        };
        Ok(Reload { until, delta })
    }

    /// Waits until the playlist has it, if there is a place to wait.
    pub(super) async fn wait(&self, output: &Output, places: &Semaphore) -> Waited {
        let Some((msn, part)) = self.until else { return Waited::Ready };
        let mut progress = output.progress();
        let (target, part_target) = output.targets();
        let now = progress.borrow().clone();
        if now.has(msn, part) {
            return Waited::Ready;
        }
        let parts_ahead = (SECONDS_AHEAD / part_target.as_secs_f64().min(1.0)).ceil() as u64;
        let is_far = msn > now.msn.saturating_sub(1).saturating_add(MAX_AHEAD)
            || (msn == now.msn && part.is_some_and(|part| part >= now.parts.saturating_add(parts_ahead)));
        if is_far {
            return Waited::Refused(StatusCode::BAD_REQUEST, "_HLS_msn or _HLS_part is too far ahead");
        }
        let Ok(_place) = places.try_acquire() else {
            return Waited::Refused(StatusCode::SERVICE_UNAVAILABLE, CROWDED);
        };
        match tokio::time::timeout(target * PATIENCE, progress.wait_for(|now| now.has(msn, part))).await {
            Ok(Ok(_)) => Waited::Ready,
            _ => Waited::Refused(StatusCode::SERVICE_UNAVAILABLE, "nothing new came"),
        }
    }
}

/// Waits until what was hinted is there, or will not come.
pub(super) async fn for_hint(output: &Output, is_settled: impl Fn() -> bool) {
    let mut progress = output.progress();
    let (target, _) = output.targets();
    let settled = async {
        while !is_settled() {
            if progress.changed().await.is_err() {
                return;
            }
        }
    };
    // Whoever asked looks for itself.
    let _ = tokio::time::timeout(target.max(Duration::from_secs(1)) * PATIENCE, settled).await;
}
