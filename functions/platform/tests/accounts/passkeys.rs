//! Passkeys, from the first to the last, with a software authenticator that makes real signatures.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use store::{Sql, params, sql};
use testkit::authenticator::{Authenticator, BACKUP_ELIGIBLE, Kind, USER_PRESENT};

use crate::house::{Answer, Browser, House, PASSWORD, Person};

const KEPT: Sql = sql!("select count(*) from platform.passkey");

fn authenticator() -> Authenticator {
    Authenticator::new(Kind::Es256, "localhost", "http://localhost:4000")
}

fn decoded(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD
        .decode(value.as_str().unwrap().as_bytes())
        .unwrap()
}

/// What the page's script does to add a passkey.
async fn options(browser: &mut Browser<'_>, page: &str, path: &str) -> Value {
    let answer = browser.fill(page, path, &[]).await;
    serde_json::from_str(&answer.is(200).body).unwrap()
}

async fn add(browser: &mut Browser<'_>, authenticator: &mut Authenticator, name: &str) -> Answer {
    let options = options(browser, "/account/passkeys", "/account/passkeys/options").await;
    authenticator.user_handle = decoded(&options["user"]["id"]);
    let made = authenticator.make(&decoded(&options["challenge"]));
    let (client_data, object) = (
        BASE64URL_NOPAD.encode(&made.client_data),
        BASE64URL_NOPAD.encode(&made.attestation_object),
    );
    let fields = [
        ("client_data", client_data.as_str()),
        ("attestation_object", object.as_str()),
        ("transports", "internal hybrid nonsense"),
        ("name", name),
    ];
    browser.submit("/account/passkeys", &fields).await
}

/// The fields of a proof.
fn proof(authenticator: &Authenticator, challenge: &[u8]) -> Vec<(&'static str, String)> {
    let proof = authenticator.prove(challenge);
    [
        ("id", &authenticator.credential_id),
        ("client_data", &proof.client_data),
        ("authenticator_data", &proof.authenticator_data),
        ("signature", &proof.signature),
        ("user_handle", &authenticator.user_handle),
    ]
    .map(|(name, bytes)| (name, BASE64URL_NOPAD.encode(bytes)))
    .to_vec()
}

async fn send(browser: &mut Browser<'_>, page: &str, path: &str, proof: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = proof
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.fill(page, path, &fields).await
}

/// What the page's script does to use one: asks for options on this page, and sends the answer to them.
async fn prove(browser: &mut Browser<'_>, page: &str, path: &str, authenticator: &Authenticator) -> Answer {
    let options = options(browser, page, "/account/sign-in/passkey/options").await;
    let proof = proof(authenticator, &decoded(&options["challenge"]));
    send(browser, page, path, &proof).await
}

async fn sign_in(browser: &mut Browser<'_>, authenticator: &Authenticator) -> Answer {
    prove(
        browser,
        "/account/sign-in",
        "/account/sign-in/passkey",
        authenticator,
    )
    .await
}

/// Somebody with a passkey and no app, still signed in.
async fn with_passkey<'a>(house: &'a House, email: &str) -> (Person, Browser<'a>, Authenticator) {
    let person = house.person(email, false).await;
    let (mut browser, mut authenticator) = (Browser::new(house), authenticator());
    browser.sign_in(&person).await;
    add(&mut browser, &mut authenticator, "laptop").await.is(200);
    (person, browser, authenticator)
}

#[tokio::test]
async fn a_passkey_is_both_factors() {
    const STORED: Sql = sql!(
        "select p.name, p.transports, a.passkey_handle <> a.id as is_another,
                p.last_used_at is not null as is_used
           from platform.passkey p join platform.account a on a.id = p.account_id"
    );
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let person = house.person("maya@riverside.example", false).await;
    house.join(tenant, &person, app::Role::Owner).await;
    let (mut browser, mut elsewhere) = (Browser::new(&house), Browser::new(&house));
    elsewhere.sign_in(&person).await;
    browser.sign_in(&person).await;
    browser
        .get("/platform/members")
        .await
        .leads_to("/account/second-factor?required=true");
    let before = browser.cookies["session"].clone();

    let mut authenticator = authenticator();
    let added = add(&mut browser, &mut authenticator, "work\nlaptop").await;
    assert_eq!(
        added.is(200).body.matches("<li><code>").count(),
        10,
        "recovery codes come with the first factor"
    );
    assert_ne!(
        browser.cookies["session"], before,
        "rights changed, so did the token"
    );
    assert!(!elsewhere.is_signed_in().await, "other sessions end");
    browser.get("/platform/members").await.is(200);
    let row = house.twins.owner.one(STORED, params![]).await.unwrap();
    assert_eq!(row.get::<String>("name").unwrap(), "worklaptop");
    assert_eq!(
        row.get::<Vec<String>>("transports").unwrap(),
        ["hybrid", "internal"]
    );
    assert!(
        row.get::<bool>("is_another").unwrap(),
        "no id of ours on a device"
    );
    assert!(!row.get::<bool>("is_used").unwrap());
    let mails = house.mails_to(&person.email).await;
    assert_eq!(mails.last().unwrap().subject, "A passkey was added");
    assert_eq!(
        mails.last().unwrap().links,
        ["http://127.0.0.1:4000/account/passkeys"]
    );

    // No password, no code: in, with everything.
    let mut other = Browser::new(&house);
    sign_in(&mut other, &authenticator).await.leads_to("/account");
    other.get("/platform/members").await.is(200);
    let page = other.get("/account/passkeys").await;
    assert!(
        page.body.contains("worklaptop") && !page.body.contains("Never"),
        "{}",
        page.body
    );
    let history = other.get("/account").await;
    assert!(history.body.contains("Passkey added"), "{}", history.body);
}

#[tokio::test]
async fn after_a_password_the_passkey_is_still_asked_for() {
    let house = House::new().await;
    let (person, _, authenticator) = with_passkey(&house, "maya@riverside.example").await;
    let (eve, _, of_eve) = with_passkey(&house, "eve@elsewhere.example").await;
    let mut browser = Browser::new(&house);
    let next = "/account/sign-in/code?next=%2Faccount";
    browser.password(&person.email, PASSWORD).await.leads_to(next);
    assert!(!browser.is_signed_in().await, "a password alone opens nothing");
    let page = browser.get(next).await;
    assert!(page.body.contains("data-passkey=\"get\""));
    assert!(page.body.contains("One of your recovery codes"), "{}", page.body);
    // The browser is told whose passkeys are meant, and another person's is not taken.
    let asked = options(&mut browser, next, "/account/sign-in/passkey/options").await;
    assert_eq!(
        decoded(&asked["allowCredentials"][0]["id"]),
        authenticator.credential_id
    );
    assert_eq!(asked["userVerification"], "required");
    let foreign = prove(&mut browser, next, "/account/sign-in/passkey", &of_eve).await;
    foreign.is(400);
    assert!(!browser.is_signed_in().await, "{}", eve.email);
    prove(&mut browser, next, "/account/sign-in/passkey", &authenticator)
        .await
        .leads_to("/account");
    assert!(browser.is_signed_in().await);

    // A password reset does not go round it either.
    let mut lost = Browser::new(&house);
    lost.submit("/account/password-reset", &[("email", &person.email)])
        .await
        .is(200);
    let link = house.link_to(&person.email).await;
    let new = "a lamp beside the harbor";
    let token = link.split_once("token=").unwrap().1.to_owned();
    let fields = [
        ("token", token.as_str()),
        ("password", new),
        ("password_again", new),
    ];
    let path = link.split('?').next().unwrap().to_owned();
    lost.fill(&link, &path, &fields).await.leads_to(next);
    assert!(!lost.is_signed_in().await);
    prove(&mut lost, next, "/account/sign-in/passkey", &authenticator)
        .await
        .leads_to("/account");
}

#[tokio::test]
async fn what_is_wrong_with_a_proof_opens_nothing() {
    let house = House::new().await;
    let (_, _, mut authenticator) = with_passkey(&house, "maya@riverside.example").await;
    let mut browser = Browser::new(&house);
    let (page, path) = ("/account/sign-in", "/account/sign-in/passkey");
    let asked = async |browser: &mut Browser<'_>| {
        let options = options(browser, page, "/account/sign-in/passkey/options").await;
        decoded(&options["challenge"])
    };
    // Without a challenge; with one of another browser; after five minutes.
    let early = proof(&authenticator, b"no challenge was asked for");
    send(&mut browser, page, path, &early).await.is(400);
    let mut other = Browser::new(&house);
    let foreign = asked(&mut other).await;
    asked(&mut browser).await;
    send(&mut browser, page, path, &proof(&authenticator, &foreign))
        .await
        .is(400);
    let old = asked(&mut browser).await;
    house.advance(301);
    send(&mut browser, page, path, &proof(&authenticator, &old))
        .await
        .is(400);
    // Another site's page, another site's passkey, a finger that was not asked for, somebody else's key, a handle of nobody.
    type Spoil = fn(&mut Authenticator);
    let spoilt: [(&str, Spoil); 5] = [
        ("origin", |a| a.origin = "https://evil.example".to_owned()),
        ("party", |a| a.relying_party = "evil.example".to_owned()),
        ("no verification", |a| a.flags = USER_PRESENT),
        ("backup state", |a| a.flags |= BACKUP_ELIGIBLE),
        ("handle", |a| a.user_handle = vec![7; 16]),
    ];
    for (name, spoil) in spoilt {
        let (origin, party, flags, handle) = (
            authenticator.origin.clone(),
            authenticator.relying_party.clone(),
            authenticator.flags,
            authenticator.user_handle.clone(),
        );
        spoil(&mut authenticator);
        let answer = sign_in(&mut browser, &authenticator).await;
        assert!(
            answer.is(400).body.contains("The passkey was not accepted"),
            "{name}"
        );
        (
            authenticator.origin,
            authenticator.relying_party,
            authenticator.flags,
            authenticator.user_handle,
        ) = (origin, party, flags, handle);
    }
    let mut forged = self::authenticator();
    forged.credential_id = authenticator.credential_id.clone();
    forged.user_handle = authenticator.user_handle.clone();
    sign_in(&mut browser, &forged).await.is(400);
    let handle = std::mem::take(&mut authenticator.user_handle);
    sign_in(&mut browser, &authenticator).await.is(400);
    authenticator.user_handle = handle;
    let unknown = self::authenticator();
    sign_in(&mut browser, &unknown).await.is(400);
    assert!(!browser.is_signed_in().await);
    house.advance(15 * 60);

    // The right one, and the same again from a browser that saw it.
    let challenge = asked(&mut browser).await;
    let right = proof(&authenticator, &challenge);
    let mut thief = Browser::new(&house);
    thief.cookies = browser.cookies.clone();
    send(&mut browser, page, path, &right).await.leads_to("/account");
    send(&mut thief, page, path, &right).await.is(400);
    assert!(!thief.is_signed_in().await);
}

#[tokio::test]
async fn a_copy_shows_by_its_count() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", false).await;
    let (mut browser, mut authenticator) = (Browser::new(&house), authenticator());
    browser.sign_in(&person).await;
    authenticator.sign_count = 5;
    add(&mut browser, &mut authenticator, "key").await.is(200);
    for (count, is_taken) in [(6, true), (6, false), (2, false), (0, false), (9, true)] {
        authenticator.sign_count = count;
        let mut other = Browser::new(&house);
        sign_in(&mut other, &authenticator).await;
        assert_eq!(other.is_signed_in().await, is_taken, "{count}");
    }
}

#[tokio::test]
async fn a_disabled_account_stays_out() {
    const DISABLE: Sql = sql!("update platform.account set status = 'disabled' where id = $1");
    let house = House::new().await;
    let (person, _, authenticator) = with_passkey(&house, "maya@riverside.example").await;
    house.twins.owner.rows(DISABLE, params![person.id]).await.unwrap();
    let mut browser = Browser::new(&house);
    sign_in(&mut browser, &authenticator).await.is(400);
    assert!(!browser.is_signed_in().await);
}

/// Ten times the same passkey, then no more, even the right one; options are not handed out without end.
#[tokio::test]
async fn passkeys_are_not_tried_out() {
    let house = House::new().await;
    let (_, _, authenticator) = with_passkey(&house, "maya@riverside.example").await;
    let mut forged = self::authenticator();
    forged.credential_id = authenticator.credential_id.clone();
    let mut browser = Browser::new(&house);
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(sign_in(&mut browser, &forged).await.status.as_u16());
    }
    assert_eq!(answers, [vec![400; 10], vec![429; 2]].concat());
    sign_in(&mut browser, &authenticator).await.is(429);
    house.advance(15 * 60);
    sign_in(&mut browser, &authenticator).await.leads_to("/account");
    let mut asker = Browser::new(&house);
    let form_token = asker.get("/account/sign-in").await.hidden("form_token");
    let mut refused = 0;
    for _ in 0..110 {
        let fields = [("form_token", form_token.as_str())];
        let answer = asker.post_raw("/account/sign-in/passkey/options", &fields).await;
        refused += u32::from(answer.status == 429);
    }
    assert!(refused >= 10, "{refused}");
}

#[tokio::test]
async fn changing_who_gets_in_takes_a_proof_of_who_asks() {
    let house = House::new().await;
    let person = house.person("maya@riverside.example", true).await;
    let (mut browser, mut first, mut second) = (Browser::new(&house), authenticator(), authenticator());
    browser.sign_in(&person).await;
    // An open browser that somebody finds.
    house.advance(15 * 60);
    let page = browser.get("/account/passkeys").await;
    assert!(page.body.contains("/account/passkeys/confirm") && !page.body.contains("data-passkey="));
    browser
        .fill("/account/profile", "/account/passkeys/options", &[])
        .await
        .is(403);
    browser
        .fill("/account/profile", "/account/passkeys", &[("name", "mine")])
        .await
        .leads_to("/account/passkeys/confirm?next=%2Faccount%2Fpasskeys");
    let confirm = "/account/passkeys/confirm";
    browser
        .submit(confirm, &[("password", "wrong"), ("code", "1")])
        .await
        .is(400);
    browser
        .submit(confirm, &[("password", PASSWORD), ("code", "000000")])
        .await
        .is(400);
    let code = house.code(&person);
    let before = browser.cookies["session"].clone();
    let fields = [("password", PASSWORD), ("code", code.as_str())];
    browser
        .submit(confirm, &fields)
        .await
        .leads_to("/account/passkeys");
    assert_ne!(browser.cookies["session"], before);
    add(&mut browser, &mut first, "phone")
        .await
        .leads_to("/account/passkeys");
    add(&mut browser, &mut first, "phone again").await.is(400);
    add(&mut browser, &mut second, "")
        .await
        .leads_to("/account/passkeys");
    assert_eq!(house.count(KEPT).await, 2);

    // Rename; remove only with a proof, here by the other passkey.
    house.advance(15 * 60);
    let ids = passkey_ids(&mut browser).await;
    let one = format!("/account/passkeys/{}", ids[0]);
    browser.submit(&one, &[("name", " \n")]).await.is(400);
    browser
        .submit(&one, &[("name", "old phone")])
        .await
        .leads_to("/account/passkeys");
    let remove = format!("{one}/remove");
    let encoded = format!(
        "/account/passkeys/confirm?next=%2Faccount%2Fpasskeys%2F{}",
        ids[0]
    );
    browser.fill(&one, &remove, &[]).await.leads_to(&encoded);
    assert_eq!(house.count(KEPT).await, 2);
    let confirmed = prove(
        &mut browser,
        &encoded,
        "/account/passkeys/confirm/passkey",
        &second,
    )
    .await;
    confirmed.leads_to("/account/passkeys");
    browser
        .fill(&one, &remove, &[])
        .await
        .leads_to("/account/passkeys");
    assert_eq!(house.count(KEPT).await, 1);
    let mails = house.mails_to(&person.email).await;
    assert_eq!(mails.last().unwrap().subject, "A passkey was removed");
    let mut other = Browser::new(&house);
    sign_in(&mut other, &first).await.is(400);
    sign_in(&mut other, &second).await.leads_to("/account");
}

async fn passkey_ids(browser: &mut Browser<'_>) -> Vec<String> {
    let page = browser.get("/account/passkeys").await.body;
    page.split("href=\"/account/passkeys/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.len() == 36)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn nobody_sees_or_changes_anothers_passkeys() {
    let house = House::new().await;
    let (_, mut maya, _) = with_passkey(&house, "maya@riverside.example").await;
    let (_, mut eve, of_eve) = with_passkey(&house, "eve@elsewhere.example").await;
    let id = passkey_ids(&mut maya).await.remove(0);
    let path = format!("/account/passkeys/{id}");
    eve.get(&path).await.is(404);
    eve.fill("/account/profile", &path, &[("name", "mine")])
        .await
        .is(404);
    eve.fill("/account/profile", &format!("{path}/remove"), &[])
        .await
        .is(404);
    // One authenticator's passkey does not go to a second account.
    let mut copied = of_eve;
    add(&mut maya, &mut copied, "stolen").await.is(400);
    assert_eq!(house.count(KEPT).await, 2);
}

#[tokio::test]
async fn the_last_factor_takes_its_recovery_codes_along() {
    const CODES: Sql = sql!("select count(*) from platform.recovery_code");
    let house = House::new().await;
    let tenant = house.tenant("riverside").await;
    let (person, mut browser, authenticator) = with_passkey(&house, "maya@riverside.example").await;
    house.join(tenant, &person, app::Role::Owner).await;
    assert_eq!(house.count(CODES).await, 10);
    // New codes without an app: a recent proof is enough, and needed.
    let codes = "/account/second-factor/recovery-codes";
    let made = browser.submit(codes, &[]).await;
    assert_eq!(made.is(200).body.matches("<li><code>").count(), 10);
    house.advance(15 * 60);
    let to_confirm = "/account/passkeys/confirm?next=%2Faccount%2Fsecond-factor%2Frecovery-codes";
    browser.get(codes).await.leads_to(to_confirm);
    browser
        .get("/account/second-factor")
        .await
        .leads_to("/account/passkeys/confirm?next=%2Faccount%2Fsecond-factor");
    // A recovery code stands in for the passkey.
    let code = made.body.split("<li><code>").nth(1).unwrap()[..14].to_owned();
    let fields = [("password", PASSWORD), ("code", code.as_str())];
    browser
        .submit("/account/passkeys/confirm", &fields)
        .await
        .leads_to("/account/passkeys");
    assert_eq!(house.count(CODES).await, 9);
    let id = passkey_ids(&mut browser).await.remove(0);
    let one = format!("/account/passkeys/{id}");
    assert!(browser.get(&one).await.body.contains("your only second factor"));
    browser
        .fill(&one, &format!("{one}/remove"), &[])
        .await
        .leads_to("/account/passkeys");
    assert_eq!(house.count(CODES).await, 0);
    browser
        .get("/platform/members")
        .await
        .leads_to("/account/second-factor?required=true");
    let mut other = Browser::new(&house);
    sign_in(&mut other, &authenticator).await.is(400);
    other.password(&person.email, PASSWORD).await.leads_to("/account");
}

#[tokio::test]
async fn twenty_are_enough() {
    let house = House::new().await;
    let (_, mut browser, _) = with_passkey(&house, "maya@riverside.example").await;
    for n in 1..20 {
        add(&mut browser, &mut authenticator(), &format!("key {n}"))
            .await
            .leads_to("/account/passkeys");
    }
    let page = browser.get("/account/passkeys").await;
    assert!(page.body.contains("You have twenty") && !page.body.contains("data-passkey="));
    assert_eq!(house.count(KEPT).await, 20);
    let options = browser
        .fill("/account/profile", "/account/passkeys/options", &[])
        .await;
    let options: Value = serde_json::from_str(&options.is(200).body).unwrap();
    assert_eq!(options["excludeCredentials"].as_array().unwrap().len(), 20);
    let made = authenticator().make(&decoded(&options["challenge"]));
    let fields = [
        ("client_data", BASE64URL_NOPAD.encode(&made.client_data)),
        (
            "attestation_object",
            BASE64URL_NOPAD.encode(&made.attestation_object),
        ),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser
        .fill("/account/profile", "/account/passkeys", &fields)
        .await;
    assert_eq!(house.count(KEPT).await, 20, "also for who goes round the page");
}

#[tokio::test]
async fn the_operator_takes_passkeys_and_providers_away_with_the_rest() {
    const CONNECT: Sql = sql!(
        "insert into platform.external_identity (issuer, subject, account_id, created_at, last_used_at)
         values ('https://id.example', 'maya', $1, now(), now())"
    );
    const CONNECTED: Sql = sql!("select count(*) from platform.external_identity");
    const GIVE: Sql = sql!(
        "update platform.membership set issuer = 'https://id.example' where tenant_id = $1 and account_id = $2"
    );
    const ROLES: Sql = sql!("select tenant_id from platform.membership where account_id = $1");
    let house = House::new().await;
    let (person, mut browser, authenticator) = with_passkey(&house, "maya@riverside.example").await;
    house.twins.owner.rows(CONNECT, params![person.id]).await.unwrap();
    let (given, by_hand) = (house.tenant("given").await, house.tenant("by-hand").await);
    for tenant in [given, by_hand] {
        house.join(tenant, &person, app::Role::Editor).await;
    }
    let of_given = params![given.0, person.id];
    house.twins.owner.rows(GIVE, of_given).await.unwrap();
    let function = &platform::RECOVER;
    let app::Trigger::Operation { run } = function.trigger else {
        panic!("it is an operation")
    };
    let event = serde_json::json!({"email": person.email});
    run(house.twins.context(function).unwrap(), event).await.unwrap();
    assert_eq!(house.count(KEPT).await, 0);
    assert_eq!(house.count(CONNECTED).await, 0);
    let kept = house.twins.owner.rows(ROLES, params![person.id]).await.unwrap();
    let kept: Vec<uuid::Uuid> = kept.iter().map(|row| row.get("tenant_id").unwrap()).collect();
    assert_eq!(kept, [by_hand.0]);
    assert!(!browser.is_signed_in().await);
    sign_in(&mut Browser::new(&house), &authenticator).await.is(400);
}
