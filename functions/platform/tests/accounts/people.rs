//! What somebody does with their own account.

use store::{Sql, params, sql};

use crate::house::{Browser, House, PASSWORD};

#[tokio::test]
async fn password_then_code_then_out() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let mut browser = Browser::new(&house);
    browser
        .get("/platform/members?x=1")
        .await
        .leads_to("/account/sign-in?next=%2Fplatform%2Fmembers%3Fx%3D1");
    let asked = browser.get("/account?lang=es").await;
    asked.leads_to("/account/sign-in?lang=es&next=%2Faccount%3Flang%3Des");
    let page = browser.get(&asked.location).await;
    assert!(
        page.is(200).body.contains("Iniciar sesión"),
        "the language that was asked for stays"
    );
    browser.sign_in(&person).await;
    let page = browser.get("/account").await;
    assert!(page.is(200).body.contains("maya@riverside.example"));
    assert!(page.body.contains("Signed in"), "the account's own history");

    browser
        .fill("/account", "/account/sign-out", &[])
        .await
        .leads_to("/account/sign-in");
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_password_alone_opens_nothing_where_there_is_a_second_factor() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let mut browser = Browser::new(&house);
    browser.password(&person.email, PASSWORD).await;
    for page in [
        "/account",
        "/account/profile",
        "/account/second-factor",
        "/platform/organizations",
    ] {
        assert!(
            browser.get(page).await.location.starts_with("/account/sign-in"),
            "{page}"
        );
    }
    let wrong = browser
        .submit("/account/sign-in/code", &[("code", "000000")])
        .await;
    assert!(wrong.is(400).body.contains("This code is wrong"));
    // After ten minutes it starts over.
    house.advance(600);
    browser
        .get("/account/sign-in/code")
        .await
        .leads_to("/account/sign-in");
}

#[tokio::test]
async fn a_code_works_once_and_so_does_a_recovery_code() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;

    // Enrol: the page shows the secret, the app its code.
    let page = browser.get("/account/second-factor").await;
    assert!(page.body.contains("<svg"), "a QR code");
    let at = page.body.find("cw-secret\">").unwrap() + "cw-secret\">".len();
    let shown: String = page.body[at..]
        .chars()
        .take_while(|c| *c != '<')
        .filter(|c| *c != ' ')
        .collect();
    let secret = identity::totp::TotpSecret::from_base32(&shown).unwrap();
    let person = crate::house::Person {
        totp: Some(secret),
        ..person
    };
    let wrong = browser.submit("/account/second-factor", &[("code", "123")]).await;
    wrong.is(400);
    let code = house.code(&person);
    let old = browser.cookies.clone();
    let done = browser.submit("/account/second-factor", &[("code", &code)]).await;
    done.is(200);
    assert_ne!(browser.cookies, old, "rights changed, so did the token");
    let codes: Vec<String> = done
        .body
        .split("<li><code>")
        .skip(1)
        .map(|rest| rest[..14].to_owned())
        .collect();
    assert_eq!(codes.len(), 10);

    // The code that enrolled is used up.
    let mut other = Browser::new(&house);
    other.password(&person.email, PASSWORD).await;
    other
        .submit("/account/sign-in/code", &[("code", &code)])
        .await
        .is(400);
    // A recovery code opens, once, however it is typed.
    let typed = codes[3].to_uppercase().replace('-', " ");
    other
        .submit("/account/sign-in/code", &[("code", &typed)])
        .await
        .leads_to("/account");
    let page = other.get("/account/second-factor").await;
    assert!(page.body.contains("9 of your recovery codes"), "{}", page.body);
    let mut third = Browser::new(&house);
    third.password(&person.email, PASSWORD).await;
    third
        .submit("/account/sign-in/code", &[("code", &codes[3])])
        .await
        .is(400);

    // New codes take password and code; the old ones end.
    let code = house.code(&person);
    let fields = [("password", "wrong"), ("code", code.as_str())];
    other
        .submit("/account/second-factor/recovery-codes", &fields)
        .await
        .is(400);
    let fields = [("password", PASSWORD), ("code", code.as_str())];
    let renewed = other
        .submit("/account/second-factor/recovery-codes", &fields)
        .await;
    assert!(renewed.is(200).body.contains("<li><code>"));
    third
        .submit("/account/sign-in/code", &[("code", &codes[4])])
        .await
        .is(400);

    // Off again, and the others are out.
    let code = house.code(&person);
    let fields = [("password", PASSWORD), ("code", code.as_str())];
    other
        .submit("/account/second-factor/remove", &fields)
        .await
        .leads_to("/account");
    assert!(other.is_signed_in().await);
    assert!(!browser.is_signed_in().await);
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_mail() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut elsewhere = Browser::new(&house);
    elsewhere.sign_in(&person).await;

    let mut browser = Browser::new(&house);
    let known = browser
        .submit("/account/password-reset", &[("email", "MAYA@riverside.example")])
        .await;
    let link = house.link_to("MAYA@riverside.example").await;
    assert!(link.starts_with("/account/password-reset/"), "{link}");
    let path = link.split('?').next().unwrap().to_owned();

    let page = browser.get(&link).await;
    let token = page.is(200).hidden("token");
    let choose = async |browser: &mut Browser<'_>, password: &str, again: &str| {
        let form_token = browser.get(&link).await.hidden("form_token");
        let fields = [
            ("form_token", form_token.as_str()),
            ("token", token.as_str()),
            ("password", password),
            ("password_again", again),
        ];
        browser.post_raw(&path, &fields).await
    };
    for (password, again, message) in [
        ("short", "short", "at least 12"),
        ("password1234", "password1234", "easy to guess"),
        ("maya likes the sea", "maya likes the sea", "Leave out your name"),
        ("kettle and brass bell", "kettle and brass ball", "not the same"),
    ] {
        let refused = choose(&mut browser, password, again).await;
        assert!(refused.is(400).body.contains(message), "{message}");
    }
    let fine = "kettle and brass bell";
    choose(&mut browser, fine, fine).await.leads_to("/account");
    assert!(browser.is_signed_in().await);
    assert!(!elsewhere.is_signed_in().await, "every other session ended");
    // The link works once.
    browser.get(&link).await.is(410);
    // The owner is told.
    let mails = house.mails_to("maya@riverside.example").await;
    assert_eq!(mails.last().unwrap().subject, "Your password was changed");
    // Only the new password opens.
    Browser::new(&house)
        .password(&person.email, PASSWORD)
        .await
        .is(400);
    Browser::new(&house)
        .password(&person.email, fine)
        .await
        .leads_to("/account");
    drop(known);
}

#[tokio::test]
async fn a_link_ends_after_an_hour_and_cannot_be_made_up() {
    let house = House::new().await;
    house.person("maya@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    browser
        .submit("/account/password-reset", &[("email", "maya@riverside.example")])
        .await
        .is(200);
    let link = house.link_to("maya@riverside.example").await;
    browser.get(&link).await.is(200);
    let (path, token) = link.split_once("?token=").unwrap();
    for wrong in [
        path.to_owned(),
        format!("{path}?token="),
        format!("{path}?token={}x", &token[..token.len() - 1]),
        format!("/account/password-reset/{}?token={token}", uuid::Uuid::new_v4()),
    ] {
        browser.get(&wrong).await.is(410);
    }
    // The token of one purpose opens no other page.
    let id = path.rsplit('/').next().unwrap();
    browser
        .get(&format!("/account/email/{id}?token={token}"))
        .await
        .is(410);
    browser
        .get(&format!("/account/invitation/{id}?token={token}"))
        .await
        .is(410);
    house.advance(3601);
    browser.get(&link).await.is(410);
}

#[tokio::test]
async fn another_address_counts_once_its_owner_followed_the_link() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    house.person("luis@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    let fields = [("email", "maya@elsewhere.example"), ("password", "wrong")];
    browser.submit("/account/email", &fields).await.is(400);

    // To an address that is taken nothing is sent, and the answer is the same.
    let taken = [("email", "LUIS@riverside.example"), ("password", PASSWORD)];
    let free = [("email", "maya@elsewhere.example"), ("password", PASSWORD)];
    let (one, other) = (
        browser.submit("/account/email", &taken).await,
        browser.submit("/account/email", &free).await,
    );
    assert_eq!((one.status, &one.body), (other.status, &other.body));
    assert!(house.mails_to("LUIS@riverside.example").await.is_empty());

    let link = house.link_to("maya@elsewhere.example").await;
    let page = browser.get(&link).await;
    let (form_token, token) = (page.is(200).hidden("form_token"), page.hidden("token"));
    assert!(
        browser
            .get("/account")
            .await
            .body
            .contains("maya@riverside.example"),
        "a look changes nothing"
    );
    let path = link.split('?').next().unwrap();
    let fields = [("form_token", form_token.as_str()), ("token", token.as_str())];
    browser.post_raw(path, &fields).await.is(200);
    assert!(
        browser
            .get("/account")
            .await
            .body
            .contains("maya@elsewhere.example")
    );
    browser.post_raw(path, &fields).await.is(410);
    let told = house.mails_to("maya@riverside.example").await;
    assert_eq!(told.last().unwrap().subject, "Your e-mail address was changed");
}

#[tokio::test]
async fn name_language_and_time_zone() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    let page = "/account/profile";
    let bad = browser
        .submit(
            page,
            &[("name", ""), ("language", "fr"), ("time_zone", "Mars/Olympus")],
        )
        .await;
    assert!(bad.is(400).body.contains("There is a problem"));
    let fields = [
        ("name", "<b>Maya</b>"),
        ("language", "es"),
        ("time_zone", "Pacific/Honolulu"),
    ];
    browser.submit(page, &fields).await.leads_to("/account");
    let page = browser.get("/account").await;
    assert!(page.body.contains("lang=\"es\"") && page.body.contains("Su cuenta"));
    assert!(!page.body.contains("<b>Maya"), "what people type stays text");
    assert!(page.body.contains("HST"), "times are those of the person's zone");
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let (mut here, mut there, mut third) = (Browser::new(&house), Browser::new(&house), Browser::new(&house));
    here.sign_in(&person).await;
    there.sign_in(&person).await;
    third.sign_in(&person).await;
    let page = here.get("/account/sessions").await;
    assert_eq!(
        page.body.matches("/end\"").count(),
        2,
        "all but this one have a button"
    );
    let at = page.body.find("/account/sessions/").unwrap();
    let end: String = page.body[at..].chars().take_while(|c| *c != '"').collect();
    here.fill("/account/sessions", &end, &[])
        .await
        .leads_to("/account/sessions");
    let left = [there.is_signed_in().await, third.is_signed_in().await];
    assert_eq!(left.iter().filter(|is| **is).count(), 1);
    here.fill("/account/sessions", &end, &[]).await.is(404);

    // Somebody else's session is none.
    let stranger = house.person("eve@elsewhere.example", false).await;
    let mut eve = Browser::new(&house);
    eve.sign_in(&stranger).await;
    eve.fill("/account/sessions", &end, &[]).await.is(404);

    here.submit("/account/sessions", &[])
        .await
        .leads_to("/account/sessions");
    assert!(here.is_signed_in().await);
    assert!(!there.is_signed_in().await && !third.is_signed_in().await);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let (mut here, mut there) = (Browser::new(&house), Browser::new(&house));
    here.sign_in(&person).await;
    there.sign_in(&person).await;
    let fine = "kettle and brass bell";
    let form = |present| [("present", present), ("password", fine), ("password_again", fine)];
    here.submit("/account/password", &form("wrong")).await.is(400);
    here.submit("/account/password", &form(PASSWORD))
        .await
        .leads_to("/account");
    assert!(here.is_signed_in().await);
    assert!(!there.is_signed_in().await);
    Browser::new(&house)
        .password(&person.email, fine)
        .await
        .leads_to("/account");
}

#[tokio::test]
async fn a_disabled_account_is_out_at_once() {
    const DISABLE: Sql = sql!("update platform.account set status = 'disabled' where id = $1");
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    house.twins.owner.rows(DISABLE, params![person.id]).await.unwrap();
    assert!(!browser.is_signed_in().await);
    Browser::new(&house)
        .password(&person.email, PASSWORD)
        .await
        .is(400);
}

#[tokio::test]
async fn an_old_hash_is_renewed_when_its_owner_signs_in() {
    const SET: Sql = sql!("update platform.account set password_hash = $2 where id = $1");
    const GET: Sql = sql!("select password_hash from platform.account where id = $1");
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let cheap = identity::password::Cost {
        memory: 1024,
        passes: 1,
    };
    let hash = identity::password::hash(PASSWORD, cheap, &ports::SystemRandom).unwrap();
    house
        .twins
        .owner
        .rows(SET, params![person.id, hash])
        .await
        .unwrap();
    let mut browser = Browser::new(&house);
    browser.password(&person.email, "a wrong password").await.is(400);
    browser.sign_in(&person).await;
    let row = house.twins.owner.one(GET, params![person.id]).await.unwrap();
    let kept: String = row.get("password_hash").unwrap();
    assert!(kept.contains("m=19456,t=2"), "{kept}");
    Browser::new(&house).sign_in(&person).await;
}

/// Phone and recovery codes are lost: the operator opens the way through the person's own inbox, and no other.
#[tokio::test]
async fn who_lost_the_second_factor_comes_back_by_mail() {
    const CODE: Sql = sql!("insert into platform.recovery_code (account_id, digest) values ($1, 'x')");
    const CODES: Sql = sql!("select count(*) from platform.recovery_code");
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    house.twins.owner.rows(CODE, params![person.id]).await.unwrap();
    let mut elsewhere = Browser::new(&house);
    elsewhere.sign_in(&person).await;
    let app::Trigger::Operation { run } = platform::RECOVER.trigger else {
        panic!("it is an operation")
    };
    let cx = house.twins.context(&platform::RECOVER).unwrap();
    let nobody = serde_json::json!({"email": "nobody@riverside.example"});
    assert!(run(cx.clone(), nobody).await.is_err());
    let answer = run(cx, serde_json::json!({"email": "MAYA@riverside.example"}))
        .await
        .unwrap();
    assert_eq!(answer["sessions_ended"], 1);
    assert!(!elsewhere.is_signed_in().await);
    assert_eq!(house.count(CODES).await, 0);

    let mut browser = Browser::new(&house);
    browser.password(&person.email, PASSWORD).await.is(400);
    let link = house.link_to(&person.email).await;
    let page = browser.get(&link).await;
    let (form_token, token) = (page.hidden("form_token"), page.hidden("token"));
    let fine = "kettle and brass bell";
    let fields = [
        ("form_token", form_token.as_str()),
        ("token", token.as_str()),
        ("password", fine),
        ("password_again", fine),
    ];
    let path = link.split('?').next().unwrap();
    browser.post_raw(path, &fields).await.leads_to("/account");
    let page = browser.get("/account").await;
    assert!(page.body.contains("Set up your second factor"));
    assert!(
        page.body.contains("removed by the operator"),
        "it stands in the account's history"
    );
}

/// Only the operation makes operators; whoever may look sees it in the account's history.
#[tokio::test]
async fn operators_are_made_and_unmade_by_the_operation() {
    const IS: Sql = sql!("select count(*) from platform.account where is_operator");
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let app::Trigger::Operation { run } = platform::OPERATOR.trigger else {
        panic!("it is an operation")
    };
    let cx = house.twins.context(&platform::OPERATOR).unwrap();
    let event = |email: &str, is_operator: serde_json::Value| {
        run(
            cx.clone(),
            serde_json::json!({"email": email, "is_operator": is_operator}),
        )
    };
    assert_eq!(house.count(IS).await, 0);
    assert!(event("nobody@riverside.example", true.into()).await.is_err());
    let error = event(&person.email, "yes".into()).await.unwrap_err();
    assert_eq!(error.fields()[0].field, "is_operator");
    assert_eq!(house.count(IS).await, 0);
    event(&person.email, true.into()).await.unwrap();
    event(&person.email, true.into()).await.unwrap();
    assert_eq!(house.count(IS).await, 1);

    let mut browser = Browser::new(&house);
    browser.sign_in(&person).await;
    let page = browser.get("/account").await;
    assert_eq!(page.body.matches("Operator&#39;s rights changed").count(), 1);
    event(&person.email, false.into()).await.unwrap();
    assert_eq!(house.count(IS).await, 0);
}

#[tokio::test]
async fn a_new_password_ends_a_sign_in_that_waits_for_its_code() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let (mut waiting, mut browser) = (Browser::new(&house), Browser::new(&house));
    browser.sign_in(&person).await;
    house.advance(60);
    let to_code = "/account/sign-in/code?next=%2Faccount";
    waiting.password(&person.email, PASSWORD).await.leads_to(to_code);
    let token = waiting.get("/account/sign-in/code").await.hidden("form_token");
    let sessions = browser.get("/account/sessions").await;
    assert!(
        !sessions.is(200).body.contains("/end\""),
        "half a sign-in is no session: {}",
        sessions.body
    );
    let fine = "kettle and brass bell";
    let fields = [
        ("present", PASSWORD),
        ("password", fine),
        ("password_again", fine),
    ];
    browser
        .submit("/account/password", &fields)
        .await
        .leads_to("/account");
    let code = house.code(&person);
    waiting
        .post_raw(
            "/account/sign-in/code",
            &[("form_token", &token), ("code", &code)],
        )
        .await
        .leads_to("/account/sign-in");
    assert!(!waiting.is_signed_in().await);
    assert!(browser.is_signed_in().await);
    // The database decides, whatever the key-value store still holds.
    const END: Sql = sql!("update platform.session set ended_at = now() where not is_complete returning id");
    house.advance(60);
    waiting.password(&person.email, fine).await.leads_to(to_code);
    assert_eq!(house.twins.owner.rows(END, params![]).await.unwrap().len(), 2);
    let code = house.code(&person);
    waiting
        .submit("/account/sign-in/code", &[("code", &code)])
        .await
        .leads_to("/account/sign-in");
    assert!(!waiting.is_signed_in().await);
    // With the new one and another code it is completed.
    house.advance(60);
    waiting.password(&person.email, fine).await.leads_to(to_code);
    let code = house.code(&person);
    waiting
        .submit("/account/sign-in/code", &[("code", &code)])
        .await
        .leads_to("/account");
    let sessions = browser.get("/account/sessions").await;
    assert!(sessions.body.contains("/end\""));
}

/// Of one session, and all of one person.
#[tokio::test]
async fn operators_end_sessions() {
    const OPERATOR: Sql = sql!("update platform.account set is_operator = true where id = $1");
    const NEWEST: Sql =
        sql!("select id::text from platform.session where account_id = $1 order by created_at desc limit 1");
    const NOTED: Sql = sql!(
        "select count(*) from platform.audit_entry where action in ('account.end_session', 'account.end_sessions')"
    );
    let house = House::new().await;
    let operator = house.person("olga@riverside.example", true).await;
    let person = house.person("maya@riverside.example", true).await;
    house
        .twins
        .owner
        .rows(OPERATOR, params![operator.id])
        .await
        .unwrap();
    let (mut laptop, mut tablet, mut phone) =
        (Browser::new(&house), Browser::new(&house), Browser::new(&house));
    for browser in [&mut laptop, &mut tablet, &mut phone] {
        browser.sign_in(&person).await;
    }
    let mut browser = Browser::new(&house);
    browser.sign_in(&operator).await;
    let newest = house.twins.owner.one(NEWEST, params![person.id]).await.unwrap();
    let end = async |browser: &mut Browser<'_>, list: &str, action: &str, id: &str| {
        let tick = format!("select-{id}");
        let fields = [("_action", action), ("_confirmed", "1"), (tick.as_str(), "on")];
        browser.submit(list, &fields).await.is(303);
    };
    let id: &str = newest.get("id").unwrap();
    end(&mut browser, "/admin/platform/session", "end", id).await;
    assert!(!phone.is_signed_in().await);
    assert!(laptop.is_signed_in().await && tablet.is_signed_in().await);
    let id = person.id.to_string();
    end(&mut browser, "/admin/platform/account", "end-sessions", &id).await;
    assert!(!laptop.is_signed_in().await && !tablet.is_signed_in().await);
    assert!(browser.is_signed_in().await, "the operator's own goes on");
    assert_eq!(house.count(NOTED).await, 2);
}
