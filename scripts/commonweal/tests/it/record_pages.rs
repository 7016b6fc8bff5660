//! The pages of the expungement service, used as a browser without JavaScript uses them: sign in to the court site's twin, search,
//! answer, change, print, sign out.

use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use testkit::TestDb;

use crate::host::Host;

const RECORD: &str = "/expungement/record";
const SEARCH: &str = "/expungement/search";
const LOGIN: &str = "/expungement/login";

struct Page {
    status: u16,
    headers: reqwest::header::HeaderMap,
    bytes: Vec<u8>,
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The hidden field, as a browser sends it back.
    fn state(&self) -> String {
        let text = self.text();
        let (_, rest) = text
            .split_once(r#"name="page_state" value=""#)
            .unwrap_or_else(|| panic!("no state in {text}"));
        rest.split('"')
            .next()
            .unwrap()
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    }
}

struct Browser<'h> {
    host: &'h Host,
    cookie: String,
}

impl Browser<'_> {
    async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let form: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let request = self.host.http.post(self.host.url(path));
        let answer = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin")
            .header(COOKIE, &self.cookie)
            .body(form.join("&"))
            .send()
            .await
            .unwrap();
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            let set = set.to_str().unwrap();
            self.cookie = set.split(';').next().unwrap().to_owned();
        }
        Page {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            bytes: answer.bytes().await.unwrap().to_vec(),
        }
    }

    /// A button on `page`, which carries its state along.
    async fn press(&mut self, page: &Page, path: &str, fields: &[(&str, &str)]) -> Page {
        let state = page.state();
        let mut all = vec![("page_state", state.as_str())];
        all.extend(fields);
        self.send(path, &all).await
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_from_sign_in_to_sign_out() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let mut browser = Browser {
        host: &host,
        cookie: String::new(),
    };

    // Without a session the search is carried along to the login and back.
    let names = [
        ("first_name-0", "John"),
        ("last_name-0", "Common"),
        ("birth_date-0", "2/2/1985"),
    ];
    let asked = browser.send(SEARCH, &names).await;
    assert_eq!(asked.status, 401);
    let wrong = [("oeci_username", "demo-clerk"), ("oeci_password", "wrong")];
    let refused = browser.press(&asked, LOGIN, &wrong).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
    assert!(refused.text().contains("does not take this user name"));
    assert!(
        !refused.text().contains("value=\"wrong\""),
        "the password came back"
    );
    let right = [
        ("oeci_username", "demo-clerk"),
        ("oeci_password", "set-aside-2022"),
    ];
    let signed_in = browser.press(&refused, LOGIN, &right).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());

    // The crawl may take longer than one page waits.
    let mut record = browser.press(&signed_in, RECORD, &[]).await;
    for _ in 0..5 {
        if record.status != 202 {
            break;
        }
        record = browser.press(&record, RECORD, &[]).await;
    }
    assert_eq!(record.status, 200, "{}", record.text());
    assert!(record.text().contains("Needs Analysis"), "{}", record.text());

    // The court's page of a case, for this session only.
    let text = record.text();
    let (_, rest) = text
        .split_once("href=\"/expungement/api/case_detail_page/")
        .unwrap();
    let detail = format!(
        "/expungement/api/case_detail_page/{}",
        rest.split('"').next().unwrap()
    );
    let request = host.http.get(host.url(&detail));
    let shown = request.header(COOKIE, &browser.cookie).send().await.unwrap();
    assert_eq!(shown.status(), 200);

    // Answering needs no new crawl, and changes the verdict.
    let answered = browser.press(&record, RECORD, &[("answer-210000-1", "0")]).await;
    assert_eq!(answered.status, 200);
    assert!(answered.text().contains("Take my answer back"));
    assert!(!answered.text().contains("Needs Analysis"), "{}", answered.text());

    // A packet with gaps is made after they were named.
    let gaps = browser
        .press(
            &answered,
            "/expungement/paperwork",
            &[("do", "packet"), ("full_name", "Jan Doe")],
        )
        .await;
    assert!(gaps.text().contains("Make them anyway"));
    let packet = browser
        .press(
            &answered,
            "/expungement/paperwork",
            &[("do", "packet!"), ("full_name", "Jan Doe")],
        )
        .await;
    assert_eq!(packet.headers[CONTENT_TYPE], "application/zip");
    assert!(packet.bytes.starts_with(b"PK"));

    // Signed out, the record is out of reach, and what was typed is still there to go on with.
    let out = browser.send("/expungement/logout", &[]).await;
    assert_eq!(out.status, 303);
    assert!(
        out.headers[LOCATION]
            .to_str()
            .unwrap()
            .starts_with("/expungement")
    );
    let gone = browser.press(&answered, RECORD, &[]).await;
    assert_eq!(gone.status, 401);
    assert_eq!(gone.state(), answered.state());

    let printed = host.printed.lock().unwrap();
    for secret in ["set-aside-2022", "1985", "Jan Doe"] {
        assert!(!printed.contains(secret), "{secret} was logged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_search_failed_is_told_in_the_visitors_language() {
    let db = TestDb::create().await;
    let host = Host::start(&db.url()).await;
    let mut browser = Browser {
        host: &host,
        cookie: crate::court::session(&host).await,
    };
    for (last, english, spanish) in [
        ("Outage", "does not answer", "El sitio del tribunal no responde"),
        (
            "Toomany",
            "Found 301 matching cases",
            "Hay 301 casos que coinciden",
        ),
        ("Hostile", "cannot be read", "No se puede leer una página"),
    ] {
        for (language, told, other) in [("en", english, spanish), ("es", spanish, english)] {
            let names = [("first_name-0", "Any"), ("last_name-0", last)];
            let mut page = browser.send(&format!("{SEARCH}?lang={language}"), &names).await;
            for _ in 0..5 {
                if page.status != 202 {
                    break;
                }
                page = browser
                    .press(&page, &format!("{RECORD}?lang={language}"), &[])
                    .await;
            }
            let text = page.text();
            assert!(
                text.contains(told) && !text.contains(other),
                "{last} {language}: {text}"
            );
        }
    }
}
