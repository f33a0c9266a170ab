//! Results to standard output, everything else to standard error; colours only where a terminal shows them.
//!
//! Whatever is printed passes through [`seen`] or [`seen_json`] here, and only here: a caller that forgets to clean a text
//! lets nothing reach a terminal.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use clap::ValueEnum;
use console::Term;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
use serde::Serialize;

use super::signals::{self, Signals};
use crate::ops::Fault;
use crate::report::style::{BAD, BOLD, CHANGE, Clean, HELP, paint, seen, seen_json};

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Columns, where nothing says how many there are: logs of CI.
const WIDTH: usize = 140;
/// Fewer than these are no help to anybody.
const NARROWEST: usize = 60;

/// Where a command's words go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    /// Whether results are JSON.
    pub(super) json: bool,
    /// How many columns there are: what `COLUMNS` says, else the terminal; a comfortable number where there is none.
    pub(super) width: usize,
    /// Whether somebody watches standard error on a terminal.
    pub(super) watched: bool,
    choice: ColorChoice,
}

impl Printer {
    /// A printer as the global options want it.
    pub(super) fn new(json: bool, color: Color) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let terminal = || terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
        let width = said.or_else(terminal).unwrap_or(WIDTH).max(NARROWEST);
        Self { json, width, watched: io::stderr().is_terminal(), choice }
    }

    /// Prints a result: as text, or with `--json` as JSON alone. Fails when standard output does not take it (a full
    /// disk); a reader that has gone away is no error.
    pub(super) fn result<J: Serialize>(self, text: &str, json: impl FnOnce() -> J) -> anyhow::Result<()> {
        if self.json { self.json(&json()) } else { self.out(text) }
    }

    /// Prints a value as JSON for people to read. Fails as [`result`](Self::result) does.
    pub(super) fn json(self, json: &impl Serialize) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(json).context("the result cannot be written as JSON")?;
        self.json_text(&format!("{text}\n")).map(drop)
    }

    /// Prints text that is JSON, and tells whether anybody is there to read on. Fails as [`result`](Self::result) does.
    pub(super) fn json_text(self, text: &str) -> anyhow::Result<bool> {
        self.written(&seen_json(text))
    }

    /// Prints text to standard output. Fails as [`result`](Self::result) does.
    pub(super) fn out(self, text: &str) -> anyhow::Result<()> {
        self.read(text).map(drop)
    }

    /// Prints text to standard output, and tells whether anybody is there to read on. Fails as [`result`](Self::result)
    /// does.
    pub(super) fn read(self, text: &str) -> anyhow::Result<bool> {
        self.written(&seen(text))
    }

    fn written(self, text: &str) -> anyhow::Result<bool> {
        let mut stdout = BufWriter::new(AutoStream::new(io::stdout().lock(), self.choice));
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            result => Ok(result.map(|()| true).context("standard output cannot be written")?),
        }
    }

    /// Says what is going on. An unwritable standard error stops nothing: there is nowhere left to say it.
    pub(super) fn say(self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.choice);
        let _ = writeln!(stderr, "{}", seen(text));
    }

    /// Says what a user should know, and may go on without.
    pub(super) fn warn(self, text: &str) {
        self.say(&format!("{} {text}", paint(CHANGE, "warning:")));
    }

    /// Says what went wrong, and what to do next.
    pub(super) fn error(self, text: &str, help: Option<&str>) {
        self.say(&format!("{} {text}", paint(BAD, "error:")));
        if let Some(help) = help {
            self.say(&format!("{} {help}", paint(HELP, "what now:")));
        }
    }

    /// Says where a command is in a walk of several steps.
    pub(super) fn heading(self, text: &str) {
        self.say(&format!("\n{}", paint(BOLD, text)));
    }

    /// Asks for a text on the terminal, which does not show it. Fails where there is none, or nothing is typed. A signal
    /// ends the question, and the terminal shows again what is typed.
    pub(super) async fn hidden(self, what: &str) -> Result<String, Fault> {
        let _watched = Signals::watch();
        let usual = tcgetattr(io::stdin());
        self.ask(&format!("{} (it is not shown): ", paint(BOLD, what)));
        let typed = tokio::task::spawn_blocking(|| Term::stderr().read_secure_line());
        let text = tokio::select! {
            typed = typed => typed.context("the terminal cannot be read")?.context("the terminal cannot be read")?,
            signal = signals::asked() => {
                if let Ok(usual) = usual {
                    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &usual);
                }
                self.ask("\n");
                return Err(Fault::Interrupted { signal, partial: None });
            }
        };
        if text.is_empty() { Err(anyhow::anyhow!("nothing was typed: nothing was changed").into()) } else { Ok(text) }
    }

    /// Asks for a word on the terminal; anything but `answer` is a no, and so is a signal. Without a terminal nobody can say
    /// yes.
    pub(super) async fn confirmed(self, question: &str, answer: &str) -> bool {
        if !io::stdin().is_terminal() {
            return false;
        }
        self.ask(&format!("{question} Type `{}` to go on: ", paint(BOLD, Clean(answer))));
        // On a thread of its own, which the end of the process ends: a signal must not wait for somebody to type.
        let typed = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        tokio::select! {
            typed = typed => matches!(typed, Ok(Ok(line)) if line.trim() == answer),
            _ = signals::asked() => false,
        }
    }

    /// As with all that is said.
    fn ask(self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.choice);
        let _ = write!(stderr, "{}", seen(text));
        let _ = stderr.flush();
    }
}

/// Where the SDK's own account of what it does goes, for `PIPECTL_LOG`: standard error, as all else that is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().write_all(seen(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
