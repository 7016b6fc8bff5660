//! One function per kind of line: our answer against the recorded one.

use domain::expungement::case::Disposition;
use domain::expungement::charge_types::{
    Classified, EligibilityStatus, Evidence, Question, Severity, Then, classify,
};
use domain::expungement::disposition::{DispositionStatus, Ruled};
use domain::expungement::time::{TimeReason, TimeVerdict};
use domain::expungement::verdict::Verdict;
use domain::expungement::when::{Period, When};
use domain::expungement::{ChargeType, Policy, money, statute};
use domain::person::Language;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::compare::compare;
use crate::corpus::{Corpus, Line};
use crate::{http, pages, papers, records};

/// Our answer and the recorded one.
pub(crate) type Compared = (Value, Value);

/// Why a line is not compared, as the words that follow its count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Uncompared {
    /// It says how to read the others.
    Conventions,
    /// A packet or an answer about a record that the corpus leaves out.
    NoRecord,
    /// An answer for the day of the recording, which no `meta` line tells.
    NoClock,
    /// Status codes, cookies, sessions, files: what no rule decides.
    HttpLayer,
    UnknownKind,
}

impl Uncompared {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Conventions => "of conventions",
            Self::NoRecord => "whose record is not in this corpus",
            Self::NoClock => "whose day is not in this corpus",
            Self::HttpLayer => {
                "of the HTTP layer: `cargo nextest run -p commonweal --test it replay` sends them to the running house"
            }
            Self::UnknownKind => "of a kind that is not known here",
        }
    }
}

/// The differences on one line.
///
/// # Errors
/// Why it is not compared.
pub(crate) fn check(corpus: &Corpus, line: &Line, policy: Policy) -> Result<Vec<String>, Uncompared> {
    let record = || corpus.record(&line.id).ok_or(Uncompared::NoRecord);
    let value = &line.value;
    let (ours, theirs) = match line.kind.as_str() {
        "charge_type" => charge_type(value),
        "disposition" => disposition(value),
        "date" => date(value),
        "balance" => (
            json!(money::parse_cents(text(&value["text"]), policy)),
            value["cents"].clone(),
        ),
        "fuzzy" => (
            json!(pages::mentions_revocation(text(&value["text"]))),
            value["found"].clone(),
        ),
        "charge_eligibility" => charge_eligibility(value),
        "classify" => classification(value, policy),
        "expunger" => records::time_only(value, policy),
        "record" => records::record(line, policy),
        "packet" => papers::packet(record()?, line, policy),
        "waiver" => papers::waiver(record()?, line, policy),
        "case_page" => pages::case_page(value, policy),
        "search_page" => pages::result_page(value),
        "search_form" => pages::search_form(value),
        "login_landing" => pages::landing(value),
        "http" => http::http(corpus, line, policy)?,
        "meta" => return Err(Uncompared::Conventions),
        _ => return Err(Uncompared::UnknownKind),
    };
    let mut differences = Vec::new();
    compare("", &ours, &theirs, &mut differences);
    Ok(differences)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn day(value: &Value) -> Date {
    text(value).parse().unwrap_or(When::LAST_DAY)
}

/// `2020-01-31`, `9999-12-31` for never, `FUTURE+1y0m0d` after an undecided charge is convicted.
pub(crate) fn iso(when: When) -> String {
    match when {
        When::Day(day) => day.to_string(),
        When::AfterConviction(Period { years, months, days }) => format!("FUTURE+{years}y{months}m{days}d"),
        When::Never => "9999-12-31".to_owned(),
    }
}

pub(crate) fn from_iso(text: &str) -> When {
    if text == "9999-12-31" {
        return When::Never;
    }
    if let Some(rest) = text.strip_prefix("FUTURE") {
        let mut numbers = rest
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|part| part.parse().ok());
        let mut next = || numbers.next().unwrap_or_default();
        return When::AfterConviction(Period {
            years: next(),
            months: next(),
            days: next(),
        });
    }
    text.parse().map_or(When::Never, When::Day)
}

pub(crate) fn severity(severity: Option<Severity>) -> Value {
    json!(severity.map(Severity::as_str))
}

fn charge_type(value: &Value) -> (Value, Value) {
    let class = text(&value["charge_type_class"]);
    let Some(one) = ChargeType::named(class) else {
        return (Value::Null, value.clone());
    };
    let facts = one.facts();
    let by_status = DispositionStatus::ALL.map(|status| {
        let ours = match one.eligibility(status) {
            None => json!({"exception": "ValueError"}),
            // The default is recorded as no opinion.
            Some(default) if default.reason.en.starts_with("Disposition not ") => Value::Null,
            Some(eligibility) => json!({"status": eligibility.status, "reason": eligibility.reason.en}),
        };
        (status.as_str().to_owned(), ours)
    });
    let ours = json!({
        "kind": "charge_type",
        "charge_type_class": facts.class,
        "type_name": facts.name.en,
        "blocks_other_charges": facts.blocks_other_charges,
        "severity_level": severity(facts.severity),
        "hidden_in_record_summary": facts.hidden_in_summary,
        "type_eligibility": Value::Object(by_status.into_iter().collect()),
    });
    (ours, value.clone())
}

fn disposition(value: &Value) -> (Value, Value) {
    let ruled = Ruled::new(When::Never, text(&value["ruling"]), false);
    (
        json!([ruled.status.as_str(), ruled.lesser_charge]),
        json!([value["status"], value["lesser_charge"]]),
    )
}

fn date(value: &Value) -> (Value, Value) {
    let number = |key: &str| u16::try_from(value["add"][key].as_u64().unwrap_or(0)).unwrap_or(0);
    let period = Period {
        years: number("years"),
        months: number("months"),
        days: number("days"),
    };
    let sum = from_iso(text(&value["date"])).plus(period);
    let shown = if value["text"].is_null() {
        Value::Null
    } else {
        json!(sum.display(Language::En).to_string())
    };
    (json!([iso(sum), shown]), json!([value["result"], value["text"]]))
}

fn charge_eligibility(value: &Value) -> (Value, Value) {
    let type_status = match text(&value["type_status"]) {
        "Eligible" => EligibilityStatus::Eligible,
        "Ineligible" => EligibilityStatus::Ineligible,
        _ => EligibilityStatus::NeedsMoreAnalysis,
    };
    let empty = Vec::new();
    let times: Vec<TimeVerdict> = value["time"]
        .as_array()
        .unwrap_or(&empty)
        .iter()
        .map(|time| {
            // Recorded as [status, date] or as an object.
            let (status, date) = if time.is_array() {
                (text(&time[0]), text(&time[1]))
            } else {
                let date = time.get("date_will_be_eligible").unwrap_or(&time["date"]);
                (text(&time["status"]), text(date))
            };
            TimeVerdict {
                eligible: status == "Eligible",
                reason: TimeReason::EligibleNow,
                date: from_iso(date),
                wait: TimeReason::EligibleNow,
            }
        })
        .collect();
    let young = value["young_offender"].as_bool().unwrap_or(false);
    let verdict = Verdict::decide(type_status, &times, young, Language::En);
    let ours = json!({
        "status": verdict.status.as_str(),
        "label": verdict.label,
        "date_to_sort_label_by": verdict.sort_date.map(iso),
    });
    (ours, value["expected"].clone())
}

fn classification(value: &Value, policy: Policy) -> (Value, Value) {
    let input = &value["input"];
    let lower = |key: &str| text(&input[key]).to_lowercase();
    let (case_type, name, level, county) = (
        lower("violation_type"),
        lower("name"),
        lower("level"),
        lower("location"),
    );
    let statute = statute::normalise(text(&input["statute"]));
    let section = statute::section(&statute);
    let disposition: Option<Disposition> = serde_json::from_value(input["disposition"].clone()).ok();
    let ruled = disposition
        .as_ref()
        .map_or(Ruled::missing(When::LAST_DAY), |found| {
            Ruled::new(When::Day(found.date), &found.ruling, found.amended)
        });
    let evidence = Evidence {
        case_type: &case_type,
        name: &name,
        statute: &statute,
        section,
        level: &level,
        county: &county,
        birth_year: input["birth_year"]
            .as_i64()
            .and_then(|year| i16::try_from(year).ok()),
        disposition: ruled,
        policy,
    };
    let mut ours = json!({"statute": statute, "section": section});
    match classify(&evidence) {
        Err(_) => ours["exception"] = json!("AttributeError"),
        Ok(classified) => {
            let mut types = Vec::new();
            classified.possibilities(|(one, level)| types.push(json!([one.facts().class, severity(level)])));
            ours["types"] = Value::Array(types);
            ours["question"] = match classified {
                Classified::Certain(_) => Value::Null,
                Classified::Ask(asked) => question(asked, policy),
            };
        }
    }
    (ours, value["expected"].clone())
}

fn question(asked: Question, policy: Policy) -> Value {
    let options = asked.answers().map(|answer| {
        let option = match answer.then {
            Then::Type((one, _)) => json!({"edit": {"charge_type": one.facts().class}, "question": null}),
            Then::Ask(_, nested) => json!({"edit": {}, "question": question(nested, policy)}),
        };
        (answer.text.en.to_owned(), option)
    });
    json!({"text": asked.text(policy).en, "options": Value::Object(options.collect())})
}
