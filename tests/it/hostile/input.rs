//! Specs that would become gigabytes, or bring any number of errors.

use std::fmt::Write as _;

use crate::support::cli::{Cli, Output};

const HEAD: &str = "[project]\nname = \"p\"\n[env]\nregion = \"eu-west-1\"\n";
/// Most memory that a small input may take, in KiB; a run of a usual spec takes some 40 MiB.
const MEMORY: u64 = 400 << 10;

/// What `validate` says of a spec, within the memory that it may take.
#[track_caller]
fn refused(cli: &Cli, arguments: &[&str]) -> Output {
    cli.run_within(MEMORY, &[&["validate", "--env", "dev"], arguments].concat()).fails(1)
}

#[track_caller]
fn says(output: &Output, texts: &[&str]) {
    for text in texts {
        assert!(output.stderr.contains(text), "`{text}` is not said:\n{:.4000}", output.stderr);
    }
}

#[test]
fn a_value_that_would_become_gigabytes_is_refused_before_it_is_made() {
    let laugh = format!(
        "{HEAD}[table.a]\npartition_key = {{ name = \"k\" }}\nname = \"{}\"\n[topic.t]\nname = \"{}\"",
        "x".repeat(500_000),
        "${table.a.name}".repeat(5000)
    );
    let cli = Cli::new().file("envs/dev.toml", &laugh);
    let output = refused(&cli, &[]);
    says(
        &output,
        &["this value would have 2500000000 bytes once it is filled in", "at most 1048576", "envs/dev.toml:9:"],
    );
}

#[test]
fn values_within_their_bound_are_refused_where_they_are_too_much_together() {
    let mut spec = format!("{HEAD}[table.a]\npartition_key = {{ name = \"k\" }}\nname = \"{}\"\n", "x".repeat(1000));
    for topic in 0..20 {
        let _ = writeln!(spec, "[topic.t{topic}]\nname = \"{}\"", "${table.a.name}".repeat(1000));
    }
    says(&refused(&Cli::new().file("envs/dev.toml", &spec), &[]), &["the spec comes to more than 16 MiB"]);
}

#[test]
fn a_project_whose_name_is_long_does_not_multiply() {
    let mut spec = HEAD.replace("\"p\"", &format!("\"{}\"", "p".repeat(500_000)));
    for topic in 0..4000 {
        let _ = writeln!(spec, "[topic.t{topic}]");
    }
    let output = refused(&Cli::new().file("envs/dev.toml", &spec), &[]);
    says(&output, &["`project.name` has 500000 bytes, and nothing in AWS has a name of more than 1024"]);
}

#[test]
fn files_that_extend_each_other_again_and_again_are_refused() {
    let names = vec!["\"base.toml\""; 50_000].join(",");
    let base = format!("{HEAD}# {}", "x".repeat(200_000));
    let cli = Cli::new().file("envs/dev.toml", &format!("extends = [{names}]")).file("envs/base.toml", &base);
    says(&refused(&cli, &[]), &["a spec lays at most 256 files upon each other"]);
}

#[test]
fn files_are_bounded_one_by_one_and_all_together() {
    let large = format!("{HEAD}# {}", "x".repeat(1 << 20));
    says(&refused(&Cli::new().file("envs/dev.toml", &large), &[]), &["`envs/dev.toml` is larger than 1024 KiB"]);
    let part = format!("# {}\n", "x".repeat(1_000_000));
    let parts: Vec<String> = (0..6).map(|part| format!("\"part{part}.toml\"")).collect();
    let mut cli = Cli::new().file("envs/dev.toml", &format!("extends = [{}]\n{HEAD}", parts.join(",")));
    for number in 0..6 {
        cli = cli.file(&format!("envs/part{number}.toml"), &part);
    }
    says(&refused(&cli, &[]), &["and at most 4096 KiB"]);
}

#[test]
fn more_blocks_than_an_environment_has_are_refused() {
    let mut spec = HEAD.to_owned();
    for topic in 0..5001 {
        let _ = writeln!(spec, "[topic.t{topic}]");
    }
    let output = refused(&Cli::new().file("envs/dev.toml", &spec), &[]);
    says(&output, &["there are 5001 blocks, and an environment has at most 5000"]);
}

#[test]
fn of_forty_thousand_errors_the_first_fifty_are_told_and_all_are_counted() {
    let mut spec = HEAD.to_owned();
    spec.push_str("[stream.clicks]\n");
    for key in 0..40_000 {
        let _ = writeln!(spec, "wrong{key} = \"${{nothing}}\"");
    }
    let cli = Cli::new().file("envs/dev.toml", &spec);
    let output = refused(&cli, &["--code-quality", "quality.json"]);
    let told = output.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(told, 50, "{:.2000}", output.stderr);
    says(&output, &["more mistakes", " mistakes.\n"]);
    let violations: Vec<serde_json::Value> = serde_json::from_str(&cli.read("quality.json")).unwrap();
    assert_eq!(violations.len(), 51);
    assert!(violations[50]["description"].as_str().unwrap().ends_with(" more mistakes"), "{}", violations[50]);
    let json = cli.run(&["validate", "--env", "dev", "--json"]).fails(1).json();
    assert_eq!(json["error"]["diagnostics"].as_array().unwrap().len(), 50);
    assert!(json["error"]["count"]["errors"].as_u64().unwrap() >= 40_000, "{}", json["error"]["count"]);
}

#[test]
fn files_without_end_end() {
    let cli = Cli::new().file("envs/dev.toml", HEAD);
    let shown = cli.run(&["show", "/dev/zero"]).fails(1);
    says(&shown, &["it has more than 64 MiB"]);
}
