//! Runs a query over what a pipeline has stored, and waits for its result.

use std::time::Duration;

use tokio::time::Instant;

use super::fault::{Fault, Result};
use super::stop::{Stop, pause};
use crate::model::queries::{Queries, Query, Rows, Run, Stage};

/// The time between two looks at a query: at first, and at last.
const BETWEEN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

/// What a query came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its id in AWS.
    pub id: String,
    /// The first rows of its result.
    pub rows: Rows,
    /// What it took.
    pub run: Run,
}

/// Runs a query, tells `note` how it is getting on, and gives the first `most` rows of its result. A query that is asked to
/// stop is stopped in AWS, too.
///
/// # Errors
/// When a call fails, when the query does, with AWS's reason, and when it is stopped.
pub async fn run(
    queries: &dyn Queries,
    query: Query<'_>,
    most: usize,
    note: &(dyn Fn(&Run) + Send + Sync),
    stop: &dyn Stop,
) -> Result<Answer> {
    // Not to be stopped between the start and its id: a query whose id nobody knows runs on.
    let id = queries.start(query).await?;
    let mut between = BETWEEN.0;
    let run = loop {
        let run = tokio::select! {
            run = queries.look(&id) => run?,
            signal = stop.first() => return stopped(queries, &id, signal).await,
        };
        match &run.stage {
            Stage::Done => break run,
            Stage::Failed(why) => return Err(anyhow::anyhow!("the query failed: {}", one_line(why)).into()),
            Stage::Stopped(why) => return Err(anyhow::anyhow!("the query was stopped: {}", one_line(why)).into()),
            Stage::Queued | Stage::Running => note(&run),
        }
        pause(Instant::now() + between, stop).await;
        between = (between * 3 / 2).min(BETWEEN.1);
    };
    let rows = queries.rows(&id, most).await?;
    Ok(Answer { id, rows, run })
}

/// A reason that AWS may have broken into lines, of which the second only points into the first.
fn one_line(why: &str) -> String {
    why.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Stops a query because of a signal.
async fn stopped(queries: &dyn Queries, id: &str, signal: u8) -> Result<Answer> {
    match queries.stop(id).await {
        Ok(()) => Err(Fault::Interrupted { signal, partial: None }),
        Err(error) => {
            let help = format!("stop it: `aws athena stop-query-execution --query-execution-id {id}`");
            Err(Fault::helped(anyhow::anyhow!("the query runs on, and is paid for: {error}"), help))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::model::error::{CallError, Class};
    use crate::model::future::BoxFuture;
    use crate::model::queries::Result as Called;
    use crate::ops::fake::After;
    use crate::ops::stop::Never;

    const QUERY: Query<'static> = Query { sql: "SELECT 1", workgroup: "lake", database: None };

    /// A query that goes through stages, and what was asked of it.
    struct Fake {
        stages: Mutex<Vec<Stage>>,
        asked: Mutex<Vec<String>>,
        unstoppable: bool,
    }

    impl Fake {
        fn new(stages: &[Stage]) -> Self {
            let stages = stages.iter().rev().cloned().collect();
            Self { stages: Mutex::new(stages), asked: Mutex::default(), unstoppable: false }
        }

        fn note(&self, asked: &str) {
            self.asked.lock().unwrap().push(asked.to_owned());
        }
    }

    impl Queries for Fake {
        fn start<'a>(&'a self, query: Query<'a>) -> BoxFuture<'a, Called<String>> {
            self.note(query.sql);
            Box::pin(async { Ok("q-1".to_owned()) })
        }

        fn look<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Called<Run>> {
            // The last stage is for ever.
            let mut stages = self.stages.lock().unwrap();
            let stage = if stages.len() > 1 { stages.pop() } else { stages.last().cloned() };
            let run = Run { stage: stage.unwrap(), scanned: 5, milliseconds: 7, billed: true };
            Box::pin(async { Ok(run) })
        }

        fn rows<'a>(&'a self, id: &'a str, most: usize) -> BoxFuture<'a, Called<Rows>> {
            self.note(&format!("{most} rows of {id}"));
            Box::pin(async { Ok(Rows::default()) })
        }

        fn stop<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Called<()>> {
            self.note(&format!("stop {id}"));
            let denied = || CallError::own(Class::Denied, "athena StopQueryExecution", "no");
            Box::pin(async move { if self.unstoppable { Err(denied()) } else { Ok(()) } })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_query_is_followed_until_it_has_its_result() {
        let fake = Fake::new(&[Stage::Queued, Stage::Running, Stage::Done]);
        let told = Mutex::new(Vec::new());
        let note = |run: &Run| told.lock().unwrap().push(run.stage.clone());
        let answer = run(&fake, QUERY, 9, &note, &Never).await.unwrap();
        assert_eq!((answer.id.as_str(), answer.run.scanned), ("q-1", 5));
        assert_eq!(*told.lock().unwrap(), [Stage::Queued, Stage::Running]);
        assert_eq!(*fake.asked.lock().unwrap(), ["SELECT 1", "9 rows of q-1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_query_that_fails_says_why_and_ends_with_1() {
        for (stage, said) in [
            (Stage::Failed("no such\n\ttable".into()), "the query failed: no such table"),
            (
                Stage::Stopped("Bytes scanned limit was exceeded".into()),
                "was stopped: Bytes scanned limit was exceeded",
            ),
        ] {
            let fault = run(&Fake::new(&[stage]), QUERY, 9, &|_| {}, &Never).await.unwrap_err();
            assert!(fault.to_string().contains(said), "{fault}");
            assert_eq!(fault.exit_code(), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_signal_stops_the_query_in_aws_and_what_runs_on_is_told() {
        let fake = Fake::new(&[Stage::Running]);
        let fault = run(&fake, QUERY, 9, &|_| {}, &After::new(Duration::from_secs(9))).await.unwrap_err();
        assert_eq!(fault.exit_code(), 130);
        assert_eq!(*fake.asked.lock().unwrap(), ["SELECT 1", "stop q-1"]);
        let fake = Fake { unstoppable: true, ..Fake::new(&[Stage::Running]) };
        let fault = run(&fake, QUERY, 9, &|_| {}, &After::new(Duration::from_secs(9))).await.unwrap_err();
        assert!(fault.help().unwrap().contains("--query-execution-id q-1"), "{fault}");
    }
}
