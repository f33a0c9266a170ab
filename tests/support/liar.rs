//! A server that lies: it hangs, never ends, or answers what AWS would not.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Lie {
    /// Never answers.
    Hang,
    /// Sends a body without end, as fast as it is taken.
    Endless,
    /// Answers this, whatever was asked.
    Answer {
        /// The status.
        status: u16,
        /// Lines of the head, each with its end.
        head: String,
        /// The body.
        body: Vec<u8>,
    },
}

impl Lie {
    /// An answer of a content type.
    pub(crate) fn answer(status: u16, of: &str, body: &str) -> Self {
        Self::Answer { status, head: format!("content-type: {of}\r\n"), body: body.as_bytes().to_vec() }
    }

    /// The same answer with a further line in its head.
    pub(crate) fn with(self, line: &str) -> Self {
        match self {
            Self::Answer { status, head, body } => Self::Answer { status, head: format!("{head}{line}\r\n"), body },
            other => other,
        }
    }
}

/// The server; who asks it who he is may be told the truth.
pub(crate) struct Liar {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Liar {
    /// One that lies in answer to everything.
    pub(crate) fn always(lie: Lie) -> Self {
        Self::start(lie, false)
    }

    /// One that says who the caller is, and lies about all else.
    pub(crate) fn after_identity(lie: Lie) -> Self {
        Self::start(lie, true)
    }

    fn start(lie: Lie, identity: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        // It ends with the test binary.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (lie, heard) = (lie.clone(), Arc::clone(&heard));
                thread::spawn(move || serve(stream, &lie, identity, &heard));
            }
        });
        Self { port, asked }
    }

    /// `http://127.0.0.1:<port>`.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far: its head and body.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A caller that goes away ends it.
fn serve(mut stream: TcpStream, lie: &Lie, identity: bool, heard: &Mutex<Vec<String>>) {
    while let Some(request) = request(&mut stream) {
        let who = identity && request.contains("Action=GetCallerIdentity");
        let bare = request.starts_with("HEAD ");
        heard.lock().unwrap().push(request);
        let written = if who { stream.write_all(identity_reply().as_bytes()) } else { tell(&mut stream, lie, bare) };
        if written.is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

/// A request's head and body; `None` where the caller has gone away.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    bytes.extend(body);
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Says it, without a body where none is asked for.
fn tell(stream: &mut TcpStream, lie: &Lie, bare: bool) -> std::io::Result<()> {
    match lie {
        // Until the caller goes away.
        Lie::Hang => stream.read_exact(&mut [0]),
        Lie::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ntransfer-encoding: chunked\r\n\r\n")?;
            let chunk = [format!("{:x}\r\n", 1 << 20).as_bytes(), &vec![b'A'; 1 << 20], b"\r\n"].concat();
            loop {
                stream.write_all(&chunk)?;
            }
        }
        Lie::Answer { status, head, body } => {
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} Said\r\n{head}content-length: {length}\r\n\r\n")?;
            if bare { Ok(()) } else { stream.write_all(body) }
        }
    }
}

/// As STS answers.
pub(crate) fn identity_reply() -> String {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::777700000001:root</Arn><UserId>777700000001</UserId><Account>777700000001</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
