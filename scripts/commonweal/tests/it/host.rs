//! A running `commonweal serve` on a database of its own, which can be killed at any moment and started again.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};

/// How long a start may take on a busy machine, and how long a call is tried.
const START: Duration = Duration::from_secs(120);

pub(crate) struct Host {
    child: Option<Child>,
    port: u16,
    home: tempfile::TempDir,
    database_url: String,
    variables: Vec<(&'static str, &'static str)>,
    /// Everything that the process printed.
    pub(crate) printed: Arc<Mutex<String>>,
    pub(crate) http: reqwest::Client,
}

impl Host {
    pub(crate) async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, &[]).await
    }

    /// With these variables beside its own.
    pub(crate) async fn start_with(database_url: &str, variables: &[(&'static str, &'static str)]) -> Self {
        let mut host = Self::prepare(database_url, variables);
        host.spawn();
        host
    }

    /// The same, with a clock that begins at `now`, which may be long ago.
    pub(crate) async fn start_at(
        now: Timestamp,
        database_url: &str,
        variables: &[(&'static str, &'static str)],
    ) -> Self {
        let mut host = Self::prepare(database_url, variables);
        let offset = now.as_second() - Timestamp::now().as_second();
        std::fs::write(host.home().join("clock"), offset.to_string()).unwrap();
        host.spawn();
        host
    }

    fn prepare(database_url: &str, variables: &[(&'static str, &'static str)]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self {
            child: None,
            port,
            home: tempfile::tempdir().unwrap(),
            database_url: database_url.to_owned(),
            variables: variables.to_vec(),
            printed: Arc::default(),
            http,
        }
    }

    /// Starts the process and waits until it says that it serves.
    pub(crate) fn spawn(&mut self) {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let mut child = Command::new(env!("CARGO_BIN_EXE_commonweal"))
            .arg("serve")
            .current_dir(root)
            .env("PORT", self.port.to_string())
            .env("COMMONWEAL_HOME", self.home.path())
            .env("DATABASE_URL", &self.database_url)
            .env("LOG_FORMAT", "json")
            .envs(self.variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (ready, wait) = mpsc::channel();
        let outputs: [Box<dyn std::io::Read + Send>; 2] = [
            Box::new(child.stdout.take().unwrap()),
            Box::new(child.stderr.take().unwrap()),
        ];
        for output in outputs {
            let (printed, ready) = (Arc::clone(&self.printed), ready.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if line.starts_with("ready ") {
                        let _ = ready.send(());
                    }
                    let mut printed = printed.lock().unwrap();
                    printed.push_str(&line);
                    printed.push('\n');
                }
            });
        }
        self.child = Some(child);
        if wait.recv_timeout(START).is_err() {
            panic!("the host did not start:\n{}", self.printed.lock().unwrap());
        }
    }

    /// Ends the process at once, as a crash does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Most bytes that the process held at once so far (Linux).
    pub(crate) fn peak_memory(&self) -> u64 {
        let id = self.child.as_ref().unwrap().id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes * 1024
    }

    /// Its state on disk.
    pub(crate) fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.http
            .get(self.url(path))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(self.url(path)).json(&body).send().await.unwrap();
        (
            response.status().as_u16(),
            response.json().await.unwrap_or_default(),
        )
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.patch(self.url(path)).json(&body).send().await.unwrap();
        (
            response.status().as_u16(),
            response.json().await.unwrap_or_default(),
        )
    }

    /// Moves the clock; the call returns when what is due by then is done.
    pub(crate) async fn advance(&self, seconds: i64) {
        let (status, body) = self
            .post("/_local/clock", json!({"advance_seconds": seconds}))
            .await;
        assert_eq!(status, 200, "{body}");
    }

    pub(crate) async fn outbox(&self) -> Vec<Value> {
        match self.get("/_local/outbox.json").await {
            Value::Array(mails) => mails,
            other => panic!("not a list: {other}"),
        }
    }

    /// Waits until a mail to this address with this in its subject or text is there.
    pub(crate) async fn mail(&self, to: &str, holding: &str) -> Value {
        let began = Instant::now();
        loop {
            let found = self.outbox().await.into_iter().find(|mail| {
                mail["to"].as_str().is_some_and(|t| t.contains(to)) && mail.to_string().contains(holding)
            });
            match found {
                Some(mail) => return mail,
                None if began.elapsed() > Duration::from_secs(30) => panic!("no mail to {to} with {holding}"),
                None => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    pub(crate) async fn mails_to(&self, to: &str) -> usize {
        self.outbox()
            .await
            .iter()
            .filter(|mail| mail["to"].as_str().is_some_and(|t| t.contains(to)))
            .count()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A voter's basics.
pub(crate) fn basics(email: &str) -> Value {
    json!({
        "first_name": "Maya", "last_name": "Ejemplo", "address1": "12 Main St", "city": "Boston", "state": "MA",
        "zipcode": "02108", "date_of_birth": "1990-04-01", "email": email,
    })
}

/// What completes a registration.
pub(crate) fn rest() -> Value {
    json!({"state_id_number": "S99887766", "us_citizen": true, "is_18_or_over": true})
}

pub(crate) fn whole(email: &str) -> Value {
    let mut body = basics(email);
    body.as_object_mut()
        .unwrap()
        .extend(rest().as_object().unwrap().clone());
    body
}
