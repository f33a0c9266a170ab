//! Every call that pipectl makes, disturbed in every way that a call can be: one ordinary plan and apply make good, and
//! nothing is lost, left behind or doubled.
//!
//! `cargo test` tries a sample that is chosen afresh each time; `PIPECTL_FAULTS_SEED` repeats one, and
//! `PIPECTL_FAULTS_SECONDS` says how long it lasts. All of it:
//! `cargo test --test it faults::every -- --ignored --nocapture`.

mod life;
mod point;
mod sweep;
mod system;
mod tally;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::support::emulator;
use sweep::{Choice, sweep};
use system::{ANALYTICS, CLICKSTREAM, ECOMMERCE, LAKE, System};

/// How many environments live at the same time.
const AT_ONCE: usize = 6;

#[test]
#[ignore = "takes an hour on two cores"]
fn every_call_of_every_phase_on_ministack() {
    sweep(emulator::ministack(), &CLICKSTREAM, Choice::All, AT_ONCE).holds();
}

#[test]
#[ignore = "takes two hours on two cores"]
fn every_call_of_every_phase_on_moto() {
    sweep(emulator::moto(), &CLICKSTREAM, Choice::All, AT_ONCE).holds();
}

#[test]
#[ignore = "takes hours on two cores"]
fn every_call_of_every_phase_of_the_examples_on_ministack() {
    for system in [&ANALYTICS, &ECOMMERCE, &LAKE] {
        sweep(emulator::ministack(), system, Choice::All, AT_ONCE).holds();
    }
}

#[test]
fn a_sample_of_calls_and_faults() {
    sample(&CLICKSTREAM, 20);
}

#[test]
fn a_sample_of_calls_and_faults_of_analytics() {
    sample(&ANALYTICS, 10);
}

#[test]
fn a_sample_of_calls_and_faults_of_ecommerce() {
    sample(&ECOMMERCE, 10);
}

#[test]
fn a_sample_of_calls_and_faults_of_a_lake() {
    sample(&LAKE, 10);
}

/// Tries what is begun in so many seconds.
fn sample(system: &'static System, seconds: u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seed = number("PIPECTL_FAULTS_SEED").unwrap_or(since);
    println!("PIPECTL_FAULTS_SEED={seed} repeats this choice");
    let time = Duration::from_secs(number("PIPECTL_FAULTS_SECONDS").unwrap_or(seconds));
    let choice = Choice::Sample { seed, time };
    sweep(emulator::ministack(), system, choice, 2).holds();
}
