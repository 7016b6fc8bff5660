//! More attacks by name: what is smuggled into headers, mails and fields, and what is left behind.

use app::{Access, Role, Trigger};
use store::{Sql, params, sql};

use crate::house::{Browser, House, PASSWORD};

/// CR and LF in what is sent back as a header, and in an organisation's name that becomes a mail's subject.
#[tokio::test]
async fn header_splitting() {
    const NAME: Sql = sql!("update platform.tenant set name = $2 where id = $1");
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "maya@riverside.example", Role::Owner).await;
    for next in [
        "/account\r\nset-cookie: session=planted",
        "/account%0d%0aset-cookie: session=planted",
        "/account\n\n<script>",
    ] {
        let mut browser = Browser::new(&house);
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("next", next)
            .finish();
        browser.get(&format!("/account/sign-in?{query}")).await.is(200);
        let fields = [
            ("email", owner.email.as_str()),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = browser.submit("/account/sign-in", &fields).await;
        assert_eq!(answer.status, 303);
        assert!(!answer.location.contains(['\r', '\n']), "{}", answer.location);
        assert_ne!(browser.cookies["session"], "planted");
    }
    let evil = "Riverside\r\nBcc: everybody@evil.example";
    house
        .twins
        .owner
        .rows(NAME, params![tenant.0, evil])
        .await
        .unwrap();
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    let fields = [("email", "new@riverside.example"), ("role", "viewer")];
    browser.submit("/platform/invitations", &fields).await;
    let mails = house.mails_to("new@riverside.example").await;
    assert!(!mails[0].subject.contains(['\r', '\n']), "{:?}", mails[0].subject);
    assert!(house.mails_to("everybody@evil.example").await.is_empty());
}

/// Fields that a form does not have, named as columns are.
#[tokio::test]
async fn mass_assignment() {
    const ROW: Sql = sql!("select (to_jsonb(a) - 'name')::text as row from platform.account a where id = $1");
    const ROLE: Sql = sql!("select role from platform.membership where account_id = $1");
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let person = house.member(tenant, "vera@riverside.example", Role::Viewer).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    let row = async || {
        let row = house.twins.owner.one(ROW, params![person.id]).await.unwrap();
        row.get::<String>("row").unwrap()
    };
    let before = row().await;
    let fields = [
        ("name", "Vera"),
        ("language", "en"),
        ("time_zone", "America/New_York"),
        ("is_operator", "true"),
        ("role", "owner"),
        ("status", "disabled"),
        ("email", "other@evil.example"),
        ("password_hash", "x"),
        ("totp_secret", ""),
        ("last_tenant_id", ""),
        ("id", "00000000-0000-4000-8000-000000000000"),
    ];
    browser
        .submit("/account/profile", &fields)
        .await
        .leads_to("/account");
    assert_eq!(row().await, before);
    let role = house.twins.owner.one(ROLE, params![person.id]).await.unwrap();
    assert_eq!(role.get::<&str>("role").unwrap(), "viewer");
}

/// A link in a mail leads to our own address, whatever address was asked.
#[tokio::test]
async fn host_header_poisoning() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    browser.headers = vec![
        ("sec-fetch-site", "same-origin"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "https://evil.example/"),
    ];
    browser
        .submit("/account/password-reset", &[("email", &person.email)])
        .await
        .is(200);
    let mails = house.mails_to(&person.email).await;
    assert!(!mails.is_empty());
    for link in mails.iter().flat_map(|mail| &mail.links) {
        assert!(link.starts_with("http://127.0.0.1:4000/"), "{link}");
    }
}

/// No cache keeps a page about somebody, nor an answer that sends them away, nor one that sets a cookie.
#[tokio::test]
async fn cache_poisoning() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "maya@riverside.example", Role::Owner).await;
    let (mut browser, mut nobody) = (Browser::new(&house), Browser::new(&house));
    browser.sign_in(&owner).await;
    let mut checked = 0;
    for function in platform::FUNCTIONS {
        let Trigger::Http { paths, access, .. } = function.trigger else {
            continue;
        };
        if !matches!(access, Access::SignedIn | Access::Staff) {
            continue;
        }
        for path in paths {
            for who in [&mut browser, &mut nobody] {
                let answer = who.get(path).await;
                assert_eq!(answer.cache_control, "no-store", "{path}: {}", answer.status);
                checked += 1;
            }
        }
    }
    assert!(checked >= 20, "{checked}");
    for path in ["/account/sign-in", "/account/password-reset"] {
        let answer = Browser::new(&house).get(path).await;
        assert!(!answer.cookies.is_empty());
        assert_eq!(answer.cache_control, "no-store", "{path}");
    }
}

/// A token that was copied before is worth nothing after its owner signed out.
#[tokio::test]
async fn logout_invalidates() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    let mut thief = Browser::new(&house);
    thief.cookies = browser.cookies.clone();
    assert!(thief.is_signed_in().await);
    browser
        .fill("/account", "/account/sign-out", &[])
        .await
        .leads_to("/account/sign-in");
    assert!(
        !browser.cookies.contains_key("session"),
        "the cookie is taken back"
    );
    assert!(!thief.is_signed_in().await);
    // Nor do the forms that were open.
    thief.get("/account/sign-out").await.leads_to("/account/sign-in");
}

/// One invitation, two people at once and one later: one account, one membership.
#[tokio::test]
async fn invite_reuse() {
    const MEMBERS: Sql = sql!("select count(*) from platform.membership");
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let owner = house.member(tenant, "maya@riverside.example", Role::Owner).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&owner).await;
    let email = "new@riverside.example";
    browser
        .submit("/platform/invitations", &[("email", email), ("role", "viewer")])
        .await;
    let link = house.link_to(email).await;
    let path = link.split('?').next().unwrap();
    let (mut first, mut second) = (Browser::new(&house), Browser::new(&house));
    let mut forms = Vec::new();
    for browser in [&mut first, &mut second] {
        let page = browser.get(&link).await;
        forms.push((page.hidden("form_token"), page.hidden("token")));
    }
    let fields = |form: &(String, String)| {
        [
            ("form_token", form.0.clone()),
            ("token", form.1.clone()),
            ("name", "New".to_owned()),
            ("time_zone", "UTC".to_owned()),
            ("password", "kettle and brass bell".to_owned()),
            ("password_again", "kettle and brass bell".to_owned()),
            ("role", "owner".to_owned()),
        ]
    };
    let (one, other) = (fields(&forms[0]), fields(&forms[1]));
    let one: Vec<(&str, &str)> = one.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let other: Vec<(&str, &str)> = other
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    first
        .post_raw(path, &one)
        .await
        .leads_to("/account/second-factor?required=true");
    second.post_raw(path, &other).await.is(410);
    Browser::new(&house).get(&link).await.is(410);
    assert_eq!(house.count(MEMBERS).await, 2, "the owner, and one new member");
    // The role is the invitation's, not the form's.
    const NEW: Sql = sql!(
        "select count(*) from platform.membership m join platform.account a on a.id = m.account_id
              where a.email = 'new@riverside.example' and m.role = 'viewer'"
    );
    assert_eq!(house.count(NEW).await, 1);
}
