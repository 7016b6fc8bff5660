//! What people do.

use app::Role;
use serde_json::{Value as Json, json};

use crate::house::{House, LIST, MODEL};

/// A form that is filled in right.
const FILLED: [(&str, &str); 12] = [
    ("name", "Blue beetle"),
    ("note", "First line\r\nSecond line"),
    ("legs", "6"),
    ("weight", "12.50"),
    ("is_alive", "true"),
    ("is_rare", "false"),
    ("found_on", "2026-02-28"),
    ("seen_at", "2026-11-03 12:00"),
    ("size", "l"),
    ("facts", r#"{"wings": 2}"#),
    ("tags", "blue\n\n shiny "),
    ("email", "finder@example.org"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = FILLED.to_vec();
    for change in changes {
        fields.retain(|(name, _)| name != &change.0);
        fields.push(*change);
    }
    fields
}

async fn ids(house: &House) -> Vec<uuid::Uuid> {
    const IDS: store::Sql = store::sql!("select id from platform.specimen order by created_at, id");
    let rows = house.twins.owner.rows(IDS, store::params![]).await.unwrap();
    rows.iter().map(|row| row.get("id").unwrap()).collect()
}

#[tokio::test]
async fn every_kind_of_field_is_added_shown_changed_and_written_to_the_log() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Editor).await;
    let empty = browser.get(LIST).await;
    empty
        .is(200)
        .has("There is nothing here yet.")
        .has("What was found.")
        .has("Add specimen");

    let added = browser.post(&format!("{LIST}/add"), &FILLED).await;
    added.is(303);
    assert!(
        added.location.starts_with(&format!("{LIST}?done=added&object=")),
        "{}",
        added.location
    );
    browser
        .get(&added.location)
        .await
        .has("The specimen was added.")
        .has("Blue beetle");
    let id = ids(&house).await[0];
    let row = house.row(id).await.unwrap();
    let expected = json!({
        "name": "Blue beetle", "note": "First line\nSecond line", "legs": 6, "weight": 12.50, "is_alive": true, "is_rare": false,
        "found_on": "2026-02-28", "seen_at": "2026-11-03T17:00:00+00:00", "size": "l", "facts": {"wings": 2},
        "tags": ["blue", "shiny"], "email": "finder@example.org", "tenant_id": tenant.0, "shade": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&row[name], value, "{name}");
    }

    let path = format!("{LIST}/{id}/change");
    let page = browser.get(&path).await;
    page.is(200);
    for shown in [
        "value=\"Blue beetle\"",
        "Second line</textarea>",
        "value=\"6\"",
        "value=\"12.50\"",
        "value=\"2026-02-28\"",
        "value=\"2026-11-03T12:00:00\"",
        "<option value=\"l\" selected>Large",
        "shiny</textarea>",
        "(America/New_York)",
    ] {
        page.has(shown);
    }
    page.lacks("hidden-from-all");
    let version = page.hidden("_version");

    let changes = with(&[
        ("legs", "8"),
        ("is_alive", ""),
        ("weight", ""),
        ("_version", &version),
        ("_continue", "1"),
    ]);
    let changed = browser.post(&path, &changes).await;
    changed.is(303);
    assert!(changed.location.starts_with(&path), "{}", changed.location);
    let row = house.row(id).await.unwrap();
    assert_eq!(
        (&row["legs"], &row["is_alive"], &row["weight"]),
        (&json!(8), &json!(false), &Json::Null)
    );
    assert_ne!(row["changed_at"], Json::Null, "the change is timed");

    // Saved as it is: nothing happens, and nothing is noted.
    let version = browser.get(&path).await.hidden("_version");
    let same = with(&[
        ("legs", "8"),
        ("is_alive", ""),
        ("weight", ""),
        ("_version", &version),
        ("_addanother", "1"),
    ]);
    let unchanged = browser.post(&path, &same).await;
    assert!(
        unchanged
            .location
            .starts_with(&format!("{LIST}/add?done=unchanged")),
        "{}",
        unchanged.location
    );

    let entries = house.entries(&id.to_string()).await;
    let actions: Vec<&str> = entries.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(actions, ["admin.add", "admin.change"]);
    assert_eq!(
        entries[0].2["email"], "f…@example.org",
        "a person's is an outline"
    );
    assert_eq!(
        entries[0].2["specimen name"], "Blue beetle",
        "a beetle is no person"
    );
    assert_eq!(
        (&entries[1].1, &entries[1].2),
        (
            &json!({"legs": 6, "is_alive": true, "weight": "12.50"}),
            &json!({"legs": 8, "is_alive": false, "weight": null})
        ),
        "only what changed"
    );
    let history = browser.get(&format!("{LIST}/{id}/history")).await;
    history
        .is(200)
        .has("<del>6</del><ins>8</ins>")
        .has("Changed")
        .has("Added")
        .has("@museum.example");
    let spanish = browser.get(&format!("{path}?lang=es")).await;
    spanish
        .is(200)
        .has("lang=\"es\"")
        .has("Patas")
        .has("Guardar y seguir editando");
}

#[tokio::test]
async fn what_does_not_fit_is_said_beside_its_field_and_nothing_is_saved() {
    let house = House::new().await;
    let browser = house.browser(house.tenant("premium").await, Role::Editor).await;
    for (field, typed, said) in [
        ("name", "", "This is required."),
        (
            "name",
            "a name that is longer than forty characters by far",
            "This is too long.",
        ),
        ("legs", "many", "Write a whole number."),
        ("legs", "1001", "outside of what is allowed"),
        ("weight", "heavy", "Write a number such as"),
        ("found_on", "2026-02-30", "Write a date"),
        ("seen_at", "noon", "Write a time"),
        ("size", "xl", "Choose one of the list."),
        (
            "shade",
            "00000000-0000-4000-8000-000000000000",
            "Choose one of the list.",
        ),
        ("facts", "{", "not valid JSON"),
    ] {
        let answer = browser
            .post(&format!("{LIST}/add"), &with(&[(field, typed)]))
            .await;
        answer
            .is(400)
            .has("There is a problem")
            .has(said)
            .has(&format!("href=\"#{field}\""));
        answer.has(&format!("id=\"{field}-error\""));
        if field != "name" {
            answer.has("value=\"Blue beetle\"");
        }
    }
    assert!(ids(&house).await.is_empty());
}

#[tokio::test]
async fn pages_lead_on_and_back_without_losing_or_repeating_a_row() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Viewer).await;
    for index in 0..120 {
        // Two and two of the same time: the key decides between them.
        house.specimen(tenant, &format!("n{index:03}"), index / 2).await;
    }
    let mut seen = Vec::new();
    let mut pages = Vec::new();
    let mut at = Some(LIST.to_owned());
    while let Some(path) = at {
        let page = browser.get(&path).await;
        page.is(200).has("<strong>120</strong>");
        pages.push(page.names());
        seen.extend(page.names());
        at = page.rel("next");
        if at.is_none() {
            let back = browser.get(&page.rel("prev").unwrap()).await;
            assert_eq!(back.names(), pages[1], "the page before");
            let first = browser.get(&back.rel("prev").unwrap()).await;
            assert_eq!(first.names(), pages[0]);
            assert_eq!(first.rel("prev"), None);
            assert!(first.rel("next").is_some());
        }
    }
    assert_eq!(pages.len(), 3);
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), 120, "each row once");
    let halves = |name: &String| name[1..].parse::<i32>().unwrap() / 2;
    assert!(
        seen.windows(2).all(|pair| halves(&pair[0]) <= halves(&pair[1])),
        "newest first"
    );
    let ascending = browser.get(&format!("{LIST}?o=created_at")).await.names();
    assert_eq!(halves(&ascending[0]), 59);
}

#[tokio::test]
async fn a_list_is_searched_filtered_and_walked_by_date() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Viewer).await;
    for (name, days) in [
        ("Ana Alpha", 0),
        ("Ana Beta", 1),
        ("100% sure", 40),
        ("a_b", 400),
        ("a\\b", 401),
        ("José Peña", 402),
    ] {
        house.specimen(tenant, name, days * 86_400).await;
    }
    house.execute("update platform.specimen set size = 'l', legs = 8, email = 'x@example.org' where name = 'Ana Beta'").await;
    let names = async |query: &str| {
        let page = browser.get(&format!("{LIST}?{query}")).await;
        page.is(200);
        page.names()
    };
    assert_eq!(names("q=ana").await, ["Ana Alpha", "Ana Beta"]);
    assert_eq!(
        names("q=ANA+X%40EX").await,
        ["Ana Beta"],
        "each word, in any field"
    );
    assert_eq!(
        names("q=alpha").await,
        Vec::<String>::new(),
        "a field begins with it"
    );
    assert_eq!(names("q=100%25").await, ["100% sure"]);
    assert_eq!(names("q=a_").await, ["a_b"], "an underscore is no wildcard");
    assert_eq!(names("q=a%5C").await, ["a\\b"]);
    for typed in ["jose", "JOS%C3%89", "jose%CC%81"] {
        let found = names(&format!("q={typed}")).await;
        assert_eq!(
            found,
            ["José Peña"],
            "{typed}: case and accents are not asked for"
        );
    }
    assert_eq!(names("size=l").await, ["Ana Beta"]);
    assert_eq!(names("email=yes").await, ["Ana Beta"]);
    assert_eq!(names("leggy=many").await, ["Ana Beta"]);
    assert_eq!(names("leggy=few&size=s&q=ana").await, ["Ana Alpha"]);
    assert_eq!(names("is_alive=false").await, Vec::<String>::new());
    assert_eq!(names("year=2026").await.len(), 3);
    assert_eq!(names("year=2026&month=11").await, ["Ana Alpha", "Ana Beta"]);
    assert_eq!(
        names("year=2026&month=11&day=2").await,
        ["Ana Beta"],
        "days of the reader's zone"
    );
    assert_eq!(names("year=2031").await, Vec::<String>::new());
    let page = browser.get(&format!("{LIST}?size=huge")).await;
    page.has("A filter of this address is not known here");
    assert_eq!(page.names().len(), 6);
    let page = browser.get(LIST).await;
    page.has("year=2025").has("year=2026").lacks("year=2024");
    browser
        .get(&format!("{LIST}?q=nothing-like-it"))
        .await
        .has("Nothing fits.");
    browser
        .get(&format!("{LIST}?_extra=email,secret,nothing"))
        .await
        .has("x@example.org")
        .lacks("hidden-from-all");
}

#[tokio::test]
async fn counts_stand_at_the_choices_of_filters_where_they_are_asked_for() {
    let house = House::new().await;
    let (tenant, other) = (house.tenant("premium").await, house.tenant("premium").await);
    for (index, name) in ["Ant", "Bee", "Cricket"].into_iter().enumerate() {
        house.specimen(tenant, name, index as i64).await;
    }
    house.specimen(other, "Stranger", 0).await;
    house
        .execute(
            "update platform.specimen set legs = 6, size = 'l', email = 'a@example.org' where name = 'Bee'",
        )
        .await;
    let browser = house.browser(tenant, Role::Viewer).await;
    let page = browser.get(LIST).await;
    page.is(200)
        .has("href=\"?_facets=1\">Show counts</a>")
        .lacks("Small (");

    // Each choice is counted as if it alone were chosen of its filter; others hold, and a stranger's rows are not there.
    let page = browser.get(&format!("{LIST}?_facets=1&size=l")).await;
    page.is(200);
    for shown in [
        ">Small (2)</option>",
        "selected>Large (1)</option>",
        ">Many (1)</option>",
        ">Few (0)</option>",
        ">Hide counts</a>",
        "name=\"_facets\" value=\"1\"",
    ] {
        page.has(shown);
    }
    page.lacks("All (");
    assert_eq!(page.names(), ["Bee"]);
    let page = browser.get(&format!("{LIST}?_facets=1&q=crick&lang=es")).await;
    page.is(200)
        .has(">Pequeño (1)</option>")
        .has(">Grande (0)</option>")
        .has(">Ocultar recuentos</a>");

    // Up to a thousand.
    house
        .execute(
            "insert into platform.specimen (id, tenant_id, name, legs, is_alive, size, facts, tags, created_at)
             select gen_random_uuid(), t.tenant_id, 'Many', 1, true, 's', '{}', '{}', t.created_at
               from (select * from platform.specimen where name = 'Ant') t, generate_series(1, 1000)",
        )
        .await;
    let page = browser.get(&format!("{LIST}?_facets=1")).await;
    page.is(200)
        .has(">Small (1,000+)</option>")
        .has(">Large (1)</option>");
}

#[tokio::test]
async fn of_two_who_change_the_same_the_second_is_told() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let (one, other) = (
        house.browser(tenant, Role::Editor).await,
        house.browser(tenant, Role::Editor).await,
    );
    one.post(&format!("{LIST}/add"), &FILLED).await.is(303);
    let id = ids(&house).await[0];
    let path = format!("{LIST}/{id}/change");
    let version = one.get(&path).await.hidden("_version");
    assert_eq!(version, other.get(&path).await.hidden("_version"));
    one.post(&path, &with(&[("legs", "8"), ("_version", &version)]))
        .await
        .is(303);
    let told = other
        .post(&path, &with(&[("note", "mine"), ("_version", &version)]))
        .await;
    told.is(409)
        .has("Somebody else changed this meanwhile")
        .has("<dt>Legs</dt><dd>8</dd>")
        .has("mine</textarea>");
    assert_eq!(house.row(id).await.unwrap()["legs"], 8, "nothing was overwritten");
    let version = told.hidden("_version");
    let again = with(&[("note", "mine"), ("_version", &version)]);
    other.post(&path, &again).await.is(303);
    assert_eq!(house.row(id).await.unwrap()["legs"], 6, "and then it was meant");
    // What the system itself notes on a row is no conflict.
    let version = one.get(&path).await.hidden("_version");
    house
        .execute("update platform.specimen set changed_at = now(), secret = 'x'")
        .await;
    one.post(&path, &with(&[("note", "theirs"), ("_version", &version)]))
        .await
        .is(303);
}

#[tokio::test]
async fn a_deletion_names_what_goes_with_it_and_what_holds_it_back() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Admin).await;
    let id = house.specimen(tenant, "Old crab", 0).await;
    house
        .execute(&format!(
            "insert into platform.part select gen_random_uuid(), '{}', '{id}', 'claw ' || n from generate_series(1, 3) n",
            tenant.0
        ))
        .await;
    let detail = browser.get(&format!("{LIST}/{id}/change")).await;
    detail.has("claw 2").has(">3</span>");
    let path = format!("{LIST}/{id}/delete");
    browser
        .get(&path)
        .await
        .is(200)
        .has("Parts: 3")
        .has("Yes, delete it")
        .lacks("It cannot be deleted");
    house
        .execute(&format!(
            "insert into platform.loan values (gen_random_uuid(), '{id}')"
        ))
        .await;
    browser
        .get(&path)
        .await
        .has("It cannot be deleted")
        .has("Loans: 1")
        .lacks("Yes, delete it");
    browser.post(&path, &[]).await.is(409);
    assert!(house.row(id).await.is_some());
    house.execute("delete from platform.loan").await;
    browser.post(&path, &[]).await.is(303);
    assert!(house.row(id).await.is_none());
    let entries = house.entries(&id.to_string()).await;
    assert_eq!(
        (entries[0].0.as_str(), &entries[0].1["specimen name"]),
        ("admin.delete", &json!("Old crab"))
    );
}

#[tokio::test]
async fn an_action_is_asked_done_to_each_and_written_to_the_log() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Editor).await;
    let (a, b) = (
        house.specimen(tenant, "One", 0).await,
        house.specimen(tenant, "Two", 1).await,
    );
    house
        .execute(&format!(
            "update platform.specimen set legs = 100 where id = '{b}'"
        ))
        .await;
    let (tick_a, tick_b) = (format!("select-{a}"), format!("select-{b}"));
    let ticks = [
        ("_action", "grow"),
        (tick_a.as_str(), "on"),
        (tick_b.as_str(), "on"),
    ];
    browser
        .post(LIST, &ticks)
        .await
        .is(200)
        .has("Each gets one leg more.")
        .has("One")
        .has("Two");
    assert_eq!(house.row(a).await.unwrap()["legs"], 4, "only asked");
    let confirmed = [ticks.as_slice(), &[("_confirmed", "1")]].concat();
    let done = browser.post(LIST, &confirmed).await;
    done.is(303);
    browser
        .get(&done.location)
        .await
        .has("Grow a leg: 1. There was nothing to do for 1.");
    assert_eq!(house.row(a).await.unwrap()["legs"], 5);
    let entries = house.entries(&a.to_string()).await;
    assert_eq!(
        entries,
        [("specimen.grow".to_owned(), json!({"legs": 4}), json!({"legs": 5}))]
    );
    assert!(house.entries(&b.to_string()).await.is_empty());
    assert!(
        browser
            .post(LIST, &[("_action", "grow")])
            .await
            .location
            .ends_with("done=nothing")
    );
    let odd = browser
        .post(LIST, &[("_action", "fly"), (tick_a.as_str(), "on")])
        .await;
    assert!(odd.location.ends_with("done=noaction"));
}

#[tokio::test]
async fn many_rows_are_estimated_and_too_many_are_not_exported() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Viewer).await;
    house
        .execute(&format!(
            "insert into platform.specimen (id, tenant_id, name, legs, is_alive, size, facts, tags, created_at)
             select gen_random_uuid(), '{}', 'n' || n, 4, true, 's', '{{}}', '{{}}', now() - n * interval '1 minute'
               from generate_series(1, 12000) n; analyze platform.specimen",
            tenant.0
        ))
        .await;
    browser
        .get(LIST)
        .await
        .is(200)
        .has("<strong>about 12,000</strong>");
    // The pages after it are told, and say no more than that; a number of one's own stands for nothing on a first page.
    let first = browser.get(LIST).await;
    let (_, next) = first
        .body
        .split_once("href=\"?after=")
        .expect("there is a next page");
    let next = next.split('"').next().unwrap_or_default().replace("&#38;", "&");
    assert!(next.contains("&_about=12000"), "{next}");
    let second = browser.get(&format!("{LIST}?after={next}")).await;
    second.is(200).has("<strong>about 12,000</strong>");
    let told = next.replace("_about=12000", "_about=34000");
    browser
        .get(&format!("{LIST}?after={told}"))
        .await
        .has("<strong>about 34,000</strong>");
    for odd in ["?_about=34000", "?q=n&_about=34000"] {
        browser
            .get(&format!("{LIST}{odd}"))
            .await
            .has("<strong>about 12,000</strong>");
    }
    for few in ["7", "-1", "x"] {
        let odd = next.replace("_about=12000", &format!("_about={few}"));
        browser
            .get(&format!("{LIST}?after={odd}"))
            .await
            .has("<strong>about 12,000</strong>");
    }
    browser
        .get(&format!("{LIST}?q=n1199"))
        .await
        .has("<strong>11</strong>");
    let refused = browser.get(&format!("{LIST}/export.csv")).await;
    refused.is(413).has("more than 10,000 rows").has("Narrow it");
    let part = browser.get(&format!("{LIST}/export.csv?q=n1")).await;
    part.is(200);
    assert_eq!(part.body.lines().count(), 1 + 3_112);
}

#[tokio::test]
async fn the_right_row_of_many_is_looked_for() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Editor).await;
    house
        .execute(&format!(
            "insert into platform.shade select gen_random_uuid(), '{0}', 'Few ' || n from generate_series(1, 3) n;
             insert into platform.shade select gen_random_uuid(), gen_random_uuid(), 'Foreign';",
            tenant.0
        ))
        .await;
    let add = format!("{LIST}/add");
    browser
        .get(&add)
        .await
        .has("<option value=\"\">– Select –")
        .has("Few 2")
        .lacks("Foreign");
    house
        .execute(&format!(
            "insert into platform.shade select gen_random_uuid(), '{}', 'Shade ' || n from generate_series(1, 200) n",
            tenant.0
        ))
        .await;
    browser
        .get(&add)
        .await
        .lacks("Few 2")
        .has("Look for one by its beginning");
    let found = browser
        .post(&add, &with(&[("shade__q", "shade 17"), ("_find", "shade")]))
        .await;
    found
        .is(200)
        .has("Shade 17<")
        .has("Shade 170")
        .lacks("Shade 18<")
        .has("value=\"Blue beetle\"")
        .lacks("There is a problem");
    let at = found.body.find(">Shade 17<").unwrap();
    let before = &found.body[..at];
    let id = before
        .rsplit("name=\"shade\" value=\"")
        .next()
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    browser.post(&add, &with(&[("shade", &id)])).await.is(303);
    let list = browser.get(LIST).await;
    list.has("Shade 17<");
    let json = browser
        .get(&format!("{LIST}/autocomplete?field_name=shade&term=few"))
        .await;
    let json: Json = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["results"].as_array().unwrap().len(), 3);
    assert_eq!(json["pagination"]["more"], false);
    let foreign = browser
        .get(&format!("{LIST}/autocomplete?field_name=shade&term=foreign"))
        .await;
    assert!(foreign.body.contains("\"results\":[]"), "{}", foreign.body);
}

#[tokio::test]
async fn rows_that_may_not_be_changed_are_only_read() {
    let house = House::new().await;
    let tenant = house.tenant("premium").await;
    let browser = house.browser(tenant, Role::Owner).await;
    let id = house.specimen(tenant, "untouchable", 0).await;
    let path = format!("{LIST}/{id}/change");
    browser
        .get(&path)
        .await
        .is(200)
        .lacks("Save and continue")
        .lacks("Delete…");
    browser.post(&path, &with(&[("_version", "")])).await.is(403);
    browser.post(&format!("{LIST}/{id}/delete"), &[]).await.is(403);
    assert_eq!(
        admin::statements(&MODEL)
            .iter()
            .filter(|text| text.starts_with("insert"))
            .count(),
        1
    );
}
