//! Bins, event samples and OpenAPI documents beside FUNCTIONS.

use std::collections::BTreeSet;

use app::{Access, Function, Need, Trigger};
use local::Template;
use serde_json::Value;

use crate::{compare, none, read, root, services};

/// HTTP functions for people: pages and links in mails, which no API document describes.
fn is_page(function: &Function) -> bool {
    let thing = function.name.split_once('-').map_or("", |(_, thing)| thing);
    thing == "home" || thing == "docs" || thing.ends_with("-page") || is_admin(function)
}

/// The admin: `voting-admin`, `voting-admin-registration`.
fn is_admin(function: &Function) -> bool {
    function.name.split('-').nth(1) == Some("admin")
}

fn names(function: &[Function]) -> Vec<String> {
    function.iter().map(|function| function.name.to_owned()).collect()
}

#[test]
fn names_are_unique_and_say_their_service() {
    let functions = services::functions();
    let services: BTreeSet<&str> = services::apis().into_iter().map(|(service, _)| service).collect();
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for function in &functions {
        if !seen.insert(function.name) {
            problems.push(format!("{} is twice in FUNCTIONS", function.name));
        }
        if !services.contains(function.service()) {
            problems.push(format!("{} is of no service", function.name));
        }
        if function.name.len() > 40 {
            // `commonweal-stage-` and CodeDeploy's suffixes stand beside it in names of 64 characters.
            problems.push(format!("{} is too long a name", function.name));
        }
    }
    none(&problems);
}

#[test]
fn every_function_has_a_bin_that_runs_it() {
    let functions = services::functions();
    let mut problems = Vec::new();
    for (service, _) in services::apis() {
        let own: Vec<Function> = functions
            .iter()
            .copied()
            .filter(|f| f.service() == service)
            .collect();
        let folder = root().join("functions").join(service);
        let bins: Vec<String> = std::fs::read_dir(folder.join("src/bin"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().replace(".rs", ""))
            .collect();
        compare(&names(&own), &bins, "bin", &mut problems);
        let manifest: toml::Table = read(&folder.join("Cargo.toml")).parse().unwrap();
        let declared: Vec<String> = manifest["bin"]
            .as_array()
            .unwrap()
            .iter()
            .map(|bin| bin["name"].as_str().unwrap().to_owned())
            .collect();
        compare(&names(&own), &declared, "[[bin]] in Cargo.toml", &mut problems);
        for bin in manifest["bin"].as_array().unwrap() {
            if bin.get("required-features").is_none() || bin.get("test") != Some(&toml::Value::Boolean(false))
            {
                problems.push(format!(
                    "{}: a bin needs required-features = [\"bins\"] and test = false",
                    bin["name"].as_str().unwrap_or_default()
                ));
            }
        }
        for name in &bins {
            let thing = name.split_once('-').map_or("", |(_, thing)| thing);
            let constant = format!("{service}::{}", thing.replace('-', "_").to_uppercase());
            let text = read(&folder.join("src/bin").join(format!("{name}.rs")));
            if !text.contains(&format!("runtime::main(&{constant})")) {
                problems.push(format!("bin/{name}.rs does not run {constant}"));
            }
        }
    }
    none(&problems);
}

#[test]
fn templates_declare_what_functions_say() {
    let template = Template::read(&root()).unwrap();
    none(&local::mismatches(&template, &services::functions()));
}

/// Sessions, limits and rights are read with every request: who asks for them must be able to.
#[test]
fn who_checks_sessions_and_keys_has_what_it_takes() {
    let mut problems = Vec::new();
    for function in services::functions() {
        let Trigger::Http { access, .. } = function.trigger else {
            continue;
        };
        if matches!(
            access,
            Access::SignedIn | Access::Staff | Access::Operator | Access::ApiKey
        ) {
            let mut needs = vec![Need::Database, Need::KeyValue];
            if access == Access::ApiKey {
                // A token of another issuer does as well.
                needs.extend([Need::Secret(app::TOKEN_ISSUERS), Need::ConfiguredProviders]);
            }
            for need in needs {
                if !function.is_needed(need) {
                    problems.push(format!(
                        "{} is for {access:?} and does not need {need:?}",
                        function.name
                    ));
                }
            }
        }
    }
    none(&problems);
}

/// `local` serves from the same templates; a documented path must lead to the function that documents it.
#[test]
fn every_documented_path_is_routed_to_its_function() {
    let template = Template::read(&root()).unwrap();
    let mut problems = Vec::new();
    for function in services::functions() {
        let Trigger::Http { routes, .. } = function.trigger else {
            continue;
        };
        let (_, api) = routes().split_for_parts();
        if is_page(&function) != api.paths.paths.is_empty() {
            problems.push(match is_page(&function) {
                true => format!(
                    "{} is a page by its name, yet documents operations",
                    function.name
                ),
                false => format!(
                    "{} documents no operation: is it a page? then its name ends with -page",
                    function.name
                ),
            });
        }
        for path in api.paths.paths.keys() {
            let example = path.replace(['{', '}'], "");
            let routed = template.route(&example).map(|route| route.function.as_str());
            if routed != Some(function.name) {
                problems.push(format!("{path} of {} is routed to {routed:?}", function.name));
            }
        }
    }
    none(&problems);
}

#[test]
fn every_function_has_event_samples_of_its_own() {
    let template = Template::read(&root()).unwrap();
    let functions = services::functions();
    let mut problems = Vec::new();
    let mut sampled = BTreeSet::new();
    for (service, _) in services::apis() {
        for entry in std::fs::read_dir(root().join("events").join(service)).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            let name = file.split('.').next().unwrap_or_default().to_owned();
            let event: Value = serde_json::from_str(&read(&path)).unwrap();
            match functions
                .iter()
                .find(|function| function.name == name)
                .map(|function| function.trigger)
            {
                None => problems.push(format!("events/{service}/{file} is of no function")),
                Some(Trigger::Http { .. }) => {
                    let to = event["rawPath"].as_str().and_then(|path| template.route(path));
                    if event["version"] != "2.0" || to.is_none_or(|route| route.function != name) {
                        problems.push(format!(
                            "events/{service}/{file} is no request that reaches {name}"
                        ));
                    }
                }
                Some(Trigger::Queue { .. }) => {
                    let records = event["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
                    let own = |record: &Value| {
                        record["eventSourceARN"]
                            .as_str()
                            .is_some_and(|arn| arn.ends_with(&format!("-{name}")))
                    };
                    if records.is_empty() || !records.iter().all(own) {
                        problems.push(format!("events/{service}/{file} is no batch of {name}'s queue"));
                    }
                }
                Some(Trigger::Schedule { .. }) => {
                    if event["source"] != "aws.events" {
                        problems.push(format!("events/{service}/{file} is no event of a schedule"));
                    }
                }
                Some(Trigger::Operation { .. }) => {}
            }
            sampled.insert(name);
        }
    }
    compare(
        &names(&functions),
        &sampled.into_iter().collect::<Vec<_>>(),
        "event sample",
        &mut problems,
    );
    none(&problems);
}
