//! Who may use what: every route of the house, asked by everybody who may not and by somebody who may.
//!
//! [`expectations`] says whom each route admits; that none is missing there is a guard (`tests/guard/authorization.rs`). Whoever may not is refused in the way
//! that fits, and the database is the same afterwards, row by row; whoever may is answered, and leaves exactly the entries
//! in the history that are declared, with nothing of a person readable in them. Reading changes nothing.
//!
//! After omicron's `unauthorized_coverage`: lists of exceptions may only shrink.

pub(crate) mod declared_models;
pub(crate) mod expectation;
pub(crate) mod expectations;
mod generated_rows;
mod row_level_security;
mod world;

use std::time::Duration;

use app::Role;
use expectation::{Condition, Expectation, Who};
use expectations::{READS_THAT_WRITE, UNAUDITED, expectations};
use world::{Caller, Filled, Person, World};

/// The role just below the least that is admitted.
fn below(role: Role) -> Option<Role> {
    Role::ALL.into_iter().take_while(|other| *other < role).last()
}

/// Everybody who takes part, made once.
struct Cast {
    /// One of each role, in [`Role::ALL`]'s order.
    members: Vec<Person>,
    /// Has an account, and belongs to no organisation.
    newcomer: Person,
    /// An owner without a second factor.
    unproven: Person,
    /// An owner of the other organisation.
    stranger: Person,
    operator: Person,
}

impl Cast {
    async fn make(world: &World) -> Self {
        let [own, other] = world.tenants;
        let mut members = Vec::new();
        for role in Role::ALL {
            members.push(world.person(Some((own, role)), Condition::Whole).await);
        }
        Self {
            members,
            newcomer: world.person(None, Condition::Whole).await,
            unproven: world
                .person(Some((own, Role::Owner)), Condition::WithoutSecondFactor)
                .await,
            stranger: world.person(Some((other, Role::Owner)), Condition::Whole).await,
            operator: world.operator().await,
        }
    }

    fn member(&self, role: Role) -> &Person {
        &self.members[Role::ALL.iter().position(|other| *other == role).unwrap()]
    }

    /// Somebody whom the route admits.
    fn right(&self, who: Who) -> Option<&Person> {
        match who {
            Who::Member(role) | Who::Insider(role) => Some(self.member(role)),
            Who::Operator => Some(&self.operator),
            Who::SignedIn => Some(self.member(Role::Viewer)),
            _ => None,
        }
    }
}

/// Who is refused, by which status, and where they are sent.
struct Refusal<'a> {
    who: &'static str,
    caller: Caller<'a>,
    about: &'a Filled,
    status: u16,
    leads_to: &'static str,
}

fn refusals<'a>(
    expected: &Expectation,
    cast: &'a Cast,
    keys: &'a [(&'static str, String, u16)],
    own: &'a Filled,
    foreign: Option<&'a Filled>,
) -> Vec<Refusal<'a>> {
    let mut refused = Vec::new();
    let mut add = |who, caller, about, status, leads_to| {
        refused.push(Refusal {
            who,
            caller,
            about,
            status,
            leads_to,
        });
    };
    let right = cast.right(expected.who);
    match expected.who {
        Who::Anyone => {}
        Who::Bearer => {
            if let Some(foreign) = foreign {
                add(
                    "somebody who guesses",
                    Caller::Nobody,
                    foreign,
                    expected.unknown,
                    "",
                );
            }
        }
        Who::ApiKey => {
            add("nobody", Caller::Nobody, own, 401, "");
            for (who, key, status) in keys {
                add(who, Caller::Key(key), own, *status, "");
            }
        }
        _ => {
            add("nobody", Caller::Nobody, own, 303, "/account/sign-in");
        }
    }
    match expected.who {
        Who::Member(_) => add(
            "somebody without an organisation",
            Caller::Person(&cast.newcomer),
            own,
            303,
            "/platform/organizations",
        ),
        Who::Insider(_) => {
            let newcomer = Caller::Person(&cast.newcomer);
            add("somebody without an organisation", newcomer, own, 403, "");
        }
        Who::Operator => {
            let owner = Caller::Person(cast.member(Role::Owner));
            add("an owner of an organisation", owner, own, 403, "");
        }
        _ => {}
    }
    if matches!(expected.who, Who::Member(_) | Who::Insider(_) | Who::Operator) {
        add(
            "an owner without a second factor",
            Caller::Person(&cast.unproven),
            own,
            303,
            "/account/second-factor",
        );
    }
    if let Who::Member(role) | Who::Insider(role) = expected.who {
        if let Some(lower) = below(role) {
            add("a lower role", Caller::Person(cast.member(lower)), own, 403, "");
        }
        if let Some(foreign) = foreign {
            add(
                "somebody of another organisation",
                Caller::Person(cast.member(Role::Owner)),
                foreign,
                expected.unknown,
                "",
            );
        }
    }
    if let (Who::SignedIn, Some(foreign), Some(right)) = (expected.who, foreign, right) {
        add(
            "another account",
            Caller::Person(right),
            foreign,
            expected.unknown,
            "",
        );
    }
    if let (false, Some(right)) = (expected.is_safe(), right) {
        add(
            "a form without its token",
            Caller::WithoutToken(right),
            own,
            403,
            "",
        );
        add("a form of another site", Caller::CrossSite(right), own, 403, "");
    }
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_is_refused_and_changes_nothing() {
    let world = World::open().await;
    let cast = Cast::make(&world).await;
    let mut problems = Vec::new();
    let (mut asked, mut forbidden, mut unauthenticated) = (0, 0, 0);
    for expected in &expectations() {
        let keys = match expected.who {
            Who::ApiKey => world.keys_that_do_not_fit().await,
            _ => Vec::new(),
        };
        let right = cast.right(expected.who);
        let asks = right.unwrap_or(cast.member(Role::Viewer));
        let own = world.fill(expected, Some(asks), world.tenants[0]).await;
        let foreign = match (expected.row, expected.who) {
            (_, Who::Bearer) => Some(world.unknown(expected)),
            (None, _) if expected.path().contains('{') => Some(world.unknown(expected)),
            (None, _) | (_, Who::Anyone) => None,
            // Operators have all organisations' rows.
            (_, Who::Operator) => Some(world.unknown(expected)),
            (Some(_), _) => Some(world.fill(expected, Some(&cast.stranger), world.tenants[1]).await),
        };
        let before = world.fingerprint().await;
        for refusal in refusals(expected, &cast, &keys, &own, foreign.as_ref()) {
            let answer = world.ask(expected, &refusal.caller, refusal.about).await;
            asked += 1;
            forbidden += usize::from(answer.status == 403);
            unauthenticated += usize::from(answer.status == 401);
            let is_expected =
                answer.status == refusal.status && answer.location.starts_with(refusal.leads_to);
            if !is_expected {
                problems.push(format!(
                    "{} by {}: {} {} instead of {} {}",
                    expected.route,
                    refusal.who,
                    answer.status,
                    answer.location,
                    refusal.status,
                    refusal.leads_to
                ));
            }
        }
        for table in world.changes(&before).await {
            problems.push(format!(
                "{}: somebody who was refused changed {table}",
                expected.route
            ));
        }
    }
    problems.extend(world.header_problems());
    crate::none(&problems);
    // Whoever was refused stands in the log, with the code of the reason. The last lines are still on their way.
    let refused = (forbidden, unauthenticated);
    for _ in 0..50 {
        if (world.logged(403), world.logged(401)) == refused {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((world.logged(403), world.logged(401)), refused);
    assert!(asked > 150, "{asked} requests are too few to mean anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_is_answered_and_the_history_says_what_they_changed() {
    let world = World::open().await;
    let mut problems = Vec::new();
    // Pages are read before anything is changed: jobs work in the background afterwards.
    let (read, changed): (Vec<Expectation>, Vec<Expectation>) = expectations()
        .into_iter()
        .filter(|expected| expected.elsewhere.is_none())
        .partition(Expectation::is_safe);
    for expected in &read.into_iter().chain(changed).collect::<Vec<_>>() {
        let tenant = world.tenants[0];
        let membership = match expected.who {
            Who::Member(role) | Who::Insider(role) => Some((tenant, role)),
            _ => Some((tenant, Role::Viewer)),
        };
        let person = match expected.who {
            Who::Operator => world.operator().await,
            _ => world.person(membership, expected.person).await,
        };
        let key = match expected.who {
            Who::ApiKey => world.key().await,
            _ => String::new(),
        };
        let about = world.fill(expected, Some(&person), tenant).await;
        let caller = match expected.who {
            Who::ApiKey => Caller::Key(&key),
            who if who.has_account() => Caller::Person(&person),
            // Whoever waits for the code is known by a session, too.
            _ if expected.person == Condition::HalfSignedIn => Caller::Person(&person),
            _ => Caller::Nobody,
        };
        let (before, chains) = (world.fingerprint().await, world.entries().await.len());
        let answer = world.ask(expected, &caller, &about).await;
        let was_sent_away = expected.route != "POST /account/sign-out"
            && answer.location.split('?').next() == Some("/account/sign-in");
        if answer.status != expected.answers || was_sent_away {
            problems.push(format!(
                "{} by who may: {} {} instead of {}: {}",
                expected.route,
                answer.status,
                answer.location,
                expected.answers,
                answer.said()
            ));
            continue;
        }
        let writes = READS_THAT_WRITE.iter().any(|(route, _)| *route == expected.route);
        if expected.is_safe() {
            let mut changed = world.changes(&before).await;
            if !expected.leaves.is_empty() {
                changed.retain(|table| !table.starts_with("platform.audit_"));
            }
            match (changed.is_empty(), writes) {
                (false, false) => {
                    problems.push(format!("{} changed {changed:?} by being read", expected.route));
                }
                (true, true) => problems.push(format!(
                    "{} changes nothing: take it off READS_THAT_WRITE",
                    expected.route
                )),
                _ => {}
            }
        }
        let entries = world.entries().await;
        let left: Vec<_> = entries[chains..]
            .iter()
            .filter(|entry| entry.actor_kind != "system")
            .collect();
        let mut shown: Vec<&str> = left.iter().map(|entry| entry.shown.as_str()).collect();
        let mut declared = expected.leaves.to_vec();
        shown.sort_unstable();
        declared.sort_unstable();
        if shown != declared {
            let was_excepted = UNAUDITED.iter().any(|(route, _)| *route == expected.route);
            let advice = if was_excepted {
                ": take it off UNAUDITED"
            } else {
                ""
            };
            problems.push(format!(
                "{} left {shown:?} in the history; declared is {declared:?}{advice}",
                expected.route
            ));
        }
        for entry in left {
            if entry.text.to_lowercase().contains("canary") {
                problems.push(format!(
                    "{} left a person readable: {}",
                    expected.route, entry.text
                ));
            }
            let is_own = entry.actor == Some(person.id) || !expected.who.has_account();
            // An export is of a whole list.
            let is_about = !entry.object.is_empty() || entry.shown == "admin.export>";
            if !is_own || !is_about {
                problems.push(format!(
                    "{}: {} does not say who or what",
                    expected.route, entry.shown
                ));
            }
        }
    }
    crate::none(&problems);
}
