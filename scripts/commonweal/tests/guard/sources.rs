//! Which crate may use which: the house has a ground floor and an upper floor, and stairs that lead one way.

use std::process::Command;

use serde_json::Value;

use crate::{none, root};

/// From the ground up. A crate may use those of floors below its own; `testkit` is for tests alone.
const FLOORS: &[&[&str]] = &[
    &["domain", "ports", "pdf"],
    &["store", "aws", "identity"],
    &["app"],
    &["runtime"],
    &["local"],
];
/// Crates that stand in one room only, with the rooms.
const KEPT: &[(&str, &[&str])] = &[
    ("aws-sdk-", &["aws"]),
    ("aws-smithy-", &["aws"]),
    ("aws-sigv4", &["aws"]),
    // A hello world is what our cold starts are measured against.
    ("lambda_", &["runtime", "benchmark"]),
    ("aws_lambda_events", &["runtime"]),
    // A bare driver is what our reads are measured against.
    ("tokio-postgres", &["store", "benchmark"]),
];

fn metadata() -> Vec<Value> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Floor by folder: the shared ones by name, services above them, commands on top.
fn floor(package: &str, manifest: &str) -> usize {
    match FLOORS.iter().position(|floor| floor.contains(&package)) {
        Some(floor) => floor,
        None if manifest.contains("/functions/") => FLOORS.len() + 1,
        None if manifest.contains("/scripts/") => FLOORS.len() + 2,
        // Of `shared`, and not named above: between the adapters and the services.
        None => FLOORS.len(),
    }
}

#[test]
fn crates_depend_in_one_direction() {
    let packages = metadata();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let floor_of = |name: &str| {
        packages
            .iter()
            .find(|package| package["name"] == name)
            .map(|package| floor(name, package["manifest_path"].as_str().unwrap()))
    };
    let mut problems = Vec::new();
    for package in &packages {
        let name = text(&package["name"]);
        let own = floor_of(&name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = text(&dependency["name"]);
            let in_tests = dependency["kind"] == "dev";
            if let Some(floor) = floor_of(&used) {
                if !in_tests && floor >= own {
                    problems.push(format!("{name} uses {used}, which is not below it"));
                }
                if used == "testkit" && !in_tests && name != "benchmark" {
                    problems.push(format!("{name} uses testkit outside of tests"));
                }
            }
            for (kept, rooms) in KEPT {
                if used.starts_with(kept) && !rooms.contains(&name.as_str()) {
                    problems.push(format!("{name} names {used}, which only {rooms:?} may"));
                }
            }
        }
    }
    none(&problems);
}

/// `domain` has no I/O, no clock, no randomness, no HTTP: it cannot even name them.
#[test]
fn the_domain_is_pure() {
    const IMPURE: &[&str] = &["tokio", "reqwest", "http", "axum", "getrandom", "rand", "tracing"];
    let packages = metadata();
    let domain = packages
        .iter()
        .find(|package| package["name"] == "domain")
        .unwrap();
    let mut problems = Vec::new();
    for dependency in domain["dependencies"].as_array().unwrap() {
        let used = dependency["name"].as_str().unwrap();
        if dependency["kind"] != "dev" && IMPURE.contains(&used) {
            problems.push(format!("domain uses {used}"));
        }
    }
    none(&problems);
}
