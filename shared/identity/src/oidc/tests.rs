use serde_json::json;

use super::*;

fn configuration() -> Value {
    json!([{
        "id": "city", "name": "City of Riverside", "issuer": "https://id.example", "client_id": "commonweal",
        "client_secret": "s3cret", "owns_email_domains": ["city.example"], "trust_mfa": true,
        "organizations": [
            {"slug": "demo", "role": "viewer"},
            {"slug": "demo", "role": "admin", "when": {"claim": "groups", "contains": "admins"}},
            {"slug": "riverside", "role": "editor", "when": {"claim": "realm_access.roles", "contains": "edit"}},
            {"slug": "harbor", "role": "editor", "when": {"claim": "https://x.example/team", "equals": 7}},
        ],
    }])
}

fn provider() -> Provider {
    providers(&configuration().to_string()).unwrap().remove(0)
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other}"),
    }
}

#[test]
fn a_configuration_says_what_is_wrong_with_it_and_no_secret() {
    assert!(providers("[]").unwrap().is_empty());
    let provider = provider();
    assert_eq!(provider.scopes, ["openid", "email", "profile"]);
    assert!(provider.email_verified_required && !provider.just_in_time);
    for (path, value, what) in [
        ("/0/id", json!("a/b"), "provider 1: id"),
        ("/0/id", json!(""), "provider 1: id"),
        ("/0/name", json!(""), "name"),
        ("/0/issuer", json!("http://id.example"), "issuer"),
        ("/0/client_id", json!(""), "client_id"),
        ("/0/organizations/0/role", json!("owner"), "owner"),
        ("/0/organizations/0/role", json!("king"), "line"),
        ("/0/organizations/1/when/contains", Value::Null, "one of them"),
    ] {
        let mut changed = configuration();
        *changed.pointer_mut(path).unwrap() = value;
        let cause = providers(&changed.to_string()).unwrap_err().cause().unwrap();
        assert!(
            cause.contains(what) && !cause.contains("s3cret"),
            "{path}: {cause}"
        );
    }
    let twice = json!([configuration()[0], configuration()[0]]);
    assert!(providers(&twice.to_string()).is_err());
    let cause = providers("[\"s3cret\"]").unwrap_err().cause().unwrap();
    assert!(!cause.contains("s3cret"), "{cause}");
}

#[test]
fn claims_give_the_highest_role_that_applies() {
    let provider = provider();
    let roles = |claims: Value| {
        let claims = map(claims);
        let roles = provider.roles(&claims);
        roles
            .into_iter()
            .map(|(slug, role)| format!("{slug} {}", role.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(roles(json!({})), ["demo viewer"]);
    assert_eq!(roles(json!({"groups": ["admins", 3]})), ["demo admin"]);
    assert_eq!(
        roles(json!({"groups": "admins"})),
        ["demo viewer"],
        "a text is no list"
    );
    assert_eq!(
        roles(json!({"realm_access": {"roles": ["edit"]}, "https://x.example/team": 7})),
        ["demo viewer", "harbor editor", "riverside editor"]
    );
    assert_eq!(roles(json!({"https://x.example/team": "7"})), ["demo viewer"]);
    assert!(provider.wants_more(&map(json!({"email": "a@b.example", "groups": []}))));
    assert!(!provider.wants_more(&map(json!({
        "email": "a@b.example", "groups": [], "realm_access": {"roles": []}, "https://x.example/team": null,
    }))));
}

#[test]
fn an_address_is_believed_where_it_is_verified() {
    let mut provider = provider();
    let verified = |provider: &Provider, claims: Value| {
        provider.verified_email(&map(claims)).map(str::to_owned).is_some()
    };
    let email = "maya@city.example";
    assert!(verified(
        &provider,
        json!({"email": email, "email_verified": true})
    ));
    assert!(verified(
        &provider,
        json!({"email": email, "email_verified": "true"})
    ));
    assert!(!verified(&provider, json!({"email": email})));
    assert!(!verified(
        &provider,
        json!({"email": email, "email_verified": false})
    ));
    provider.email_verified_required = false;
    assert!(verified(&provider, json!({"email": email})));
    assert!(!verified(
        &provider,
        json!({"email": email, "email_verified": false})
    ));
    assert!(!verified(&provider, json!({"email_verified": true})));
    assert!(provider.owns(email) && provider.owns("x@CITY.example"));
    for other in [
        "maya@evil.example",
        "maya@city.example.evil.example",
        "city.example",
        "a@xcity.example",
        "",
    ] {
        assert!(!provider.owns(other), "{other}");
    }
}

#[test]
fn a_second_factor_counts_where_the_provider_is_trusted() {
    let mut provider = provider();
    for (amr, proves) in [
        (json!(["pwd", "otp"]), true),
        (json!(["mfa"]), true),
        (json!(["pwd"]), false),
        (json!("mfa"), false),
        (json!(null), false),
    ] {
        assert_eq!(
            provider.proves_second_factor(&map(json!({ "amr": amr }))),
            proves,
            "{amr}"
        );
    }
    provider.trust_mfa = false;
    assert!(!provider.proves_second_factor(&map(json!({"amr": ["mfa"]}))));
}

#[test]
fn addresses_are_safe_over_tls_or_on_this_machine() {
    for safe in [
        "https://id.example",
        "https://id.example/a?b",
        "http://127.0.0.1:4000/x",
        "http://[::1]:1/",
    ] {
        assert!(is_safe_address(safe), "{safe}");
    }
    for wrong in [
        "",
        "id.example",
        "http://id.example",
        "http://127.0.0.1@evil.example/",
        "http://127.0.0.1.evil.example",
        "ftp://id.example",
        "https://",
        "javascript://id.example",
        "http://127.0.0.1\\@evil.example",
    ] {
        assert!(!is_safe_address(wrong), "{wrong}");
    }
}

#[test]
fn a_discovery_document_is_of_its_own_issuer() {
    let document = |issuer: &str, token: &str| {
        json!({
            "issuer": issuer, "authorization_endpoint": "https://id.example/authorize", "token_endpoint": token,
            "jwks_uri": "https://id.example/keys", "scopes_supported": ["openid"],
        })
    };
    let issuer = "https://id.example";
    let token = "https://id.example/token";
    assert!(Discovery::read(document(issuer, token), issuer).is_some());
    assert!(Discovery::read(document("https://id.example/", token), issuer).is_none());
    assert!(Discovery::read(document("https://other.example", token), issuer).is_none());
    assert!(Discovery::read(document(issuer, "http://id.example/token"), issuer).is_none());
    assert!(Discovery::read(json!({"issuer": issuer}), issuer).is_none());
    assert_eq!(
        Discovery::address("https://id.example/tenant/"),
        "https://id.example/tenant/.well-known/openid-configuration"
    );
}

#[test]
fn the_challenge_is_the_standard_s() {
    // RFC 7636, appendix B.
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
}

fn claims(all: Value) -> Claims {
    Claims {
        all: map(all),
        algorithm: Algorithm::Rs256,
    }
}

#[test]
fn an_id_token_is_for_this_sign_in_of_this_client() {
    let check = |all: Value, access: Option<&str>| check_id_token(&claims(all), "commonweal", "n1", access);
    let plain = json!({"sub": "maya", "aud": "commonweal", "nonce": "n1"});
    let with = |name: &str, value: Value| {
        let mut all = plain.clone();
        all[name] = value;
        all
    };
    assert_eq!(check(plain.clone(), Some("t")), Ok(()));
    assert_eq!(check(with("nonce", json!("n2")), None), Err(Refused::Nonce));
    assert_eq!(check(with("nonce", Value::Null), None), Err(Refused::Nonce));
    assert_eq!(check(with("sub", json!("")), None), Err(Refused::Claim("sub")));
    assert_eq!(
        check(with("sub", json!("x".repeat(256))), None),
        Err(Refused::Claim("sub"))
    );
    assert_eq!(check(with("azp", json!("commonweal")), None), Ok(()));
    assert_eq!(
        check(with("azp", json!("other")), None),
        Err(Refused::AuthorizedParty)
    );
    assert_eq!(
        check(with("aud", json!(["commonweal", "other"])), None),
        Err(Refused::AuthorizedParty)
    );
    // OpenID Connect Core, appendix A.3.
    let hash = with("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"));
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(check(hash.clone(), Some(token)), Ok(()));
    assert_eq!(
        check(hash.clone(), Some("another")),
        Err(Refused::AccessTokenHash)
    );
    assert_eq!(check(hash, None), Err(Refused::AccessTokenHash));
}

#[test]
fn an_id_token_does_not_log_out() {
    let of = |all: Value| {
        let claims = claims(all);
        Logout::of(&claims).map(|logout| {
            (
                logout.subject.map(str::to_owned),
                logout.session.map(str::to_owned),
            )
        })
    };
    let events = json!({LOGOUT_EVENT: {}});
    assert_eq!(
        of(json!({"sub": "maya", "sid": "s1", "events": events})),
        Ok((Some("maya".to_owned()), Some("s1".to_owned())))
    );
    assert!(of(json!({"sid": "s1", "events": events})).is_ok());
    assert_eq!(of(json!({"events": events})), Err(Refused::Claim("sub")));
    assert_eq!(of(json!({"sub": "maya"})), Err(Refused::Claim("events")));
    assert_eq!(
        of(json!({"sub": "maya", "events": events, "nonce": "n"})),
        Err(Refused::Claim("nonce"))
    );
}
