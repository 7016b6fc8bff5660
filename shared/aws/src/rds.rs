//! The password of an RDS database user with IAM authentication: a presigned URL, made locally, good for 15 minutes.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use jiff::Timestamp;
use ports::{Error, Result};

/// How long RDS takes a token for a new connection; one that is open stays open.
const LIFE: Duration = Duration::from_secs(900);

/// The token for one user of one database (Amazon RDS User Guide, "Connecting using IAM authentication"). It is
/// checked by RDS against `rds-db:connect` of the credentials; making it asks nobody.
///
/// # Errors
/// `Internal` where host or user are nothing a URL can hold.
pub fn rds_iam_token(
    host: &str,
    port: u16,
    user: &str,
    region: &str,
    credentials: &Credentials,
    now: Timestamp,
) -> Result<String> {
    let mut settings = SigningSettings::default();
    settings.expires_in = Some(LIFE);
    settings.signature_location = SignatureLocation::QueryParams;
    let identity = credentials.clone().into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("rds-db")
        .time(SystemTime::from(now))
        .settings(settings)
        .build()
        .map_err(Error::internal)?
        .into();
    let user: String = user
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    let url = format!("https://{host}:{port}/?Action=connect&DBUser={user}");
    let request = SignableRequest::new("GET", url.as_str(), std::iter::empty(), SignableBody::Bytes(&[]))
        .map_err(Error::internal)?;
    let (instructions, _) = sign(request, &params).map_err(Error::internal)?.into_parts();
    let mut request = http::Request::get(url).body(()).map_err(Error::internal)?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request
        .uri()
        .to_string()
        .trim_start_matches("https://")
        .to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What botocore's `generate_db_auth_token` gives for the same time and credentials; it orders parameters
    /// differently, which RDS does not mind.
    #[test]
    fn equals_botocores_token() {
        const HOST: &str = "commonweal.cluster-abc.us-west-2.rds.amazonaws.com";
        const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        const COMMON: &str = "Action=connect&DBUser=commonweal_voting&X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIDEXAMPLE%2F20261103%2Fus-west-2%2Frds-db%2Faws4_request\
            &X-Amz-Date=20261103T080509Z&X-Amz-SignedHeaders=host&X-Amz-Expires=900";
        let vectors = [
            (
                None,
                "&X-Amz-Signature=b5d8e3311b9b5c801105974b7e1036686da0d66b4c280b57d953d9543860623e",
            ),
            (
                Some("AQoDYXdzEPT//////////wEXAMPLEtoken=="),
                "&X-Amz-Security-Token=AQoDYXdzEPT%2F%2F%2F%2F%2F%2F%2F%2F%2F%2FwEXAMPLEtoken%3D%3D\
                 &X-Amz-Signature=420fdaca5f2086fa1ebbd1078344db9f83d0d06f77a09b5b85210288e7e174b2",
            ),
        ];
        for (session, rest) in vectors {
            let credentials =
                Credentials::new("AKIDEXAMPLE", SECRET, session.map(str::to_owned), None, "test");
            let now = "2026-11-03T08:05:09Z".parse().unwrap();
            let token =
                rds_iam_token(HOST, 5432, "commonweal_voting", "us-west-2", &credentials, now).unwrap();
            let (address, query) = token.split_once("/?").unwrap();
            assert_eq!(address, format!("{HOST}:5432"));
            let expected = format!("{COMMON}{rest}");
            let parts = |query: &str| query.split('&').map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(parts(query), parts(&expected));
        }
    }
}
