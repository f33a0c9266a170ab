//! Every command ends at the second signal at the latest, also in a call that hangs, and leaves nothing running.

use std::time::{Duration, Instant};

use super::project;
use crate::support::cli::Running;
use crate::support::liar::{Liar, Lie};

/// Every command that calls AWS, as far as it can be tried in an empty project.
const COMMANDS: [&str; 22] = [
    "plan",
    "adopt",
    "apply --auto-approve",
    "destroy --auto-approve",
    "output",
    "drift",
    "drift --revert --auto-approve",
    "send --events 1",
    "verify --events 1",
    "status",
    "logs",
    "logs --follow",
    "state list",
    "state pull",
    "state history",
    "state rebuild",
    "state restore 1",
    "forget stream.clicks",
    "unlock",
    "bootstrap",
    "deploy-policy",
    "snowflake-sql",
];
/// A command that holds a lock has five seconds for its last words.
const SOON: Duration = Duration::from_secs(20);

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < SOON, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whether it is gone, once it was told so twice.
fn end(mut running: Running, command: &str) -> i32 {
    running.signal("TERM");
    let asked = Instant::now();
    // The first is enough for most; the second is sent only to those that are still there.
    while !running.has_ended() && asked.elapsed() < Duration::from_millis(300) {
        std::thread::sleep(Duration::from_millis(10));
    }
    if !running.has_ended() {
        running.signal("TERM");
    }
    until(&format!("`{command}` ends at the second signal"), || running.has_ended());
    running.output().code
}

fn each_ends(liar: impl Fn() -> Liar, calls: usize) {
    let mut tried = 0;
    for command in COMMANDS {
        let liar = liar();
        let cli = project(&liar);
        let arguments: Vec<&str> = command.split(' ').chain(["--env", "dev"]).collect();
        let mut running = cli.spawn(&arguments);
        until(&format!("`{command}` calls AWS or ends"), || liar.asked().len() >= calls || running.has_ended());
        if running.has_ended() {
            // It needs no more than it was told.
            continue;
        }
        tried += 1;
        assert_eq!(end(running, command), 143, "`{command}`");
    }
    assert!(tried > 12, "only {tried} commands were at a call");
}

#[test]
fn every_command_ends_where_nobody_answers() {
    each_ends(|| Liar::always(Lie::Hang), 1);
}

#[test]
fn every_command_ends_where_the_state_does_not_answer() {
    each_ends(|| Liar::after_identity(Lie::Hang), 2);
}
