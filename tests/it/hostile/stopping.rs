//! Every command ends at the second signal at the latest, also in a call that hangs, and leaves nothing running.

use std::time::{Duration, Instant};

use super::project;
use crate::support::cli::{Cli, Running};
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
fn the_first_signal_ends_what_has_not_begun_anything_and_says_so() {
    for command in COMMANDS {
        let liar = Liar::always(Lie::Hang);
        let cli = project(&liar);
        let mut running = cli.spawn(&command.split(' ').chain(["--env", "dev"]).collect::<Vec<_>>());
        until(&format!("`{command}` calls AWS or ends"), || !liar.asked().is_empty() || running.has_ended());
        if running.has_ended() {
            continue;
        }
        running.signal("TERM");
        until(&format!("`{command}` ends at the first signal"), || running.has_ended());
        let output = running.output().fails(143);
        let what = match command {
            "bootstrap" => "what it has made stays, and running it again makes the rest",
            _ => "nothing was changed",
        };
        assert_eq!(output.stderr, format!("error: interrupted: {what}\n"), "`{command}`");
    }
}

#[test]
fn a_signal_ends_what_prints_to_nobody_too() {
    let cli = Cli::new();
    // Nobody reads what it prints until it has ended, and a pipe takes 64 KiB.
    let mut running = cli.spawn(&["schema"]);
    std::thread::sleep(Duration::from_secs(1));
    assert!(!running.has_ended(), "it waits to print the rest");
    running.signal("TERM");
    until("it ends at the first signal", || running.has_ended());
    assert_eq!(running.output().fails(143).stderr, "error: interrupted: nothing was changed\n");
}

#[test]
fn with_json_a_signal_is_told_in_json() {
    let liar = Liar::always(Lie::Hang);
    let cli = project(&liar);
    let mut running = cli.spawn(&["plan", "--env", "dev", "--json"]);
    until("`plan` calls AWS", || !liar.asked().is_empty());
    running.signal("TERM");
    until("`plan` ends at the first signal", || running.has_ended());
    let error = running.output().fails(143).json();
    assert_eq!(error["error"]["message"], "interrupted: nothing was changed");
    assert_eq!(error["error"]["exit_code"], 143);
}

#[test]
fn every_command_ends_where_nobody_answers() {
    each_ends(|| Liar::always(Lie::Hang), 1);
}

#[test]
fn every_command_ends_where_the_state_does_not_answer() {
    each_ends(|| Liar::after_identity(Lie::Hang), 2);
}
