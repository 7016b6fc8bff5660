//! What [`KeyValue`] promises.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use ports::{Clock, Entry, KeyValue};
use serde_json::{Value, json};

use super::{StandingClock, unique};

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// `clock` is the one that the adapter was given, set to a whole second near the machine's own time.
///
/// # Panics
/// Where a promise of the port is broken.
pub async fn key_value_contract(kv: &dyn KeyValue, clock: &StandingClock) {
    values(kv, clock).await;
    first_come(kv, clock).await;
    counters(kv, clock).await;
}

fn entry(value: Value, expires: Timestamp) -> Entry {
    Entry { value, expires }
}

async fn values(kv: &dyn KeyValue, clock: &StandingClock) {
    let key = &unique("contract#value");
    assert_eq!(kv.get(key).await.unwrap(), None, "a missing entry reads as None");
    kv.delete(key).await.expect("removing what is not there is fine");

    let first = entry(
        json!({"text": "ñ \"'\\\u{1}", "list": [1, null, true, 2.5], "empty": ""}),
        clock.now() + MINUTE,
    );
    kv.put(key, first.clone()).await.unwrap();
    assert_eq!(
        kv.get(key).await.unwrap(),
        Some(first),
        "an entry comes back whole"
    );
    let second = entry(Value::Null, clock.now() + MINUTE * 2);
    kv.put(key, second.clone()).await.unwrap();
    assert_eq!(
        kv.get(key).await.unwrap(),
        Some(second),
        "a second put replaces value and end"
    );
    clock.advance(Duration::from_secs(119));
    assert!(
        kv.get(key).await.unwrap().is_some(),
        "an entry is there until it ends"
    );
    clock.advance(Duration::from_secs(1));
    assert_eq!(kv.get(key).await.unwrap(), None, "an entry is gone when it ends");

    kv.put(key, entry(json!(1), clock.now() + MINUTE)).await.unwrap();
    kv.delete(key).await.unwrap();
    kv.delete(key).await.expect("removing twice is fine");
    assert_eq!(kv.get(key).await.unwrap(), None, "a removed entry is gone");

    let large = entry(json!("x".repeat(299 * 1024)), clock.now() + MINUTE);
    kv.put(key, large.clone()).await.unwrap();
    assert!(kv.get(key).await.unwrap() == Some(large), "299 KiB fit");
    let over = entry(json!("x".repeat(301 * 1024)), clock.now() + MINUTE);
    assert!(kv.put(key, over).await.is_err(), "301 KiB are refused");
    let long = "k".repeat(1025);
    assert!(
        kv.put(&long, entry(json!(1), clock.now() + MINUTE))
            .await
            .is_err(),
        "a long key is refused"
    );
}

async fn first_come(kv: &dyn KeyValue, clock: &StandingClock) {
    let key = &unique("contract#first");
    let end = clock.now() + MINUTE;
    let tries = join_all((0..20).map(|n| kv.put_if_absent(key, entry(json!(n), end)))).await;
    let won: Vec<usize> = (0..20).filter(|n| *tries[*n].as_ref().unwrap()).collect();
    assert_eq!(won.len(), 1, "of 20 at once exactly one wins");
    assert_eq!(
        kv.get(key).await.unwrap().unwrap().value,
        json!(won[0]),
        "the winner's value stays"
    );

    clock.advance(Duration::from_secs(60));
    let end = clock.now() + MINUTE;
    let tries = join_all((0..20).map(|n| kv.put_if_absent(key, entry(json!(n), end)))).await;
    let won = tries.iter().filter(|won| *won.as_ref().unwrap()).count();
    assert_eq!(won, 1, "over an expired entry exactly one wins");
    kv.delete(key).await.unwrap();
    assert!(
        kv.put_if_absent(key, entry(json!(0), end)).await.unwrap(),
        "a removed entry is absent"
    );
}

async fn counters(kv: &dyn KeyValue, clock: &StandingClock) {
    let key = &unique("contract#counter");
    let end = clock.now() + MINUTE;
    let counts = join_all((0..20).map(|_| kv.add(key, 3, end))).await;
    let mut counts: Vec<i64> = counts.into_iter().map(Result::unwrap).collect();
    counts.sort_unstable();
    let expected: Vec<i64> = (1..=20).map(|n| n * 3).collect();
    assert_eq!(
        counts, expected,
        "20 adds at once: each is counted and sees its own sum"
    );
    assert_eq!(kv.add(key, -10, end).await.unwrap(), 50, "a counter may go down");

    clock.advance(Duration::from_secs(59));
    let later = clock.now() + MINUTE;
    assert_eq!(
        kv.add(key, 1, later).await.unwrap(),
        51,
        "a running counter goes on"
    );
    clock.advance(Duration::from_secs(1));
    let counts = join_all((0..20).map(|_| kv.add(key, 1, later))).await;
    let highest = counts.into_iter().map(Result::unwrap).max();
    assert_eq!(
        highest,
        Some(20),
        "an add does not move a counter's end; an expired one starts at 0"
    );
    kv.delete(key).await.unwrap();
    assert_eq!(
        kv.add(key, 7, later).await.unwrap(),
        7,
        "a removed counter starts at 0"
    );
}
