//! The life of an environment: made, changed, replaced and destroyed, again and again.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::point::{Fault, Phase, Point};
use super::system::System;
use crate::e2e::inventory::{inventory, misplaced_keys};
use crate::support::cli::{Output, Running};
use crate::support::deployment::{Deployment, changed_by};
use crate::support::emulator::Emulator;
use crate::support::proxy::{Failure, Hold};

/// How long any command may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_mins(3);

/// An environment and its account.
pub(super) struct Life {
    system: &'static System,
    /// What runs pipectl.
    pub(super) deployment: Deployment,
}

/// What became of a disturbed phase.
#[derive(Clone, Debug, Default)]
pub(super) struct Damage {
    /// Whether the call was made at all: how often AWS is asked while something is awaited differs from run to run.
    pub(super) reached: bool,
    /// What exists and should not.
    pub(super) orphans: Vec<String>,
    /// What exists more often than it should, and keys whose secret nobody has.
    pub(super) doubles: Vec<String>,
    /// What should exist and does not, or is not as the spec says.
    pub(super) lost: Vec<String>,
    /// What an ordinary plan and apply did not do by themselves.
    pub(super) manual: Vec<String>,
}

impl Damage {
    /// Whether all is as if nothing had happened.
    pub(super) fn converged(&self) -> bool {
        [&self.orphans, &self.doubles, &self.lost, &self.manual].iter().all(|list| list.is_empty())
    }
}

impl Life {
    /// An environment with a place for its state, and of which nothing exists yet.
    pub(super) async fn new(emulator: &'static Emulator, system: &'static System) -> Self {
        Self { system, deployment: system.bootstrapped(emulator).await }
    }

    /// Writes the spec of a phase, and what must be there before it.
    pub(super) async fn prepare(&self, phase: Phase) {
        match phase {
            Phase::Apply => self.begin_anew().await,
            Phase::Update => self.system.change_in_place(&self.deployment),
            Phase::Replace => self.system.change_names(&self.deployment),
            Phase::Destroy => self.fill_bucket().await,
        }
        self.deployment.proxy.calm();
        self.deployment.proxy.take_calls();
    }

    /// The original spec, and no state: as on the first day.
    async fn begin_anew(&self) {
        self.system.restore(&self.deployment);
        let s3 = self.deployment.aws().client(aws_sdk_s3::Client::new).await;
        let state = s3.delete_object().bucket(self.deployment.state_bucket()).key("pipectl/dev/state.json");
        state.send().await.unwrap();
    }

    async fn fill_bucket(&self) {
        let s3 = self.deployment.aws().client(aws_sdk_s3::Client::new).await;
        let bucket = System::other_bucket(&self.deployment);
        for number in 0..3 {
            let put = s3.put_object().bucket(&bucket).key(format!("events/{number}"));
            put.body(b"{}".to_vec().into()).send().await.unwrap();
        }
    }

    /// Runs a phase with a disturbance, then an ordinary plan and apply, and compares with what should be there.
    pub(super) async fn disturbed(&self, point: &Point, expected: &[String]) -> Damage {
        self.prepare(point.phase).await;
        let mut verdict = Damage::default();
        // What is held never arrives: it goes with the client's connection.
        let (code, _held) = self.strike(point, &mut verdict);
        self.deployment.proxy.calm();
        if code != Some(0) {
            self.make_good(point.phase, &mut verdict);
        }
        self.look(point.phase, expected, &mut verdict).await;
        verdict
    }

    /// Runs the phase's command into the fault; its exit code, or none where it was killed, and what is still held.
    fn strike(&self, point: &Point, verdict: &mut Damage) -> (Option<i32>, Option<Hold>) {
        let calls = self.deployment.proxy.on(&point.operation).nth(point.n);
        let hold = match point.fault {
            Fault::KillBefore => calls.hold_before(),
            Fault::KillAfter => calls.hold_after(),
            Fault::LostReply | Fault::Internal | Fault::Throttled => {
                let rule = match point.fault {
                    Fault::LostReply => calls.lose_reply(),
                    Fault::Internal => calls.fail_after(Failure::Internal),
                    _ => calls.fail(Failure::Throttled),
                };
                let output = self.within_patience(self.deployment.spawn(point.phase.command()), verdict);
                verdict.reached = rule.struck() > 0;
                return (output.map(|output| output.code), None);
            }
        };
        let mut running = self.deployment.spawn(point.phase.command());
        let end = Instant::now() + PATIENCE;
        while !hold.reached() && !running.has_ended() && Instant::now() < end {
            sleep(Duration::from_millis(2));
        }
        verdict.reached = hold.reached();
        if !verdict.reached {
            return (self.within_patience(running, verdict).map(|output| output.code), None);
        }
        running.signal("KILL");
        let _ = running.output();
        (None, Some(hold))
    }

    /// What anybody would do: plan and apply, or destroy again.
    fn make_good(&self, phase: Phase, verdict: &mut Damage) {
        let commands: &[&[&str]] = match phase {
            Phase::Destroy => &[phase.command()],
            _ => &[&["plan"], &["apply", "plan.json", "--approve-broadening"]],
        };
        for command in commands {
            let saved = command.contains(&"plan.json");
            let running = if saved { self.deployment.cli.spawn(command) } else { self.deployment.spawn(command) };
            let Some(output) = self.within_patience(running, verdict) else { return };
            if output.code != 0 {
                verdict.manual.push(format!("{} ended with {}: {}", command.join(" "), output.code, output.stderr));
                return;
            }
        }
    }

    /// Compares what is there with what should be.
    async fn look(&self, phase: Phase, expected: &[String], verdict: &mut Damage) {
        if phase != Phase::Destroy {
            let running = self.deployment.spawn(&["plan"]);
            match self.within_patience(running, verdict) {
                Some(output) if output.code == 0 => {
                    let plan = serde_json::from_str(&self.deployment.cli.read("plan.json")).unwrap();
                    let changes = self.deployment.beyond_gaps(changed_by(&plan));
                    verdict.lost.extend(changes.iter().map(|change| format!("{change} is not as the spec says")));
                }
                Some(output) => verdict.lost.push(format!("there is no plan: {output}")),
                None => return,
            }
        }
        let (there, wanted) = (counted(&self.inventory().await), counted(expected));
        for (name, count) in &there {
            match wanted.get(name).copied().unwrap_or_default() {
                0 => verdict.orphans.push(name.clone()),
                few if few < *count => verdict.doubles.push(name.clone()),
                _ => {}
            }
        }
        let missing = wanted.iter().filter(|(name, count)| there.get(*name).copied().unwrap_or_default() < **count);
        verdict.lost.extend(missing.map(|(name, _)| format!("{name} is missing")));
        verdict.doubles.extend(misplaced_keys(&self.deployment).await);
        if self.is_locked().await {
            verdict.manual.push("the lock is left".to_owned());
        }
    }

    /// What the account holds, without the account's number.
    pub(super) async fn inventory(&self) -> Vec<String> {
        let all = inventory(&self.deployment).await;
        all.into_iter().map(|name| name.replace(&self.deployment.account.id, "ACCOUNT")).collect()
    }

    async fn is_locked(&self) -> bool {
        let s3 = self.deployment.aws().client(aws_sdk_s3::Client::new).await;
        s3.head_object().bucket(self.deployment.state_bucket()).key("pipectl/dev/state.lock").send().await.is_ok()
    }

    /// The end of a command, or none where it hangs.
    fn within_patience(&self, mut running: Running, verdict: &mut Damage) -> Option<Output> {
        let end = Instant::now() + PATIENCE;
        while !running.has_ended() {
            if Instant::now() > end {
                running.signal("KILL");
                verdict.manual.push(format!("{} hung: {}", self.deployment.env, running.output()));
                return None;
            }
            sleep(Duration::from_millis(2));
        }
        Some(running.output())
    }
}

fn counted(names: &[String]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}
