//! [`Pace`]: when the next write is due.

use std::time::{Duration, Instant};

use weir_conf::Vhost;

/// When the last write was, and when the next is due if frames wait for it.
pub(super) struct Pace {
    last: Option<Instant>,
    due: Option<Instant>,
}

impl Pace {
    /// Nothing was written yet, and nothing waits.
    pub(super) fn new() -> Pace {
        Pace { last: None, due: None }
    }

    /// When what waits has to go out.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Frames wait. True when they go out at once, else they are merged with what follows until the window is over.
    pub(super) fn appended(&mut self, window: Duration) -> bool {
        let due = self.last.map(|last| last + window).filter(|due| *due > Instant::now());
        self.due = due;
        due.is_none()
    }

    /// A write begins.
    pub(super) fn written(&mut self) {
        *self = Pace { last: Some(Instant::now()), due: None };
    }
}

/// How long frames of a vhost may wait for others after a write. `adaptive` answers for a vhost that fixes only the
/// longest such time.
pub(super) fn window(vhost: &Vhost, adaptive: impl FnOnce(Duration) -> Duration) -> Duration {
    let play = &vhost.play;
    let window = if vhost.min_latency || play.mw_msgs == 0 {
        Duration::ZERO
    } else if play.mw_fixed {
        play.mw_latency
    } else {
        adaptive(play.mw_latency)
    };
    window.max(play.send_min_interval)
}

/// Ends at a moment, or never.
pub(super) async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
