//! The run of a crawler that is in the way of a change: it is waited for, or stopped.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::aws::Result;
use crate::aws::glue::Glue;
use crate::aws::glue::crawlers::{LiveCrawler, existing, stop};
use crate::aws::slim::Caller;
use crate::aws::wait::pauses;
use crate::model::error::{CallError, Class};

/// How long a run may take to end, or to stop.
pub(super) const LIMIT: Duration = Duration::from_mins(15);
/// The state in which AWS takes a change.
const READY: &str = "READY";
const STOPPING: &str = "STOPPING";

/// What becomes of a run that is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busy {
    /// It ends: somebody waits for its tables.
    Waits,
    /// It is stopped.
    Stops,
}

/// A change that waits until the crawler does not run.
pub(super) struct Wait<'a> {
    name: &'a str,
    busy: Busy,
    note: &'a (dyn Fn(String) + Send + Sync),
    end: Instant,
    pauses: Box<dyn Iterator<Item = Duration> + Send>,
    told: bool,
    /// Whether the run was asked to stop.
    asked: bool,
}

impl<'a> Wait<'a> {
    /// One that begins now; `note` hears that it waits.
    pub(super) fn new(name: &'a str, busy: Busy, note: &'a (dyn Fn(String) + Send + Sync)) -> Self {
        Self { name, busy, note, end: Instant::now() + LIMIT, pauses: Box::new(pauses()), told: false, asked: false }
    }

    /// The crawler, once it is ready.
    ///
    /// # Errors
    /// [`Class::Absent`] where there is no such crawler; [`Class::Stuck`] when it was not ready in time: to ask again goes on
    /// from there.
    pub(super) async fn ready(&mut self, client: &Caller<Glue>) -> Result<LiveCrawler> {
        loop {
            let live = existing(client, self.name).await?;
            // A state that is new to pipectl counts as that of a run.
            match live.state.as_deref() {
                Some(READY) => return Ok(live),
                Some(STOPPING) => {}
                _ if self.busy == Busy::Stops && !self.asked => {
                    stop(client, self.name).await?;
                    self.asked = true;
                }
                _ => {}
            }
            self.pause().await?;
        }
    }

    /// Whether a change was refused as a run had begun since [`ready`](Self::ready), and it has to be asked again; the result
    /// of the change else.
    ///
    /// # Errors
    /// That of the change; [`Class::Stuck`] when the time is up.
    pub(super) async fn refused(&mut self, result: Result<()>) -> Result<bool> {
        match result {
            Err(error) if error.code.as_deref() == Some("CrawlerRunningException") => {
                self.asked = false;
                self.pause().await.map(|()| true)
            }
            result => result.map(|()| false),
        }
    }

    async fn pause(&mut self) -> Result<()> {
        let Self { name, busy, note, .. } = *self;
        if !std::mem::replace(&mut self.told, true) {
            let what = match busy {
                Busy::Waits => "to end, as AWS changes no crawler that runs",
                Busy::Stops => "to stop",
            };
            note(format!("waits for the run of `{name}` {what}"));
        }
        match self.pauses.next().filter(|pause| Instant::now() + *pause <= self.end) {
            Some(pause) => sleep(pause).await,
            None => return Err(stuck(name, busy)),
        }
        Ok(())
    }
}

fn stuck(name: &str, busy: Busy) -> CallError {
    let help = match busy {
        Busy::Waits => format!("`aws glue stop-crawler --name {name}` stops it, and running"),
        Busy::Stops => "Running".to_owned(),
    };
    let message = format!(
        "it still runs after {} min, and AWS changes no crawler that runs. The crawler is as it was. {help} the same command \
         again goes on from here",
        LIMIT.as_secs() / 60
    );
    CallError::own(Class::Stuck, format!("the run of the glue crawler {name} to end"), message)
}
