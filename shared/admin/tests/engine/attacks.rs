//! What must not work: other people's rows, rights that a role does not have, values that pretend to be something else.

use app::Role;
use data_encoding::BASE64URL_NOPAD;

use crate::house::{House, LIST};

#[tokio::test]
async fn rows_of_others_are_not_there() {
    let house = House::new().await;
    let (own, other) = (house.tenant("premium").await, house.tenant("premium").await);
    let theirs = house.specimen(other, "Theirs", 0).await;
    house.specimen(own, "Ours", 0).await;
    let browser = house.browser(own, Role::Owner).await;
    let list = browser.get(LIST).await;
    assert_eq!(list.names(), ["Ours"]);
    list.has("<strong>1</strong>");
    browser
        .get(&format!("{LIST}?q=theirs"))
        .await
        .has("Nothing fits.");
    browser
        .get(&format!("{LIST}/export.csv"))
        .await
        .is(200)
        .has("Ours")
        .lacks("Theirs");
    for page in ["change", "delete", "history"] {
        browser.get(&format!("{LIST}/{theirs}/{page}")).await.is(404);
    }
    browser
        .post(
            &format!("{LIST}/{theirs}/change"),
            &[("name", "Mine now"), ("_version", "")],
        )
        .await
        .is(404);
    browser
        .post(&format!("{LIST}/{theirs}/delete"), &[])
        .await
        .is(404);
    let tick = format!("select-{theirs}");
    for action in ["grow", "export"] {
        let fields = [("_action", action), ("_confirmed", "1"), (tick.as_str(), "on")];
        browser.post(LIST, &fields).await.is(404);
    }
    assert_eq!(house.row(theirs).await.unwrap()["name"], "Theirs");
    // A field that the form does not have does not move a row to others.
    let fields = [
        ("name", "Planted"),
        ("legs", "1"),
        ("size", "s"),
        ("facts", "{}"),
        ("tenant_id", &other.0.to_string()),
        ("secret", "stolen"),
        ("created_at", "1999-01-01 00:00"),
    ];
    browser.post(&format!("{LIST}/add"), &fields).await.is(303);
    assert_eq!(browser.get(LIST).await.names().len(), 2);
    let planted = browser.get(&format!("{LIST}?q=planted")).await;
    planted.lacks("1999");
}

#[tokio::test]
async fn a_cursor_that_somebody_made_shows_nothing_else() {
    let house = House::new().await;
    let (own, other) = (house.tenant("premium").await, house.tenant("premium").await);
    let theirs = house.specimen(other, "Theirs", 10).await;
    house.specimen(own, "Newer", 0).await;
    house.specimen(own, "Older", 20).await;
    let browser = house.browser(own, Role::Viewer).await;
    let forged = |values: &str| BASE64URL_NOPAD.encode(values.as_bytes());
    let between = forged(&format!(r#"["2026-11-03T16:59:50Z","{theirs}"]"#));
    assert_eq!(
        browser.get(&format!("{LIST}?after={between}")).await.names(),
        ["Older"]
    );
    assert_eq!(
        browser.get(&format!("{LIST}?before={between}")).await.names(),
        ["Newer"]
    );
    for odd in [
        "x",
        "%00",
        &forged("[]"),
        &forged(r#"["a","b"]"#),
        &forged(r#"["2026-11-03T16:59:50Z","x' or true --"]"#),
        &forged(r#"["2026-11-03T16:59:50Z"]"#),
        &forged("{}"),
        &"A".repeat(5_000),
    ] {
        let page = browser.get(&format!("{LIST}?after={odd}")).await;
        assert_eq!(page.is(200).names(), ["Newer", "Older"], "{odd}");
    }
}

#[tokio::test]
async fn a_role_reaches_as_far_as_it_reaches() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let id = house.specimen(tenant, "Beetle", 0).await;
    let tick = format!("select-{id}");
    let grow = [("_action", "grow"), ("_confirmed", "1"), (tick.as_str(), "on")];
    let viewer = house.browser(tenant, Role::Viewer).await;
    viewer
        .get(LIST)
        .await
        .is(200)
        .lacks("Add specimen")
        .lacks("Grow a leg");
    viewer
        .get(&format!("{LIST}/{id}/change"))
        .await
        .is(200)
        .lacks("<textarea")
        .lacks("Delete…")
        .lacks("name=\"legs\"");
    for path in ["add".to_owned(), format!("{id}/delete")] {
        viewer.get(&format!("{LIST}/{path}")).await.is(403);
    }
    for path in ["add".to_owned(), format!("{id}/change"), format!("{id}/delete")] {
        viewer
            .post(&format!("{LIST}/{path}"), &[("name", "x")])
            .await
            .is(403);
    }
    viewer.post(LIST, &grow).await.is(403);
    let editor = house.browser(tenant, Role::Editor).await;
    editor
        .get(&format!("{LIST}/{id}/change"))
        .await
        .is(200)
        .lacks("Delete…");
    editor.post(&format!("{LIST}/{id}/delete"), &[]).await.is(403);
    let row = house.row(id).await.unwrap();
    assert_eq!((&row["name"], &row["legs"]), (&"Beetle".into(), &4.into()));
    assert!(house.entries(&id.to_string()).await.is_empty());

    let free = house.tenant("free").await;
    let owner = house.browser(free, Role::Owner).await;
    for path in ["", "/add", "/export.csv"] {
        owner.get(&format!("{LIST}{path}")).await.is(404);
    }
    let without = house.signed_in(tenant, Role::Owner, false).await;
    assert_eq!(
        without.get(LIST).await.location,
        "/account/second-factor?required=true"
    );
}

#[tokio::test]
async fn a_form_of_another_page_changes_nothing() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let id = house.specimen(tenant, "Beetle", 0).await;
    let (browser, other) = (
        house.browser(tenant, Role::Owner).await,
        house.browser(tenant, Role::Owner).await,
    );
    for token in [
        "",
        "form_token=",
        "form_token=abc",
        &format!("form_token={}", other.form_token),
    ] {
        browser
            .post_raw(&format!("{LIST}/{id}/delete"), token.to_owned())
            .await
            .is(403);
    }
    assert!(house.row(id).await.is_some());
}

#[tokio::test]
async fn values_stay_values() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Owner).await;
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x>",
        "'; drop table platform.specimen; --",
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
    ];
    for name in hostile {
        let fields = [
            ("name", name),
            ("legs", "1"),
            ("size", "s"),
            ("facts", "{}"),
            ("note", name),
            ("tags", name),
        ];
        browser.post(&format!("{LIST}/add"), &fields).await.is(303);
    }
    let list = browser.get(LIST).await;
    list.is(200)
        .lacks("<script>")
        .lacks("<img")
        .has("&#60;script&#62;");
    assert_eq!(list.names().len(), hostile.len());
    for query in [
        "q=%27%3B+drop+table+platform.specimen%3B+--",
        "o=id%3Bdrop+table",
        "o=-secret",
        "size=%27or+1=1",
        "_extra=t.secret,secret",
        "shade=x%27",
        "year=1%27&month=x",
        "created_at=%27",
        "leggy=t.legs",
        "q=%00",
        "after=%27",
        "q=%25",
        "year=-5",
        "year=99999",
        "year=9998&month=12&day=31",
        "month=3",
        "day=9",
    ] {
        browser
            .get(&format!("{LIST}?{query}"))
            .await
            .is(200)
            .lacks("hidden-from-all");
    }
    let reflected = browser
        .get(&format!(
            "{LIST}?q=%3Cscript%3Ealert(1)%3C/script%3E&done=%3Cb%3E&object=%22%3E%3Cb%3E"
        ))
        .await;
    reflected.lacks("<script>").lacks("<b>");
    browser
        .get(&format!("{LIST}?done=changed&object=javascript:alert(1)//"))
        .await
        .lacks("href=\"javascript");
    let csv = browser.get(&format!("{LIST}/export.csv")).await;
    csv.is(200);
    assert!(csv.headers["content-type"].starts_with("text/csv"));
    assert!(csv.headers["content-disposition"].contains("specimen.csv"));
    for formula in ["'=1+1", "'+1", "'-1", "'@SUM(A1)"] {
        csv.has(&format!(",{formula},"));
    }
    csv.lacks(",=1+1").lacks(",@SUM").lacks("hidden-from-all");
    let entries = house.entries("").await;
    assert_eq!(
        (entries[0].0.as_str(), &entries[0].2["rows"]),
        ("admin.export", &7.into())
    );
    for id in [
        "x",
        "00000000-0000-4000-8000-000000000000",
        "%00",
        "~00",
        ",",
        "..%2f..",
        "a,b",
    ] {
        browser.get(&format!("{LIST}/{id}/change")).await.is(404);
    }
    let page = browser.get(&format!("{LIST}?q=%3Cscript")).await;
    let id = page.first_row();
    browser
        .get(&format!("{LIST}/{id}/change"))
        .await
        .lacks("<script>");
    browser
        .get(&format!("{LIST}/{id}/history"))
        .await
        .lacks("<script>");
    browser
        .get(&format!("{LIST}/{id}/delete"))
        .await
        .lacks("<script>");
}
