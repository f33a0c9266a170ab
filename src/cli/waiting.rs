//! A word to whoever waits for AWS: nobody should wonder whether anything goes on.

use std::pin::pin;
use std::time::Duration;

use indicatif::ProgressBar;
use tokio::time::timeout;

use super::printer::Printer;
use super::progress::{REMINDER, style};

/// How long nothing is said on a terminal: most commands are done by then.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Does `work`, and says what it is while it takes long: on a terminal in a line that goes away, elsewhere once.
pub(super) async fn waiting<T>(printer: Printer, what: &'static str, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let quiet = if printer.watched { AT_ONCE } else { REMINDER };
    if let Ok(done) = timeout(quiet, &mut work).await {
        return done;
    }
    if !printer.watched {
        printer.say(&format!("still {what}"));
        return work.await;
    }
    let bar = ProgressBar::new_spinner().with_style(style("  {spinner} {msg}  {elapsed}"));
    bar.set_message(what);
    bar.enable_steady_tick(Duration::from_millis(250));
    let done = work.await;
    bar.finish_and_clear();
    done
}
