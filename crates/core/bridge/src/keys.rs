//! [`Keys`]: notices pictures that wait for a key frame in vain.

use weir_base::MediaTime;

/// So long is waited before it is told: longer than the groups of pictures that live encoders make.
const PATIENCE: MediaTime = MediaTime::from_millis(10_000);

/// Since when pictures wait for a key frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    since_nanos: Option<i64>,
}

impl Keys {
    /// A picture came at `arrived_nanos` of a clock that its reader chose. True when it waits, as others have for too long.
    pub fn is_late(&mut self, waits: bool, arrived_nanos: i64) -> bool {
        if !waits {
            self.since_nanos = None;
            return false;
        }
        let since = *self.since_nanos.get_or_insert(arrived_nanos);
        arrived_nanos.saturating_sub(since) >= PATIENCE.nanos()
    }
}
