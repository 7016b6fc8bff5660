//! The ports' contract over the real SDK against emulators. What an emulator does not check is said by its `Kind` and
//! asserted as such.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what fails here ends the test")]

use std::sync::Arc;

use aws::{Buckets, Connection, Credentials, SdkConfig, sdk_config};
use jiff::Timestamp;
use ports::{Area, Clock, FileKey, Files, Kind as Failure, Mailer, Queue, SystemClock};
use testkit::{
    contract::{
        LinkChecks, StandingClock, files_contract, http_get, key_value_contract, mailer_contract,
        queue_contract, sample_mail, secrets_contract, unique,
    },
    emulator::{Emulator, Kind, free_port},
};

const SENDER: &str = "forms@example.org";

fn config(endpoint: String) -> SdkConfig {
    sdk_config(&Connection {
        region: "us-east-1".into(),
        credentials: Credentials::new("test", "test", None, None, "test"),
        endpoint_url: Some(endpoint),
        dual_stack: false,
    })
}

#[tokio::test]
async fn ministack() {
    if let Some(emulator) = Emulator::start(Kind::Ministack) {
        every_contract(&emulator).await;
    }
}

#[tokio::test]
async fn moto() {
    if let Some(emulator) = Emulator::start(Kind::Moto) {
        every_contract(&emulator).await;
    }
}

async fn every_contract(emulator: &Emulator) {
    let config = config(emulator.url());
    files(&config, emulator.kind).await;
    queue(&config).await;
    secrets(&config).await;
    key_value(&config).await;
    mailer(&config, emulator).await;
}

async fn files(config: &SdkConfig, kind: Kind) {
    let buckets = Buckets {
        private: unique("private"),
        public: unique("public"),
    };
    let s3 = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(config)
            .force_path_style(true)
            .build(),
    );
    for bucket in [&buckets.private, &buckets.public] {
        s3.create_bucket().bucket(bucket).send().await.unwrap();
    }
    let files = aws::S3Files::new(config, buckets.clone());
    let links = if kind.checks_links() {
        LinkChecks::Enforced
    } else {
        LinkChecks::Ignored
    };
    files_contract(&files, &|url| Box::pin(http_get(url)), links).await;

    let key = FileKey::new("a").unwrap();
    files
        .put(Area::Private, &key, "x".into(), ports::PutFile::default())
        .await
        .unwrap();
    let head = s3
        .head_object()
        .bucket(&buckets.private)
        .key("a")
        .send()
        .await
        .unwrap();
    assert_eq!(
        head.server_side_encryption()
            .map(aws_sdk_s3::types::ServerSideEncryption::as_str),
        Some("AES256")
    );
    let nowhere = Buckets {
        private: unique("absent"),
        public: unique("absent"),
    };
    let error = aws::S3Files::new(config, nowhere)
        .get(Area::Private, &key, 1)
        .await
        .unwrap_err();
    assert_eq!(
        error.kind(),
        Failure::Internal,
        "a missing bucket is no missing file"
    );
}

async fn queue(config: &SdkConfig) {
    let sqs = aws_sdk_sqs::Client::new(config);
    let name = unique("work");
    let made = sqs.create_queue().queue_name(&name).send().await.unwrap();
    let dead = sqs
        .create_queue()
        .queue_name(format!("{name}-dead"))
        .send()
        .await
        .unwrap();
    let base = made.queue_url().unwrap().strip_suffix(name.as_str()).unwrap();
    let queue = aws::SqsQueue::new(config, base.to_owned());
    queue_contract(&queue, &name).await;

    let buried = sqs
        .receive_message()
        .queue_url(dead.queue_url().unwrap())
        .message_attribute_names("reason")
        .send()
        .await
        .unwrap();
    let [message] = buried.messages() else {
        panic!("one buried message")
    };
    assert_eq!(message.body(), Some("poison"));
    let reason = message
        .message_attributes()
        .and_then(|all| all.get("reason"))
        .unwrap();
    assert_eq!(reason.string_value(), Some("unreadable: line 1 column 2"));
}

async fn secrets(config: &SdkConfig) {
    let ssm = aws_sdk_ssm::Client::new(config);
    ssm.put_parameter()
        .name("/commonweal/test/voter-file/api-key")
        .value("s3cret")
        .r#type(aws_sdk_ssm::types::ParameterType::SecureString)
        .send()
        .await
        .unwrap();
    let secrets = aws::SsmSecrets::new(config, "/commonweal/test/".into());
    secrets_contract(
        &secrets,
        "voter-file/api-key",
        "s3cret",
        "/commonweal/test/no/such-secret",
    )
    .await;
}

async fn key_value(config: &SdkConfig) {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    let table = unique("short-lived");
    aws_sdk_dynamodb::Client::new(config)
        .create_table()
        .table_name(&table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name("key")
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap(),
        )
        .key_schema(
            KeySchemaElement::builder()
                .attribute_name("key")
                .key_type(KeyType::Hash)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let now = Timestamp::from_second(SystemClock.now().as_second()).unwrap();
    let clock = Arc::new(StandingClock::at(now));
    let kv = aws::DynamoKeyValue::new(config, table, clock.clone());
    key_value_contract(&kv, &clock).await;
}

async fn mailer(config: &SdkConfig, emulator: &Emulator) {
    let ses = aws_sdk_sesv2::Client::new(config);
    let mailer = aws::SesMailer::new(config, Arc::new(SystemClock));
    let unverified = mailer.send(&sample_mail("stranger@example.org")).await;
    let error = unverified.unwrap_err();
    assert_eq!(error.kind(), Failure::Internal);
    let told = format!("{error:?} {:?}", error.cause());
    assert!(
        told.contains("MessageRejected") && !told.contains("stranger"),
        "{told}"
    );

    ses.create_email_identity()
        .email_identity(SENDER)
        .send()
        .await
        .unwrap();
    mailer_contract(&mailer, SENDER).await;

    if emulator.kind.shows_mail() {
        let inbox = http_get(format!("{}/_ministack/ses/messages", emulator.url())).await;
        let inbox: serde_json::Value = serde_json::from_slice(&inbox.body).unwrap();
        let mut accounts = inbox["messages"].as_object().unwrap().values();
        let arrived = accounts.next().and_then(|mails| mails.as_array()).unwrap();
        assert_eq!(arrived.len(), 2, "the refused mail did not leave");
        let sent = sample_mail(SENDER);
        for mail in arrived {
            assert_eq!(mail["Source"], SENDER);
            assert_eq!(mail["To"], serde_json::json!([sent.to.email]));
            assert_eq!(mail["CC"], serde_json::json!([]));
            assert_eq!(mail["Subject"], sent.subject);
            let text = |part: &str| mail[part].as_str().unwrap().trim_end().replace("\r\n", "\n");
            assert_eq!(text("BodyText"), sent.text.trim_end());
            assert_eq!(text("BodyHtml"), sent.html);
        }
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_unavailable() {
    let config = config(format!("http://127.0.0.1:{}", free_port()));
    let queue = aws::SqsQueue::new(&config, "http://127.0.0.1/1/".into());
    assert!(matches!(
        queue.depth("any").await.unwrap_err().kind(),
        Failure::Unavailable(_)
    ));
}
