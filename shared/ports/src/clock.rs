//! Time as a port, so that tests and the local host can move it.

use jiff::Timestamp;

pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's own adapter")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
