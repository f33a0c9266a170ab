//! What README and examples say can be tried without AWS: a whole spec in `pipectl sandbox`, with nothing left to do after it.

use std::time::{Duration, Instant};

use pipectl::ops::sandbox::gaps::GAPS;

use crate::support::cli::Cli;
use crate::support::emulator;

/// Applies `spec` in the sandbox and plans it again, both in one; the exit code is that of the second plan.
fn settles(spec: &str) -> crate::support::cli::Output {
    let cli = Cli::new().file("envs/dev.toml", spec);
    let home = emulator::home();
    let pipectl = env!("CARGO_BIN_EXE_pipectl");
    let script = format!(
        "{pipectl} apply --env dev --auto-approve --set state.local=state && \
         {pipectl} plan --env dev --detailed-exitcode --set state.local=state && \
         {pipectl} drift --env dev --set state.local=state"
    );
    cli.run(&["sandbox", "--home", home.to_str().unwrap(), "--", "sh", "-c", &script])
}

#[test]
fn the_first_spec_of_the_readme_settles_in_the_sandbox() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (spec, _) = rest.split_once("```").unwrap();
    // Bucket names are everybody's, and the tests' MiniStack has none of these.
    let settled = settles(spec).success();
    assert!(settled.stderr.contains("the stand-in forgets"), "{settled}");
}

#[test]
fn what_does_not_end_well_in_the_sandbox_may_be_the_sandboxs() {
    let home = emulator::home();
    let failed = Cli::new().run(&["sandbox", "--home", home.to_str().unwrap(), "--", "sh", "-c", "exit 5"]).fails(5);
    for gap in GAPS {
        assert!(failed.stderr.contains(&format!("`{}` of {}", gap.attribute, gap.kind)), "{failed}");
    }
    assert!(failed.stderr.contains("the command ended with 5."), "{failed}");
}

#[test]
fn a_queue_does_not_lock_its_maker_out_of_the_sandbox() {
    settles(
        "[project]\nname = \"shop\"\n[env]\nregion = \"eu-west-1\"\n[queue.q]\n[topic.t]\n\
         [alarm.slow]\nwatches = \"queue.q\"\nmetric = \"ApproximateAgeOfOldestMessage\"\nstatistic = \"p99\"\n\
         threshold = 60\nnotifies = [\"topic.t\"]\n",
    )
    .success();
}

#[test]
fn every_gap_of_the_sandbox_is_an_attribute() {
    let registry = pipectl::aws::kinds::registry(&std::sync::Arc::new(pipectl::aws::Aws::new(None)));
    for gap in GAPS {
        let kind = registry.get(gap.kind).unwrap_or_else(|| panic!("{gap:?}"));
        assert!(kind.schema()["properties"].get(gap.attribute).is_some(), "{gap:?}");
        assert!(!gap.why.is_empty());
    }
}

#[test]
fn a_command_in_the_sandbox_ends_with_it_when_that_is_told_to_end() {
    let (cli, home) = (Cli::new(), emulator::home());
    let command = ["sandbox", "--home", home.to_str().unwrap(), "--", "sh", "-c", "touch started; exec sleep 600"];
    let running = cli.spawn(&command);
    let until = Instant::now() + Duration::from_mins(2);
    while !cli.path("started").exists() {
        assert!(Instant::now() < until, "the command was never started");
        std::thread::sleep(Duration::from_millis(20));
    }
    running.signal("TERM");
    running.output().fails(143);
}
