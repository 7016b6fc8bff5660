//! The machine's clock and an offset that can be moved forward: a month of reminders passes in a second.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Error, Result, SystemClock};

use crate::Home;

/// Most seconds one call may advance: ten years.
pub(crate) const MOST: i64 = 10 * 366 * 86_400;

pub struct MovableClock {
    seconds: AtomicI64,
    file: PathBuf,
}

impl MovableClock {
    /// Goes on where the last run was moved to.
    pub fn open(home: &Home) -> Self {
        let file = home.path("clock");
        let seconds = std::fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        Self {
            seconds: AtomicI64::new(seconds),
            file,
        }
    }

    /// Moves forward by so many seconds and returns the new time.
    ///
    /// # Errors
    /// `Invalid` where the number is negative or over ten years, in one step or in all; `Internal` where the state
    /// folder cannot be written.
    pub fn advance(&self, seconds: i64) -> Result<Timestamp> {
        let total = self.seconds.load(Ordering::SeqCst).saturating_add(seconds);
        if !(0..=MOST).contains(&seconds) || total > MOST {
            return Err(Error::field(
                "advance_seconds",
                "out_of_range",
                "The clock moves forward, by at most ten years.",
            ));
        }
        std::fs::write(&self.file, total.to_string()).map_err(Error::internal)?;
        self.seconds.store(total, Ordering::SeqCst);
        Ok(self.now())
    }

    /// How far it was moved, in seconds.
    pub fn offset(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst)
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.offset())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_forward_and_remembers() {
        let home = Home::open(std::env::temp_dir().join(format!("commonweal-clock-{}", std::process::id())))
            .unwrap();
        let clock = MovableClock::open(&home);
        let before = clock.now();
        assert!(clock.advance(3600).unwrap() >= before + SignedDuration::from_secs(3600));
        assert_eq!(
            MovableClock::open(&home).offset(),
            3600,
            "a new run goes on there"
        );
        assert!(clock.advance(-1).is_err() && clock.advance(MOST).is_err());
        home.clear().unwrap();
        assert_eq!(MovableClock::open(&home).offset(), 0);
    }
}
