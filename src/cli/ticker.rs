//! One line that changes: on a terminal in place, elsewhere now and then.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;
use tokio::time::Instant;

use super::printer::Printer;
use super::progress::style;
use crate::report::style::seen;

/// How often the line is printed where no terminal shows it.
const PAUSE: Duration = Duration::from_secs(5);

/// A line that tells how far something has come.
pub(super) struct Ticker {
    printer: Printer,
    bar: Option<ProgressBar>,
    said: Mutex<Option<Instant>>,
}

impl Ticker {
    pub(super) fn new(printer: Printer) -> Self {
        let bar = printer.watched.then(|| {
            let bar = ProgressBar::new_spinner().with_style(style("  {spinner} {msg}"));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Self { printer, bar, said: Mutex::new(None) }
    }

    /// Shows the line, a report's, as it is now.
    pub(super) fn show(&self, line: &str) {
        if let Some(bar) = &self.bar {
            return bar.set_message(seen(line));
        }
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.is_none_or(|at| at.elapsed() >= PAUSE) {
            *said = Some(Instant::now());
            self.printer.say(&format!("  {line}"));
        }
    }

    /// Takes the line away.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
