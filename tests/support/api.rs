//! Calls of APIs in the emulator, which has all of them under one host.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::emulator::Account;

/// A request to the stage `dev` of an API: `GET`, `/prices?symbol=ACME`, lines of the head, each with its `\r\n`, and the body.
pub(crate) struct Asked<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// Path and query.
    pub(crate) path: &'a str,
    /// Lines of the head, each with its `\r\n`.
    pub(crate) head: &'a str,
    /// The body.
    pub(crate) body: &'a str,
}

/// The status that an API answers with, and the whole answer.
pub(crate) fn call(account: &Account, id: &str, asked: &Asked<'_>) -> (u16, String) {
    // MiniStack gives up on a function's process that does not start within its second: on a busy machine the next one does.
    let answers = std::iter::repeat_with(|| called(account, id, asked)).take(5);
    let mut answers = answers.skip_while(|(_, answer)| answer.contains("Worker process exited immediately"));
    answers.next().expect("a function's process starts in the end")
}

fn called(account: &Account, id: &str, asked: &Asked<'_>) -> (u16, String) {
    let Asked { method, path, head, body } = asked;
    let mut connection = TcpStream::connect(account.endpoint().trim_start_matches("http://")).unwrap();
    let request = format!(
        "{method} /_aws/execute-api/{id}/dev{path} HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("{answer}")), answer)
}
