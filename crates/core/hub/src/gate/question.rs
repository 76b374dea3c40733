//! [`Question`]: whether others were asked about a client.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The question to others whether a client may come in, for a gate that tells them of its end: who was never asked is not
/// told, and who said no neither. All may be called by several at once.
#[derive(Debug, Default)]
pub struct Question(Mutex<Stage>);

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Stage {
    #[default]
    Open,
    Put,
    Withdrawn,
    Granted,
    Denied,
}

impl Question {
    /// It is put from now on. False where it was withdrawn before: then it must not be.
    pub fn put(&self) -> bool {
        let mut stage = self.stage();
        if *stage == Stage::Open {
            *stage = Stage::Put;
        }
        *stage != Stage::Withdrawn
    }

    /// What came of it, or that there was nobody to ask.
    pub fn answer(&self, is_granted: bool) {
        *self.stage() = if is_granted { Stage::Granted } else { Stage::Denied };
    }

    /// The client has gone. Returns whether it was put before.
    pub fn withdraw(&self) -> bool {
        let mut stage = self.stage();
        if *stage == Stage::Open {
            *stage = Stage::Withdrawn;
        }
        *stage != Stage::Withdrawn
    }

    /// Whether others may have let the client in: they said yes, or were asked and have said nothing yet.
    pub fn may_be_granted(&self) -> bool {
        matches!(*self.stage(), Stage::Put | Stage::Granted)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
