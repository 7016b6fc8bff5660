//! What [`Secrets`] promises.

use ports::{Kind, Secrets};

/// `name` is a secret that holds `text`; `missing` is the full path that `no/such-secret` would have.
///
/// # Panics
/// Where a promise of the port is broken.
pub async fn secrets_contract(secrets: &dyn Secrets, name: &str, text: &str, missing: &str) {
    let secret = secrets.get(name).await.unwrap();
    assert_eq!(
        secret.expose(),
        text,
        "a secret reads as it was stored, decrypted"
    );
    assert!(
        !format!("{secret:?}").contains(text),
        "a secret is not shown by accident"
    );

    let error = secrets
        .get("no/such-secret")
        .await
        .expect_err("a missing secret is an error");
    assert_eq!(error.kind(), Kind::Internal);
    let cause = error.cause().unwrap_or_default();
    assert!(
        cause.contains(missing),
        "the error names the full path {missing}: {cause}"
    );
    assert!(
        !error.detail().contains("such-secret"),
        "the path is for the log, not for the client"
    );
}
