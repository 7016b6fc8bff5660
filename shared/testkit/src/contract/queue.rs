//! What [`Queue`] promises.

use std::time::Duration;

use ports::{Delivery, MAX_BATCH, MAX_BODY, MAX_DELAY, Outgoing, Queue};

use super::unique;

const NOW: Duration = Duration::ZERO;
const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(60);

/// `queue` is empty, has a dead-letter queue, and is used by nobody else meanwhile.
///
/// # Panics
/// Where a promise of the port is broken.
pub async fn queue_contract(port: &dyn Queue, queue: &str) {
    batches(port, queue).await;
    delays(port, queue).await;
    redeliveries(port, queue).await;
    burials(port, queue).await;
}

fn message(queue: &str, body: &str, delay: Duration) -> Outgoing {
    Outgoing {
        queue: queue.into(),
        body: body.into(),
        delay,
    }
}

/// Everything that is there, taken for `visibility`; ends after `count` messages or three empty answers.
async fn take(port: &dyn Queue, queue: &str, count: usize, visibility: Duration) -> Vec<Delivery> {
    let mut taken = Vec::new();
    let mut empty = 0;
    while taken.len() < count && empty < 3 {
        let got = port.receive(queue, MAX_BATCH, SECOND, visibility).await.unwrap();
        empty += usize::from(got.is_empty());
        taken.extend(got);
    }
    taken
}

async fn batches(port: &dyn Queue, queue: &str) {
    assert!(
        port.send(&[]).await.unwrap().is_empty(),
        "sending nothing is fine"
    );
    let bodies: Vec<String> = (0..MAX_BATCH)
        .map(|n| format!("{{\"n\":{n},\"é\":\"<&>\"}}"))
        .collect();
    let batch: Vec<Outgoing> = bodies.iter().map(|body| message(queue, body, NOW)).collect();
    let results = port.send(&batch).await.unwrap();
    assert_eq!(results.len(), MAX_BATCH, "a result per message");
    assert!(results.iter().all(Result::is_ok), "ten messages go in one send");
    assert_eq!(
        port.depth(queue).await.unwrap().waiting,
        10,
        "depth counts what is ready"
    );

    let few = port.receive(queue, 1, SECOND, LONG).await.unwrap();
    assert_eq!(few.len(), 1, "no more than asked for");
    assert_eq!(
        port.depth(queue).await.unwrap().waiting,
        10,
        "depth counts what is in flight"
    );
    let mut all = take(port, queue, MAX_BATCH - 1, LONG).await;
    all.extend(few);
    assert!(
        all.iter().all(|delivery| delivery.attempt == 1),
        "a first delivery is attempt 1"
    );
    let mut came: Vec<&str> = all.iter().map(|delivery| delivery.body.as_str()).collect();
    came.sort_unstable();
    assert_eq!(came, bodies, "each message comes once, as it was sent");
    assert!(
        port.receive(queue, 10, NOW, LONG).await.unwrap().is_empty(),
        "what is taken is hidden"
    );
    for delivery in &all {
        port.delete(queue, &delivery.receipt).await.unwrap();
    }
    assert_eq!(
        port.depth(queue).await.unwrap().waiting,
        0,
        "what is done with is gone"
    );

    let eleven = vec![message(queue, "x", NOW); MAX_BATCH + 1];
    assert!(port.send(&eleven).await.is_err(), "eleven messages are no batch");
    let large = "x".repeat(MAX_BODY);
    let mixed = [
        message(queue, &large, NOW),
        message(queue, &format!("{large}x"), NOW),
        message(queue, "late", MAX_DELAY + SECOND),
        message(queue, "good", NOW),
    ];
    let results = port.send(&mixed).await.unwrap();
    let good: Vec<bool> = results.iter().map(Result::is_ok).collect();
    assert_eq!(
        good,
        [true, false, false, true],
        "the result tells good and bad apart, in order"
    );
    let all = take(port, queue, 2, LONG).await;
    let mut sizes: Vec<usize> = all.iter().map(|delivery| delivery.body.len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [4, MAX_BODY], "only the good ones were sent");
    for delivery in &all {
        port.delete(queue, &delivery.receipt).await.unwrap();
    }
    let two = [message(queue, "x", NOW), message(&unique("other"), "x", NOW)];
    assert!(port.send(&two).await.is_err(), "a batch is for one queue");
}

async fn delays(port: &dyn Queue, queue: &str) {
    port.send(&[message(queue, "later", SECOND * 2)])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    assert!(
        port.receive(queue, 10, NOW, LONG).await.unwrap().is_empty(),
        "a delayed message waits"
    );
    assert_eq!(
        port.depth(queue).await.unwrap().waiting,
        1,
        "depth counts what is delayed"
    );
    let came = take(port, queue, 1, LONG).await;
    assert_eq!(
        came.len(),
        1,
        "a delayed message comes after its delay, to whoever waits"
    );
    port.delete(queue, &came[0].receipt).await.unwrap();
}

async fn redeliveries(port: &dyn Queue, queue: &str) {
    port.send(&[message(queue, "again", NOW)])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    let first = take(port, queue, 1, SECOND).await.remove(0);
    let second = take(port, queue, 1, LONG).await;
    assert_eq!(
        second.len(),
        1,
        "what is not done with comes again when its time is over"
    );
    assert_eq!(
        second[0].attempt,
        first.attempt + 1,
        "each delivery counts as an attempt"
    );
    assert_eq!(second[0].body, "again");

    port.retry(queue, &second[0].receipt, SECOND * 2).await.unwrap();
    assert!(
        port.receive(queue, 10, NOW, LONG).await.unwrap().is_empty(),
        "a retry waits its time"
    );
    let third = take(port, queue, 1, LONG).await;
    assert_eq!(
        third.len(),
        1,
        "a retry comes after its time, not after the visibility it had"
    );
    assert_eq!(third[0].attempt, 3);
    port.retry(queue, &third[0].receipt, NOW).await.unwrap();
    let fourth = take(port, queue, 1, LONG).await;
    assert_eq!(fourth.len(), 1, "a retry after nothing comes at once");
    port.delete(queue, &fourth[0].receipt).await.unwrap();

    let unknown = port.retry(queue, "no-such-receipt", SECOND).await;
    assert!(unknown.is_err(), "an unknown receipt is an error");
}

async fn burials(port: &dyn Queue, queue: &str) {
    let before = port.depth(queue).await.unwrap();
    port.send(&[message(queue, "poison", NOW)])
        .await
        .unwrap()
        .remove(0)
        .unwrap();
    let taken = take(port, queue, 1, LONG).await.remove(0);
    port.bury(queue, &taken, "unreadable: line 1\ncolumn 2")
        .await
        .unwrap();
    let after = port.depth(queue).await.unwrap();
    assert_eq!(after.waiting, before.waiting, "what is buried left its queue");
    assert_eq!(
        after.dead,
        before.dead + 1,
        "what is buried is in the dead-letter queue"
    );
    assert!(
        port.receive(queue, 10, NOW, LONG).await.unwrap().is_empty(),
        "the dead do not come again"
    );
}
