//! `[workflow.<name>]`: a workflow of Glue.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec};

/// A workflow of Glue: jobs that one start runs together, and whose runs Glue shows as one. A job says that it is in it, and
/// what it runs after; the one that runs after none begins, by its schedule or when somebody starts the workflow
/// (`pipectl run`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–255 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 120_000))]
    pub description: String,
    /// What every run is given, by name, where whoever starts it gives nothing else: its jobs read and change it. No secrets:
    /// Glue may log them.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// The most runs at a time; one that is started besides fails.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_concurrent_runs: u32,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

fn one() -> u32 {
    1
}

impl Block for Workflow {
    const KIND: &'static str = "workflow";
    const METRICS: Metrics = Metrics::None("Glue counts runs of jobs, and none of workflows");
    const USES: Uses = Uses::For(&[Access::Start]);
    const EXTERNAL: Externals = Externals::Never("what starts another team's jobs is theirs to say");

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::WORKFLOW, self.aws_name(block, spec), "name")]
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        check_jobs(block, spec, checks);
        self.check_at_once(block, spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}

impl Workflow {
    /// Runs of a workflow at the same time run its jobs at the same time.
    fn check_at_once(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let jobs = spec.blocks.job.own().iter().filter(|(_, job)| is_in(job.workflow.as_ref(), block));
        for (name, job) in jobs.filter(|(_, job)| job.max_concurrent_runs < self.max_concurrent_runs) {
            let (runs, most) = (self.max_concurrent_runs, job.max_concurrent_runs);
            checks
                .warning(
                    "max_concurrent_runs",
                    format!(
                        "{runs} runs of the workflow at a time run `job.{name}` as often, which may run {most} times"
                    ),
                )
                .help("write the same `max_concurrent_runs` for both");
        }
    }
}

/// Whether what a job says names the workflow of this block.
fn is_in(workflow: Option<&Ref<Workflow>>, block: &str) -> bool {
    workflow.is_some_and(|workflow| workflow.name() == block)
}

/// Half of the jobs and triggers that a workflow should have at the most
/// (<https://docs.aws.amazon.com/glue/latest/dg/blueprint_workflow_restrictions.html>).
const MOST: usize = 50;

/// The jobs of a workflow, each with those that it runs after.
type Jobs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Checks that one job begins, as Glue takes one start alone, and that all others come after it.
fn check_jobs(block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    let jobs = spec.blocks.job.own().iter().filter(|(_, job)| is_in(job.workflow.as_ref(), block));
    let jobs: Jobs<'_> = jobs.map(|(name, job)| (name.as_str(), job.after.iter().map(Ref::name).collect())).collect();
    let first: Vec<&str> = jobs.iter().filter(|(_, after)| after.is_empty()).map(|(name, _)| *name).collect();
    if jobs.is_empty() {
        checks
            .error("", "no job is in this workflow, so that there is nothing to run")
            .help(format!("write `workflow = \"workflow.{block}\"` into its jobs, or take it away"));
    } else if first.is_empty() {
        checks
            .error("", format!("none of its jobs begins: each of {} waits for another", listed(jobs.keys().copied())))
            .help("take away the `after` of the one that begins");
    } else {
        if first.len() > 1 {
            let several = listed(first.iter().copied());
            checks
                .error("", format!("a workflow has one start, and {several} wait for no other job"))
                .help("let one of them begin, and write `after` into the others");
        }
        check_reached(&jobs, first, checks);
        if jobs.len() > MOST {
            checks.warning("", format!("of more than {MOST} jobs with their triggers Glue may fail to stop a run"));
        }
    }
}

/// Checks that no job waits for itself by way of others. What waits for a job that is not in here is said of that one.
fn check_reached<'a>(jobs: &Jobs<'a>, first: Vec<&'a str>, checks: &mut Checks<'_>) {
    let mut reached: BTreeSet<&str> = first.into_iter().collect();
    loop {
        let follows = |(name, after): &(&&str, &BTreeSet<&str>)| !reached.contains(**name) && after.is_subset(&reached);
        let next: Vec<&str> = jobs.iter().filter(follows).map(|(name, _)| *name).collect();
        if next.is_empty() {
            break;
        }
        reached.extend(next);
    }
    let inside = |after: &BTreeSet<&str>| after.iter().all(|job| jobs.contains_key(job));
    let never = jobs.iter().filter(|(name, after)| !reached.contains(*name) && inside(after));
    let never: Vec<&str> = never.map(|(name, _)| *name).collect();
    if !never.is_empty() {
        checks
            .error("", format!("{} wait for one another, and never begin", listed(never.into_iter())))
            .help("take a job out of one `after`");
    }
}

/// Blocks of jobs in one line.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`job.{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use crate::spec::diagnostic::Severity;
    use crate::spec::{Options, load_text};

    /// What is said of a workflow with these lines of its own and these jobs: name, and lines.
    fn said(of: Severity, own: &str, jobs: &[(&str, &str)]) -> Vec<String> {
        let job = |(name, lines): &(&str, &str)| {
            format!("[job.{name}]\nscript = 'jobs/{name}.py'\ncode_bucket = 'bucket.code'\n{lines}\n")
        };
        let rest = "[project]\nname = 'acme'\n[env]\nname = 'dev'\nregion = 'eu-west-1'\n[bucket.code]\n";
        let jobs: String = jobs.iter().map(job).collect();
        let loaded = load_text("dev.toml", &format!("{rest}{jobs}[workflow.nightly]\n{own}"), &Options::default());
        let report = loaded.map_or_else(|report| report, |loaded| loaded.warnings());
        report.entries().into_iter().filter(|entry| entry.severity == of).map(|entry| entry.message).collect()
    }

    const IN: &str = "workflow = 'workflow.nightly'";

    #[track_caller]
    fn refused(jobs: &[(&str, &str)], expected: &str) {
        let found = said(Severity::Error, "", jobs);
        assert!(found.len() == 1 && found[0].contains(expected), "{found:#?}");
    }

    #[test]
    fn one_job_begins_and_the_others_come_after_it() {
        let after = |jobs: &str| format!("{IN}\nafter = [{jobs}]");
        let (b, c) = (after("'job.a'"), after("'job.a', 'job.b'"));
        let chain = [("a", IN), ("b", b.as_str()), ("c", c.as_str())];
        assert_eq!(said(Severity::Error, "properties = { day = 'yesterday' }", &chain), [""; 0]);
        refused(&[], "no job is in this workflow");
        refused(&[("a", IN), ("b", IN)], "a workflow has one start, and `job.a`, `job.b` wait for no other job");
        let (of_b, of_c) = (after("'job.b'"), after("'job.c'"));
        refused(&[("b", &of_c), ("c", &of_b)], "none of its jobs begins");
        refused(&[("a", IN), ("b", &of_c), ("c", &of_b)], "`job.b`, `job.c` wait for one another");
    }

    #[test]
    fn a_job_waits_for_jobs_of_its_own_workflow() {
        let after_a = "after = ['job.a']";
        let inside = format!("{IN}\n{after_a}");
        refused(&[("a", ""), ("b", &inside), ("c", IN)], "`job.a` is not in `workflow.nightly`");
        refused(&[("a", IN), ("b", after_a)], "`job.a` is in `workflow.nightly`");
    }

    #[test]
    fn many_jobs_are_warned_of() {
        let after = format!("{IN}\nafter = ['job.a']");
        let names: Vec<String> = (0..50).map(|number| format!("b{number}")).collect();
        let all: Vec<(&str, &str)> =
            std::iter::once(("a", IN)).chain(names.iter().map(|name| (name.as_str(), after.as_str()))).collect();
        assert_eq!(
            said(Severity::Warning, "", &all),
            ["of more than 50 jobs with their triggers Glue may fail to stop a run"]
        );
        assert_eq!(said(Severity::Warning, "", &all[..50]), [""; 0]);
    }

    #[test]
    fn who_runs_oftener_than_its_jobs_may_is_warned() {
        let warned = said(Severity::Warning, "max_concurrent_runs = 2", &[("a", IN)]);
        assert!(warned.iter().any(|one| one.contains("which may run 1 times")), "{warned:#?}");
        let twice = format!("{IN}\nmax_concurrent_runs = 2");
        assert_eq!(said(Severity::Warning, "max_concurrent_runs = 2", &[("a", &twice)]), [""; 0]);
    }
}
