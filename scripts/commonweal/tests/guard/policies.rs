//! What a function needs is what its role may do and what its environment tells, no more and no less.
//!
//! `scripts/templates.py` holds the rest: `*` off a short list, the boundary, queues with their dead-letter queues, sizes.

use std::collections::BTreeSet;

use app::{Function, Need, Trigger};
use serde_json::Value;

use crate::{
    none, read, root, services,
    template::{Service, camel},
};

/// One permission: action and resource, each as the template writes it.
type Grants = BTreeSet<(String, String)>;

fn arn(service: &str, rest: &str) -> String {
    format!("arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}")
}

/// What the code asks for.
fn needed(function: &Function) -> Grants {
    let mut grants = Grants::new();
    let mut grant = |action: &str, resource: String| grants.insert((action.to_owned(), resource));
    let parameter = |name: &str| arn("ssm", &format!("parameter/commonweal/${{Environment}}/{name}"));
    for need in function.needs {
        match need {
            Need::Database => grant("policy", "UseDatabase".to_owned()),
            Need::DatabaseOwner => grant("ssm:GetParameter", parameter("${DatabaseOwnerAuth}")),
            Need::KeyValue => grant("policy", "UseKeyValue".to_owned()),
            Need::Mail => grant("policy", "UseMail".to_owned()),
            Need::Queue(queue) => grant("sqs:SendMessage", format!("{}Queue.Arn", camel(queue))),
            Need::AllQueues => grant("sqs:SendMessage", arn("sqs", "commonweal-${Environment}-*")),
            Need::Secret(name) => grant("ssm:GetParameter", parameter(name)),
            // Which of them, and below which folder, is the function's own matter: see `granted`.
            Need::Files => grant("s3", "own files".to_owned()),
            Need::Internet(_) | Need::ConfiguredProviders => false,
            Need::Deployment => {
                grant(
                    "lambda:InvokeFunction",
                    arn("lambda", "function:commonweal-${Environment}-*"),
                );
                for action in [
                    "GetDeployment",
                    "GetApplicationRevision",
                    "PutLifecycleEventHookExecutionStatus",
                ] {
                    for resource in [
                        "application:commonweal-${Environment}-*",
                        "deploymentgroup:commonweal-${Environment}-*/*",
                    ] {
                        grant(&format!("codedeploy:{action}"), arn("codedeploy", resource));
                    }
                }
                true
            }
        };
    }
    if matches!(function.trigger, Trigger::Queue { .. }) {
        // A message that is given up goes to the dead-letter queue with its reason; one that waits longer stays hidden longer.
        grants.insert((
            "sqs:SendMessage".to_owned(),
            format!("{}Dead.Arn", camel(function.name)),
        ));
        grants.insert((
            "sqs:ChangeMessageVisibility".to_owned(),
            format!("{}Queue.Arn", camel(function.name)),
        ));
    }
    grants
}

fn listed(value: &Value) -> Vec<&Value> {
    value
        .as_array()
        .map_or_else(|| vec![value], |items| items.iter().collect())
}

/// The text of `!Sub`, `!Ref`, `!GetAtt`.
fn text(value: &Value) -> String {
    let inner = value
        .as_object()
        .and_then(|tagged| tagged.values().next())
        .unwrap_or(value);
    inner.as_str().unwrap_or_default().to_owned()
}

/// What the template gives.
fn granted(function: &Function, properties: &Value, problems: &mut Vec<String>) -> Grants {
    let mut grants = Grants::new();
    let own = |bucket: &str| {
        format!(
            "arn:${{AWS::Partition}}:s3:::${{{bucket}}}/{}/",
            function.service()
        )
    };
    for policy in properties["Policies"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        let Some(statements) = policy.get("Statement") else {
            grants.insert(("policy".to_owned(), text(policy)));
            continue;
        };
        for statement in listed(statements) {
            if statement["Effect"] != "Allow" {
                problems.push(format!("{}: a statement that does not allow", function.name));
            }
            for action in listed(&statement["Action"]).into_iter().map(text) {
                for resource in listed(&statement["Resource"]).into_iter().map(text) {
                    if action.starts_with("s3:") {
                        if !["PrivateBucket", "PublicBucket"]
                            .iter()
                            .any(|bucket| resource.starts_with(&own(bucket)))
                        {
                            problems.push(format!(
                                "{} reaches for files of others: {resource}",
                                function.name
                            ));
                        }
                        grants.insert(("s3".to_owned(), "own files".to_owned()));
                    } else {
                        grants.insert((action.clone(), resource));
                    }
                }
            }
        }
    }
    grants
}

#[test]
fn a_function_may_do_what_it_needs_and_nothing_else() {
    let mut problems = Vec::new();
    for (service, _) in services::apis() {
        let template = Service::of(service);
        for function in services::functions()
            .iter()
            .filter(|function| function.service() == service)
        {
            let needed = needed(function);
            let granted = granted(function, template.function(function), &mut problems);
            for (action, resource) in needed.difference(&granted) {
                problems.push(format!(
                    "{} needs {action} on {resource}, which its template does not allow",
                    function.name
                ));
            }
            for (action, resource) in granted.difference(&needed) {
                problems.push(format!(
                    "{} may {action} on {resource}, which it does not need",
                    function.name
                ));
            }
        }
    }
    none(&problems);
}

#[test]
fn memory_and_time_are_what_the_code_says() {
    let mut problems = Vec::new();
    for (service, _) in services::apis() {
        let template = Service::of(service);
        for function in services::functions()
            .iter()
            .filter(|function| function.service() == service)
        {
            let properties = template.function(function);
            for (key, said) in [("MemorySize", function.memory), ("Timeout", function.timeout)] {
                let declared = properties.get(key).unwrap_or(&template.globals[key]);
                if *declared != said {
                    problems.push(format!(
                        "{}: {key} is {declared} in the template and {said} in the code",
                        function.name
                    ));
                }
            }
        }
    }
    none(&problems);
}

/// The environment variables that the program reads: `required("X")` and `optional("X")` in the one place that reads them.
fn read_by_the_program() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in ["settings.rs", "start.rs"] {
        let source = read(&root().join("shared/runtime/src").join(file));
        for call in [".required(\"", ".optional(\""] {
            names.extend(
                source
                    .split(call)
                    .skip(1)
                    .filter_map(|rest| rest.split('"').next())
                    .map(str::to_owned),
            );
        }
    }
    names
}

/// Lambda sets these itself, or only developers do.
fn is_not_ours_to_set(name: &str) -> bool {
    name.starts_with("AWS_LAMBDA_")
        || [
            "AWS_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_ENDPOINT_URL",
            "DATABASE_ROLE",
        ]
        .contains(&name)
}

/// Which variables a need reads.
fn variables(need: Need) -> Vec<&'static str> {
    match need {
        Need::Database | Need::DatabaseOwner => {
            vec![
                "DATABASE_HOST",
                "DATABASE_PORT",
                "DATABASE_NAME",
                "DATABASE_USER",
                "DATABASE_AUTH",
                "DATABASE_CA",
            ]
        }
        Need::Files => vec!["FILES_PRIVATE_BUCKET", "FILES_PUBLIC_BUCKET"],
        Need::Queue(_) | Need::AllQueues => vec!["QUEUE_URL_BASE"],
        Need::Secret(_) => vec!["SECRETS_PREFIX"],
        Need::KeyValue => vec!["KEY_VALUE_TABLE"],
        Need::Mail => vec!["MAIL_FROM"],
        Need::Internet(name) => vec![name],
        Need::ConfiguredProviders | Need::Deployment => vec![],
    }
}

#[test]
fn the_environment_tells_what_functions_need_and_nothing_else() {
    let mut problems = Vec::new();
    let read = read_by_the_program();
    assert!(read.len() > 15, "the reading of settings.rs found {read:?}");
    for (service, _) in services::apis() {
        let template = Service::of(service);
        let keys = |value: &Value| -> BTreeSet<String> {
            value["Environment"]["Variables"]
                .as_object()
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default()
        };
        let functions: Vec<Function> = services::functions()
            .into_iter()
            .filter(|function| function.service() == service)
            .collect();
        let global = keys(&template.globals);
        let mut used: BTreeSet<String> = [
            "COMMONWEAL_ENVIRONMENT",
            "PUBLIC_URL",
            "LOG_LEVEL",
            "ORIGIN_SECRET_SHA256",
            "AWS_USE_DUALSTACK_ENDPOINT",
        ]
        .map(str::to_owned)
        .into();
        let mut told = global.clone();
        for function in &functions {
            let own = keys(template.function(function));
            told.extend(own.iter().cloned());
            let consumer = matches!(function.trigger, Trigger::Queue { .. }).then_some(Need::Queue(""));
            for name in function.needs.iter().copied().chain(consumer).flat_map(variables) {
                if !global.contains(name) && !own.contains(name) {
                    problems.push(format!(
                        "{} reads {name}, which its template does not set",
                        function.name
                    ));
                }
                used.insert(name.to_owned());
            }
        }
        // A password of the database is a secret too.
        used.insert("SECRETS_PREFIX".to_owned());
        for name in told.difference(&used) {
            problems.push(format!(
                "the template of {service} sets {name}, which none of its functions needs"
            ));
        }
        let internet: BTreeSet<String> = functions
            .iter()
            .flat_map(|function| function.needs)
            .filter_map(|need| {
                if let Need::Internet(name) = need {
                    Some((*name).to_owned())
                } else {
                    None
                }
            })
            .collect();
        for name in told
            .iter()
            .filter(|name| !read.contains(*name) && !internet.contains(*name))
        {
            problems.push(format!(
                "the template of {service} sets {name}, which the program never reads"
            ));
        }
        for name in read.iter().filter(|name| !is_not_ours_to_set(name)) {
            if used.contains(name) && !told.contains(name) {
                problems.push(format!(
                    "the program reads {name}, which the template of {service} does not set"
                ));
            }
        }
    }
    none(&problems);
}
