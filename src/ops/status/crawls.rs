//! How the last run of a crawler ended.

use std::time::Duration;

use super::Health;
use super::findings::Findings;
use crate::catalog::glue_crawler::{Outputs, Spec};
use crate::ops::amount::duration;

/// Where runs of all crawlers of an account log what they find.
const LOG: &str = "/aws-glue/crawlers";

/// What is to be said of a crawler whose last run began so long ago.
pub(super) fn crawler(out: &mut Findings, spec: &Spec, outputs: &Outputs, began: Option<Duration>) {
    match outputs.state.as_str() {
        "READY" => {}
        state @ ("RUNNING" | "STOPPING") => out.say(state),
        state => out.warn(Health::Unknown, format!("is in the state `{state}`, which pipectl does not know")),
    }
    let began = began.map(|long| format!(" (began {} ago)", duration(long))).unwrap_or_default();
    match outputs.last_status.as_deref() {
        None => {
            out.say("has never run");
            if spec.schedule.is_none() && outputs.state == "READY" {
                out.next(format!("`{}` starts it", start(spec)));
            }
        }
        Some("SUCCEEDED") => out.say(format!("the last run succeeded{began}")),
        Some("CANCELLED") => {
            out.warn(Health::Attention, format!("the last run was stopped{began}"));
            out.next(format!("`{}` starts it again", start(spec)));
        }
        Some("FAILED") => {
            let why = outputs.last_error.as_deref().map_or_else(String::new, |why| format!(": {why}"));
            out.warn(Health::Bad, format!("the last run failed{began}{why}"));
            out.next(format!("`aws logs tail {LOG} --log-stream-names {}` shows its log", spec.name));
        }
        Some(other) => out.warn(Health::Unknown, format!("the last run ended as `{other}`{began}")),
    }
}

/// What starts it: by its block, which its tags name.
fn start(spec: &Spec) -> String {
    match spec.tags.get("pipectl:address") {
        Some(block) => format!("pipectl run {block}"),
        None => format!("aws glue start-crawler --name {}", spec.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(schedule: Option<&str>, outputs: &Outputs) -> Findings {
        let mut spec: Spec = toml::from_str("name = 'raw'\nrole_arn = 'r'\ndatabase = 'lake'").unwrap();
        spec.schedule = schedule.map(str::to_owned);
        spec.tags.insert("pipectl:address".to_owned(), "crawler.raw".to_owned());
        let mut out = Findings::good();
        crawler(&mut out, &spec, outputs, outputs.last_status.is_some().then_some(Duration::from_hours(1)));
        out
    }

    fn ended(status: &str) -> Outputs {
        Outputs {
            state: "READY".to_owned(),
            last_status: Some(status.to_owned()),
            last_error: Some("no access".to_owned()),
            ..Outputs::default()
        }
    }

    #[test]
    fn a_crawler_tells_how_its_last_run_ended() {
        let fine = said(None, &ended("SUCCEEDED"));
        assert_eq!(
            (fine.health, fine.text, fine.next.len()),
            (Health::Good, vec!["the last run succeeded (began 60 min ago)".to_owned()], 0)
        );
        let failed = said(None, &ended("FAILED"));
        assert_eq!(failed.health, Health::Bad);
        assert_eq!(failed.text, ["the last run failed (began 60 min ago): no access"]);
        assert!(failed.next[0].contains("/aws-glue/crawlers --log-stream-names raw"), "{failed:?}");
        assert_eq!(said(None, &ended("CANCELLED")).health, Health::Attention);
        assert_eq!(said(None, &ended("DREAMT")).health, Health::Unknown);
    }

    #[test]
    fn one_that_never_ran_says_so_and_one_that_runs_says_that() {
        let ready = || Outputs { state: "READY".to_owned(), ..Outputs::default() };
        let never = said(None, &ready());
        assert_eq!((never.health, never.text), (Health::Good, vec!["has never run".to_owned()]));
        assert!(never.next[0].contains("`pipectl run crawler.raw`"));
        assert!(said(Some("cron(0 3 * * ? *)"), &ready()).next.is_empty(), "its schedule starts it");
        let running = said(None, &Outputs { state: "RUNNING".to_owned(), ..ended("SUCCEEDED") });
        assert_eq!(running.text[0], "RUNNING");
        assert_eq!(said(None, &Outputs { state: "PONDERING".to_owned(), ..ready() }).health, Health::Unknown);
    }
}
