//! The pages through their real router: what a visitor can do, and what nobody can.

use axum::{
    body::Body,
    http::{Request, header},
};

use crate::{
    DEMO_PAGE, HOME, LOGIN_PAGE, PAPERWORK_PAGE, RECORD_PAGE, RULES_PAGE, SEARCH_PAGE,
    test_context::{Answered, ask, get, plain},
};
use app::Function;

/// What a form sends.
fn encoded(fields: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        for (text, end) in [(name, '='), (value, '&')] {
            for byte in text.bytes() {
                form += &format!("%{byte:02X}");
            }
            form.push(end);
        }
    }
    form
}

async fn send(function: &Function, path: &str, fields: &[(&str, &str)]) -> Answered {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(encoded(fields)))
        .unwrap();
    let answered = ask(function, &plain(), request).await;
    assert!(
        answered.status.as_u16() < 500,
        "{path} {fields:?}: {}",
        answered.text
    );
    answered
}

/// The hidden field of an answered page.
fn state_of(page: &Answered) -> String {
    let (_, rest) = page
        .text
        .split_once(r#"name="page_state" value=""#)
        .unwrap_or_else(|| panic!("no state in {}", page.text));
    let (value, _) = rest.split_once('"').unwrap();
    value
        .replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&#38;", "&")
}

/// The text of a page without its markup, blanks run together.
fn words(page: &Answered) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in page.text.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            _ if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part of a page that belongs to a charge or case, up to the next one.
fn part<'p>(page: &'p Answered, anchor: &str) -> &'p str {
    let start = page
        .text
        .find(&format!("id=\"{anchor}\""))
        .unwrap_or_else(|| panic!("no {anchor}"));
    let rest = &page.text[start..];
    let end = rest.find("</article>").unwrap_or(rest.len());
    &rest[..end]
}

async fn demo(first: &str, last: &str, birth: &str) -> Answered {
    send(
        &SEARCH_PAGE,
        "/expungement/search",
        &[
            ("demo", "true"),
            ("first_name-0", first),
            ("last_name-0", last),
            ("middle_name-0", ""),
            ("birth_date-0", birth),
            ("today", ""),
        ],
    )
    .await
}

async fn press(page: &Answered, fields: &[(&str, &str)]) -> Answered {
    let state = state_of(page);
    let mut all = vec![("page_state", state.as_str())];
    all.extend(fields);
    send(&RECORD_PAGE, "/expungement/record", &all).await
}

async fn form(page: &Answered, fields: &[(&str, &str)]) -> Answered {
    let state = state_of(page);
    let mut all = vec![("page_state", state.as_str())];
    all.extend(fields);
    send(&RECORD_PAGE, "/expungement/record/edit", &all).await
}

#[tokio::test]
async fn the_still_pages_speak_both_languages() {
    for (function, path, english, spanish) in [
        (
            &HOME,
            "/expungement",
            "Clear an Oregon record",
            "Limpiar un historial",
        ),
        (
            &DEMO_PAGE,
            "/expungement/demo",
            "Invented people",
            "Personas inventadas",
        ),
        (&RULES_PAGE, "/expungement/rules", "Waiting times", "Plazos"),
        (&SEARCH_PAGE, "/expungement/search", "Sign in", "Entrar"),
        (
            &LOGIN_PAGE,
            "/expungement/login",
            "What happens to your password",
            "Qué pasa con",
        ),
    ] {
        let page = get(function, &plain(), path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            page.text.contains(r#"<html lang="en">"#) && page.text.contains(english),
            "{path}"
        );
        let page = get(function, &plain(), &format!("{path}?lang=es")).await;
        assert!(
            page.text.contains(r#"<html lang="es">"#) && page.text.contains(spanish),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_manual_has_every_type_with_the_rules_own_answer() {
    let page = get(&RULES_PAGE, &plain(), "/expungement/rules").await;
    for one in domain::expungement::ChargeType::ALL {
        assert!(
            page.text.contains(&format!("id=\"{}\"", one.facts().class)),
            "{one:?}"
        );
    }
    let text = words(&page);
    assert!(text.contains("Felony, class B 7 years"), "{text}");
    assert!(text.contains("A conviction waits 5 years."));
}

#[tokio::test]
async fn every_demo_person_opens_with_one_click() {
    let page = get(&DEMO_PAGE, &plain(), "/expungement/demo").await;
    let buttons = page
        .text
        .matches("<form method=\"post\" action=\"/expungement/record")
        .count();
    assert_eq!(buttons, domain::expungement::demo::PEOPLE.len());
    for part in page.text.split("name=\"page_state\" value=\"").skip(1) {
        let one = Answered {
            status: page.status,
            headers: page.headers.clone(),
            text: format!("name=\"page_state\" value=\"{part}"),
        };
        let record = press(&one, &[]).await;
        assert_eq!(record.status, 200);
        assert!(record.text.contains("<svg"), "{}", record.text);
    }
}

#[tokio::test]
async fn a_search_by_several_names_and_what_is_wrong_with_them() {
    let page = demo("", "C*", "1970").await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("<title>Error: "));
    for link in ["#first_name-0", "#last_name-0", "#birth_date-0"] {
        assert!(page.text.contains(&format!("href=\"{link}\"")), "{link}");
    }
    assert!(
        page.text.contains(r#"aria-describedby=" first_name-0-error""#),
        "{}",
        page.text
    );

    let more = send(
        &SEARCH_PAGE,
        "/expungement/search",
        &[
            ("demo", "true"),
            ("first_name-0", "John"),
            ("last_name-0", "Common"),
            ("do", "add"),
        ],
    )
    .await;
    assert_eq!(more.status, 200);
    assert!(more.text.contains(r#"id="first_name-1""#) && more.text.contains(r#"value="Common""#));

    let both = send(
        &SEARCH_PAGE,
        "/expungement/search",
        &[
            ("demo", "true"),
            ("first_name-0", "single"),
            ("last_name-0", "CONVICTION"),
            ("first_name-1", "Contempt"),
            ("last_name-1", "One"),
        ],
    )
    .await;
    assert_eq!(both.status, 200, "{}", both.text);
    assert!(words(&both).contains("single CONVICTION, Contempt One"));
}

#[tokio::test]
async fn an_answer_changes_the_verdict_and_can_be_taken_back() {
    let page = demo("John", "Common", "2/2/1985").await;
    assert_eq!(page.status, 200);
    let charge = part(&page, "charge-210000-1");
    assert!(
        charge.contains("Needs Analysis") && charge.contains("<fieldset"),
        "{charge}"
    );

    let first = press(&page, &[("answer-210000-1", "0")]).await;
    let charge = part(&first, "charge-210000-1");
    assert!(charge.contains("Take my answer back"), "{charge}");
    assert!(
        !charge.contains("Needs Analysis") && !charge.contains("<fieldset"),
        "{charge}"
    );

    let back = press(&first, &[("do", "restore-charge:210000-1")]).await;
    assert!(part(&back, "charge-210000-1").contains("<fieldset"));
    assert_eq!(state_of(&back), state_of(&page));
}

/// A page with one case of our own making and nothing else.
async fn with_charge(fields: &[(&str, &str)]) -> Answered {
    let page = demo("Nobody", "Here", "").await;
    let page = form(
        &page,
        &[
            ("edit", "new-case"),
            ("save", "true"),
            ("name", "Here, Nobody"),
            ("location", "Lane"),
            ("current_status", "Open"),
            ("date", "1/2/2020"),
        ],
    )
    .await;
    assert_eq!(page.status, 200, "{}", words(&page));
    let mut all = vec![("edit", "new-charge:CASE-0001"), ("save", "true")];
    all.extend(fields);
    form(&page, &all).await
}

#[tokio::test]
async fn a_record_is_built_from_nothing() {
    let refused = with_charge(&[("name", "Theft")]).await;
    assert_eq!(refused.status, 400);
    for field in ["level", "date", "disposition", "charge_type"] {
        assert!(refused.text.contains(&format!("id=\"{field}-error\"")), "{field}");
    }

    let page = with_charge(&[
        ("name", "Theft"),
        ("statute", "164.055"),
        ("level", "Felony Class C"),
        ("date", "1/2/2020"),
        ("disposition", "Convicted"),
        ("disposition_date", "2/3/2024"),
        ("charge_type", "FelonyClassC"),
    ])
    .await;
    assert_eq!(page.status, 200, "{}", words(&page));
    assert!(part(&page, "charge-CASE-0001-X01").contains("Eligible Feb 3, 2029"));

    // A dismissed charge cannot be a felony's type: said on the form, with what was typed.
    let impossible = form(
        &page,
        &[
            ("edit", "charge:CASE-0001-X01"),
            ("save", "true"),
            ("name", "Theft"),
            ("level", "Felony Class C"),
            ("date", "1/2/2020"),
            ("disposition", "Dismissed"),
            ("disposition_date", "2/3/2024"),
            ("charge_type", "FelonyClassC"),
        ],
    )
    .await;
    assert_eq!(impossible.status, 400);
    assert!(words(&impossible).contains("cannot be of this type"));

    let gone = press(&page, &[("do", "remove-case:CASE-0001")]).await;
    assert!(words(&gone).contains("No cases to show."));
}

#[tokio::test]
async fn a_charge_is_changed_removed_and_put_back() {
    let page = demo("Single", "Conviction", "").await;
    assert!(words(&page).contains("Eligible Future"));
    let shown = form(&page, &[("edit", "charge:100000-1")]).await;
    assert_eq!(shown.status, 200);
    assert!(
        shown.text.contains(r#"<option value="Convicted" selected>"#),
        "{}",
        shown.text
    );

    let changed = form(
        &page,
        &[
            ("edit", "charge:100000-1"),
            ("save", "true"),
            ("name", "Theft"),
            ("statute", "164.045"),
            ("level", "Misdemeanor Class A"),
            ("date", "1/2/2001"),
            ("disposition", "Convicted"),
            ("disposition_date", "2/3/2001"),
            ("charge_type", ""),
        ],
    )
    .await;
    let charge = part(&changed, "charge-100000-1");
    assert!(
        charge.contains("Eligible Now") && charge.contains("Changed by you"),
        "{charge}"
    );

    let undone = press(&changed, &[("do", "restore-charge:100000-1")]).await;
    assert_eq!(state_of(&undone), state_of(&page));

    let removed = press(&page, &[("do", "remove-charge:100000-1")]).await;
    assert!(part(&removed, "charge-100000-1").contains("Put back"));
    let removed = press(&page, &[("do", "remove-case:100000")]).await;
    assert!(words(&removed).contains("Cases: 0."));
    let back = press(&removed, &[("do", "restore-case:100000")]).await;
    assert_eq!(state_of(&back), state_of(&page));
}

#[tokio::test]
async fn restitution_stands_in_the_way_until_it_is_dismissed() {
    let page = demo("Multiple", "Charges", "").await;
    let page = form(
        &page,
        &[
            ("edit", "case:110000"),
            ("save", "true"),
            ("location", "Multnomah"),
            ("current_status", "Closed"),
            ("restitution", "true"),
        ],
    )
    .await;
    assert_eq!(page.status, 200, "{}", words(&page));
    assert!(words(&page).contains("Restitution may be owed"));
    assert!(part(&page, "charge-110000-1").contains("Ineligible If Restitution Owed"));
    let paid = press(&page, &[("do", "dismiss-restitution")]).await;
    assert!(!words(&paid).contains("Restitution may be owed"));
    assert!(part(&paid, "charge-110000-1").contains("Eligible Now"));
}

#[tokio::test]
async fn an_open_charge_is_asked_for_its_ending_and_the_days() {
    let page = demo("Single", "Conviction", "").await;
    let open = form(
        &page,
        &[
            ("edit", "charge:100000-1"),
            ("save", "true"),
            ("name", "Drug possession"),
            ("statute", "475.854"),
            ("level", "Felony Unclassified"),
            ("date", "1/2/2001"),
            ("disposition", "Missing"),
        ],
    )
    .await;
    let charge = part(&open, "charge-100000-1");
    assert!(charge.contains("Choose the disposition"), "{charge}");
    let undated = press(&open, &[("answer-100000-1", "1")]).await;
    assert_eq!(undated.status, 400);
    assert!(part(&undated, "charge-100000-1").contains("enter the date of the decision"));
    let dated = press(
        &open,
        &[
            ("answer-100000-1", "2"),
            ("decided-100000-1", "2/3/2004"),
            ("revoked-100000-1", "2/3/2025"),
        ],
    )
    .await;
    // The ending is kept; what the charge was is asked next.
    let charge = part(&dated, "charge-100000-1");
    assert!(
        charge.contains("Start over") && charge.contains("Felony"),
        "{charge}"
    );
    let done = press(&dated, &[("answer-100000-1", "2")]).await;
    let charge = part(&done, "charge-100000-1");
    assert!(charge.contains("Eligible Feb 3, 2028"), "{charge}");
    assert!(charge.contains("Feb 3, 2025"));
}

#[tokio::test]
async fn a_record_too_large_to_judge_is_shown_and_answers_make_it_smaller() {
    let mut page = demo("More", "Categories", "").await;
    let ids: Vec<String> = page
        .text
        .split("<article")
        .skip(1)
        .map(|part| {
            let (_, rest) = part.split_once("aria-labelledby=\"charge-").unwrap();
            rest.split('"').next().unwrap().to_owned()
        })
        .collect();
    assert!(ids.len() >= 8, "{ids:?}");
    for id in &ids {
        page = form(
            &page,
            &[
                ("edit", &format!("charge:{id}")),
                ("save", "true"),
                ("name", "Theft"),
                ("statute", "164.055"),
                ("level", "Felony Class C"),
                ("date", "1/2/2001"),
                ("disposition", "Missing"),
            ],
        )
        .await;
        assert_eq!(page.status, 200, "{}", words(&page));
    }
    let text = words(&page);
    assert!(text.contains("256 combinations"), "{text}");
    assert_eq!(
        page.text.matches("<fieldset").count(),
        ids.len() + 1,
        "every question is there"
    );
    let answer = format!("answer-{}", ids[0]);
    let smaller = press(&page, &[(&answer, "0")]).await;
    let text = words(&smaller);
    assert!(!text.contains("combinations"), "{text}");
    assert!(smaller.text.contains("class=\"cw-wide\""), "the timeline is back");
}

#[tokio::test]
async fn the_view_may_leave_minor_traffic_out_and_look_ahead() {
    let page = demo("Multiple", "Charges", "").await;
    let all = page.text.matches("<article").count();
    let fewer = press(
        &page,
        &[("options", "true"), ("hide_traffic", "true"), ("today", "")],
    )
    .await;
    assert!(fewer.text.matches("<article").count() < all);
    let ahead = press(&page, &[("options", "true"), ("today", "1/1/2090")]).await;
    assert!(words(&ahead).contains("As of Jan 1, 2090"));
    let wrong = press(&page, &[("options", "true"), ("today", "soon")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("href=\"#today\""));
}

async fn file(page: &Answered, fields: &[(&str, &str)]) -> Answered {
    let state = state_of(page);
    let mut all = vec![("page_state", state.as_str())];
    all.extend(fields);
    send(&PAPERWORK_PAGE, "/expungement/paperwork", &all).await
}

#[tokio::test]
async fn the_paperwork_names_cases_counties_and_what_is_missing() {
    let record = demo("More", "Categories", "").await;
    let page = file(&record, &[]).await;
    let text = words(&page);
    assert!(
        text.contains("333333, Multnomah") && text.contains("18 months"),
        "{text}"
    );
    assert!(text.contains("limit has run out"), "{text}");
    assert!(
        !text.contains("Waiver of fines"),
        "Multnomah's fines are not waived by this form"
    );

    let asked = file(
        &page,
        &[("do", "packet"), ("full_name", "Jan Doe"), ("zip_code", "12")],
    )
    .await;
    assert_eq!(asked.status, 200);
    let text = words(&asked);
    assert!(
        text.contains("Date of birth: empty") && !text.contains("Full name: empty"),
        "{text}"
    );
    assert!(text.contains("fewer than five digits"));
    assert!(
        asked.text.contains(r#"id="state" name="state" value="""#),
        "the visitor's state of the union"
    );
    assert!(asked.text.contains(r#"value="packet!""#) && asked.text.contains(r#"value="Jan Doe""#));

    let waivable = demo("Multiple", "Charges", "").await;
    let text = words(&file(&waivable, &[]).await);
    assert!(
        text.contains("Waiver of fines") && text.contains("100000, Baker: $1,000.00"),
        "{text}"
    );
    let long = "word ".repeat(190);
    let refused = file(
        &waivable,
        &[
            ("do", "waiver"),
            ("explain", &long),
            ("full_name", &"x".repeat(201)),
        ],
    )
    .await;
    assert_eq!(refused.status, 400);
    for link in ["href=\"#full_name\"", "id=\"explain-error\""] {
        assert!(refused.text.contains(link), "{link}");
    }
}

#[tokio::test]
async fn the_guide_has_every_county() {
    let page = get(&PAPERWORK_PAGE, &plain(), "/expungement/paperwork").await;
    for county in domain::expungement::counties::all() {
        let row = format!(
            "<th scope=\"row\">{}</th><td>{} months</td>",
            county.name, county.wait_months
        );
        assert!(page.text.contains(&row), "{row}");
    }
}

#[tokio::test]
async fn the_summary_is_a_pdf_named_after_the_person() {
    let record = demo("More", "Categories", "").await;
    let pdf = file(&record, &[("do", "summary")]).await;
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    let name = pdf.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains("MORE_CATEGORIES_record_summary.pdf"), "{name}");
    assert!(pdf.text.starts_with("%PDF-"));
}

#[tokio::test]
async fn what_comes_later_is_listed_and_goes_into_a_calendar() {
    let record = demo("Single", "Conviction", "").await;
    let page = file(&record, &[]).await;
    let text = words(&page);
    assert!(
        text.contains("What comes later") && text.contains("100000, Deschutes"),
        "{text}"
    );
    let calendar = file(&page, &[("do", "calendar")]).await;
    assert_eq!(calendar.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(calendar.text.starts_with("BEGIN:VCALENDAR\r\n"));
    assert!(
        calendar.text.contains("100000") && !calendar.text.contains("Conviction"),
        "{}",
        calendar.text
    );
    let nothing = file(&demo("Nobody", "Here", "").await, &[]).await;
    assert!(!words(&nothing).contains("What comes later"));
}

#[tokio::test]
async fn without_a_session_a_search_leads_to_the_login_and_carries_itself_along() {
    let names = [("first_name-0", "Jan"), ("last_name-0", "Doe")];
    let page = send(&SEARCH_PAGE, "/expungement/search", &names).await;
    assert_eq!(page.status, 401);
    assert!(page.text.contains(r#"action="/expungement/login?lang=en""#));
    let state = state_of(&page);
    let login = send(&LOGIN_PAGE, "/expungement/login", &[("page_state", &state)]).await;
    assert_eq!(login.status, 200);
    assert_eq!(state_of(&login), state);
    let again = send(
        &SEARCH_PAGE,
        "/expungement/search",
        &[("page_state", &state), ("do", "change")],
    )
    .await;
    assert!(
        words(&again).contains("site first The court"),
        "{}",
        words(&again)
    );

    let empty = [("oeci_username", ""), ("oeci_password", "")];
    let refused = send(&LOGIN_PAGE, "/expungement/login", &empty).await;
    assert_eq!(refused.status, 400);
    for link in ["#oeci_username", "#oeci_password"] {
        assert!(refused.text.contains(&format!("href=\"{link}\"")), "{link}");
    }
    let gone = send(&LOGIN_PAGE, "/expungement/logout", &[]).await;
    assert_eq!(gone.status, 303);
    assert!(gone.headers.contains_key("set-cookie"));
}

#[tokio::test]
async fn hostile_input_stays_text_and_breaks_nothing() {
    let evil = "\"><script>alert(1)</script>{{7+7}}\u{202e}";
    let page = demo(evil, "Common", "").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script>alert"));
    let page = with_charge(&[
        ("name", evil),
        ("statute", evil),
        ("level", evil),
        ("date", "1/2/2020"),
        ("disposition", evil),
        ("disposition_date", "2/3/2024"),
        ("charge_type", "FelonyClassC"),
    ])
    .await;
    assert!(!page.text.contains("<script>alert"), "{}", page.text);
    let good = demo("John", "Common", "").await;
    let state = state_of(&good);
    let huge = "x".repeat(10_000);
    for fields in [
        &[("page_state", "")][..],
        &[("page_state", "{")],
        &[("page_state", &huge)],
        &[("page_state", &state), ("answer-210000-1", "99")],
        &[("page_state", &state), ("answer-210000-1", "-1")],
        &[("page_state", &state), ("do", "remove-case:nope")],
        &[("page_state", &state), ("do", "restore-charge:nope")],
        &[("page_state", &state), ("do", "explode:\0")],
        &[("page_state", &state), ("edit", "charge:nope")],
        &[("page_state", &state), ("options", "true"), ("today", &huge)],
    ] {
        send(&RECORD_PAGE, "/expungement/record", fields).await;
        send(&RECORD_PAGE, "/expungement/record/edit", fields).await;
        send(&PAPERWORK_PAGE, "/expungement/paperwork", fields).await;
    }
}

#[tokio::test]
async fn another_site_cannot_send_our_forms() {
    for (function, path) in [
        (&SEARCH_PAGE, "/expungement/search"),
        (&RECORD_PAGE, "/expungement/record"),
        (&RECORD_PAGE, "/expungement/record/edit"),
        (&PAPERWORK_PAGE, "/expungement/paperwork"),
        (&LOGIN_PAGE, "/expungement/login"),
        (&LOGIN_PAGE, "/expungement/logout"),
    ] {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site")
            .body(Body::from(""))
            .unwrap();
        assert_eq!(ask(function, &plain(), request).await.status, 403, "{path}");
    }
}
