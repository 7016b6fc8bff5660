//! Every route with who may use it. A route without a line here fails the guard `every_route_says_who_may_use_it`.
//!
//! A new page of an organisation is one line: `page("GET /voting/manage", Member(Viewer))`. One about a row names how such a row is
//! made, one that changes something a good body and the entries it leaves in the history:
//!
//! ```ignore
//! page("POST /platform/members/{id}/role", Member(Admin))
//!     .row(MEMBER)
//!     .sends("role=editor")
//!     .leaves(&["membership.change_role<>"]),
//! ```

use app::Role::{Admin, Editor, Viewer};
use identity::Purpose;
use store::{Sql, sql};

use super::{
    declared_models,
    expectation::{
        Condition::{HalfSignedIn, WithoutSecondFactor},
        Expectation,
        Who::{Anyone, ApiKey, Bearer, Member, Operator, SignedIn},
        api, page,
    },
};

/// Changes by somebody with an account or a key that leave no entry, each with its reason. The walk fails where one does
/// leave an entry: take it off then. The list only shrinks.
pub(crate) const UNAUDITED: &[(&str, &str)] = &[
    (
        "POST /account/email",
        "asks for a link; the change itself is audited when it is followed",
    ),
    (
        "POST /account/passkeys/options",
        "hands out a challenge; the passkey made with it is audited",
    ),
    (
        "POST /account/second-factor/restart",
        "forgets a secret that was shown and never counted",
    ),
    (
        "POST /platform/organizations/{id}/enter",
        "chooses where one works; changes nobody's data",
    ),
    (
        "POST /voting/manage/reports/{id}/link",
        "mails a link of one's own again; the report was audited",
    ),
    (
        "POST /voting/v1/registration/external/request",
        "a voter's own request, handed on by a program; kept as a registration with its source",
    ),
    (
        "POST /expungement/api/bulk",
        "computes, and keeps the results for a day; no one's data is changed",
    ),
];

/// Pages whose reading is itself noted, each with its reason.
pub(crate) const READS_THAT_WRITE: &[(&str, &str)] = &[(
    "GET /voting/download/{id}",
    "the first download ends the reminders",
)];

const MEMBER: Sql = sql!(
    "with a as (insert into platform.account (id, email, name, password_hash, created_at)
                values ($2, 'canary-' || $2::text || '@proof.example', 'Canary Member', '', $4) returning id)
     insert into platform.membership (tenant_id, account_id, role, created_at) select $1, id, 'viewer', $4 from a
     returning account_id::text as id"
);
const INVITATION: Sql = sql!(
    "insert into platform.invitation (id, tenant_id, email, role, created_at, expires_at)
     values ($2, $1, 'canary-' || $2::text || '@proof.example', 'viewer', $4, $4 + interval '1 day') returning id::text"
);
const KEY: Sql = sql!(
    "insert into platform.api_key (id, tenant_id, secret_hash, description, created_at)
     values ($2, $1, ''::bytea, 'of the walk', $4) returning id::text"
);
const OWN_ORGANIZATION: Sql =
    sql!("select tenant_id::text as id from platform.membership where account_id = $3 limit 1");
const OWN_SESSION: Sql = sql!(
    "insert into platform.session (id, account_id, token_digest, device, created_at)
     values ($2, $3, $2::text, 'another', $4) returning id::text"
);
const PASSKEY: Sql = sql!(
    "insert into platform.passkey (id, account_id, credential_id, public_key, sign_count, backup_eligible, backed_up, name,
                                   created_at)
     values ($2, $3, uuid_send($2), ''::bytea, 0, false, false, 'of the walk', $4) returning id::text"
);
const RESET_LINK: Sql = sql!(
    "insert into platform.account_mail (id, kind, email, language, account_id, created_at, expires_at)
     select $2, 'password_reset', email, 'en', id, $4, $4 + interval '1 hour' from platform.account where id = $3
     returning id::text"
);
const EMAIL_LINK: Sql = sql!(
    "insert into platform.account_mail (id, kind, email, language, account_id, created_at, expires_at)
     values ($2, 'email_change', 'canary-' || $2::text || '@proof.example', 'en', $3, $4, $4 + interval '1 hour')
     returning id::text"
);
const INVITATION_LINK: Sql = sql!(
    "with i as (insert into platform.invitation (id, tenant_id, email, role, created_at, expires_at)
                values ($2, $1, 'canary-' || $2::text || '@proof.example', 'viewer', $4, $4 + interval '1 day')
                returning id, email)
     insert into platform.account_mail (id, kind, email, language, invitation_id, created_at, expires_at)
     select $2, 'invitation', email, 'en', id, $4, $4 + interval '1 day' from i returning id::text"
);
const LEAD: Sql = sql!(
    "insert into platform.lead (id, organization, website, first_name, last_name, email, plan, sms_mode, language, created_at)
     values ($2, 'Lakeside Votes', 'https://lakeside.example', 'Canary', 'Person', 'canary@proof.example', 'premium',
             'box_checked', 'en', $4) returning id::text"
);
const ORGANIZATION: Sql = sql!(
    "with t as (insert into platform.tenant (id, name, created_at) values ($2, 'Hillside Votes', $4) returning id),
          s as (insert into platform.tenant_slug (slug, tenant_id) select 'walk-' || left(id::text, 8), id from t returning slug)
     select t.id::text, s.slug from t, s"
);
const REGISTRATION: Sql = sql!(
    "with a as (insert into voting.action (id, tenant_id, tool, visible_to_subscriber, created_at)
                values ($2, $1, 'register', true, $4) returning id)
     insert into voting.registration (id, tenant_id, action_id, created_at, modified_at, status, first_name, last_name, state,
                                      zipcode, address1, city, date_of_birth, email)
     select $2, $1, id, $4, $4, 'Incomplete', 'Canary', 'Voter', 'MA', '02108', '12 Main St', 'Boston', '1990-04-01',
            'canary@proof.example' from a
     returning id::text as uuid, id::text as id, action_id::text as action"
);
const REPORT: Sql = sql!(
    "with f as (insert into voting.stored_file (id, tenant_id, kind, file_key, name, token, expires_at, created_at)
                values ($2, $1, 'Report', 'reports/' || $2::text, 'report.csv', $2::text, $4 + interval '1 day', $4)
                returning id)
     insert into voting.report (id, tenant_id, kind, before, author_id, status, file_id, row_count, created_at, finished_at)
     select $2, $1, 'register', $4, $3, 'ready', id, 0, $4, $4 from f returning id::text"
);
const FORM_FILE: Sql = sql!(
    "insert into voting.stored_file (id, tenant_id, kind, file_key, name, email, token, expires_at, created_at)
     values ($2, $1, 'RegForm', 'forms/' || $2::text, 'form.pdf', 'canary@proof.example', $2::text, $4 + interval '1 day', $4)
     returning id::text, token as secret"
);

const VOTER: &str = "{\"first_name\": \"Canary\", \"last_name\": \"Voter\", \"address1\": \"12 Main St\", \"city\": \"Boston\", \
     \"state\": \"MA\", \"zipcode\": \"02108\", \"date_of_birth\": \"1990-04-01\", \"email\": \"canary@proof.example\"}";
const VOTER_FORM: &str = "first_name=Canary&last_name=Voter&date_of_birth-month=4&date_of_birth-day=1&date_of_birth-year=1990&\
     address1=12 Main St&city=Boston&state=MA&zipcode=02108&email=canary@proof.example";
const REQUEST: &str = "{\"title\": \"Mx\", \"first_name\": \"Canary\", \"last_name\": \"Voter\", \"address1\": \"12 Main St\", \
     \"city\": \"Boston\", \"state\": \"MA\", \"zipcode\": \"02108\", \"date_of_birth\": \"1990-04-01\", \
     \"email\": \"canary@proof.example\", \"phone\": \"617-555-0142\", \"sms_opt_in\": true}";

/// Those of the table, and those that follow from the admin's declarations.
pub(crate) fn expectations() -> Vec<Expectation> {
    EXPECTATIONS
        .iter()
        .copied()
        .chain(declared_models::expectations())
        .collect()
}

const EXPECTATIONS: &[Expectation] = &[
    // ---- platform: what anyone may see
    page("GET /", Anyone),
    api("GET /-/alive", Anyone),
    api("GET /-/health", Anyone),
    page("GET /platform/docs", Anyone),
    api("GET /platform/openapi.json", Anyone),
    // ---- accounts
    page("GET /account", SignedIn),
    page("GET /account/sign-in", Anyone),
    page("POST /account/sign-in", Anyone)
        .sends("email=nobody@proof.example&password=wrong")
        .answers(400),
    page("GET /account/sign-in/code", Bearer)
        .unknown(303)
        .person(HalfSignedIn),
    page("POST /account/sign-in/code", Bearer)
        .unknown(303)
        .person(HalfSignedIn)
        .sends("code=<one_time_code>")
        .leaves(&["account.sign_in>"]),
    page("POST /account/sign-in/passkey", Anyone)
        .sends("id=AAAA")
        .answers(400),
    page("POST /account/sign-in/passkey/options", Anyone).answers(200),
    page("GET /account/passkeys", SignedIn),
    page("POST /account/passkeys", SignedIn).elsewhere("a_passkey_is_both_factors"),
    page("POST /account/passkeys/options", SignedIn).answers(200),
    // Whoever signed in a moment ago has proved who they are.
    page("GET /account/passkeys/confirm", SignedIn).answers(303),
    page("POST /account/passkeys/confirm", SignedIn)
        .sends("password=<password>&code=<one_time_code>")
        .leaves(&["account.prove"]),
    page("POST /account/passkeys/confirm/passkey", SignedIn)
        .elsewhere("changing_who_gets_in_takes_a_proof_of_who_asks"),
    page("GET /account/passkeys/{id}", SignedIn).row(PASSKEY),
    page("POST /account/passkeys/{id}", SignedIn)
        .row(PASSKEY)
        .sends("name=another name")
        .leaves(&["account.rename_passkey<>"]),
    page("POST /account/passkeys/{id}/remove", SignedIn)
        .row(PASSKEY)
        .leaves(&["account.remove_passkey<"]),
    page("GET /account/openid", SignedIn),
    page("GET /account/openid/{provider}", Bearer)
        .elsewhere("people_of_a_provider_sign_in_with_the_roles_of_their_claims"),
    page("GET /account/openid/{provider}/callback", Bearer)
        .elsewhere("people_of_a_provider_sign_in_with_the_roles_of_their_claims"),
    page("GET /account/openid/{provider}/connect", SignedIn)
        .elsewhere("an_account_is_connected_by_its_owner_and_ended_by_the_provider"),
    page("POST /account/openid/{provider}/connect", SignedIn)
        .elsewhere("an_account_is_connected_by_its_owner_and_ended_by_the_provider"),
    page("POST /account/openid/{provider}/disconnect", SignedIn)
        .elsewhere("an_account_is_connected_by_its_owner_and_ended_by_the_provider"),
    page("GET /account/openid/{provider}/sign-out", Bearer)
        .elsewhere("people_of_a_provider_sign_in_with_the_roles_of_their_claims"),
    page("POST /account/openid/{provider}/backchannel-logout", Bearer)
        .elsewhere("an_account_is_connected_by_its_owner_and_ended_by_the_provider"),
    page("GET /account/sign-out", SignedIn),
    page("POST /account/sign-out", SignedIn).leaves(&["account.sign_out"]),
    page("GET /account/password-reset", Anyone),
    page("POST /account/password-reset", Anyone)
        .sends("email=canary-nobody@proof.example")
        .answers(200),
    page("GET /account/password-reset/{id}", Bearer)
        .row(RESET_LINK)
        .link(Purpose::PasswordReset)
        .query("token=<token>")
        .unknown(410),
    page("POST /account/password-reset/{id}", Bearer)
        .row(RESET_LINK)
        .link(Purpose::PasswordReset)
        .sends("token=<token>&password=<new>&password_again=<new>")
        .unknown(410)
        .leaves(&["account.reset_password"]),
    page("GET /account/profile", SignedIn),
    page("POST /account/profile", SignedIn)
        .sends("name=Canary Renamed&language=es&time_zone=UTC")
        .leaves(&["account.change_profile<>"]),
    page("GET /account/email", SignedIn),
    page("POST /account/email", SignedIn)
        .sends("email=canary-new@proof.example&password=<password>")
        .answers(200),
    page("GET /account/email/{id}", Bearer)
        .row(EMAIL_LINK)
        .link(Purpose::EmailChange)
        .query("token=<token>")
        .unknown(410),
    page("POST /account/email/{id}", Bearer)
        .row(EMAIL_LINK)
        .link(Purpose::EmailChange)
        .sends("token=<token>")
        .answers(200)
        .unknown(410)
        .leaves(&["account.change_email<>"]),
    page("GET /account/password", SignedIn),
    page("POST /account/password", SignedIn)
        .sends("present=<password>&password=<new>&password_again=<new>")
        .leaves(&["account.change_password"]),
    page("GET /account/second-factor", SignedIn),
    page("POST /account/second-factor", SignedIn)
        .person(WithoutSecondFactor)
        .sends("code=<one_time_code>")
        .answers(200)
        .leaves(&["account.add_second_factor"]),
    page("GET /account/second-factor/recovery-codes", SignedIn),
    page("POST /account/second-factor/recovery-codes", SignedIn)
        .sends("password=<password>&code=<one_time_code>")
        .answers(200)
        .leaves(&["account.renew_recovery_codes"]),
    page("GET /account/second-factor/remove", SignedIn),
    page("POST /account/second-factor/remove", SignedIn)
        .sends("password=<password>&code=<one_time_code>")
        .leaves(&["account.remove_second_factor"]),
    page("POST /account/second-factor/restart", SignedIn).person(WithoutSecondFactor),
    page("GET /account/sessions", SignedIn),
    page("POST /account/sessions", SignedIn).leaves(&["account.end_session<"]),
    page("POST /account/sessions/{id}/end", SignedIn)
        .row(OWN_SESSION)
        .leaves(&["account.end_session<"]),
    page("GET /account/invitation/{id}", Bearer)
        .row(INVITATION_LINK)
        .link(Purpose::Invitation)
        .query("token=<token>")
        .unknown(410),
    page("POST /account/invitation/{id}", Bearer)
        .row(INVITATION_LINK)
        .link(Purpose::Invitation)
        .sends("token=<token>&name=Canary Colleague&time_zone=UTC&password=<new>&password_again=<new>")
        .unknown(410)
        .leaves(&["membership.create>", "account.create>", "account.sign_in>"]),
    // ---- organisations
    page("GET /platform/organizations", SignedIn),
    page("POST /platform/organizations/{id}/enter", SignedIn).row(OWN_ORGANIZATION),
    page("GET /platform/members", Member(Viewer)),
    page("POST /platform/members/{id}/role", Member(Admin))
        .row(MEMBER)
        .sends("role=editor")
        .leaves(&["membership.change_role<>"]),
    page("POST /platform/members/{id}/remove", Member(Admin))
        .row(MEMBER)
        .leaves(&["membership.remove<"]),
    page("GET /platform/invitations", Member(Admin)),
    page("POST /platform/invitations", Member(Admin))
        .sends("email=canary-colleague@proof.example&role=viewer")
        .leaves(&["invitation.create>"]),
    page("POST /platform/invitations/{id}/revoke", Member(Admin))
        .row(INVITATION)
        .leaves(&["invitation.revoke<"]),
    page("GET /platform/api-keys", Member(Admin)),
    page("POST /platform/api-keys", Member(Admin))
        .sends("description=of the walk&kind=live&service=voting")
        .answers(200)
        .leaves(&["api_key.create>"]),
    page("POST /platform/api-keys/{id}/revoke", Member(Admin))
        .row(KEY)
        .leaves(&["api_key.revoke<"]),
    page("GET /platform/history", Member(Admin)),
    page("GET /platform/lead", Anyone),
    page("POST /platform/lead", Anyone).sends(
        "organization=Lakeside Votes&website=https://lakeside.example&first_name=Canary&last_name=Person&\
         email=canary@proof.example&plan=nonprofit&ein=123456789&sms_mode=box_unchecked",
    ),
    page("GET /platform/lead/thanks", Anyone),
    // ---- operators
    page("GET /platform/leads", Operator),
    page("GET /platform/leads/{id}", Operator).row(LEAD),
    page("POST /platform/leads/{id}/activate", Operator)
        .row(LEAD)
        .sends(
            "organization=Lakeside Votes&website=https://lakeside.example&slug=walk-lakeside&plan=premium&sms_mode=box_checked&\
             initial_user=canary@proof.example",
        )
        .leaves(&["organization.create>", "invitation.create>"]),
    page("POST /platform/leads/{id}/reject", Operator)
        .row(LEAD)
        .sends("reason=No voters")
        .leaves(&["lead.reject>"]),
    page("GET /platform/all-organizations", Operator).answers(303),
    page("GET /platform/all-organizations/new", Operator),
    page("POST /platform/all-organizations/new", Operator)
        .sends("organization=Hilltop&slugs=walk-hilltop&plan=free&seen=<seen>")
        .leaves(&["organization.create>"]),
    page("GET /platform/all-organizations/{id}", Operator).row(ORGANIZATION),
    page("POST /platform/all-organizations/{id}", Operator)
        .row(ORGANIZATION)
        .sends(
            "organization=Hillside&slugs=<slug>&plan=premium&status=active&first_name=Canary&email=canary@proof.example&seen=<seen>",
        )
        .leaves(&["organization.change<>"]),
    // ---- the admin; its models declare the rest themselves
    page("GET /admin", SignedIn),
    page("GET /admin/platform", SignedIn),
    page("GET /admin/voting", SignedIn),
    page("GET /admin/expungement", SignedIn),
    // ---- voting: pages
    page("GET /voting", Anyone),
    page("GET /voting/docs", Anyone),
    api("GET /voting/openapi.json", Anyone),
    page("GET /voting/register", Anyone),
    page("POST /voting/register", Anyone).sends(VOTER_FORM),
    page("GET /voting/register/resume", Bearer)
        .unknown(400)
        .elsewhere("a_button_leads_back_to_what_a_program_began"),
    page("GET /voting/register/{id}", Bearer).row(REGISTRATION),
    page("POST /voting/register/{id}", Bearer).elsewhere("a_voter_registers_by_forms_alone"),
    // Of a registration that is not finished: back to where it is.
    page("GET /voting/register/{id}/done", Bearer)
        .row(REGISTRATION)
        .answers(303),
    page("GET /voting/verify", Anyone),
    page("POST /voting/verify", Anyone).sends(VOTER_FORM).answers(200),
    page("GET /voting/reminder", Anyone),
    page("POST /voting/reminder", Anyone).sends(VOTER_FORM),
    page("GET /voting/reminder/done", Anyone),
    page("GET /voting/download/{id}", Bearer)
        .row(FORM_FILE)
        .query("token=<secret>")
        .answers(302),
    page("GET /voting/download/{id}/expired", Anyone).row(FORM_FILE),
    page("POST /voting/download/{id}/expired", Bearer)
        .row(FORM_FILE)
        .answers(200),
    page("GET /voting/download/{id}/purged", Anyone)
        .row(FORM_FILE)
        .answers(410),
    // ---- voting: staff
    page("GET /voting/manage", Member(Viewer)),
    page("GET /voting/manage/embed", Member(Viewer)),
    page("GET /voting/manage/settings", Member(Editor)),
    page("POST /voting/manage/settings", Member(Editor))
        .sends("organization=Renamed by the walk&sms_mode=none&seen=<seen>")
        .leaves(&["subscriber.change<>"]),
    page("GET /voting/manage/reports", Member(Viewer)),
    page("POST /voting/manage/reports", Member(Editor))
        .sends("kind=register&once=<once>")
        .leaves(&["report.create>"]),
    page("POST /voting/manage/reports/{id}/link", Member(Editor)).row(REPORT),
    // ---- voting: API
    api("GET /voting/v1/election/field", Anyone),
    api("GET /voting/v1/election/field/{slug}", Anyone)
        .row(sql!("select slug from voting.state_field limit 1")),
    api("GET /voting/v1/election/state", Anyone),
    api("GET /voting/v1/election/state/{code}", Anyone).row(sql!("select 'MA' as code")),
    api("GET /voting/v1/subscriber/id/{slug}", Anyone).row(sql!(
        "select slug from platform.tenant_slug where tenant_id = $1 limit 1"
    )),
    api("GET /voting/v1/apikey/check", ApiKey),
    api("GET /voting/v1/registration/resume_token", Bearer)
        .row(REGISTRATION)
        .query("uuid=<uuid>"),
    api("POST /voting/v1/registration/external/request", ApiKey).sends(REQUEST),
    api("POST /voting/v1/registration/register", Anyone)
        .query("incomplete=true")
        .sends(VOTER),
    api("PATCH /voting/v1/registration/register/{uuid}", Bearer)
        .row(REGISTRATION)
        .query("incomplete=true")
        .sends("{\"city\": \"Cambridge\"}"),
    api("PUT /voting/v1/registration/register/{uuid}", Bearer)
        .row(REGISTRATION)
        .query("incomplete=true")
        .sends(VOTER),
    api("PATCH /voting/v1/registration/status/{uuid}", Bearer)
        .row(REGISTRATION)
        .sends("{\"status\": \"ReferOVR\"}"),
    api("PUT /voting/v1/registration/status/{uuid}", Bearer)
        .row(REGISTRATION)
        .sends("{\"status\": \"ReferOVR\"}"),
    api("POST /voting/v1/reminder/signup", Anyone).sends(VOTER),
    api("POST /voting/v1/event/track", Bearer)
        .row(REGISTRATION)
        .query("tool=register")
        .sends("{\"action\": \"<action>\", \"event_type\": \"FinishPrint\"}")
        .answers(201)
        .unknown(400),
    api("POST /voting/v1/storage/reset", Bearer)
        .row(FORM_FILE)
        .sends("{\"id\": \"<id>\"}")
        .answers(201),
    api("POST /voting/v1/storage/secure_upload", Anyone)
        .elsewhere("a_signature_is_kept_where_it_is_an_image"),
    api("POST /voting/v1/verification/verify", Anyone).sends(VOTER),
    // ---- expungement: pages. A search is its cookie's; without one there is nothing to see.
    page("GET /expungement", Anyone),
    page("GET /expungement/docs", Anyone),
    api("GET /expungement/openapi.json", Anyone),
    page("GET /expungement/demo", Anyone),
    page("GET /expungement/rules", Anyone),
    page("GET /expungement/login", Anyone),
    page("POST /expungement/login", Anyone).elsewhere("a_record_from_sign_in_to_sign_out"),
    page("GET /expungement/logout", Anyone),
    page("POST /expungement/logout", Anyone),
    page("GET /expungement/search", Anyone),
    page("POST /expungement/search", Anyone)
        .elsewhere("a_search_by_several_names_and_what_is_wrong_with_them"),
    page("GET /expungement/record", Anyone).answers(303),
    page("POST /expungement/record", Anyone).elsewhere("an_answer_changes_the_verdict_and_can_be_taken_back"),
    page("GET /expungement/record/edit", Anyone).answers(303),
    page("POST /expungement/record/edit", Anyone).elsewhere("a_charge_is_changed_removed_and_put_back"),
    page("GET /expungement/paperwork", Anyone),
    page("POST /expungement/paperwork", Anyone).elsewhere("the_summary_is_a_pdf_named_after_the_person"),
    // ---- expungement: API
    api("GET /expungement/api/rules", Anyone),
    api("POST /expungement/api/demo", Anyone)
        .elsewhere("from_login_to_record_to_logout"),
    api("POST /expungement/api/pdf", Anyone)
        .elsewhere("the_summary_of_a_demonstration_person_is_a_pdf_of_its_name"),
    api("POST /expungement/api/expungement-packet", Anyone)
        .elsewhere("a_small_packet_comes_at_once_and_a_large_one_by_a_link_that_ends"),
    api("POST /expungement/api/waiver-packet", Anyone)
        .elsewhere("who_is_logged_in_gets_the_paperwork_of_what_the_search_found"),
    api("POST /expungement/api/outlook", Anyone)
        .elsewhere("who_is_logged_in_gets_the_paperwork_of_what_the_search_found"),
    api("POST /expungement/api/outlook.ics", Anyone)
        .elsewhere("the_calendar_can_be_imported"),
    api("GET /expungement/api/paperwork/{id}", Bearer)
        .elsewhere("a_small_packet_comes_at_once_and_a_large_one_by_a_link_that_ends"),
    api("POST /expungement/api/bulk", ApiKey)
        .elsewhere("a_thousand_records_are_worked_off_in_chunks_and_come_back_in_order"),
    api("GET /expungement/api/bulk/{id}", ApiKey)
        .elsewhere("a_thousand_records_are_worked_off_in_chunks_and_come_back_in_order"),
    api("POST /expungement/api/bulk-people", Bearer)
        .unknown(401)
        .elsewhere("a_list_of_people_is_searched_for_under_the_session"),
    api("GET /expungement/api/bulk-people/{id}", Bearer)
        .unknown(401)
        .elsewhere("a_list_of_people_is_searched_for_under_the_session"),
    api("POST /expungement/api/oeci_login", Anyone).elsewhere("from_login_to_record_to_logout"),
    api("POST /expungement/api/logout", Bearer)
        .unknown(204)
        .elsewhere("from_login_to_record_to_logout"),
    api("POST /expungement/api/search", Bearer)
        .unknown(401)
        .elsewhere("from_login_to_record_to_logout"),
    api("GET /expungement/api/search/{id}", Bearer)
        .unknown(401)
        .elsewhere("from_login_to_record_to_logout"),
    api("GET /expungement/api/case_detail_page/{id}", Bearer)
        .unknown(401)
        .elsewhere("from_login_to_record_to_logout"),
];
