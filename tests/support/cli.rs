//! The built command, run in a folder and an environment of its own.

use std::fmt;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use regex_lite::Regex;
use tempfile::TempDir;

use super::emulator::Account;

/// A folder with files, and the environment in which commands run in it.
pub(crate) struct Cli {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Cli {
    /// An empty folder, and an environment that knows nothing of the machine's user.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let own = folder.path().join("home");
        fs::create_dir(&own).unwrap();
        let own = own.to_str().unwrap();
        let environment = [
            ("PATH", path.as_str()),
            ("HOME", own),
            ("TMPDIR", own),
            ("NO_COLOR", "1"),
            ("COLUMNS", "100"),
            // Emulators know no rates; what is held back is proved where a test sets another share.
            ("PIPECTL_API_RATE", "1000"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { folder, environment }
    }

    /// Points it at an account of an emulator.
    pub(crate) fn against(mut self, account: &Account) -> Self {
        self.environment.extend(account.environment());
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file, whose path is relative to the folder.
    pub(crate) fn file(self, path: &str, content: &str) -> Self {
        self.write(path, content);
        self
    }

    /// Writes a file, whose path is relative to the folder.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// What a file in the folder holds.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The same without what changes from run to run, for a snapshot.
    pub(crate) fn shown(&self, path: &str) -> String {
        redacted(&self.read(path), self.folder.path())
    }

    /// The whole path of a file in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs pipectl to its end.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).output()
    }

    /// Runs pipectl to its end in a folder below its own.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.current_dir(self.path(folder)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running { child: command.spawn().unwrap(), folder: self.folder.path().to_owned(), said: Vec::new() }.output()
    }

    /// Runs pipectl to its end, with an answer to what it asks.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn answer(&self, arguments: &[&str], answer: &str) -> Output {
        let mut running = self.start(arguments, Stdio::piped());
        let mut input = running.child.stdin.take().unwrap();
        // It may end without asking: then the pipe is closed, and what it wrote says more than that.
        let _ = input.write_all(answer.as_bytes());
        drop(input);
        running.output()
    }

    /// Starts pipectl.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        self.start(arguments, Stdio::null())
    }

    /// Runs pipectl to its end, with what it prints going elsewhere: to a [`closed_pipe`] or a [`full_disk`].
    #[must_use = "assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn run_into(&self, printed: Stdio, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        let child = command.stdin(Stdio::null()).stdout(printed).stderr(Stdio::piped()).spawn().unwrap();
        Running { child, folder: self.folder.path().to_owned(), said: Vec::new() }.output()
    }

    /// Runs pipectl to its end with at most so much memory of its own, in KiB; it aborts where it asks for more.
    ///
    /// A limit, and not what the kernel says of the child afterwards: that counts the test's own memory before `exec`.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn run_within(&self, kib: u64, arguments: &[&str]) -> Output {
        let pipectl = self.command(arguments);
        let mut command = Command::new("sh");
        command.args(["-c", r#"ulimit -d "$0" && exec "$@""#, &kib.to_string()]);
        command.arg(pipectl.get_program()).args(pipectl.get_args());
        command.current_dir(self.folder.path()).env_clear().envs(self.environment.iter().cloned());
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running { child, folder: self.folder.path().to_owned(), said: Vec::new() }.output()
    }

    /// Runs a script of a job's, whose `pipectl` this one is.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn script(&self, script: &str) -> Output {
        let own = self.command(&[]);
        let programs = Path::new(own.get_program()).parent().unwrap();
        let path = std::env::join_paths([programs, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
        let mut command = Command::new("sh");
        command.args(["-e", "-c", script]).current_dir(self.folder.path()).env_clear();
        command.envs(self.environment.iter().cloned()).env("PATH", path);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running { child, folder: self.folder.path().to_owned(), said: Vec::new() }.output()
    }

    /// The command, for runs whose input and output are out of the ordinary.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pipectl"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(self.environment.iter().cloned());
        command
    }

    fn start(&self, arguments: &[&str], input: Stdio) -> Running {
        let child = self.command(arguments).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Running { child, folder: self.folder.path().to_owned(), said: Vec::new() }
    }
}

/// A standard output whose reader has gone away.
pub(crate) fn closed_pipe() -> Stdio {
    std::io::pipe().unwrap().1.into()
}

/// A standard output that takes nothing.
pub(crate) fn full_disk() -> Stdio {
    File::create("/dev/full").unwrap().into()
}

/// A pipectl under way.
pub(crate) struct Running {
    child: Child,
    folder: PathBuf,
    /// What it has said so far, as far as it was waited for.
    said: Vec<u8>,
}

impl Running {
    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal: `INT`, `TERM`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill -s {name}");
    }

    /// Waits until it has said a text.
    pub(crate) fn until(&mut self, text: &str) {
        let mut stderr = self.child.stderr.take().unwrap();
        let mut one = [0];
        while !self.said.ends_with(text.as_bytes()) {
            let read = stderr.read(&mut one).unwrap();
            assert_eq!(read, 1, "it has ended without `{text}`: {}", String::from_utf8_lossy(&self.said));
            self.said.push(one[0]);
        }
        self.child.stderr = Some(stderr);
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn output(self) -> Output {
        let output = self.child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        // A shell gives what a signal ended 128 and the signal's number; so does this.
        let code = output.status.code().or_else(|| {
            use std::os::unix::process::ExitStatusExt as _;
            output.status.signal().map(|signal| 128 + signal)
        });
        // That the prices have grown old is no news to a test, whenever it runs.
        let old = |line: &&str| line.starts_with("warning: the prices are of ");
        let stderr =
            text([self.said, output.stderr].concat()).split_inclusive('\n').filter(|line| !old(line)).collect();
        Output { stdout: text(output.stdout), stderr, code: code.unwrap(), folder: self.folder }
    }
}

/// What a run left behind. Printed, it is one text for a snapshot: what changes from run to run is redacted.
#[derive(Debug)]
pub(crate) struct Output {
    /// Results.
    pub(crate) stdout: String,
    /// Progress and diagnostics.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) code: i32,
    folder: PathBuf,
}

impl Output {
    /// Asserts that it went well.
    #[track_caller]
    pub(crate) fn success(self) -> Self {
        self.fails(0)
    }

    /// Asserts its exit code.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The result, as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", redacted(text, &self.folder).trim_end())?;
            }
        }
        write!(f, "--- exit code {}", self.code)
    }
}

/// A text without what changes from run to run.
fn redacted(text: &str, folder: &Path) -> String {
    static CHANGING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        let patterns = [
            (r"http://127\.0\.0\.1:\d+", "[ENDPOINT]"),
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC|[+-]\d\d:\d\d)?", "[TIME]"),
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[UUID]"),
            (r"\b[0-9a-f]{64}\b", "[SHA256]"),
            (r"\b1000000\d{5}\b", "[ACCOUNT]"),
            (r"\b\d+(\.\d+)? ?m?s\b", "[DURATION]"),
            (r"request id [^\s)]+", "request id [REQUEST]"),
            (r"by [^\s@]+@[^\s@]+", "by [WHO]"),
        ];
        patterns.map(|(pattern, name)| (Regex::new(pattern).unwrap(), name)).to_vec()
    });
    let text = text.replace(&*folder.to_string_lossy(), "[FOLDER]");
    CHANGING.iter().fold(text, |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_output_is_the_same_for_every_run() {
        let output = Output {
            stdout: r#"{"at":"2026-11-21T04:35:34Z","serial":3}"#.into(),
            stderr: "made at http://127.0.0.1:4566 in 1.4 s (request id AB-1): /x/envs/dev.toml\n".into(),
            code: 1,
            folder: "/x".into(),
        };
        assert_eq!(output.json()["serial"], 3);
        let printed = "--- stdout\n{\"at\":\"[TIME]\",\"serial\":3}\n--- stderr\nmade at [ENDPOINT] in [DURATION] \
                       (request id [REQUEST]): [FOLDER]/envs/dev.toml\n--- exit code 1";
        assert_eq!(output.to_string(), printed);
    }
}
