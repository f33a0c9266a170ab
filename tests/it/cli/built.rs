//! What was built is used as it was built, or not at all.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use super::project;
use crate::support::cli::Cli;
use crate::support::emulator;

const SPEC: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[state]
local = "state"
[function.hello]
code = "src"
build = ["sh", "-c", "mkdir lib && echo made > lib/made.py && echo x > .hidden"]
runtime = "python3.13"
handler = "app.handler"
"#;

const BUILD: [&str; 3] = ["build", "--env", "dev"];

fn written(cli: Cli) -> Cli {
    cli.file("envs/dev.toml", SPEC).file("src/app.py", "def handler(event, context): pass\n")
}

/// A project whose function is built, and the folder of that.
fn built() -> (Cli, PathBuf) {
    let cli = written(Cli::new());
    let result = cli.run(&[&BUILD[..], &["--json"]].concat()).success().json();
    let folder = cli.path(result["functions"][0]["folder"].as_str().unwrap());
    (cli, folder)
}

fn digest_of(folder: &std::path::Path) -> PathBuf {
    folder.with_extension("sha256")
}

#[test]
fn whatever_is_changed_in_it_is_refused_until_it_is_deleted() {
    type Change = fn(&std::path::Path);
    let changes: [(&str, Change); 8] = [
        ("a byte", |at| fs::write(at.join("app.py"), "BACKDOOR").unwrap()),
        ("a new file", |at| fs::write(at.join("extra.py"), "").unwrap()),
        ("a new file that would not be packed", |at| fs::write(at.join(".extra"), "").unwrap()),
        ("a file that is gone", |at| fs::remove_file(at.join("lib/made.py")).unwrap()),
        ("another name", |at| fs::rename(at.join("lib/made.py"), at.join("lib/mad.py")).unwrap()),
        ("another mode", |at| fs::set_permissions(at.join("app.py"), fs::Permissions::from_mode(0o755)).unwrap()),
        ("another digest", |at| fs::write(digest_of(at), "0".repeat(64)).unwrap()),
        ("no digest", |at| fs::remove_file(digest_of(at)).unwrap()),
    ];
    for (what, change) in changes {
        let (cli, folder) = built();
        change(&folder);
        let refused = cli.run(&BUILD).fails(1);
        assert!(refused.stderr.contains("delete it and build again"), "{what}: {refused}");
        fs::remove_dir_all(&folder).unwrap();
        cli.run(&BUILD).success();
        assert_eq!(fs::read_to_string(folder.join("app.py")).unwrap(), "def handler(event, context): pass\n");
    }
}

#[test]
fn a_link_in_its_place_or_on_the_way_is_refused() {
    for part in ["", "app.py", ".."] {
        let (cli, folder) = built();
        let to = cli.path("elsewhere");
        let from = match part {
            "" => folder,
            ".." => cli.path(".pipectl/build"),
            file => folder.join(file),
        };
        fs::rename(&from, &to).unwrap();
        symlink(&to, &from).unwrap();
        let refused = cli.run(&BUILD).fails(1);
        assert!(refused.stderr.contains("is a link"), "{part}: {refused}");
    }
}

#[test]
fn a_build_is_not_written_through_a_link() {
    let outside = tempfile::tempdir().unwrap();
    for at in [".pipectl", ".pipectl/build"] {
        let cli = written(Cli::new());
        fs::create_dir_all(cli.path(at).parent().unwrap()).unwrap();
        symlink(outside.path(), cli.path(at)).unwrap();
        let refused = cli.run(&BUILD).fails(1);
        assert!(refused.stderr.contains("is a link"), "{at}: {refused}");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}

fn git(cli: &Cli, arguments: &[&str]) {
    let mut git = Command::new("git");
    let output = git.args(arguments).current_dir(cli.path(".")).env("HOME", cli.path("home")).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_git_tracks_is_refused_and_no_hook_of_the_repository_runs() {
    let (cli, _) = built();
    git(&cli, &["init", "--quiet"]);
    cli.write("hook", "#!/bin/sh\necho ran >> hooked\n");
    fs::set_permissions(cli.path("hook"), fs::Permissions::from_mode(0o755)).unwrap();
    git(&cli, &["add", "envs", "src"]);
    git(&cli, &["config", "core.fsmonitor", cli.path("hook").to_str().unwrap()]);
    cli.run(&BUILD).success();
    assert!(!cli.path("hooked").exists());
    git(&cli, &["-c", "core.fsmonitor=false", "add", "--force", ".pipectl"]);
    let refused = cli.run(&BUILD).fails(1);
    assert!(refused.stderr.contains("git tracks `.pipectl/build/"), "{refused}");
    assert!(!cli.path("hooked").exists());
}

#[test]
fn without_git_nobody_can_tell_what_a_repository_has_brought() {
    let (cli, _) = built();
    fs::create_dir(cli.path(".git")).unwrap();
    fs::create_dir(cli.path("bin")).unwrap();
    let bin = cli.path("bin").to_str().unwrap().to_owned();
    let cli = cli.env("PATH", &bin);
    let refused = cli.run(&BUILD).fails(1);
    assert!(refused.stderr.contains("`git` cannot be run"), "{refused}");
}

#[test]
fn what_is_built_is_what_is_planned_and_nothing_else_is_applied() {
    let account = emulator::ministack().account();
    let cli = written(project(&account, SPEC));
    let missing = cli.run(&["plan", "--no-build", "--env", "dev"]).fails(1);
    assert!(missing.stderr.contains("it is not built: `pipectl build` builds it"), "{missing}");
    cli.run(&BUILD).success();
    cli.run(&["plan", "--no-build", "--env", "dev"]).success();
    let plan: serde_json::Value = serde_json::from_str(&cli.read("plan.json")).unwrap();
    let change = plan["changes"].as_array().unwrap().iter().find(|it| it["address"] == "function.hello").unwrap();
    let folder = cli.path(change["after"]["code"]["path"].as_str().unwrap());

    // Who can write the folder can write its digest: another build's is as good as the first.
    let (other, poisoned) = {
        let other = written(Cli::new());
        other.write("envs/dev.toml", &SPEC.replace("echo made", "echo BACKDOOR"));
        let result = other.run(&[&BUILD[..], &["--json"]].concat()).success().json();
        let folder = other.path(result["functions"][0]["folder"].as_str().unwrap());
        (other, folder)
    };
    let made = fs::read_to_string(folder.join("lib/made.py")).unwrap();
    fs::copy(poisoned.join("lib/made.py"), folder.join("lib/made.py")).unwrap();
    let changed = cli.run(&["plan", "--no-build", "--env", "dev", "--out", "other.json"]).fails(1);
    assert!(changed.stderr.contains("is not as it was built"), "{changed}");
    fs::copy(digest_of(&poisoned), digest_of(&folder)).unwrap();
    drop(other);
    let stale = cli.run(&["apply", "plan.json"]);
    assert!(stale.code != 0 && !stale.stderr.contains("done:"), "{stale}");
    let lives = cli.run(&["state", "list", "--env", "dev"]);
    assert!(!lives.stdout.contains("function.hello"), "{lives}");
    let _ = made;
}

#[test]
fn drift_is_told_without_building_and_says_what_it_cannot_tell() {
    let account = emulator::ministack().account();
    let cli = written(project(&account, SPEC));
    cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    fs::remove_dir_all(cli.path(".pipectl")).unwrap();
    let same = cli.run(&["drift", "--env", "dev"]).success();
    assert!(!same.stderr.contains("have changed since the last apply"), "{same}");
    cli.write("src/app.py", "def handler(event, context): return 1\n");
    let newer = cli.run(&["drift", "--env", "dev"]).success();
    assert!(
        newer.stderr.contains("function.hello: its files or its `build` have changed since the last apply"),
        "{newer}"
    );
    assert!(!cli.path(".pipectl").exists());
    let exported = cli.run(&["export", "terraform", "--env", "dev", "--out", "tf"]).success();
    assert!(cli.read("tf/main.tf").contains("source_code_hash"), "{exported}");
}
