//! AWS emulators as child processes: ministack and moto, from the project's Python environment or the `PATH`.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long an emulator may take to answer; a loaded machine needs some seconds.
const START: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Ministack,
    Moto,
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Ministack => "ministack",
            Self::Moto => "moto_server",
        }
    }

    /// Whether a presigned URL is refused once expired or changed.
    pub fn checks_links(self) -> bool {
        self == Self::Ministack
    }

    /// Whether it shows the mail it took, parsed, at `/_ministack/ses/messages`.
    pub fn shows_mail(self) -> bool {
        self == Self::Ministack
    }
}

/// A running emulator; ended when dropped.
pub struct Emulator {
    pub kind: Kind,
    child: Child,
    port: u16,
}

impl Emulator {
    /// Starts one on a free port. `None`, with a printed reason, where it is not installed, unless
    /// `COMMONWEAL_REQUIRE_EMULATORS=1`.
    ///
    /// # Panics
    /// Where it is required and absent, or does not answer within a minute.
    #[expect(clippy::panic, clippy::expect_used, reason = "a test helper")]
    #[expect(
        clippy::disallowed_methods,
        reason = "a switch of the tests, no setting of the program"
    )]
    pub fn start(kind: Kind) -> Option<Self> {
        let Some(program) = find(kind.program()) else {
            let reason = format!("{} is neither in .local/venv/bin nor on the PATH", kind.program());
            assert!(
                std::env::var("COMMONWEAL_REQUIRE_EMULATORS").as_deref() != Ok("1"),
                "{reason}"
            );
            eprintln!("skipped: {reason}");
            return None;
        };
        let port = free_port();
        let text = port.to_string();
        let mut command = Command::new(program);
        match kind {
            Kind::Ministack => command.envs([("GATEWAY_PORT", text.as_str()), ("BIND_HOST", "127.0.0.1")]),
            Kind::Moto => command.args(["-H", "127.0.0.1", "-p", &text]),
        };
        let child = command
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator's program starts");
        let mut emulator = Self { kind, child, port };
        let began = Instant::now();
        while !emulator.answers() {
            if let Ok(Some(status)) = emulator.child.try_wait() {
                panic!("{} ended with {status} before it answered", kind.program());
            }
            assert!(
                began.elapsed() < START,
                "{} did not answer within a minute",
                kind.program()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(emulator)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn answers(&self) -> bool {
        let ask = || {
            let address = SocketAddr::from(([127, 0, 0, 1], self.port));
            let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
            let mut start = [0; 5];
            stream.read_exact(&mut start)?;
            Ok::<bool, std::io::Error>(&start == b"HTTP/")
        };
        ask().unwrap_or(false)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
#[expect(clippy::expect_used, reason = "a test helper")]
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("the machine has a free port")
        .port()
}

fn find(program: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.local/venv/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(own)
        .chain(std::env::split_paths(&path))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}
