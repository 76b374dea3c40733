//! [`Switch`]: what becomes of a connection that leaves HTTP.

use std::fmt;

use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;

use crate::live::LocalTask;

/// A connection behind its 101 (Switching Protocols): bytes, both ways. A write that makes no progress for
/// [`Timeouts::send`](crate::Timeouts::send) fails as timed out.
pub type Switched = TokioIo<Upgraded>;

/// What goes on with a connection when it has left HTTP (RFC 9110, clause 7.8), on its shard.
pub struct Switch(Box<dyn FnOnce(Switched) -> LocalTask + Send>);

impl Switch {
    /// Begins once the client was sent its 101.
    pub fn new(begin: impl FnOnce(Switched) -> LocalTask + Send + 'static) -> Switch {
        Switch(Box::new(begin))
    }

    /// Runs to the end of the connection. One that broke before its 101 was sent ends at once.
    pub(crate) async fn run(self, pending: OnUpgrade) {
        if let Ok(upgraded) = pending.await {
            (self.0)(TokioIo::new(upgraded)).await;
        }
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switch").finish_non_exhaustive()
    }
}
