//! What runs without a request: queues are worked off, schedules fire by the clock that can be moved.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use app::{Context, Need, Trigger};
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Error, Queue, Result};
use tokio::{task::JoinSet, time::Instant};

use crate::{Reader, cron::Expression, event, host::Host, host::Installed};

/// How often queues are looked at although nothing was sent: delayed messages fall due.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The longest sleep of the scheduler.
const LONGEST_NAP: Duration = Duration::from_secs(30);
/// How long a moved clock may keep its caller waiting for the work that fell due.
const SETTLE: Duration = Duration::from_secs(20);

/// The state of the background work.
pub(crate) struct Workers {
    /// Lanes in use, by queue; a queue that nobody works off is not in here.
    busy: Mutex<HashMap<String, Vec<usize>>>,
    /// Messages worked off since the start.
    handled: AtomicU64,
    /// Up to when schedules have fired.
    fired: tokio::sync::Mutex<Timestamp>,
}

impl Workers {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            busy: Mutex::default(),
            handled: AtomicU64::new(0),
            fired: tokio::sync::Mutex::new(now),
        }
    }

    /// One of this many lanes of a queue that nobody is in.
    fn claim(&self, queue: &str, lanes: usize) -> Option<Busy<'_>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = busy.get(queue);
        let lane = (0..lanes).find(|lane| taken.is_none_or(|taken| !taken.contains(lane)))?;
        busy.entry(queue.to_owned()).or_default().push(lane);
        Some(Busy {
            workers: self,
            queue: queue.to_owned(),
            lane,
        })
    }

    fn is_idle(&self) -> bool {
        self.busy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }
}

/// A lane of a queue that is being worked off, until dropped.
struct Busy<'a> {
    workers: &'a Workers,
    queue: String,
    lane: usize,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let mut busy = self.workers.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = busy.get_mut(&self.queue) {
            taken.retain(|lane| *lane != self.lane);
            if taken.is_empty() {
                busy.remove(&self.queue);
            }
        }
    }
}

impl Host {
    /// Works off queues as messages come and fall due. Never ends.
    pub(crate) async fn work_off(self: Arc<Self>) {
        let mut running = JoinSet::new();
        loop {
            match self.due_queues().await {
                Ok(queues) => {
                    for queue in queues {
                        for _ in 0..self.lanes(&queue) {
                            let (host, queue) = (Arc::clone(&self), queue.clone());
                            running.spawn(async move { host.drain(&queue).await });
                        }
                    }
                }
                Err(error) => {
                    tracing::warn!(code = error.code(), cause = error.cause(), "queues were not read");
                }
            }
            while running.try_join_next().is_some() {}
            let _ = tokio::time::timeout(LOOK_AGAIN, self.twins.queue.sent()).await;
        }
    }

    /// Fires schedules as their time comes. Never ends.
    pub(crate) async fn keep_time(self: Arc<Self>) {
        loop {
            let now = self.twins.clock.now();
            self.fire_schedules(now).await;
            let soonest = self
                .schedules()
                .filter_map(|(expression, _)| expression.next(now, now + SignedDuration::from_mins(1)))
                .min();
            let nap = soonest
                .and_then(|at| Duration::try_from(at.duration_since(self.twins.clock.now())).ok())
                .unwrap_or(LONGEST_NAP)
                .clamp(Duration::from_millis(50), LONGEST_NAP);
            tokio::time::sleep(nap).await;
        }
    }

    /// Moves the clock and works off everything that is due by then. `false` where that took too long.
    ///
    /// # Errors
    /// As [`crate::MovableClock::advance`].
    pub(crate) async fn advance(&self, seconds: i64) -> Result<(Timestamp, bool)> {
        let now = self.twins.clock.advance(seconds)?;
        self.fire_schedules(now).await;
        Ok((now, self.settle().await))
    }

    /// Runs a schedule, or an operation with its event, now.
    ///
    /// # Errors
    /// `NotFound` where there is no such function, `Invalid` where it is started by something else; what it answers.
    pub(crate) async fn run_now(&self, name: &str, event: &str) -> Result<serde_json::Value> {
        let installed = self.installed(name).ok_or_else(Error::not_found)?;
        match installed.function.trigger {
            Trigger::Schedule { .. } => {
                self.run_schedule(installed, self.twins.clock.now()).await?;
                Ok(serde_json::Value::Null)
            }
            Trigger::Operation { .. } => {
                runtime::operation::run(&installed.function, &installed.cx, event).await
            }
            _ => Err(Error::field(
                "function",
                "not_a_schedule",
                "Only schedules and operations can be run.",
            )),
        }
    }

    /// Relays and works off until nothing is due any more, or for twenty seconds.
    pub(crate) async fn settle(&self) -> bool {
        let end = Instant::now() + SETTLE;
        while Instant::now() < end {
            let before = self.workers.handled.load(Ordering::SeqCst);
            for installed in self.functions.values().filter(|one| is_relay(one)) {
                if self
                    .run_schedule(installed, self.twins.clock.now())
                    .await
                    .is_err()
                {
                    return false;
                }
            }
            loop {
                let Ok(queues) = self.due_queues().await else {
                    return false;
                };
                if queues.is_empty() && self.workers.is_idle() {
                    break;
                }
                if Instant::now() >= end {
                    return false;
                }
                for queue in &queues {
                    self.drain(queue).await;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            if self.workers.handled.load(Ordering::SeqCst) == before {
                return true;
            }
        }
        false
    }

    fn schedules(&self) -> impl Iterator<Item = (&Expression, &Installed)> {
        self.schedules
            .iter()
            .filter_map(|(expression, function)| Some((expression, self.installed(function)?)))
    }

    /// Runs every schedule whose time came since the last call, each once, the earlier first.
    async fn fire_schedules(&self, now: Timestamp) {
        let mut fired = self.workers.fired.lock().await;
        if now <= *fired {
            return;
        }
        let mut due: Vec<(Timestamp, &Installed)> = self
            .schedules()
            .filter_map(|(expression, installed)| Some((expression.next(*fired, now)?, installed)))
            .collect();
        due.sort_by_key(|(at, _)| *at);
        *fired = now;
        for (at, installed) in due {
            // A failure is logged by the adapter; the next time is a new chance.
            let _ = self.run_schedule(installed, at).await;
        }
    }

    async fn run_schedule(&self, installed: &Installed, at: Timestamp) -> Result<()> {
        let Installed { function, cx, .. } = installed;
        let limit = Duration::from_secs(function.timeout.into());
        let event = event::scheduled(function.name, at);
        tokio::time::timeout(limit, runtime::schedule::run(function, cx, &event))
            .await
            .unwrap_or_else(|_| {
                tracing::error!(function = function.name, "timed out");
                Err(Error::unavailable(
                    "timed_out",
                    "the schedule ran into its time-out",
                ))
            })
    }

    /// Queues with something due that a function here works off.
    async fn due_queues(&self) -> Result<Vec<String>> {
        let mut queues = self.twins.queue.due().await?;
        queues.retain(|queue| self.reader(queue).is_some());
        Ok(queues)
    }

    fn reader(&self, queue: &str) -> Option<(&Reader, &Installed)> {
        let reader = self.template.queues.get(queue)?;
        Some((reader, self.installed(&reader.function)?))
    }

    /// Batches of a queue that may be worked on at a time.
    fn lanes(&self, queue: &str) -> usize {
        self.reader(queue)
            .map_or(0, |(_, installed)| 1 + installed.more.len())
    }

    /// Hands a queue's messages to its function until none is due. Does nothing where that goes on in all lanes already.
    async fn drain(&self, queue: &str) {
        let (Some((reader, installed)), Some(busy)) =
            (self.reader(queue), self.workers.claim(queue, self.lanes(queue)))
        else {
            return;
        };
        // As in Lambda, where each batch in flight has a process to itself.
        let cx = match busy.lane {
            0 => &installed.cx,
            lane => &installed.more[lane - 1],
        };
        loop {
            match self.one_batch(queue, reader, installed, cx).await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(
                        queue,
                        code = error.code(),
                        cause = error.cause(),
                        "a queue was not worked off"
                    );
                    return;
                }
            }
        }
    }

    async fn one_batch(
        &self,
        queue: &str,
        reader: &Reader,
        installed: &Installed,
        cx: &Context,
    ) -> Result<usize> {
        let function = &installed.function;
        let visibility = Duration::try_from(function.visibility()).map_err(Error::internal)?;
        let batch = self
            .twins
            .queue
            .receive(queue, reader.batch, Duration::ZERO, visibility)
            .await?;
        if batch.is_empty() {
            return Ok(0);
        }
        let limit = Duration::from_secs(function.timeout.into());
        let now = self.twins.clock.now();
        let deadline = now + SignedDuration::from_secs(function.timeout.into());
        let event = event::sqs(queue, &batch, now);
        let work = runtime::queue::batch(function, cx, &event, deadline);
        let Ok(failed) = tokio::time::timeout(limit, work).await else {
            tracing::error!(function = function.name, "timed out: its messages come again");
            return Ok(batch.len());
        };
        let all_failed = failed.iter().any(String::is_empty);
        for delivery in &batch {
            if !all_failed && !failed.contains(&delivery.message_id) {
                self.twins.queue.delete(queue, &delivery.receipt).await?;
            }
        }
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        self.workers.handled.fetch_add(count, Ordering::SeqCst);
        Ok(batch.len())
    }
}

/// The relay is the schedule that may send to every queue.
fn is_relay(installed: &Installed) -> bool {
    matches!(installed.function.trigger, Trigger::Schedule { .. })
        && installed.function.is_needed(Need::AllQueues)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_worked_off_in_so_many_lanes_and_no_more() {
        let workers = Workers::new(Timestamp::UNIX_EPOCH);
        let first = workers.claim("mail", 2).unwrap();
        let second = workers.claim("mail", 2).unwrap();
        assert_eq!((first.lane, second.lane), (0, 1));
        assert!(workers.claim("mail", 2).is_none());
        assert_eq!(workers.claim("report", 1).unwrap().lane, 0, "queues are apart");
        drop(first);
        assert_eq!(workers.claim("mail", 2).unwrap().lane, 0);
        drop(second);
        assert!(workers.is_idle());
        assert!(workers.claim("none", 0).is_none());
    }
}
