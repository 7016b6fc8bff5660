//! Organisations: who may do what, and that another organisation's things do not exist.

use app::{Role, Trigger};
use axum::http::StatusCode;
use serde_json::json;
use store::{Sql, audit::Verified, params, sql};
use uuid::Uuid;

use crate::house::{Browser, House, Person};

const MEMBERS: Sql = sql!("select count(*) from platform.membership");
const ROLE: Sql = sql!("select role from platform.membership where account_id = $1");

async fn role_of(house: &House, person: &Person) -> Option<String> {
    let row = house
        .twins
        .owner
        .optional(ROLE, params![person.id])
        .await
        .unwrap();
    row.map(|row| row.get("role").unwrap())
}

/// The value of `action="…"` or `href="…"` that holds this text.
fn address(body: &str, part: &str) -> String {
    let at = body.find(part).unwrap_or_else(|| panic!("no {part} in {body}"));
    let start = body[..at].rfind('"').unwrap() + 1;
    body[start..].chars().take_while(|c| *c != '"').collect()
}

#[tokio::test]
async fn an_invitation_makes_a_colleague() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "olga@riverside.example", Role::Owner).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    let invite = "/platform/invitations";
    let bad = browser
        .submit(invite, &[("email", "nonsense"), ("role", "king")])
        .await;
    assert!(bad.is(400).body.contains("Choose a role"));
    let own = [("email", "OLGA@riverside.example"), ("role", "viewer")];
    assert!(
        browser
            .submit(invite, &own)
            .await
            .is(400)
            .body
            .contains("a member already")
    );
    let fields = [("email", "new.person@riverside.example"), ("role", "editor")];
    browser.submit(invite, &fields).await.leads_to(invite);
    assert!(
        browser
            .get(invite)
            .await
            .body
            .contains("new.person@riverside.example")
    );

    // Asked again: the first link is dead, the second works.
    let first = house.link_to("new.person@riverside.example").await;
    browser.submit(invite, &fields).await.leads_to(invite);
    let link = house.link_to("new.person@riverside.example").await;
    let mut guest = Browser::new(&house);
    guest.get(&first).await.is(410);
    let page = guest.get(&link).await;
    assert!(page.is(200).body.contains("Organisation riverside"));
    let (form_token, token) = (page.hidden("form_token"), page.hidden("token"));
    let path = link.split('?').next().unwrap();
    let form = |password| {
        [
            ("form_token", form_token.as_str()),
            ("token", token.as_str()),
            ("name", "New Person"),
            ("time_zone", "America/Chicago"),
            ("password", password),
            ("password_again", password),
        ]
    };
    let own_name = guest.post_raw(path, &form("new person at the river")).await;
    assert!(own_name.is(400).body.contains("Leave out your name"));
    let fine = "kettle and brass bell";
    guest
        .post_raw(path, &form(fine))
        .await
        .leads_to("/account/second-factor?required=true");
    assert!(guest.is_signed_in().await);
    guest.post_raw(path, &form(fine)).await.is(403);
    guest.get(&link).await.is(410);
    // Work waits for the second factor.
    guest
        .get("/platform/members")
        .await
        .leads_to("/account/second-factor?required=true");
    assert!(browser.get("/platform/members").await.body.contains("New Person"));
    assert!(
        !browser.get(invite).await.body.contains("new.person@"),
        "it is no longer open"
    );
    let history = browser.get("/platform/history").await;
    assert!(history.is(200).body.contains("Joined") && history.body.contains("n…@riverside.example"));
    assert!(
        !history.body.contains("new.person@"),
        "personal fields are masked"
    );
    let verified = store::audit::verify(&house.twins.owner, tenant.0).await.unwrap();
    assert_eq!(verified, Verified::Whole(3));
}

#[tokio::test]
async fn an_invitation_is_accepted_by_its_own_account_only() {
    let house = House::new().await;
    let (riverside, hilltop) = (house.tenant("riverside").await, house.tenant("hilltop").await);
    let owner = house
        .member(riverside, "olga@riverside.example", Role::Owner)
        .await;
    let invited = house.member(hilltop, "maya@hilltop.example", Role::Viewer).await;
    let eve = house.person("eve@elsewhere.example", true).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    let fields = [("email", "maya@hilltop.example"), ("role", "admin")];
    browser.submit("/platform/invitations", &fields).await;
    let link = house.link_to("maya@hilltop.example").await;
    let (path, token) = link.split_once("?token=").unwrap();

    let mut thief = Browser::new(&house);
    thief.sign_in(&eve).await;
    let own = thief.get("/account/profile").await.hidden("form_token");
    let fields = [("form_token", own.as_str()), ("token", token)];
    thief.post_raw(path, &fields).await.leads_to(&link);
    assert!(thief.get(&link).await.body.contains("Sign in to accept"));

    let mut maya = Browser::new(&house);
    maya.sign_in(&invited).await;
    maya.fill(&link, path, &[("token", token)])
        .await
        .leads_to("/platform/organizations");
    maya.get(&link).await.is(410);
    let page = maya.get("/platform/organizations").await;
    assert!(page.body.contains("Organisation riverside") && page.body.contains("Organisation hilltop"));

    // Switching: the token changes, the rights with it.
    maya.get("/platform/api-keys").await.is(403);
    let enter = format!("/platform/organizations/{}/enter", riverside.0);
    let old = maya.cookies.clone();
    maya.fill("/platform/organizations", &enter, &[])
        .await
        .leads_to("/platform/organizations");
    assert_ne!(maya.cookies, old);
    maya.get("/platform/api-keys").await.is(200);
    let mut left_behind = Browser::new(&house);
    left_behind.cookies = old;
    assert!(!left_behind.is_signed_in().await);
    // Nobody enters where they do not belong.
    thief.fill("/account/profile", &enter, &[]).await.is(404);
}

#[tokio::test]
async fn an_invitation_ends_and_can_be_taken_back() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "olga@riverside.example", Role::Owner).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    let invite = "/platform/invitations";
    browser
        .submit(invite, &[("email", "late@riverside.example"), ("role", "viewer")])
        .await;
    browser
        .submit(invite, &[("email", "back@riverside.example"), ("role", "viewer")])
        .await;
    let (late, back) = (
        house.link_to("late@riverside.example").await,
        house.link_to("back@riverside.example").await,
    );
    let mut guest = Browser::new(&house);
    guest.get(&late).await.is(200);
    guest.get(&back).await.is(200);
    let revoke = address(&browser.get(invite).await.body, "/revoke");
    browser.fill(invite, &revoke, &[]).await.leads_to(invite);
    guest.get(&back).await.is(410);
    browser.fill(invite, &revoke, &[]).await.is(404);
    house.advance(7 * 86_400 + 1);
    guest.get(&late).await.is(410);
}

/// Every page and form of an organisation, by each role: the table of who may.
#[tokio::test]
async fn each_role_may_what_it_may() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    house.member(tenant, "olga@riverside.example", Role::Owner).await;
    let target = house
        .member(tenant, "target@riverside.example", Role::Viewer)
        .await;
    let id = target.id;
    for role in Role::ALL {
        let email = format!("{}@riverside.example", role.as_str());
        let person = house.member(tenant, &email, role).await;
        let mut browser = Browser::new(&house);
        browser.sign_in(&person).await;
        let manages = role >= Role::Admin;
        for (page, may) in [
            ("/platform/organizations", true),
            ("/platform/members", true),
            ("/platform/invitations", manages),
            ("/platform/api-keys", manages),
            ("/platform/history", manages),
        ] {
            let expected = if may {
                StatusCode::OK
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(browser.get(page).await.status, expected, "{role:?} {page}");
        }
        let own = browser.get("/account/profile").await.hidden("form_token");
        for (form, fields) in [
            (format!("/platform/members/{id}/role"), vec![("role", "viewer")]),
            (
                "/platform/invitations".to_owned(),
                vec![("email", "x@riverside.example"), ("role", "viewer")],
            ),
            (
                "/platform/api-keys".to_owned(),
                vec![("description", "x"), ("kind", "live"), ("service", "voting")],
            ),
            (format!("/platform/invitations/{id}/revoke"), vec![]),
            (format!("/platform/api-keys/{id}/revoke"), vec![]),
        ] {
            let mut all = vec![("form_token", own.as_str())];
            all.extend(fields);
            let answer = browser.post_raw(&form, &all).await;
            assert_eq!(
                answer.status == StatusCode::FORBIDDEN,
                !manages,
                "{role:?} {form}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn nobody_reaches_above_themselves_and_the_last_owner_stays() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "olga@riverside.example", Role::Owner).await;
    let admin = house.member(tenant, "adam@riverside.example", Role::Admin).await;
    let viewer = house.member(tenant, "vera@riverside.example", Role::Viewer).await;
    let set = async |by: &Person, whom: &Person, role: &str| {
        let mut browser = Browser::new(&house);
        browser.sign_in(by).await;
        let form = format!("/platform/members/{}/role", whom.id);
        browser
            .fill("/platform/members", &form, &[("role", role)])
            .await
            .status
    };
    assert_eq!(
        set(&admin, &viewer, "owner").await,
        403,
        "an admin makes no owner"
    );
    assert_eq!(set(&admin, &owner, "viewer").await, 403, "nor lowers one");
    assert_eq!(set(&admin, &admin, "owner").await, 403, "least of all themselves");
    assert_eq!(set(&owner, &owner, "viewer").await, 403);
    assert_eq!(set(&admin, &viewer, "king").await, 400);
    assert_eq!(set(&admin, &viewer, "admin").await, 303);
    assert_eq!(role_of(&house, &viewer).await.as_deref(), Some("admin"));
    assert_eq!(set(&owner, &admin, "owner").await, 303);
    // Two owners who lower each other at once: one stays.
    let (one, other) = tokio::join!(set(&owner, &admin, "viewer"), set(&admin, &owner, "viewer"));
    assert!(one != other || one == 303, "{one} {other}");
    const OWNERS: Sql = sql!("select count(*) from platform.membership where role = 'owner'");
    assert_eq!(house.count(OWNERS).await, 1);

    // Removed: out at once, with a session that still lives.
    let mut browser = Browser::new(&house);
    browser.sign_in(&viewer).await;
    browser.get("/platform/members").await.is(200);
    const DROP: Sql = sql!("delete from platform.membership where account_id = $1");
    house.twins.owner.rows(DROP, params![viewer.id]).await.unwrap();
    browser
        .get("/platform/members")
        .await
        .leads_to("/platform/organizations");
}

/// Everything of another organisation, asked for by its owner-rank neighbour: 404, and unchanged.
#[tokio::test]
async fn another_organisations_things_do_not_exist() {
    let house = House::new().await;
    let (riverside, hilltop) = (house.tenant("riverside").await, house.tenant("hilltop").await);
    let owner = house
        .member(riverside, "olga@riverside.example", Role::Owner)
        .await;
    let member = house
        .member(riverside, "maya@riverside.example", Role::Viewer)
        .await;
    let neighbour = house.member(hilltop, "nils@hilltop.example", Role::Owner).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    browser
        .submit(
            "/platform/invitations",
            &[("email", "x@riverside.example"), ("role", "viewer")],
        )
        .await;
    browser
        .submit(
            "/platform/api-keys",
            &[
                ("description", "river key"),
                ("kind", "live"),
                ("service", "voting"),
            ],
        )
        .await
        .is(200);
    let revoke_key = address(&browser.get("/platform/api-keys").await.body, "/revoke");
    let revoke_invitation = address(&browser.get("/platform/invitations").await.body, "/revoke");

    let mut nils = Browser::new(&house);
    nils.sign_in(&neighbour).await;
    let before = house.count(MEMBERS).await;
    for (form, fields) in [
        (
            format!("/platform/members/{}/role", member.id),
            vec![("role", "owner")],
        ),
        (format!("/platform/members/{}/remove", member.id), vec![]),
        (revoke_key.clone(), vec![]),
        (revoke_invitation.clone(), vec![]),
        (format!("/platform/organizations/{}/enter", riverside.0), vec![]),
        (
            format!("/platform/members/{}/role", Uuid::new_v4()),
            vec![("role", "owner")],
        ),
    ] {
        nils.fill("/account/profile", &form, &fields).await.is(404);
    }
    for page in [
        "/platform/members",
        "/platform/invitations",
        "/platform/api-keys",
        "/platform/history",
    ] {
        let answer = nils.get(page).await;
        let body = answer.is(200).body.to_lowercase();
        assert!(!body.contains("river"), "{page} shows what is another's");
    }
    assert_eq!(house.count(MEMBERS).await, before);
    assert_eq!(role_of(&house, &member).await.as_deref(), Some("viewer"));
    // They are still there for whose they are.
    browser
        .fill("/platform/api-keys", &revoke_key, &[])
        .await
        .leads_to("/platform/api-keys");
    browser
        .fill("/platform/invitations", &revoke_invitation, &[])
        .await
        .leads_to("/platform/invitations");
}

#[tokio::test]
async fn a_key_is_shown_once() {
    const STORED: Sql = sql!("select k::text as text from platform.api_key k");
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "olga@riverside.example", Role::Owner).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    let page = "/platform/api-keys";
    browser
        .submit(page, &[("description", " "), ("kind", "other")])
        .await
        .is(400);
    let made = browser
        .submit(
            page,
            &[
                ("description", "<i>site</i>"),
                ("kind", "test"),
                ("service", "voting"),
            ],
        )
        .await;
    let at = made.is(200).body.find("cw_test_").unwrap();
    let key: String = made.body[at..]
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    assert!(identity::api_key::parse(&key).is_some(), "{key}");
    let again = browser.get(page).await;
    assert!(!again.body.contains(&key) && again.body.contains(&key[..12]));
    assert!(!again.body.contains("<i>site"));
    let stored: String = house
        .twins
        .owner
        .one(STORED, params![])
        .await
        .unwrap()
        .get("text")
        .unwrap();
    assert!(!stored.contains(&key[12..]), "only a hash is stored");
    let revoke = address(&again.body, "/revoke");
    browser.fill(page, &revoke, &[]).await.leads_to(page);
    assert!(browser.get(page).await.body.contains("Revoked"));
    browser.fill(page, &revoke, &[]).await.is(404);
    let history = browser.get("/platform/history").await.body;
    assert!(history.contains("Key made") && history.contains("Key revoked"));
    assert!(!history.contains(&key));
}

/// A new installation: the operator invites the first person.
#[tokio::test]
async fn the_operator_invites_the_first_owner() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let Trigger::Operation { run } = platform::INVITE.trigger else {
        panic!("it is an operation")
    };
    let cx = house.twins.context(&platform::INVITE).unwrap();
    for wrong in [
        json!({}),
        json!({"organization": "riverside", "email": "x", "role": "owner"}),
        json!({"organization": "riverside", "email": "first@riverside.example", "role": "king"}),
        json!({"organization": "nowhere", "email": "first@riverside.example", "role": "owner"}),
    ] {
        assert!(run(cx.clone(), wrong.clone()).await.is_err(), "{wrong}");
    }
    let event = json!({"organization": "riverside", "email": "first@riverside.example", "role": "owner", "language": "es"});
    run(cx, event).await.unwrap();
    let mails = house.mails_to("first@riverside.example").await;
    assert!(
        mails[0].subject.starts_with("Le invitan a"),
        "{}",
        mails[0].subject
    );
    let mut guest = Browser::new(&house);
    assert!(
        guest
            .get(&house.link_to("first@riverside.example").await)
            .await
            .body
            .contains("Owner")
    );
    let verified = store::audit::verify(&house.twins.owner, tenant.0).await.unwrap();
    assert_eq!(verified, Verified::Whole(1));
}
