//! Nothing leads out of the project but what a person names: neither the code, nor what a file extends, nor what is written.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::SMALL;
use crate::support::cli::Cli;

/// A folder that is none of the project's, with a credential in it; `link` leads there.
fn linked() -> (Cli, TempDir) {
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir(outside.path().join("dir")).unwrap();
    for file in ["credentials", "dir/credentials", "base.toml"] {
        fs::write(outside.path().join(file), "[project]\nname = \"leaked\"\n").unwrap();
    }
    let cli = Cli::new().file("envs/dev.toml", SMALL).file("real/app.py", "x");
    symlink(outside.path(), cli.path("link")).unwrap();
    symlink(outside.path(), cli.path("real/link")).unwrap();
    symlink(outside.path(), cli.path("envs/link")).unwrap();
    symlink(outside.path().join("base.toml"), cli.path("envs/linked.toml")).unwrap();
    (cli, outside)
}

#[test]
fn code_is_refused_however_a_link_is_written() {
    let (cli, _outside) = linked();
    let function = |code: &str| {
        let code = toml::Value::from(code).to_string();
        format!("{SMALL}\n[function.f]\ncode = {code}\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n")
    };
    let codes = [
        "link",
        "link/",
        "link/.",
        "link//",
        "./link",
        "./link/./",
        "link/dir",
        "link/dir/",
        "link/../real",
        "real/link/dir",
        "real/../link",
        "/etc",
        "..",
        "../",
        "real\\link",
        "link\u{7f}",
        "real",
    ];
    for code in codes {
        cli.write("envs/dev.toml", &function(code));
        let refused = cli.run(&["validate", "--env", "dev"]).fails(1);
        assert!(refused.stderr.contains("is a link") || refused.stderr.contains("leads out"), "{code}: {refused}");
    }
    fs::remove_file(cli.path("real/link")).unwrap();
    for code in ["real", "./real", "real/", "real/."] {
        cli.write("envs/dev.toml", &function(code));
        cli.run(&["validate", "--env", "dev"]).success();
    }
}

#[test]
fn a_file_that_a_link_leads_to_is_not_extended() {
    let (cli, _outside) = linked();
    for base in ["linked.toml", "./linked.toml", "link/base.toml", "link/./base.toml"] {
        cli.write("envs/dev.toml", &format!("extends = \"{base}\"\n{SMALL}"));
        let refused = cli.run(&["validate", "--env", "dev"]).fails(1);
        assert!(refused.stderr.contains("is a link that leads out of the project"), "{base}: {refused}");
    }
    let refused = cli.run(&["validate", "--env-file", "envs/link/base.toml"]).fails(1);
    assert!(refused.stderr.contains("is a link that leads out of the project"), "{refused}");
    // A link that stays inside is as good as the file, and a file elsewhere is the person's own affair.
    cli.write("envs/parts/base.toml", SMALL);
    symlink("parts/base.toml", cli.path("envs/base.toml")).unwrap();
    cli.write("envs/dev.toml", "extends = \"base.toml\"\n");
    cli.run(&["validate", "--env", "dev"]).success();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("dev.toml"), SMALL).unwrap();
    cli.run(&["validate", "--env-file", elsewhere.path().join("dev.toml").to_str().unwrap()]).success();
}

#[test]
fn nothing_is_written_or_read_through_a_link_that_leads_out() {
    let (cli, outside) = linked();
    let before = fs::read_dir(outside.path()).unwrap().count();
    let commands: [&[&str]; 8] = [
        &["validate", "--env", "dev", "--code-quality", "link/quality.json"],
        &["validate", "--env", "dev", "--code-quality", "real/link/quality.json"],
        &["export", "terraform", "--env", "dev", "--offline", "--account", "123456789012", "--out", "link/tf"],
        &["export", "terraform", "--env", "dev", "--offline", "--account", "123456789012", "--out", "link"],
        &["show", "link/plan.json"],
        &["show", "./link/../link/credentials"],
        &["sandbox", "--home", "link/home", "true"],
        &["init", ".", "--name", "acme"],
    ];
    for arguments in commands {
        if arguments[0] == "init" {
            fs::remove_dir_all(cli.path("envs")).unwrap();
            symlink(outside.path().join("dir"), cli.path("envs")).unwrap();
        }
        let refused = cli.run(arguments);
        assert_ne!(refused.code, 0, "{arguments:?}: {refused}");
        assert!(refused.stderr.contains("leads out of the project"), "{arguments:?}: {refused}");
        assert!(!format!("{refused}").contains("leaked"), "{refused}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), before);
    assert_eq!(fs::read_dir(outside.path().join("dir")).unwrap().count(), 1);
}

#[test]
fn what_a_person_names_may_lie_anywhere() {
    let (cli, outside) = linked();
    let file = outside.path().join("quality.json");
    cli.run(&["validate", "--env", "dev", "--code-quality", file.to_str().unwrap()]).success();
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), "[]");
    cli.run(&["validate", "--env", "dev", "--code-quality", "/dev/null"]).success();
}
