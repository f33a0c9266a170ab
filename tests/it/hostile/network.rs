//! Proxies and certificate authorities, as in every tool of AWS's; API keys only where nobody else reads them.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{STREAM, against};
use crate::support::cli::{Cli, Output};
use crate::support::liar::identity_reply;

/// A TLS server of a host, whose certificate an authority of its own has issued: it knows who everybody is.
struct Secure {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

const HOST: &str = "aws.example.test";
const SERVER: &str = r#"
import ssl, socket, sys, threading
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
def serve(connection):
    try:
        with context.wrap_socket(connection, server_side=True) as stream:
            request = b""
            while b"Action=GetCallerIdentity" not in request:
                request += stream.recv(65536)
            stream.sendall(sys.argv[2].encode())
    except OSError:
        pass
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"#;

impl Secure {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let script = format!(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Authority -keyout ca.key -out ca.pem -addext \
             basicConstraints=critical,CA:TRUE && openssl req -newkey rsa:2048 -nodes -subj /CN={HOST} -keyout key.pem \
             -out request.pem && printf 'subjectAltName=DNS:{HOST}\n' > names && openssl x509 -req -days 2 -in request.pem \
             -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out cert.pem && cat cert.pem key.pem > both.pem"
        );
        let made = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let reply = identity_reply().replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        let mut command = Command::new("python3");
        command.args(["-I", "-c", SERVER]).arg(path("both.pem")).arg(reply).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut port).unwrap();
        Self { child, port: port.trim().parse().unwrap(), folder }
    }

    fn authority(&self) -> String {
        self.folder.path().join("ca.pem").to_str().unwrap().to_owned()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A proxy that leads everybody to one server, and notes where they wanted to go.
struct ConnectProxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    fn to(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
        let heard = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let heard = Arc::clone(&heard);
                thread::spawn(move || tunnel(client, server, &heard));
            }
        });
        Self { port, asked }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn tunnel(mut client: TcpStream, server: u16, heard: &Mutex<Vec<String>>) {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") {
        if client.read_exact(&mut byte).is_err() {
            return;
        }
        request.push(byte[0]);
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&request).lines().next().unwrap_or_default().to_owned());
    let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let forth =
        thread::spawn(move || std::io::copy(&mut from, &mut to).map(|_| to.shutdown(std::net::Shutdown::Write)));
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(std::net::Shutdown::Both);
    let _ = forth.join();
}

/// A command that asks who the caller is, and no more.
fn asks(cli: Cli) -> Output {
    cli.file("envs/dev.toml", STREAM).run(&["deploy-policy", "--env", "dev"])
}

fn behind(proxy: &ConnectProxy) -> Cli {
    against(&format!("https://{HOST}")).env("HTTPS_PROXY", &proxy.url()).env("https_proxy", &proxy.url())
}

#[test]
fn a_call_goes_through_the_proxy_and_believes_the_bundle() {
    let server = Secure::start();
    let proxy = ConnectProxy::to(server.port);
    let output = asks(behind(&proxy).env("AWS_CA_BUNDLE", &server.authority())).success();
    assert!(output.stdout.contains("777700000001"), "{output}");
    assert_eq!(proxy.asked(), [format!("CONNECT {HOST}:443 HTTP/1.1")]);
    // A profile says it as well.
    let config = format!("[default]\nca_bundle = {}\n", server.authority());
    let cli = behind(&proxy).file("config", &config);
    let config = cli.path("config").to_str().unwrap().to_owned();
    asks(cli.env("AWS_CONFIG_FILE", &config)).success();
}

#[test]
fn a_refused_certificate_is_told_with_its_host_and_asked_for_once() {
    let server = Secure::start();
    let proxy = ConnectProxy::to(server.port);
    let output = asks(behind(&proxy)).fails(1);
    for text in ["the certificate of aws.example.test is refused", "UnknownIssuer", "AWS_CA_BUNDLE"] {
        assert!(output.stderr.contains(text), "{output}");
    }
    assert_eq!(proxy.asked().len(), 1, "it is not tried again: {:?}", proxy.asked());
}

#[test]
fn a_bundle_that_cannot_be_read_is_refused_before_the_first_call() {
    let server = Secure::start();
    let proxy = ConnectProxy::to(server.port);
    for bundle in [Path::new("/nowhere/ca.pem"), Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").as_path()] {
        let output = asks(behind(&proxy).env("AWS_CA_BUNDLE", bundle.to_str().unwrap())).fails(1);
        assert!(output.stderr.contains("AWS_CA_BUNDLE is `"), "{output}");
    }
    assert!(proxy.asked().is_empty());
}

#[test]
fn no_proxy_is_asked_for_what_no_proxy_names_nor_for_this_machine() {
    let server = Secure::start();
    let proxy = ConnectProxy::to(server.port);
    let cli = against("https://127.0.0.1:1").env("HTTPS_PROXY", &proxy.url()).env("HTTP_PROXY", &proxy.url());
    asks(cli).fails(1);
    let cli = behind(&proxy).env("NO_PROXY", "example.test").env("AWS_MAX_ATTEMPTS", "1");
    asks(cli).fails(1);
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
}
