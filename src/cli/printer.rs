//! Results to standard output, everything else to standard error; colours only where a terminal shows them.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anyhow::Context;
use clap::ValueEnum;
use console::Term;
use serde::Serialize;

use super::failure::Failure;
use crate::report::style::{BAD, BOLD, CHANGE, HELP, paint};

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

    /// Whether what goes to standard error is coloured.
    pub(super) fn coloured(self) -> bool {
        AutoStream::new(io::stderr(), self.choice).current_choice() != ColorChoice::Never
    }

    /// Prints a result: as text, or with `--json` as JSON alone. Fails when standard output does not take it (a full
    /// disk); a reader that has gone away is no error.
    pub(super) fn result<J: Serialize>(self, text: &str, json: impl FnOnce() -> J) -> Result<(), Failure> {
        if self.json { self.written(|out| in_lines(out, &json())).map(drop) } else { self.out(text) }
    }

    /// Prints text to standard output. Fails as [`result`](Self::result) does.
    pub(super) fn out(self, text: &str) -> Result<(), Failure> {
        self.read(text).map(drop)
    }

    /// Prints text to standard output, and tells whether anybody is there to read on. Fails as [`result`](Self::result)
    /// does.
    pub(super) fn read(self, text: &str) -> Result<bool, Failure> {
        self.written(|out| out.write_all(text.as_bytes()))
    }

    fn written(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<bool, Failure> {
        let mut stdout = BufWriter::new(AutoStream::new(io::stdout().lock(), self.choice));
        match write(&mut stdout).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            result => Ok(result.map(|()| true).context("standard output cannot be written")?),
        }
    }

    /// Says what is going on. An unwritable standard error stops nothing: there is nowhere left to say it.
    pub(super) fn say(self, text: &str) {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.choice);
        let _ = writeln!(stderr, "{text}");
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

    /// Asks for a text on the terminal, which does not show it. Fails where there is none, or nothing is typed.
    pub(super) fn hidden(self, what: &str) -> Result<String, Failure> {
        let mut stderr = AutoStream::new(io::stderr().lock(), self.choice);
        // As with all that is said.
        let _ = write!(stderr, "{} (it is not shown): ", paint(BOLD, what));
        let _ = stderr.flush();
        drop(stderr);
        let text = Term::stderr().read_secure_line().context("the terminal cannot be read")?;
        if text.is_empty() { Err(Failure::new("nothing was typed: nothing was changed")) } else { Ok(text) }
    }

    /// Asks for a word on the terminal; anything but `answer` is a no. Without a terminal nobody can say yes.
    pub(super) fn confirmed(self, question: &str, answer: &str) -> bool {
        if !io::stdin().is_terminal() {
            return false;
        }
        let mut stderr = AutoStream::new(io::stderr().lock(), self.choice);
        // As with all that is said.
        let _ = write!(stderr, "{question} Type `{}` to go on: ", paint(BOLD, answer));
        let _ = stderr.flush();
        drop(stderr);
        let mut line = String::new();
        io::stdin().read_line(&mut line).is_ok() && line.trim() == answer
    }
}

/// JSON for people to read, and a line's end.
fn in_lines(out: &mut dyn Write, json: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, json)?;
    writeln!(out)
}
