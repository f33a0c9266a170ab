//! A Python module that serves HTTP on a loopback port, for as long as this process wants it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::error::tail;
use super::{Error, Result};

/// How long a server may take to answer for the first time.
const START: Duration = Duration::from_mins(1);
/// How long it may take to end: longer than the watchdog waits before it kills.
const END: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);
/// How much of an answer is read: its status is at the beginning.
const HEAD: u64 = 4096;
/// How many ports are tried: between choosing a free one and taking it, another process may take it.
const PORTS: usize = 3;

const WATCHDOG: &str = include_str!("watchdog.py");

/// What is to be run.
pub struct Program<'a> {
    /// The interpreter.
    pub python: &'a Path,
    /// Run as `python -m` would.
    pub module: &'a str,
    /// A program in Python that is run in place of the module, and runs it.
    pub front: Option<&'a str>,
    /// The environment variable from which it takes its port.
    pub port_variable: &'a str,
    /// The environment variables from which it takes folders to keep its data in; each gets one of its own.
    pub folder_variables: &'a [&'a str],
    /// Other environment variables.
    pub environment: &'a [(&'a str, &'a str)],
    /// A path that is answered with 200 as soon as it is ready.
    pub health: &'a str,
}

/// A running one. Ends when it is dropped, and when this process ends, however that happens.
pub struct Server {
    child: Child,
    port: u16,
    /// Its data and its log; removed with it.
    folder: TempDir,
}

impl Server {
    /// Starts a program on a free port, and returns when it answers.
    ///
    /// # Errors
    /// When it ends or stays silent; with the end of its log.
    pub async fn start(program: &Program<'_>) -> Result<Self> {
        let mut tries = 1;
        loop {
            let mut server = Self::spawn(program)?;
            match server.answers(program).await {
                Ok(()) => return Ok(server),
                Err(Error::Died { .. }) if tries < PORTS && !port_is_free(server.port) => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    fn spawn(program: &Program<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("pipectl-sandbox-").tempdir();
        let folder = folder.map_err(Error::io("create a folder in", std::env::temp_dir()))?;
        let port = free_port().map_err(Error::io("find a free port on", "127.0.0.1"))?;
        let log = log_of(&folder);
        let out = File::create(&log).map_err(Error::io("create", &log))?;
        let err = out.try_clone().map_err(Error::io("open", &log))?;
        let mut command = Command::new(program.python);
        command.args(["-I", "-c", WATCHDOG]).arg(folder.path());
        command.arg(program.python).arg("-I");
        match program.front {
            Some(front) => command.args(["-c", front]),
            None => command.args(["-m", program.module]),
        };
        command.env_clear();
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.env("HOME", folder.path()).env("TMPDIR", folder.path()).current_dir(folder.path());
        for variable in program.folder_variables {
            let own = folder.path().join(variable.to_lowercase());
            fs::create_dir(&own).map_err(Error::io("create", &own))?;
            command.env(variable, own);
        }
        command.envs(program.environment.iter().copied()).env(program.port_variable, port.to_string());
        // A group of its own, so that Ctrl-C in the terminal does not end it while pipectl still cleans up.
        command.process_group(0).stdin(Stdio::piped()).stdout(out).stderr(err);
        let child = command.spawn().map_err(Error::io("run", program.python))?;
        Ok(Self { child, port, folder })
    }

    async fn answers(&mut self, program: &Program<'_>) -> Result<()> {
        let end = Instant::now() + START;
        while Instant::now() < end {
            let healthy = matches!(timeout(END, is_healthy(self.port, program.health)).await, Ok(Ok(true)));
            // Looked at after the answer: what answered on the port of a dead process was somebody else.
            if let Some(status) = self.ended() {
                return Err(Error::Died { module: program.module.to_owned(), status, log: self.log() });
            }
            if healthy {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
        Err(Error::Silent { module: program.module.to_owned(), seconds: START.as_secs(), log: self.log() })
    }

    /// `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The id of the process that keeps it as its watchdog.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The last lines that it wrote.
    pub fn log(&self) -> String {
        tail(&String::from_utf8_lossy(&fs::read(log_of(&self.folder)).unwrap_or_default()), 20)
    }

    /// Ends it, and returns when it is gone.
    pub async fn stop(mut self) {
        let end = self.let_go();
        while self.ended().is_none() && Instant::now() < end {
            sleep(PAUSE).await;
        }
    }

    /// Lets go of the watchdog, which ends it with SIGTERM and, if it does not heed that, with SIGKILL. Returns when to
    /// stop waiting.
    fn let_go(&mut self) -> Instant {
        drop(self.child.stdin.take());
        Instant::now() + END
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let end = self.let_go();
        while self.ended().is_none() && Instant::now() < end {
            std::thread::sleep(PAUSE);
        }
    }
}

fn log_of(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("log")
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn port_is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether a path is answered with 200.
async fn is_healthy(port: u16, path: &str) -> std::io::Result<bool> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(HEAD).read_to_end(&mut answer).await?;
    Ok(answer.get(8..12) == Some(b" 200"))
}
