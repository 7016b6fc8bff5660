//! What the house promises about speed and memory, measured on the deployed binaries: `scripts/bench` builds and runs it.
//!
//! Each figure is a ratio of two things measured by turns in this run, since machines are noisy and differ. Medians throughout.
//!
//! * `cold`: from process start to the first poll, under a stand-in of the Lambda Runtime API.
//! * `warm`: from an event handed out to its answer taken, beside the same statement sent by a bare driver.
//! * `admin`: a list of a million rows, beside the bare SQL of its page; ends with 1 where it takes more than thrice as long.
//! * `answers <function>...`: gives each binary its event samples; ends with 1 where one is not answered as it should be.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a command of developers"
)]

mod admin;
mod database;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use testkit::LambdaProcess;

use crate::database::Measured;

/// Processes started of each kind.
const STARTS: usize = 25;
/// Events handled and statements sent, after a tenth as many to warm up.
const READS: usize = 4_000;
const MIB: f64 = 1024.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // One thread where the function runs in this process, as in its own.
    let mut runtime = match arguments.as_slice() {
        ["admin"] => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match arguments.as_slice() {
            ["cold"] => cold().await,
            ["warm"] => warm().await,
            ["admin"] => return ExitCode::from(u8::from(!admin::run().await)),
            ["answers", functions @ ..] if !functions.is_empty() => return answers(functions).await,
            _ => {
                println!("usage: benchmark cold | warm | admin | answers <function>...");
                return ExitCode::from(2);
            }
        }
        ExitCode::SUCCESS
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn binary(function: &str) -> PathBuf {
    let path = root().join("target/lambda").join(function).join("bootstrap");
    assert!(
        path.is_file(),
        "{} is missing: scripts/bench builds it",
        path.display()
    );
    path
}

/// What every function is told.
fn variables() -> Vec<(&'static str, String)> {
    [
        ("COMMONWEAL_ENVIRONMENT", "dev"),
        ("PUBLIC_URL", "https://commonweal.example"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

fn median<T: Copy + PartialOrd>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).expect("no value is NaN"));
    values[values.len() / 2]
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

async fn cold() {
    let database = Measured::create().await;
    let plain = variables();
    let with_database = [plain.clone(), database.variables()].concat();
    let with_everything = [with_database.clone(), files_and_queues()].concat();
    let kinds = [
        (binary("benchmark-hello"), &plain),
        (binary("platform-home"), &plain),
        (binary("voting-subscriber"), &with_database),
        (binary("voting-register"), &with_everything),
    ];
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..STARTS {
        for ((binary, variables), times) in kinds.iter().zip(&mut times) {
            times.push(LambdaProcess::start(binary, variables).await.cold_start);
        }
    }
    let [hello, page, read, register] = times.map(|times| milliseconds(median(times)));
    println!("cold start, hello world on lambda_http     {hello:6.1} ms");
    println!(
        "cold start, no database                    {page:6.1} ms = {:.2} x hello world (to be <= 2.0)",
        page / hello
    );
    println!(
        "cold start, PostgreSQL over TLS            {read:6.1} ms = {:+.1} ms (to be <= +25)",
        read - page
    );
    println!(
        "cold start, that with files and queues     {register:6.1} ms = {:+.1} ms (to be <= +25)",
        register - page
    );

    for (what, sample, (binary, variables)) in [
        ("no database", "platform/platform-home", &kinds[1]),
        ("PostgreSQL over TLS", "voting/voting-subscriber", &kinds[2]),
    ] {
        let process = LambdaProcess::start(binary, variables).await;
        let event = database.adapt(&sample_of(sample));
        for _ in 0..200 {
            process.invoke(&event).await.expect("the sample is answered");
        }
        let mib = process.resident_kib() as f64 / MIB;
        println!("resident after 200 events, {what:<19} {mib:6.1} MiB (to be <= 24)");
    }
    let (binary, variables) = &kinds[3];
    let mib = LambdaProcess::start(binary, variables).await.resident_kib() as f64 / MIB;
    println!("resident after the start, files and queues too {mib:6.1} MiB (to be <= 24)");
}

/// What the largest functions are told besides; they connect to these when they first need them.
fn files_and_queues() -> Vec<(&'static str, String)> {
    [
        ("FILES_PRIVATE_BUCKET", "private"),
        ("FILES_PUBLIC_BUCKET", "public"),
        (
            "QUEUE_URL_BASE",
            "https://sqs.us-east-1.amazonaws.com/123456789012/commonweal-dev-",
        ),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

async fn warm() {
    let database = Measured::create().await;
    let variables = [variables(), database.variables()].concat();
    let process = LambdaProcess::start(&binary("voting-subscriber"), &variables).await;
    let event = database.adapt(&sample_of("voting/voting-subscriber"));
    let hello = LambdaProcess::start(&binary("benchmark-hello"), &variables).await;
    let bare = database.bare().await;
    let (mut reads, mut polls, mut statements) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..READS + READS / 10 {
        let began = Instant::now();
        bare.read().await;
        let statement = began.elapsed();
        let began = Instant::now();
        process.invoke(&event).await.expect("the sample is answered");
        let read = began.elapsed();
        let began = Instant::now();
        hello.invoke(&event).await.expect("hello is answered");
        let poll = began.elapsed();
        if round >= READS / 10 {
            statements.push(statement);
            reads.push(read);
            polls.push(poll);
        }
    }
    let [statement, read, poll] = [statements, reads, polls].map(|times| milliseconds(median(times)) * 1e3);
    println!("one row by a bare prepared statement       {statement:6.0} us (over TLS)");
    println!(
        "one row by voting-subscriber, event to answer {read:3.0} us = {:.2} x that (to be <= 4)",
        read / statement
    );
    println!("of which the Runtime API's own conversation {poll:5.0} us (hello world)");
}

fn sample_of(name: &str) -> String {
    let path = root().join("events").join(format!("{name}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every sample of functions that need nothing but themselves.
async fn answers(functions: &[&str]) -> ExitCode {
    let mut failed = false;
    for function in functions {
        let service = function.split('-').next().unwrap_or_default();
        let process = LambdaProcess::start(&binary(function), &variables()).await;
        let folder = root().join("events").join(service);
        let mut samples: Vec<_> = std::fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .filter_map(|entry| {
                Some(
                    entry
                        .ok()?
                        .file_name()
                        .to_string_lossy()
                        .strip_suffix(".json")?
                        .to_owned(),
                )
            })
            .filter(|name| name.split('.').next() == Some(function))
            .collect();
        samples.sort();
        assert!(!samples.is_empty(), "{function} has no event sample");
        for sample in samples {
            let answer = process.invoke(&sample_of(&format!("{service}/{sample}"))).await;
            let status = answer
                .as_deref()
                .ok()
                .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
                .and_then(|answer| answer["statusCode"].as_u64());
            failed |= status != Some(200);
            println!(
                "{function} under the Runtime API, events/{service}/{sample}.json: {}",
                match (status, &answer) {
                    (Some(status), _) => status.to_string(),
                    (None, answer) => format!("{answer:?}"),
                }
            );
        }
    }
    ExitCode::from(u8::from(failed))
}
