//! Operators let organisations in, change them and disable them.

use std::sync::Arc;

use ports::Undeclared;
use serde_json::{Value, json};
use store::{Sql, params, sql};
use testkit::TestDb;

use crate::{
    accounts::{Browser, Page, demo, sign_in},
    host::{Host, basics},
};

/// A demonstration person: an operator where `operator`, else who is not.
async fn signed_in<'a>(host: &'a Host, operator: bool) -> Browser<'a> {
    let demo = demo(host);
    let people = demo["people"].as_array().unwrap();
    let is_operator = |person: &&Value| person["is_operator"] == true;
    let person = match operator {
        true => people.iter().find(is_operator).unwrap(),
        false => people
            .iter()
            .find(|person| person["role"] == "owner" && person["tenant"] == "riverside")
            .unwrap(),
    };
    sign_in(host, person).await
}

const LEAD: [(&str, &str); 9] = [
    ("organization", "Lakeside Votes"),
    ("website", "https://lakeside.example"),
    ("first_name", "Lena"),
    ("last_name", "Lake"),
    ("email", "lena@lakeside.example"),
    ("phone", "617-555-0199"),
    ("plan", "nonprofit"),
    ("ein", "123456789"),
    ("sms_mode", "box_unchecked"),
];

fn with<'a, const N: usize>(
    fields: &[(&'a str, &'a str); N],
    name: &str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut fields = fields.to_vec();
    fields.iter_mut().find(|field| field.0 == name).unwrap().1 = value;
    fields
}

/// Posts to a path with the form token of a page.
async fn post(browser: &mut Browser<'_>, page: &str, path: &str, fields: &[(&str, &str)]) -> Page {
    let token = browser.get(page).await.hidden("form_token");
    browser.post(path, &token, fields).await
}

async fn leads(owner: &store::Database) -> Vec<uuid::Uuid> {
    const ALL: Sql = sql!("select id from platform.lead order by created_at");
    let rows = owner.rows(ALL, params![]).await.unwrap();
    rows.iter().map(|row| row.get("id").unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_lead_to_an_organization_with_its_first_person() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let mut visitor = Browser::new(&host);

    // Anybody asks; what is wrong is named; a double click is one lead.
    for (name, value) in [
        ("organization", ""),
        ("website", "lakeside"),
        ("email", "lena"),
        ("plan", "free"),
        ("ein", ""),
        ("ein", "12"),
        ("phone", "1"),
    ] {
        let page = visitor.submit("/platform/lead", &with(&LEAD, name, value)).await;
        assert_eq!(page.status, 400, "{name}={value}");
        assert!(
            page.body.contains(&format!("href=\"#{name}\"")),
            "{name}: {}",
            page.body
        );
    }
    let once = visitor.get("/platform/lead").await.hidden("once");
    let whole: Vec<_> = LEAD.into_iter().chain([("once", once.as_str())]).collect();
    for _ in 0..2 {
        let sent = visitor.submit("/platform/lead", &whole).await;
        assert_eq!(sent.location, "/platform/lead/thanks?lang=en", "{}", sent.body);
    }
    assert_eq!(visitor.get("/platform/lead/thanks").await.status, 200);
    let other = with(&LEAD, "organization", "Spam & Sons");
    assert_eq!(visitor.submit("/platform/lead", &other).await.status, 303);
    let ids = leads(&owner).await;
    assert_eq!(ids.len(), 2);
    let (lead, spam) = (ids[0], ids[1]);
    // Not from another site, and not without the form's own token.
    assert_eq!(visitor.post("/platform/lead", "forged", &LEAD).await.status, 403);

    // Only operators see it.
    let mut stranger = signed_in(&host, false).await;
    for path in [
        "/platform/leads",
        "/platform/all-organizations/new",
        "/admin/platform/organization",
        &format!("/platform/leads/{lead}"),
    ] {
        assert_eq!(stranger.get(path).await.status, 403, "{path}");
        assert_eq!(Browser::new(&host).get(path).await.status, 303, "{path}");
    }
    let activate = format!("/platform/leads/{lead}/activate");
    let show = format!("/platform/leads/{lead}");
    let decision = [
        ("organization", "Lakeside Votes"),
        ("website", "https://lakeside.example"),
        ("slug", "lakeside"),
        ("plan", "nonprofit"),
        ("sms_mode", "box_checked"),
        ("initial_user", "lena@lakeside.example"),
    ];
    let refused = post(&mut stranger, "/account/profile", &activate, &decision).await;
    assert_eq!(refused.status, 403);

    let mut operator = signed_in(&host, true).await;
    let list = operator.get("/platform/leads").await.body;
    assert!(list.contains("Lakeside Votes") && list.contains("Spam"), "{list}");
    let shown = operator.get(&show).await.body;
    assert!(
        shown.contains("value=\"lakeside-votes\"") && shown.contains("12-3456789"),
        "{shown}"
    );
    for (name, value) in [
        ("slug", "riverside"),
        ("slug", "Not A Slug"),
        ("initial_user", "x"),
        ("plan", "gold"),
    ] {
        let page = post(&mut operator, &show, &activate, &with(&decision, name, value)).await;
        assert_eq!(page.status, 400, "{name}={value}");
        assert!(
            page.body.contains(&format!("href=\"#{name}\"")),
            "{name}: {}",
            page.body
        );
    }
    let token = operator.get(&show).await.hidden("form_token");
    let done = operator.post(&activate, &token, &decision).await;
    assert_eq!(
        (done.status, done.location.as_str()),
        (303, show.as_str()),
        "{}",
        done.body
    );
    let again = operator
        .post(&activate, &token, &with(&decision, "slug", "lakeside2"))
        .await;
    assert_eq!(again.status, 409);
    assert!(again.body.contains("decided already"), "{}", again.body);
    let late = format!("/platform/leads/{lead}/reject");
    assert_eq!(
        operator.post(&late, &token, &[("reason", "no")]).await.status,
        409
    );

    // The organisation is there, its first person invited and welcomed, once.
    let subscriber = host.get("/voting/v1/subscriber/id/lakeside").await;
    assert_eq!(
        (
            &subscriber["name"],
            &subscriber["url"],
            &subscriber["sms_checkbox_default"]
        ),
        (
            &json!("Lakeside Votes"),
            &json!("https://lakeside.example"),
            &json!(true)
        )
    );
    host.mail("lena@lakeside.example", "/account/invitation/").await;
    let welcome = host.mail("lena@lakeside.example", "/voting/manage/embed").await;
    assert!(welcome["subject"].as_str().unwrap().contains("Lakeside Votes"));
    host.advance(120).await;
    assert_eq!(host.mails_to("lena@lakeside.example").await, 2);

    // Refusing needs a reason, and writes nobody.
    let (show, reject) = (
        format!("/platform/leads/{spam}"),
        format!("/platform/leads/{spam}/reject"),
    );
    let page = post(&mut operator, &show, &reject, &[("reason", " ")]).await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("href=\"#reason\""));
    assert_eq!(
        post(&mut operator, &show, &reject, &[("reason", "No voters")])
            .await
            .status,
        303
    );
    assert!(operator.get(&show).await.body.contains("No voters"));
    const TRAIL: Sql = sql!(
        "select count(*) filter (where action = 'organization.create') as made, count(*) filter (where action = 'lead.reject')
                as refused, count(*) filter (where action = 'invitation.create') as invited from platform.audit_entry"
    );
    let row = owner.one(TRAIL, params![]).await.unwrap();
    let count = |name: &str| row.get::<i64>(name).unwrap();
    assert_eq!((count("made"), count("refused"), count("invited")), (1, 1, 1));

    // So many from one address.
    let mut statuses = Vec::new();
    for _ in 0..22 {
        statuses.push(visitor.submit("/platform/lead", &LEAD).await.status);
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let printed = host.printed.lock().unwrap().clone();
    let log: String = printed.lines().filter(|line| line.starts_with('{')).collect();
    for secret in ["lena@", "6175550199", "12-3456789"] {
        assert!(!log.contains(secret), "{secret} was logged");
    }

    // What was decided is forgotten after ninety days, what was not after a hundred and eighty; who was let in stays.
    let day = 86_400;
    host.advance(89 * day).await;
    assert!(leads(&owner).await.contains(&lead));
    host.advance(2 * day).await;
    let waiting = leads(&owner).await;
    assert!(!waiting.is_empty() && !waiting.contains(&lead) && !waiting.contains(&spam));
    host.advance(90 * day).await;
    assert!(leads(&owner).await.is_empty());
    const CONTACT: Sql =
        sql!("select count(*) as kept from platform.subscription where email = 'lena@lakeside.example'");
    let row = owner.one(CONTACT, params![]).await.unwrap();
    assert_eq!(row.get::<i64>("kept").unwrap(), 1);
}

const ALL: &str = "/platform/all-organizations";

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_is_made_changed_and_disabled_with_effect() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let mut operator = signed_in(&host, true).await;

    // Made once by a double click; a taken or wrong short name is named.
    let new = [
        ("organization", "Hilltop"),
        ("slugs", "hilltop"),
        ("website", ""),
        ("plan", "free"),
    ];
    let form = format!("{ALL}/new");
    for (name, value) in [
        ("slugs", "riverside"),
        ("slugs", "a b"),
        ("organization", ""),
        ("plan", "gold"),
        ("slugs", "É"),
    ] {
        let page = operator.submit(&form, &with(&new, name, value)).await;
        assert_eq!(page.status, 400, "{name}={value}");
        assert!(
            page.body.contains(&format!("href=\"#{name}\"")),
            "{name}: {}",
            page.body
        );
    }
    let seen = operator.get(&form).await.hidden("seen");
    let whole: Vec<_> = new.into_iter().chain([("seen", seen.as_str())]).collect();
    let made = operator.submit(&form, &whole).await;
    assert_eq!(made.status, 303, "{}", made.body);
    assert_eq!(operator.submit(&form, &whole).await.location, made.location);
    assert_eq!(
        host.get("/voting/v1/subscriber/id/hilltop").await["has_data_access"],
        false
    );
    let list = "/admin/platform/organization";
    let found = operator.get(&format!("{list}?q=hill")).await.body;
    assert!(
        found.contains("Hilltop") && !found.contains("Riverside") && found.contains(&form),
        "{found}"
    );
    assert_eq!(
        operator
            .get(&format!("{ALL}/{}", uuid::Uuid::new_v4()))
            .await
            .status,
        404
    );

    // Changed: each change stands in its history; a stale form changes nothing.
    const RIVERSIDE: Sql = sql!("select tenant_id from platform.tenant_slug where slug = 'riverside'");
    let id: uuid::Uuid = owner
        .one(RIVERSIDE, params![])
        .await
        .unwrap()
        .get("tenant_id")
        .unwrap();
    let path = format!("{ALL}/{id}");
    let change = [
        ("organization", "Riverside Voters"),
        ("slugs", "riverside a-rv"),
        ("website", "https://riverside.example"),
        ("plan", "nonprofit"),
        ("status", "active"),
        ("first_name", "Rita"),
        ("email", "rita@riverside.example"),
        ("ein", "98 7654321"),
        ("internal_notes", "pays late"),
    ];
    let send = async |operator: &mut Browser<'_>, fields: &[(&str, &str)]| {
        let seen = operator.get(&path).await.hidden("seen");
        let all: Vec<_> = fields.iter().copied().chain([("seen", seen.as_str())]).collect();
        operator.submit(&path, &all).await
    };
    for (name, value) in [
        ("slugs", "riverside demo"),
        ("slugs", ""),
        ("status", "gone"),
        ("ein", "1"),
        ("website", "x"),
    ] {
        let page = send(&mut operator, &with(&change, name, value)).await;
        assert_eq!(page.status, 400, "{name}={value}");
        assert!(
            page.body.contains(&format!("href=\"#{name}\"")),
            "{name}: {}",
            page.body
        );
    }
    let old = operator.get(&path).await.hidden("seen");
    assert_eq!(send(&mut operator, &change).await.status, 303);
    assert_eq!(
        host.get("/voting/v1/subscriber/id/a-rv").await["name"],
        "Riverside Voters"
    );
    let stale: Vec<_> = with(&change, "plan", "premium")
        .into_iter()
        .chain([("seen", old.as_str())])
        .collect();
    assert_eq!(operator.submit(&path, &stale).await.status, 409);
    let shown = operator.get(&path).await.body;
    assert!(shown.contains("slugs: riverside → riverside a-rv"), "{shown}");
    const NOTES: Sql = sql!("select after from platform.audit_entry where action = 'organization.change'");
    let after: String = owner.one(NOTES, params![]).await.unwrap().get("after").unwrap();
    assert!(
        !after.contains("pays late") && !after.contains("Rita") && !after.contains("rita@"),
        "{after}"
    );

    // Disabled: keys and staff pages stop with a clear answer, and voters are not turned away.
    let demo = demo(&host);
    let keys = demo["api_keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["tenant"] == "riverside").unwrap()["key"]
        .as_str()
        .unwrap();
    let (user, secret) = key.split_once(':').unwrap();
    let check = async || {
        let request = host
            .http
            .get(host.url("/voting/v1/apikey/check"))
            .basic_auth(user, Some(secret));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let mut staff = signed_in(&host, false).await;
    assert_eq!(
        (check().await.0, staff.get("/voting/manage").await.status),
        (200, 200)
    );
    // The first short name stands in the links, whatever the alphabet says.
    let snippets = staff.get("/voting/manage/embed").await.body;
    assert!(
        snippets.contains("subscriber=riverside") && !snippets.contains("subscriber=a-rv"),
        "{snippets}"
    );
    let disabled = with(&change, "status", "disabled");
    // A colleague is about to disable all others: one has to stay.
    let mut colleague = owner.begin_untenanted().await.unwrap();
    const ALL_BUT: Sql = sql!("update platform.tenant set status = 'disabled' where id <> $1");
    colleague.execute(ALL_BUT, params![id]).await.unwrap();
    let refused = send(&mut operator, &disabled).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("href=\"#status\""), "{}", refused.body);
    drop(colleague);
    assert_eq!(send(&mut operator, &disabled).await.status, 303);
    let (status, answer) = check().await;
    assert_eq!((status, &answer["code"]), (403, &json!("organization_disabled")));
    assert_eq!(
        staff.get("/voting/manage").await.location,
        "/platform/organizations"
    );
    let told = staff.get("/platform/organizations").await.body;
    assert!(
        told.contains("<strong>Riverside Voters</strong> is disabled"),
        "{told}"
    );
    let begun = "/voting/v1/registration/register?incomplete=true&subscriber=riverside";
    assert_eq!(host.post(begun, basics("stray@example.org")).await.0, 200);
    const STRAY: Sql = sql!(
        "select t.status from voting.registration r join platform.tenant t on t.id = r.tenant_id where r.email = 'stray@example.org'"
    );
    let stray: String = owner.one(STRAY, params![]).await.unwrap().get("status").unwrap();
    assert_eq!(stray, "active");
    let reordered = with(&change, "slugs", "a-rv riverside");
    assert_eq!(send(&mut operator, &reordered).await.status, 303);
    let snippets = staff.get("/voting/manage/embed").await.body;
    assert!(snippets.contains("subscriber=a-rv"), "{snippets}");
    assert_eq!(
        (check().await.0, staff.get("/voting/manage").await.status),
        (200, 200)
    );
}
