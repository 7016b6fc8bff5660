//! The Lambda Runtime API as a function's binary sees it: it polls for an event here and posts its answer.
//!
//! Protocol: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>, version 2018-06-01.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{self, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot, watch},
};

/// How long a binary may take to start or to answer: far more than it needs on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What Lambda calls the time-out of the function.
const DEADLINE: Duration = Duration::from_secs(30);

/// What the function made of an event: its answer, or the error it reported.
pub type Answer = Result<String, String>;

struct Invocation {
    event: String,
    answer: oneshot::Sender<Answer>,
}

struct Shared {
    waiting: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    polled: watch::Sender<Option<Instant>>,
}

/// One binary under one Runtime API. Ends with it.
pub struct LambdaProcess {
    child: Child,
    events: mpsc::Sender<Invocation>,
    /// From the start of the process to its first question for an event.
    pub cold_start: Duration,
}

impl LambdaProcess {
    /// Starts a binary with these variables and nothing else of this process' environment, and waits for its first poll.
    ///
    /// # Panics
    /// Where it does not start, ends, or does not ask for an event within a minute.
    pub async fn start(binary: &Path, variables: &[(&str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address: SocketAddr = listener.local_addr().expect("the listener has an address");
        let (events, waiting) = mpsc::channel(1);
        let (polled, mut first_poll) = watch::channel(None);
        let shared = Arc::new(Shared {
            waiting: tokio::sync::Mutex::new(waiting),
            running: Mutex::default(),
            polled,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .with_state(shared);
        #[expect(clippy::disallowed_methods, reason = "a server beside the test")]
        tokio::spawn(async move { axum::serve(listener, router).await });

        let began = Instant::now();
        let mut child = Command::new(binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env(
                "AWS_LAMBDA_FUNCTION_NAME",
                binary.parent().and_then(Path::file_name).unwrap_or_default(),
            )
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        tokio::select! {
            ended = child.wait() => panic!("{} ended with {ended:?} before it asked for an event", binary.display()),
            polled = first_poll.wait_for(Option::is_some) => { polled.expect("the Runtime API runs"); }
            () = tokio::time::sleep(PATIENCE) => panic!("{} did not ask for an event within a minute", binary.display()),
        }
        let polled = first_poll.borrow().expect("it was waited for");
        Self {
            child,
            events,
            cold_start: polled - began,
        }
    }

    /// Gives it one event and waits for the answer.
    ///
    /// # Panics
    /// Where it does not answer within a minute.
    pub async fn invoke(&self, event: &str) -> Answer {
        let (answer, answered) = oneshot::channel();
        let invocation = Invocation {
            event: event.to_owned(),
            answer,
        };
        self.events
            .send(invocation)
            .await
            .unwrap_or_else(|_| panic!("the Runtime API runs"));
        tokio::time::timeout(PATIENCE, answered)
            .await
            .expect("it answers within a minute")
            .expect("the Runtime API runs")
    }

    /// Memory that is resident now, in KiB (`VmRSS` of proc(5)).
    ///
    /// # Panics
    /// Where the process has ended, or the machine has no `/proc`.
    pub fn resident_kib(&self) -> u64 {
        let id = self.child.id().expect("the process runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("/proc can be read");
        status
            .lines()
            .find_map(|line| {
                line.strip_prefix("VmRSS:")?
                    .trim()
                    .strip_suffix("kB")?
                    .trim()
                    .parse()
                    .ok()
            })
            .expect("the kernel tells VmRSS")
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the binary under test reads the machine's clock"
)]
async fn next(State(shared): State<Arc<Shared>>) -> Response {
    // Only the first one counts: nobody has been waited for before.
    shared.polled.send_if_modified(|first| {
        first.is_none() && {
            *first = Some(Instant::now());
            true
        }
    });
    let Some(Invocation { event, answer }) = shared.waiting.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let id = crate::contract::unique("invocation");
    shared
        .running
        .lock()
        .expect("nobody panics with it")
        .insert(id.clone(), answer);
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        (
            "lambda-runtime-deadline-ms",
            (now + DEADLINE).as_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:local".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, event).into_response()
}

async fn response(state: State<Arc<Shared>>, id: extract::Path<String>, body: String) -> StatusCode {
    finish(&state, &id, Ok(body))
}

async fn error(state: State<Arc<Shared>>, id: extract::Path<String>, body: String) -> StatusCode {
    finish(&state, &id, Err(body))
}

fn finish(shared: &Shared, id: &str, answer: Answer) -> StatusCode {
    match shared.running.lock().expect("nobody panics with it").remove(id) {
        Some(waiting) => {
            let _ = waiting.send(answer);
            StatusCode::ACCEPTED
        }
        None => StatusCode::BAD_REQUEST,
    }
}
