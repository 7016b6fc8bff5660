//! A GET over plain HTTP, for following links to emulators and the local host.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[derive(Debug)]
pub struct Fetched {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Fetched {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Asks by HTTP/1.0, so that the answer ends with the connection and is never chunked.
///
/// # Panics
/// Where the server does not answer in HTTP.
pub async fn http_get(url: String) -> Fetched {
    let rest = url.strip_prefix("http://").expect("a plain http URL");
    let (authority, path) = rest.split_once('/').expect("a path in the URL");
    let mut stream = TcpStream::connect(authority)
        .await
        .expect("the server accepts connections");
    let request = format!("GET /{path} HTTP/1.0\r\nHost: {authority}\r\nAccept: */*\r\n\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads the request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the server answers");
    let end = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .expect("an end of the headers");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok());
    Fetched {
        status: status.expect("a status line"),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect(),
        body: answer[end + 4..].to_vec(),
    }
}
