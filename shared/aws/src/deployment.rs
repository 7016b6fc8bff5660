//! CodeDeploy and Lambda, for the check before traffic moves. Three calls: signed here, for two more SDK crates would cost
//! minutes of every build.

use std::time::{Duration, SystemTime};

use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use ports::{BoxFuture, Clock, Deployments, Error, NewVersion, Result, SystemClock};
use serde_json::{Value, json};

use crate::Connection;

/// A new version has to start and run once.
const TIMEOUT: Duration = Duration::from_secs(60);

pub struct CodeDeployments {
    connection: Connection,
    http: reqwest::Client,
}

impl CodeDeployments {
    /// # Errors
    /// `Internal` where the HTTP client does not start.
    pub fn new(connection: Connection) -> Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { connection, http })
    }

    /// Sends a signed POST and returns status, whether the function failed, and the answer.
    async fn post(
        &self,
        service: &str,
        path: &str,
        target: Option<&str>,
        body: &Value,
    ) -> Result<(u16, bool, Value)> {
        let Connection {
            region,
            credentials,
            endpoint_url,
            dual_stack,
        } = &self.connection;
        let base = match endpoint_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None if *dual_stack => format!("https://{service}.{region}.api.aws"),
            None => format!("https://{service}.{region}.amazonaws.com"),
        };
        let (url, body) = (format!("{base}{path}"), body.to_string());
        let mut headers = vec![("content-type", "application/x-amz-json-1.1")];
        headers.extend(target.map(|target| ("x-amz-target", target)));
        let identity = credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::from(SystemClock.now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(Error::internal)?
            .into();
        let signable = SignableRequest::new(
            "POST",
            url.as_str(),
            headers.iter().copied(),
            SignableBody::Bytes(body.as_bytes()),
        )
        .map_err(Error::internal)?;
        let (instructions, _) = sign(signable, &params).map_err(Error::internal)?.into_parts();
        let mut request = http::Request::post(&url).body(body).map_err(Error::internal)?;
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(name, http::HeaderValue::from_str(value).map_err(Error::internal)?);
        }
        instructions.apply_to_request_http1x(&mut request);
        let request = reqwest::Request::try_from(request).map_err(Error::internal)?;
        let response = self
            .http
            .execute(request)
            .await
            .map_err(|error| Error::unavailable("aws_unavailable", error))?;
        let status = response.status().as_u16();
        let failed = response.headers().contains_key("x-amz-function-error");
        let bytes = response
            .bytes()
            .await
            .map_err(|error| Error::unavailable("aws_unavailable", error))?;
        Ok((
            status,
            failed,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        ))
    }

    async fn code_deploy(&self, operation: &str, body: &Value) -> Result<Value> {
        let target = format!("CodeDeploy_20141006.{operation}");
        match self.post("codedeploy", "/", Some(&target), body).await? {
            (200, _, answer) => Ok(answer),
            (status, ..) => Err(Error::unavailable(
                "aws_unavailable",
                format!("{operation} answered {status}"),
            )),
        }
    }
}

/// The versions in an application specification: as text in either of the two places where CodeDeploy keeps it.
fn versions(deployment: &Value) -> Vec<NewVersion> {
    let revision = &deployment["deploymentInfo"]["revision"];
    let content = ["string", "appSpecContent"]
        .iter()
        .find_map(|place| revision[*place]["content"].as_str());
    let specification: Value = content
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null);
    let resources = specification["Resources"]
        .as_array()
        .or_else(|| specification["resources"].as_array());
    resources
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flat_map(|resource| resource.values())
        .filter_map(|resource| {
            let properties = resource
                .get("Properties")
                .or_else(|| resource.get("properties"))?;
            let text = |upper: &str, lower: &str| {
                properties
                    .get(upper)
                    .or_else(|| properties.get(lower))
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            Some(NewVersion {
                function: text("Name", "name")?,
                version: text("TargetVersion", "targetVersion")?,
            })
        })
        .collect()
}

impl Deployments for CodeDeployments {
    fn new_versions<'a>(&'a self, deployment: &'a str) -> BoxFuture<'a, Result<Vec<NewVersion>>> {
        Box::pin(async move {
            Ok(versions(
                &self
                    .code_deploy("GetDeployment", &json!({"deploymentId": deployment}))
                    .await?,
            ))
        })
    }

    fn invoke<'a>(&'a self, version: &'a NewVersion, event: &'a Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let NewVersion { function, version } = version;
            let path = format!("/2015-03-31/functions/{function}/invocations?Qualifier={version}");
            match self.post("lambda", &path, None, event).await? {
                (200, false, answer) => Ok(answer),
                (_, true, _) => Err(Error::internal(format!("{function} version {version} failed"))),
                (status, ..) => Err(Error::unavailable(
                    "aws_unavailable",
                    format!("Invoke answered {status}"),
                )),
            }
        })
    }

    fn report<'a>(
        &'a self,
        deployment: &'a str,
        hook: &'a str,
        succeeded: bool,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let status = if succeeded { "Succeeded" } else { "Failed" };
            let body =
                json!({"deploymentId": deployment, "lifecycleEventHookExecutionId": hook, "status": status});
            self.code_deploy("PutLifecycleEventHookExecutionStatus", &body)
                .await
                .map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        sync::mpsc::{Receiver, channel},
    };

    use aws_credential_types::Credentials;
    use ports::Kind;

    use super::*;

    struct Sent {
        /// Method and path, e.g. `POST /`.
        line: String,
        /// In lower case.
        headers: String,
        body: Value,
    }

    /// A server that gives these answers (status, header line, body) to one connection each, and tells what it was sent.
    fn aws(answers: Vec<(u16, &'static str, Value)>) -> (CodeDeployments, Receiver<Sent>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for (status, header, body) in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let (mut text, mut chunk) = (Vec::new(), [0; 4096]);
                let sent = loop {
                    let count = stream.read(&mut chunk).unwrap();
                    assert!(count > 0, "the request broke off");
                    text.extend_from_slice(&chunk[..count]);
                    let request = String::from_utf8(text.clone()).unwrap();
                    if let Some((head, body)) = request.split_once("\r\n\r\n")
                        && let Ok(body) = serde_json::from_str(body)
                    {
                        let (line, headers) = head.split_once("\r\n").unwrap();
                        break Sent {
                            line: line.replace(" HTTP/1.1", ""),
                            headers: headers.to_ascii_lowercase(),
                            body,
                        };
                    }
                };
                let body = body.to_string();
                let length = body.len();
                write!(
                    stream,
                    "HTTP/1.1 {status} x\r\n{header}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
                )
                .unwrap();
                sender.send(sent).unwrap();
            }
        });
        let deployments = CodeDeployments::new(Connection {
            region: "us-east-1".to_owned(),
            credentials: Credentials::new(
                "AKIDEXAMPLE",
                "not-a-secret",
                Some("session".to_owned()),
                None,
                "test",
            ),
            endpoint_url: Some(format!("http://{address}")),
            dual_stack: false,
        })
        .unwrap();
        (deployments, receiver)
    }

    fn version() -> NewVersion {
        NewVersion {
            function: "commonweal-dev-voting-purge".to_owned(),
            version: "4".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_deployment_is_asked_what_it_brings() {
        let content = json!({"Resources": [{"f": {"Properties":
            {"Name": "commonweal-dev-voting-purge", "TargetVersion": "4"}}}]});
        let answer = json!({"deploymentInfo": {"revision": {"string": {"content": content.to_string()}}}});
        let (deployments, sent) = aws(vec![(200, "", answer)]);
        assert_eq!(deployments.new_versions("d-1").await.unwrap(), [version()]);
        let sent = sent.recv().unwrap();
        assert_eq!(
            (sent.line.as_str(), sent.body),
            ("POST /", json!({"deploymentId": "d-1"}))
        );
        for header in [
            "x-amz-target: codedeploy_20141006.getdeployment",
            "content-type: application/x-amz-json-1.1",
            "/us-east-1/codedeploy/aws4_request",
            "x-amz-security-token: session",
            "x-amz-date: ",
        ] {
            assert!(
                sent.headers.contains(header),
                "{header} is missing in {}",
                sent.headers
            );
        }
    }

    #[tokio::test]
    async fn a_version_is_invoked_by_its_number() {
        let (deployments, sent) = aws(vec![(200, "", json!({"batchItemFailures": []}))]);
        let event = json!({"Records": []});
        let answer = deployments.invoke(&version(), &event).await.unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        let sent = sent.recv().unwrap();
        assert_eq!(
            sent.line,
            "POST /2015-03-31/functions/commonweal-dev-voting-purge/invocations?Qualifier=4"
        );
        assert_eq!(sent.body, event);
        assert!(
            sent.headers.contains("/us-east-1/lambda/aws4_request"),
            "{}",
            sent.headers
        );
        assert!(!sent.headers.contains("x-amz-target"), "{}", sent.headers);
    }

    #[tokio::test]
    async fn a_function_that_fails_is_told_from_one_that_cannot_be_called() {
        // Lambda answers 200 where the function itself failed.
        let (deployments, _sent) = aws(vec![
            (
                200,
                "x-amz-function-error: Unhandled\r\n",
                json!({"errorMessage": "no"}),
            ),
            (429, "", json!({})),
            (403, "", json!({})),
        ]);
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let error = deployments.invoke(&version(), &json!({})).await.unwrap_err();
            kinds.push(error.kind());
        }
        assert_eq!(kinds[0], Kind::Internal);
        assert!(matches!(kinds[1..], [Kind::Unavailable(_), Kind::Unavailable(_)]));
    }

    #[tokio::test]
    async fn the_verdict_is_reported() {
        let (deployments, sent) = aws(vec![
            (200, "", json!({})),
            (200, "", json!({})),
            (400, "", json!({})),
        ]);
        for (succeeded, status) in [(true, "Succeeded"), (false, "Failed")] {
            deployments.report("d-1", "hook", succeeded).await.unwrap();
            let sent = sent.recv().unwrap();
            let target = "x-amz-target: codedeploy_20141006.putlifecycleeventhookexecutionstatus";
            assert!(sent.headers.contains(target), "{}", sent.headers);
            assert_eq!(
                sent.body,
                json!({"deploymentId": "d-1", "lifecycleEventHookExecutionId": "hook", "status": status})
            );
        }
        assert!(deployments.report("d-1", "hook", true).await.is_err());
    }

    #[test]
    fn the_new_version_is_found_in_either_form() {
        let content = json!({"version": 0.0, "Resources": [{"f": {"Type": "AWS::Lambda::Function",
            "Properties": {"Name": "commonweal-dev-voting-purge", "Alias": "live", "CurrentVersion": "3", "TargetVersion": "4"}}}]});
        let expected = vec![NewVersion {
            function: "commonweal-dev-voting-purge".to_owned(),
            version: "4".to_owned(),
        }];
        for place in ["string", "appSpecContent"] {
            let mut revision = serde_json::Map::new();
            revision.insert(place.to_owned(), json!({"content": content.to_string()}));
            assert_eq!(
                versions(&json!({"deploymentInfo": {"revision": revision}})),
                expected
            );
        }
        assert_eq!(versions(&json!({"deploymentInfo": {}})), []);
    }
}
