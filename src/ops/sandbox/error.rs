//! What can go wrong with the sandbox.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

/// Why there is no sandbox.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No Python that will do was found.
    #[error(
        "the sandbox needs Python {wanted} or newer with its `venv` module; {found}. Install it with \
         `apt install python3 python3-venv`, `dnf install python3` or `brew install python`"
    )]
    Python {
        /// The oldest version that will do.
        wanted: String,
        /// What was found instead.
        found: String,
    },
    /// A step of the installation failed.
    #[error("{step} failed ({status}):\n{output}")]
    Install {
        /// What was being done.
        step: String,
        /// How the command ended.
        status: ExitStatus,
        /// The last lines that it wrote.
        output: String,
    },
    /// The emulator ended before it answered.
    #[error("{module} ended while it was starting ({status}); the end of its log:\n{log}")]
    Died {
        /// The Python module that was run.
        module: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines of its log.
        log: String,
    },
    /// The emulator runs but does not answer.
    #[error("{module} did not answer within {seconds} s; the end of its log:\n{log}")]
    Silent {
        /// The Python module that was run.
        module: String,
        /// How long it was waited for.
        seconds: u64,
        /// The last lines of its log.
        log: String,
    },
    /// The file system or the process table refused something.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was being done: `create`, `run` …
        action: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Error {
    /// For `map_err`: what was being done, and to what.
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.into(), source }
    }
}

/// The last `count` lines of a text.
pub(super) fn tail(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}
