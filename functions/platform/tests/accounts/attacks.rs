//! The attacks that are known by name, each tried.

use std::net::IpAddr;

use app::{Access, Trigger};
use store::{Sql, params, sql};

use crate::house::{Browser, House, PASSWORD};

/// Ten thousand guesses at one account, from one address and from many, over a day: they learn nothing but that they are too
/// many, even when they are right; and the owner gets in by a reset.
#[tokio::test]
async fn ten_thousand_guesses_open_nothing_and_keep_nobody_out() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut attacker = Browser::new(&house);
    let form_token = attacker.get("/account/sign-in").await.hidden("form_token");
    let (mut wrong, mut limited) = (0, 0);
    for guess in 0..10_000_u32 {
        // From a new address each time, every tenth time a while later; once in a hundred the guess is right.
        attacker.address = IpAddr::from(guess.to_be_bytes());
        let is_right = guess % 100 == 99;
        if guess % 100 == 0 {
            house.advance(90);
        }
        let password = if is_right {
            PASSWORD
        } else {
            "a guess that is wrong"
        };
        let fields = [
            ("form_token", form_token.as_str()),
            ("email", "Maya@Riverside.example"),
            ("password", password),
        ];
        let answer = attacker.post_raw("/account/sign-in", &fields).await;
        match answer.status.as_u16() {
            400 => wrong += 1,
            429 => limited += 1,
            other => panic!("guess {guess} was answered {other}"),
        }
    }
    assert_eq!(wrong + limited, 10_000);
    // Ten in each quarter of an hour of the 9,000 seconds.
    assert!(wrong <= 10 * 11, "{wrong} passwords were looked at");

    let mut owner = Browser::new(&house);
    owner
        .submit("/account/password-reset", &[("email", &person.email)])
        .await
        .is(200);
    let link = house.link_to(&person.email).await;
    let page = owner.get(&link).await;
    let (form_token, token) = (page.hidden("form_token"), page.hidden("token"));
    let fine = "kettle and brass bell";
    let fields = [
        ("form_token", form_token.as_str()),
        ("token", token.as_str()),
        ("password", fine),
        ("password_again", fine),
    ];
    let path = link.split('?').next().unwrap();
    owner.post_raw(path, &fields).await.leads_to("/account");
    assert!(owner.is_signed_in().await);
}

#[tokio::test]
async fn one_address_does_not_try_many_accounts() {
    let house = House::new().await;
    let mut attacker = Browser::new(&house);
    let form_token = attacker.get("/account/sign-in").await.hidden("form_token");
    let mut last = 0;
    for number in 0..150 {
        let email = format!("nobody{number}@riverside.example");
        let fields = [
            ("form_token", form_token.as_str()),
            ("email", email.as_str()),
            ("password", "one password for all"),
        ];
        last = attacker
            .post_raw("/account/sign-in", &fields)
            .await
            .status
            .as_u16();
        if number < 100 {
            assert_eq!(last, 400, "attempt {number}");
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn one_time_codes_are_not_tried_out() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let mut attacker = Browser::new(&house);
    attacker.password(&person.email, PASSWORD).await;
    let form_token = attacker.get("/account/sign-in/code").await.hidden("form_token");
    let code = house.code(&person);
    let mut answers = Vec::new();
    for guess in 0..30 {
        let typed = if guess == 29 {
            code.clone()
        } else {
            format!("{guess:06}")
        };
        let fields = [("form_token", form_token.as_str()), ("code", typed.as_str())];
        let answer = attacker.post_raw("/account/sign-in/code", &fields).await;
        answers.push(answer.status.as_u16());
    }
    assert!(answers[..10].iter().all(|status| *status == 400), "{answers:?}");
    assert!(
        answers[10..].iter().all(|status| *status == 429),
        "even the right one: {answers:?}"
    );
}

/// Known and unknown addresses: the same status, the same page, the same number of hashes; and of a reset the same rows.
#[tokio::test]
async fn nobody_learns_who_has_an_account() {
    const ASKED: Sql = sql!("select count(*) from platform.account_mail where sent_at is null");
    let house = House::new().await;
    house.person("maya@riverside.example", true).await;
    let mut browser = Browser::new(&house);
    let mut tell = async |page: &str, email: &str| {
        let answer = browser
            .submit(page, &[("email", email), ("password", "a wrong password")])
            .await;
        (answer.status, answer.body.replace(email, "…"), answer.cookies)
    };
    let known = tell("/account/sign-in", "maya@riverside.example").await;
    assert_eq!(known, tell("/account/sign-in", "nobody@riverside.example").await);
    let known = tell("/account/password-reset", "maya@riverside.example").await;
    assert_eq!(
        known,
        tell("/account/password-reset", "nobody@riverside.example").await
    );
    assert_eq!(house.count(ASKED).await, 2, "both were asked for alike");
    assert!(house.mails_to("nobody@riverside.example").await.is_empty());
    assert_eq!(house.mails_to("maya@riverside.example").await.len(), 1);
    const KEPT: Sql =
        sql!("select count(*) from platform.account_mail where email = 'nobody@riverside.example'");
    assert_eq!(
        house.count(KEPT).await,
        0,
        "an address without an account is forgotten"
    );

    // An inbox is not flooded, and the answer to the hundredth request is that to the first.
    for _ in 0..5 {
        assert_eq!(
            known,
            tell("/account/password-reset", "maya@riverside.example").await
        );
    }
    assert!(house.mails_to("maya@riverside.example").await.len() <= 6);
}

#[tokio::test]
async fn a_planted_session_is_worth_nothing() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    // The attacker's own cookie, and one that nobody gave out, in the victim's browser.
    for planted in [None, Some("A".repeat(43))] {
        let mut attacker = Browser::new(&house);
        attacker.get("/account/sign-in").await;
        let visitor = attacker.cookies["visitor"].clone();
        let planted = planted.unwrap_or(visitor);
        let mut victim = Browser::new(&house);
        victim.cookies.insert("session".to_owned(), planted.clone());
        victim.sign_in(&person).await;
        assert_ne!(victim.cookies["session"], planted);
        attacker.cookies.insert("session".to_owned(), planted);
        assert!(!attacker.is_signed_in().await);
    }
    // The token from between password and code is worth nothing after.
    let mut victim = Browser::new(&house);
    victim.password(&person.email, PASSWORD).await;
    let between = victim.cookies.clone();
    let code = house.code(&person);
    victim
        .submit("/account/sign-in/code", &[("code", &code)])
        .await
        .leads_to("/account");
    let mut thief = Browser::new(&house);
    thief.cookies = between;
    assert!(!thief.is_signed_in().await);
    thief
        .get("/account/sign-in/code")
        .await
        .leads_to("/account/sign-in");
}

/// Every form of the house, sent without its token, with another session's, and by another site.
#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let person = house
        .member(tenant, "maya@riverside.example", app::Role::Owner)
        .await;
    let other = house.person("eve@elsewhere.example", false).await;
    let mut eve = Browser::new(&house);
    eve.sign_in(&other).await;
    let foreign = eve.get("/account/profile").await.hidden("form_token");
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    let own = browser.get("/account/profile").await.hidden("form_token");
    let id = uuid::Uuid::new_v4();
    let forms = [
        "/account/sign-in".to_owned(),
        "/account/sign-in/code".to_owned(),
        "/account/sign-in/passkey".to_owned(),
        "/account/sign-in/passkey/options".to_owned(),
        "/account/sign-out".to_owned(),
        "/account/password-reset".to_owned(),
        format!("/account/password-reset/{id}"),
        "/account/profile".to_owned(),
        "/account/email".to_owned(),
        format!("/account/email/{id}"),
        "/account/password".to_owned(),
        "/account/second-factor".to_owned(),
        "/account/second-factor/restart".to_owned(),
        "/account/second-factor/remove".to_owned(),
        "/account/second-factor/recovery-codes".to_owned(),
        "/account/passkeys".to_owned(),
        "/account/passkeys/options".to_owned(),
        "/account/passkeys/confirm".to_owned(),
        "/account/passkeys/confirm/passkey".to_owned(),
        format!("/account/passkeys/{id}"),
        format!("/account/passkeys/{id}/remove"),
        "/account/sessions".to_owned(),
        format!("/account/sessions/{id}/end"),
        format!("/account/invitation/{id}"),
        format!("/platform/organizations/{id}/enter"),
        format!("/platform/members/{id}/role"),
        format!("/platform/members/{id}/remove"),
        "/platform/invitations".to_owned(),
        format!("/platform/invitations/{id}/revoke"),
        "/platform/api-keys".to_owned(),
        format!("/platform/api-keys/{id}/revoke"),
    ];
    for form in &forms {
        browser.post_raw(form, &[]).await.is(403);
        browser.post_raw(form, &[("form_token", "")]).await.is(403);
        browser.post_raw(form, &[("form_token", &foreign)]).await.is(403);
        for headers in [
            vec![
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
            ],
            vec![("origin", "https://evil.example")],
        ] {
            browser.headers = headers;
            browser.post_raw(form, &[("form_token", &own)]).await.is(403);
        }
        browser.headers = vec![("origin", "null"), ("sec-fetch-site", "same-origin")];
    }
    // The same session's own form is taken: what was refused was refused for where it came from.
    let fields = [
        ("form_token", own.as_str()),
        ("name", "Maya"),
        ("language", "en"),
        ("time_zone", "UTC"),
    ];
    browser
        .post_raw("/account/profile", &fields)
        .await
        .leads_to("/account");
    assert!(
        browser.is_signed_in().await,
        "nobody was signed out by another site"
    );
}

#[tokio::test]
async fn signing_in_leads_to_no_other_site() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/account/sign-out",
    ] {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("next", next)
            .finish();
        let mut browser = Browser::new(&house);
        let page = browser.get(&format!("/account/sign-in?{query}")).await;
        assert_eq!(page.hidden("next"), "/account", "{next:?}");
        let form_token = page.hidden("form_token");
        let fields = [
            ("form_token", form_token.as_str()),
            ("next", next),
            ("email", person.email.as_str()),
            ("password", PASSWORD),
        ];
        browser
            .post_raw("/account/sign-in", &fields)
            .await
            .leads_to("/account");
        browser
            .get(&format!("/account/sign-in?{query}"))
            .await
            .leads_to("/account");
    }
    let mut browser = Browser::new(&house);
    let fields = [
        ("email", person.email.as_str()),
        ("password", PASSWORD),
        ("next", "/platform/organizations"),
    ];
    let answer = browser.submit("/account/sign-in", &fields).await;
    answer.leads_to("/platform/organizations");
}

#[tokio::test]
async fn cookies_are_for_this_host_and_no_script() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    let visitor = browser.get("/account/sign-in").await.cookies;
    let session = browser.password(&person.email, PASSWORD).await.cookies;
    for cookie in [&visitor[0], &session[0]] {
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    }
}

/// A leaked table and a leaked key-value store: nothing in them opens anything.
#[tokio::test]
async fn what_is_stored_opens_nothing() {
    const ENTRIES: Sql = sql!("select key || ' ' || value::text as text from local.entry");
    const ROWS: Sql = sql!(
        "select a::text || coalesce((select string_agg(s::text, ' ') from platform.session s), '')
            || coalesce((select string_agg(m::text, ' ') from platform.account_mail m), '')
            || coalesce((select string_agg(o.body, ' ') from platform.outbox o), '')
            || coalesce((select string_agg(q.body, ' ') from local.message q), '') as text
           from platform.account a where a.id = $1"
    );
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    browser
        .submit("/account/password-reset", &[("email", "maya@riverside.example")])
        .await
        .is(200);
    let owner = &house.twins.owner;
    let mut stored: Vec<String> = Vec::new();
    for row in owner.rows(ENTRIES, params![]).await.unwrap() {
        stored.push(row.get("text").unwrap());
    }
    assert!(
        !stored.join("\n").contains("riverside"),
        "no personal data in the key-value store: {stored:?}"
    );
    stored.push(
        owner
            .one(ROWS, params![person.id])
            .await
            .unwrap()
            .get("text")
            .unwrap(),
    );
    let link = house.link_to("maya@riverside.example").await;
    let token = link.split("token=").nth(1).unwrap();
    let secret = person.totp.as_ref().unwrap();
    let hex: String = secret
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let stored = stored.join("\n");
    for opens in [
        PASSWORD,
        browser.cookies["session"].as_str(),
        token,
        &secret.base32(),
        &hex,
    ] {
        assert!(!stored.contains(opens), "{opens} is stored");
    }
}

/// Every page that says it is for people who signed in, asked for by nobody: a person is led to the sign-in page and back, a program
/// is told.
#[tokio::test]
async fn nothing_is_shown_to_who_did_not_sign_in() {
    let house = House::new().await;
    let (mut browser, mut checked) = (Browser::new(&house), 0);
    for function in platform::FUNCTIONS {
        let Trigger::Http { paths, access, .. } = function.trigger else {
            continue;
        };
        if !matches!(access, Access::SignedIn | Access::Staff | Access::Operator) {
            continue;
        }
        for path in paths {
            let next: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", path)
                .finish();
            let answer = browser.get(path).await;
            match *path {
                "/account/sign-out" => answer.leads_to("/account/sign-in"),
                _ => answer.leads_to(&format!("/account/sign-in?{next}")),
            }
            browser.accept = "application/json";
            browser.get(path).await.is(401);
            browser.accept = "text/html";
            checked += 1;
        }
    }
    assert!(checked >= 11, "{checked} pages");
}

/// Every page for staff, asked for by somebody without a second factor, and by one without an organisation.
#[tokio::test]
async fn staff_have_a_second_factor_and_an_organisation() {
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let weak = house.person("weak@riverside.example", false).await;
    house.join(tenant, &weak, app::Role::Owner).await;
    let alone = house.person("alone@elsewhere.example", true).await;
    let (mut first, mut second) = (Browser::new(&house), Browser::new(&house));
    first.sign_in(&weak).await;
    second.sign_in(&alone).await;
    let staff = platform::FUNCTIONS
        .iter()
        .filter_map(|function| match function.trigger {
            Trigger::Http {
                paths,
                access: Access::Staff,
                ..
            } => Some(paths),
            _ => None,
        });
    for path in staff.flatten() {
        first
            .get(path)
            .await
            .leads_to("/account/second-factor?required=true");
        second.get(path).await.leads_to("/platform/organizations");
    }
}
