//! An apply as it goes: on a terminal a line per running resource and a bar, elsewhere a line per event.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::printer::Printer;
use crate::engine::apply::Event;
use crate::engine::plan::Action;
use crate::engine::steps::Operation;
use crate::report::style::{BAD, Clean, DIM, GOOD, paint, seen};

/// After how long without a word a running step is mentioned again, where no terminal shows it.
pub(super) const REMINDER: Duration = Duration::from_secs(20);

/// Shows an apply as it goes.
pub(super) struct Progress {
    printer: Printer,
    total: usize,
    inner: Mutex<Inner>,
}

struct Inner {
    ended: usize,
    running: BTreeMap<String, Running>,
    bars: Option<(MultiProgress, ProgressBar)>,
}

struct Running {
    verb: &'static str,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Shows an apply of `total` steps.
    pub(super) fn new(printer: Printer, total: usize) -> Self {
        let bars = (printer.watched && total > 0).then(|| {
            let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            let template = "  [{bar:30}] {pos}/{len}  {elapsed}  {msg}";
            let bar = all.add(ProgressBar::new(total as u64).with_style(style(template)));
            bar.set_message("looking whether the plan still holds");
            bar.enable_steady_tick(Duration::from_millis(250));
            (all, bar)
        });
        Self { printer, total, inner: Mutex::new(Inner { ended: 0, running: BTreeMap::new(), bars }) }
    }

    /// Shows an event.
    pub(super) fn observe(&self, event: &Event) {
        match event {
            Event::Started { address, operation, action } => {
                self.started(&address.to_string(), verbs(*operation, *action).0);
            }
            Event::Note { address, text } => self.note(&address.to_string(), text),
            Event::Done { address, operation, action, took, .. } => {
                self.ended(&address.to_string(), GOOD, verbs(*operation, *action).1, &seconds(*took));
            }
            Event::Failed { address, took, error, .. } => {
                let text = format!("{}\n             {}", seconds(*took), Clean(&error.to_string()));
                self.ended(&address.to_string(), BAD, "failed", &text);
            }
            // What was not tried is listed at the end.
            Event::Skipped { .. } => {}
        }
    }

    /// Says something in between.
    pub(super) fn say(&self, text: &str) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match &inner.bars {
            Some((all, _)) => all.suspend(|| self.printer.say(text)),
            None => self.printer.say(text),
        }
    }

    /// Says what is still running, where no terminal shows it anyway.
    pub(super) fn remind(&self) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.bars.is_some() {
            return;
        }
        for (address, running) in &inner.running {
            self.printer.say(&format!(
                "  still {} {} ({})",
                running.verb,
                Clean(address),
                seconds(running.since.elapsed())
            ));
        }
    }

    /// Takes the bars away.
    pub(super) fn finish(&self) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((all, bar)) = &inner.bars {
            bar.finish_and_clear();
            // Nothing is left to draw; a terminal that has gone away is no concern of an apply's.
            let _ = all.clear();
        }
    }

    fn started(&self, address: &str, verb: &'static str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = inner.bars.as_ref().map(|(all, overall)| {
            overall.set_message("");
            let bar = all
                .insert_before(overall, ProgressBar::new_spinner().with_style(style("  {spinner} {msg}  {elapsed}")));
            bar.set_message(seen(&format!("{verb} {}", Clean(address))));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        inner.running.insert(address.to_owned(), Running { verb, since: Instant::now(), bar });
    }

    fn note(&self, address: &str, text: &str) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let text = Clean(text);
        match inner.running.get(address) {
            Some(Running { verb, bar: Some(bar), .. }) => {
                bar.set_message(seen(&format!("{verb} {}: {text}", Clean(address))));
            }
            _ => self.printer.say(&format!("  {}: {text}", Clean(address))),
        }
    }

    fn ended(&self, address: &str, color: anstyle::Style, word: &str, rest: &str) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.ended += 1;
        if let Some(Running { bar: Some(bar), .. }) = inner.running.remove(address) {
            bar.finish_and_clear();
        }
        let width = self.total.to_string().len();
        let count = paint(DIM, format!("[{:>width$}/{}]", inner.ended, self.total));
        let line = format!("{count} {} {}  {}", paint(color, format!("{word:<9}")), Clean(address), paint(DIM, rest));
        match &inner.bars {
            Some((all, overall)) => {
                overall.inc(1);
                all.suspend(|| self.printer.say(&line));
            }
            None => self.printer.say(&line),
        }
    }
}

/// A template of ours, which is known to parse.
/// A style for a bar or a spinner.
pub(super) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// What is being done, and what has been done.
fn verbs(operation: Operation, action: Action) -> (&'static str, &'static str) {
    match (operation, action) {
        (Operation::Delete | Operation::Retire, _) => ("deleting", "deleted"),
        (Operation::Make, Action::Create) => ("creating", "created"),
        (Operation::Make, Action::Adopt) => ("adopting", "adopted"),
        (Operation::Make, Action::Replace) => ("replacing", "replaced"),
        (Operation::Make, Action::Rename) => ("renaming", "renamed"),
        (Operation::Make, _) => ("updating", "updated"),
    }
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}
