//! Every call that pipectl makes, disturbed in every way that a call can be: one ordinary plan and apply make good, and
//! nothing is lost, left behind or doubled.
//!
//! `cargo test` tries a sample that is chosen afresh each time; `PIPECTL_FAULTS_SEED` repeats one, and
//! `PIPECTL_FAULTS_SECONDS` says how long it lasts. All of it:
//! `cargo test --test it faults::every -- --ignored --nocapture`.

mod life;
mod point;
mod sweep;
mod tally;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::emulator;
use sweep::{Choice, sweep};

/// How many environments live at the same time.
const AT_ONCE: usize = 6;

#[test]
#[ignore = "takes an hour on two cores"]
fn every_call_of_every_phase_on_ministack() {
    sweep(emulator::ministack(), Choice::All, AT_ONCE).holds();
}

#[test]
#[ignore = "takes two hours on two cores"]
fn every_call_of_every_phase_on_moto() {
    sweep(emulator::moto(), Choice::All, AT_ONCE).holds();
}

#[test]
fn a_sample_of_calls_and_faults() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seed = number("PIPECTL_FAULTS_SEED").unwrap_or(since);
    println!("PIPECTL_FAULTS_SEED={seed} repeats this choice");
    let time = Duration::from_secs(number("PIPECTL_FAULTS_SECONDS").unwrap_or(20));
    let choice = Choice::Sample { seed, time };
    sweep(emulator::ministack(), choice, 2).holds();
}
