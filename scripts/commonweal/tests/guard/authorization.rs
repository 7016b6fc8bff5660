//! No route without a line that says who may use it, and what it leaves in the history.

use app::Access;

use crate::{
    expectation::Who,
    expectations::{READS_THAT_WRITE, UNAUDITED, expectations},
    file_of_test, none, routes, services,
};

#[tokio::test]
async fn every_route_says_who_may_use_it() {
    let routes = routes::of(&services::functions()).await;
    assert!(
        routes.len() > 100,
        "{} routes are too few to mean anything",
        routes.len()
    );
    let mut problems = Vec::new();
    let lines = expectations();
    for route in &routes {
        let lines = lines.iter().filter(|line| line.route == route.name).count();
        match lines {
            1 => {}
            0 => problems.push(format!(
                "{} ({}, {:?}) has no line in tests/it/authorization/expectations.rs: say who may use it, how a row of it is made, \
                 a good body, and the entries it leaves in the history",
                route.name, route.function, route.access
            )),
            _ => problems.push(format!("{} has {lines} lines in expectations.rs", route.name)),
        }
    }
    for line in &lines {
        if !routes.iter().any(|route| route.name == line.route) {
            problems.push(format!(
                "{} stands in expectations.rs, and no router has it",
                line.route
            ));
        }
        match line.elsewhere.map(|test| (test, file_of_test(test))) {
            None => {}
            Some((test, None)) => problems.push(format!("{}: there is no test {test}", line.route)),
            // The engine behind all models is tested with models of its own.
            Some(_) if line.path().starts_with("/admin/") => {}
            Some((test, Some(file))) => {
                let mut parts = line.path().split(['{', '}']).step_by(2);
                if !parts.all(|part| file.contains(part.trim_end_matches('/'))) {
                    problems.push(format!(
                        "{}: the file of {test} does not name the path",
                        line.route
                    ));
                }
            }
        }
    }
    none(&problems);
}

/// The lists of exceptions say nothing that is not so.
#[tokio::test]
async fn exceptions_are_few_and_true() {
    let mut problems = Vec::new();
    let lines = expectations();
    for (route, reason) in UNAUDITED.iter().chain(READS_THAT_WRITE) {
        let expected = lines.iter().find(|expected| expected.route == *route);
        match expected {
            None => problems.push(format!("{route} is gone: take it off the list of exceptions")),
            Some(expected) if !expected.leaves.is_empty() => {
                problems.push(format!(
                    "{route} leaves entries: take it off the list of exceptions"
                ));
            }
            Some(_) if reason.len() < 10 => problems.push(format!("{route} has no reason")),
            Some(_) => {}
        }
    }
    for route in routes::of(&services::functions()).await {
        let Some(expected) = lines.iter().find(|line| line.route == route.name) else {
            continue;
        };
        let access = route.access;
        let by_somebody = expected.who.has_account() || expected.who == Who::ApiKey;
        let excepted = UNAUDITED.iter().any(|(route, _)| *route == expected.route);
        if by_somebody
            && !expected.is_safe()
            && expected.leaves.is_empty()
            && expected.elsewhere.is_none()
            && expected.answers < 400
            && !excepted
        {
            problems.push(format!(
                "{} is a change by somebody: declare the entries it leaves, `.leaves(&[…])`",
                expected.route
            ));
        }
        let fits = match access {
            Access::Anyone => matches!(expected.who, Who::Anyone | Who::Bearer),
            // A page that a mailed link leads to stands beside the one that asks for the link.
            Access::Bearer => matches!(expected.who, Who::Anyone | Who::Bearer | Who::SignedIn),
            Access::ApiKey => expected.who == Who::ApiKey,
            Access::SignedIn => expected.who == Who::SignedIn,
            Access::Staff => matches!(expected.who, Who::Member(_) | Who::Insider(_)),
            Access::Operator => expected.who == Who::Operator,
        };
        if !fits {
            problems.push(format!(
                "{} admits {:?}, and its function says {access:?}",
                expected.route, expected.who
            ));
        }
    }
    none(&problems);
}
