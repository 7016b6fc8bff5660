//! A voter registers: form, PDF, inbox, download, reminder — with nothing but HTTP.

use serde_json::json;
use testkit::TestDb;

use crate::host::{Host, basics, rest};

#[tokio::test(flavor = "multi_thread")]
async fn from_form_to_pdf_to_inbox() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;

    // Two voters: one downloads the form, one does not.
    let mut links = Vec::new();
    for email in ["maya@example.org", "luis@example.org"] {
        let (status, begun) = host
            .post(
                "/voting/v1/registration/register?incomplete=true&subscriber=demo",
                basics(email),
            )
            .await;
        assert_eq!(status, 200, "{begun}");
        let path = format!(
            "/voting/v1/registration/register/{}",
            begun["uuid"].as_str().unwrap()
        );
        let (status, done) = host.patch(&path, rest()).await;
        assert_eq!(status, 200, "{done}");
        assert_eq!(done["action_id"], begun["action_id"]);
        let mail = host.mail(email, "/voting/download/").await;
        let mut link = mail["links"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|link| link.as_str());
        links.push(
            link.find(|link| link.contains("/voting/download/"))
                .unwrap()
                .to_owned(),
        );
    }

    // The link answers 302 to a signed address that gives the PDF.
    let answer = host.http.get(&links[0]).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    let signed = answer.headers()["location"].to_str().unwrap().to_owned();
    let pdf = host.http.get(&signed).send().await.unwrap();
    assert_eq!(pdf.headers()["content-type"], "application/pdf");
    let text = pdf_text(&pdf.bytes().await.unwrap());
    for printed in ["Ejemplo", "12 Main St", "S99887766"] {
        assert!(text.contains(printed), "{printed} is not on the form:\n{text}");
    }
    assert!(
        !host.printed.lock().unwrap().contains("S99887766"),
        "the identity number was logged"
    );

    // A wrong token, and a signed address after its five minutes.
    let wrong = host
        .http
        .get(links[0].replace("token=", "token=x"))
        .send()
        .await
        .unwrap();
    assert!(
        wrong.headers()["location"]
            .to_str()
            .unwrap()
            .ends_with("/expired")
    );
    host.advance(360).await;
    assert_eq!(host.http.get(&signed).send().await.unwrap().status(), 403);

    // A mail program that only looks has not downloaded.
    let looked = host.http.head(&links[1]).send().await.unwrap();
    assert_eq!(looked.status(), 302);

    // The next day: a reminder for who did not download, none for who did.
    let before = (
        host.mails_to("maya@example.org").await,
        host.mails_to("luis@example.org").await,
    );
    host.advance(2 * 86_400).await;
    assert_eq!(
        host.mails_to("maya@example.org").await,
        before.0,
        "no reminder after a download"
    );
    assert_eq!(
        host.mails_to("luis@example.org").await,
        before.1 + 1,
        "one reminder without a download"
    );

    // The link is refused after its expiry, and a new one comes by mail.
    host.advance(61 * 86_400).await;
    let late = host.http.get(&links[1]).send().await.unwrap();
    let refused = late.headers()["location"].to_str().unwrap().to_owned();
    assert!(
        refused.contains("/expired") || refused.contains("/purged"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_start_is_followed_up_once() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let (status, body) = host
        .post(
            "/voting/v1/registration/register?incomplete=true&subscriber=riverside",
            basics("una@example.org"),
        )
        .await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(host.mails_to("una@example.org").await, 0);
    host.advance(901).await;
    assert_eq!(host.mails_to("una@example.org").await, 1);
    host.advance(86_400).await;
    assert_eq!(host.mails_to("una@example.org").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voter_is_looked_up_by_the_real_client() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let person = |first: &str, last: &str| {
        let mut body = basics("v@example.org");
        body["first_name"] = json!(first);
        body["last_name"] = json!(last);
        body
    };
    let (status, unknown) = host
        .post("/voting/v1/verification/verify", person("Nobody", "Known"))
        .await;
    assert_eq!((status, &unknown["registered"]), (200, &json!(false)));
    let (status, down) = host
        .post("/voting/v1/verification/verify", person("Any", "Outage"))
        .await;
    assert_eq!(
        (status, &down["error"]),
        (503, &json!("Error from data providers"))
    );
}

/// The text of a PDF by poppler, which scripts/test installs.
fn pdf_text(bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let output = std::process::Command::new("pdftotext")
        .arg("-layout")
        .arg(file.path())
        .arg("-")
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
