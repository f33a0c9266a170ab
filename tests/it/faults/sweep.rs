//! Many environments, each living through one disturbance per phase.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::life::{Damage, Life};
use super::point::{Phase, Point, points};
use super::system::System;
use super::tally::Tally;
use crate::support::emulator::Emulator;

/// Which points are tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice {
    /// Each.
    All,
    /// In an order that follows from the seed, as many as are begun in this time.
    Sample {
        /// The same seed makes the same choice.
        seed: u64,
        /// From the first point on.
        time: Duration,
    },
}

/// What a phase does when nothing disturbs it.
struct Reference {
    phase: Phase,
    /// What is there afterwards.
    inventory: Vec<String>,
    points: Vec<Point>,
}

/// Tries the points of a system on an emulator, in so many environments at the same time.
pub(super) fn sweep(emulator: &'static Emulator, system: &'static System, choice: Choice, at_once: usize) -> Tally {
    let mut references = runtime().block_on(undisturbed(emulator, system));
    let mut end = None;
    if let Choice::Sample { seed, time } = choice {
        let mut dice = fastrand::Rng::with_seed(seed);
        for reference in &mut references {
            dice.shuffle(&mut reference.points);
        }
        end = Some(Instant::now() + time);
    }
    let queues = references.iter().map(|reference| reference.points.iter().collect::<VecDeque<_>>());
    let queues: Mutex<Vec<VecDeque<&Point>>> = Mutex::new(queues.collect());
    let tally = Mutex::new(Tally::new(
        emulator.name,
        system.name,
        references.iter().map(|reference| reference.points.len()).sum(),
    ));
    let next = || {
        let mut queues = queues.lock().unwrap();
        if queues.iter().all(VecDeque::is_empty) || end.is_some_and(|end| Instant::now() > end) {
            return None;
        }
        Some(queues.iter_mut().map(VecDeque::pop_front).collect::<Vec<_>>())
    };
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                let report = |point: &Point, verdict: &Damage| tally.lock().unwrap().add(point, verdict);
                runtime().block_on(live(emulator, system, &references, &next, &report));
            });
        }
    });
    tally.into_inner().unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// One life without a disturbance, for comparison.
async fn undisturbed(emulator: &'static Emulator, system: &'static System) -> Vec<Reference> {
    let life = Life::new(emulator, system).await;
    let mut references = Vec::new();
    for phase in Phase::ALL {
        life.prepare(phase).await;
        life.deployment.run(phase.command()).success();
        let mut points = points(phase, &life.deployment.proxy.take_calls());
        points.retain(|point| system.disturbs(&point.operation));
        references.push(Reference { phase, inventory: life.inventory().await, points });
    }
    assert_eq!(references.last().unwrap().inventory, [""; 0], "a destruction leaves nothing");
    references
}

/// Lives until there is nothing more to try; an environment that was damaged is left behind for a new one.
async fn live<'a>(
    emulator: &'static Emulator,
    system: &'static System,
    references: &[Reference],
    next: &(dyn Fn() -> Option<Vec<Option<&'a Point>>> + Sync),
    report: &(dyn Fn(&Point, &Damage) + Sync),
) {
    let mut life = Life::new(emulator, system).await;
    while let Some(points) = next() {
        for (reference, point) in references.iter().zip(points) {
            let Some(point) = point else {
                life.prepare(reference.phase).await;
                life.deployment.run(reference.phase.command()).success();
                continue;
            };
            let verdict = life.disturbed(point, &reference.inventory).await;
            report(point, &verdict);
            if !verdict.converged() {
                life = reborn(emulator, system, references, reference.phase).await;
            }
        }
    }
}

/// A new environment that has lived up to the end of a phase.
async fn reborn(emulator: &'static Emulator, system: &'static System, references: &[Reference], until: Phase) -> Life {
    let life = Life::new(emulator, system).await;
    for phase in references.iter().map(|reference| reference.phase).filter(|phase| *phase <= until) {
        life.prepare(phase).await;
        life.deployment.run(phase.command()).success();
    }
    life
}
