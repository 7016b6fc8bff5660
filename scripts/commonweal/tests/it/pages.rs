//! The pages for voters, used as a browser without JavaScript uses them.

use std::sync::Arc;

use ports::Undeclared;
use serde_json::json;
use testkit::TestDb;

use crate::host::{Host, basics};

const FORM: &[(&str, &str)] = &[
    ("first_name", "Maya"),
    ("last_name", "Ejemplo"),
    ("date_of_birth-month", "4"),
    ("date_of_birth-day", "1"),
    ("date_of_birth-year", "1990"),
    ("address1", "12+Main+St"),
    ("city", "Boston"),
    ("state", "MA"),
    ("zipcode", "02108"),
    ("email", "maya%40example.org"),
    ("phone", ""),
];

fn encoded(changes: &[(&str, &str)]) -> String {
    let kept = FORM
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes)
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

async fn send(host: &Host, path: &str, body: String) -> (u16, String, String) {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let answer = host
        .http
        .post(host.url(path))
        .header(form.0, form.1)
        .header("accept", "text/html")
        .body(body)
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let location = answer
        .headers()
        .get("location")
        .map(|to| to.to_str().unwrap().to_owned())
        .unwrap_or_default();
    (status, location, answer.text().await.unwrap())
}

async fn page(host: &Host, path: &str) -> String {
    let answer = host
        .http
        .get(host.url(path))
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// The value of a hidden input.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let input = format!("name=\"{name}\" value=\"");
    let at = page.find(&input).unwrap_or_else(|| panic!("no {name} in {page}")) + input.len();
    page[at..].split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_registers_by_forms_alone() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let start = "/voting/register?subscriber=demo&lang=es";
    let first = page(&host, start).await;
    assert!(first.contains("<html lang=\"es\">") && first.contains("Inscríbase para votar"));
    let once = hidden(&first, "once");

    // What is wrong stands in the summary and beside its field, and what was typed stays.
    let (status, _, wrong) = send(&host, start, encoded(&[("zipcode", "21")])).await;
    assert_eq!(status, 400);
    assert!(
        wrong.contains("href=\"#zipcode\"")
            && wrong.contains("id=\"zipcode-error\"")
            && wrong.contains("value=\"Ejemplo\"")
    );

    // A double click registers once; the same page sent with other answers is another registration.
    let (status, second, _) = send(&host, start, encoded(&[("once", once)])).await;
    assert_eq!(status, 303);
    assert_eq!(send(&host, start, encoded(&[("once", once)])).await.1, second);
    assert_ne!(
        send(&host, start, encoded(&[("once", once), ("city", "Salem")]))
            .await
            .1,
        second
    );

    let shown = page(&host, &second).await;
    assert!(
        shown.contains("href=\"/voting/register?lang=es&#38;subscriber=demo\""),
        "{shown}"
    );
    let (status, _, incomplete) = send(&host, &second, "state_id_number=S99887766".to_owned()).await;
    assert_eq!(status, 400);
    assert!(incomplete.contains("href=\"#us_citizen\"") && !incomplete.contains("S99887766"));
    let whole = "state_id_number=S99887766&us_citizen=true&is_18_or_over=true".to_owned();
    let (status, done, _) = send(&host, &second, whole).await;
    assert_eq!(status, 303);
    assert!(page(&host, &done).await.contains("m…@example.org"));
    host.mail("maya@example.org", "/voting/download/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn text_messages_need_a_consent() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    owner
        .batch(
            "update platform.tenant set plan = 'nonprofit' from platform.tenant_slug s where s.tenant_id = id and s.slug = 'demo';
             update voting.subscriber v set sms_enabled = true, sms_checkbox = true, sms_checkbox_default = false
               from platform.tenant_slug s where s.tenant_id = v.tenant_id and s.slug = 'demo'",
        )
        .await
        .unwrap();
    let start = "/voting/register?subscriber=demo";
    for start in [start, "/voting/verify?subscriber=demo"] {
        assert!(
            page(&host, start)
                .await
                .contains("name=\"sms_opt_in_subscriber\" value=\"true\" aria-describedby")
        );
    }
    let consents = async || {
        const CONSENTS: store::Sql =
            store::sql!("select count(*) as many from voting.registration where sms_opt_in_subscriber");
        owner
            .one(CONSENTS, store::params![])
            .await
            .unwrap()
            .get::<i64>("many")
            .unwrap()
    };
    let phone = ("phone", "617-555-0143");
    assert_eq!(send(&host, start, encoded(&[phone])).await.0, 303);
    assert_eq!(consents().await, 0, "a box that was not ticked");
    assert_eq!(
        send(&host, start, encoded(&[phone, ("sms_opt_in_subscriber", "true")]))
            .await
            .0,
        303
    );
    assert_eq!(consents().await, 1);
    owner
        .batch("update voting.subscriber set sms_checkbox = false")
        .await
        .unwrap();
    assert_eq!(send(&host, start, encoded(&[phone])).await.0, 303);
    assert_eq!(
        consents().await,
        2,
        "where there is no box, the number is the consent"
    );
    assert_eq!(send(&host, start, encoded(&[])).await.0, 303);
    assert_eq!(consents().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_is_told_who_sent_the_voter() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let register = "/voting/v1/registration/register?incomplete=true";
    let mut body = basics("cora@example.org");
    body["state"] = json!("CO");
    assert_eq!(
        host.post(register, body.clone()).await.1["custom_ovr_link"],
        json!(null)
    );
    owner
        .batch(
            "insert into platform.feature_flag (name, enabled, variables, modified_at)
             values ('ovr_partner.co', true, '{\"page\": \"https://co.example.gov/new\", \"id\": \"77\"}', now());
             insert into voting.state_information (state, field, text, modified_at)
             values ('CO', 'external_tool_ovr', 'https://co.example.gov/', now())
             on conflict (state, field) do update set text = excluded.text",
        )
        .await
        .unwrap();
    let (_, begun) = host.post(register, body).await;
    let uuid = begun["uuid"].as_str().unwrap();
    let link = format!("https://co.example.gov/new?vrdid=77&campaign={uuid}");
    assert_eq!(begun["custom_ovr_link"], json!(link));
    let resumed = host
        .get(&format!("/voting/v1/registration/resume_token?uuid={uuid}"))
        .await;
    assert_eq!(resumed["custom_ovr_link"], json!(link));
    let shown = page(&host, &format!("/voting/register/{uuid}")).await;
    assert!(shown.contains("https://co.example.gov/new?vrdid=77"), "{shown}");
    // Elsewhere nothing is added.
    assert_eq!(
        host.post(register, basics("mae@example.org")).await.1["custom_ovr_link"],
        json!(null)
    );
}

/// What a program began by its key goes on where the button of the answer leads, for an hour.
#[tokio::test(flavor = "multi_thread")]
async fn a_button_leads_back_to_what_a_program_began() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let demo: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(host.home().join("demo.json")).unwrap()).unwrap();
    let (id, secret) = demo["api_keys"][0]["key"]
        .as_str()
        .unwrap()
        .split_once(':')
        .unwrap();
    let mut voter = basics("maya@example.org");
    voter["title"] = json!("Mx");
    voter["phone"] = json!("617-555-0143");
    voter["sms_opt_in"] = json!(true);
    let answer = host
        .http
        .post(host.url("/voting/v1/registration/external/request"))
        .basic_auth(id, Some(secret))
        .json(&voter)
        .send()
        .await
        .unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    let link = answer["buttons"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|button| button["url"].as_str().filter(|url| url.contains("token=")))
        .unwrap_or_else(|| panic!("no button leads back: {answer}"));
    let path = link[link.find("/voting/register/resume?").unwrap()..].to_owned();
    let follow = async |path: &str| {
        let answer = host.http.get(host.url(path)).send().await.unwrap();
        let location = answer.headers().get("location");
        let location = location.map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), location.unwrap_or_default())
    };
    let (status, second) = follow(&path).await;
    assert_eq!(status, 303);
    let shown = page(&host, &second).await;
    assert!(shown.contains("name=\"state_id_number\""), "{shown}");
    for (wrong, refused) in [
        (format!("{path}x"), 400),
        ("/voting/register/resume".to_owned(), 400),
    ] {
        assert_eq!(follow(&wrong).await.0, refused, "{wrong}");
    }
    host.advance(3_600 + 120).await;
    assert_eq!(follow(&path).await.0, 400, "an hour later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_kept_where_it_is_an_image() {
    const KEPT: store::Sql =
        store::sql!("select upload_type, content_type, file_key from voting.secure_upload where id = $1");
    const UPLOADS: store::Sql = store::sql!("select count(*) as many from voting.secure_upload");
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let owner = db.open(None, Arc::new(Undeclared));
    let upload = async |kind: &str, what: &str, bytes: Vec<u8>| {
        let path = format!("/voting/v1/storage/secure_upload?upload_type={what}");
        let request = host.http.post(host.url(&path)).header("content-type", kind);
        let answer = request.body(bytes).send().await.unwrap();
        (
            answer.status().as_u16(),
            answer.json::<serde_json::Value>().await.unwrap(),
        )
    };
    let image = b"\x89PNG\r\n\x1a\nand the rest of a signature".to_vec();
    let (status, kept) = upload("image/png", "Signature", image.clone()).await;
    assert_eq!(status, 200, "{kept}");
    let id = uuid::Uuid::try_parse(kept["uuid"].as_str().unwrap()).unwrap();
    let row = owner.one(KEPT, store::params![id]).await.unwrap();
    assert_eq!(row.get::<&str>("upload_type").unwrap(), "Signature");
    assert_eq!(row.get::<&str>("content_type").unwrap(), "image/png");
    let key: &str = row.get("file_key").unwrap();
    assert!(key.starts_with("voting/uploads/") && !key.contains(&id.simple().to_string()));
    for (kind, what, bytes, refused) in [
        ("image/jpeg", "Signature", image.clone(), 415),
        ("image/svg+xml", "Signature", b"<svg/>".to_vec(), 415),
        ("image/png", "Portrait", image.clone(), 400),
        (
            "image/png",
            "Signature",
            [image, vec![0; 5_000_000]].concat(),
            413,
        ),
    ] {
        assert_eq!(upload(kind, what, bytes).await.0, refused, "{kind} {what}");
    }
    let many = owner.one(UPLOADS, store::params![]).await.unwrap();
    assert_eq!(many.get::<i64>("many").unwrap(), 1);
}
