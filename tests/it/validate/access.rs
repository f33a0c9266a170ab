//! What would reach a policy as a pattern, or take a secret from where something else looks, is refused in its place.

use pipectl::spec::diagnostic::Severity;
use pipectl::spec::{Options, Source, load};

use super::{GOOD, findings, refused};

/// The errors of the good spec with more behind it, and what helps.
fn with_more(more: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dev.toml"), format!("{GOOD}\n{more}\n")).unwrap();
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    let Err(report) = load(&Source::File(folder.path().join("dev.toml")), &options) else { return Vec::new() };
    let errors = report.entries().into_iter().filter(|entry| entry.severity == Severity::Error);
    errors.map(|entry| (entry.message, format!("{} at {:?}", entry.help.unwrap(), entry.column))).collect()
}

#[test]
fn branches_that_would_let_others_apply_are_refused_in_their_place() {
    for (branch, expected) in [
        ("*", "whoever may push one could apply"),
        ("rel?", "Git takes no `?`"),
        ("re*l", "it may stand at the end alone"),
        ("a b", "Git takes no ` `"),
        ("a\\u0007", "Git takes no `\\u{7}`"),
        ("a..b", "no `..`"),
        ("a@{u}", "`@{`"),
        ("main.lock", "`.lock`"),
        ("/main", "begins or ends with `/`"),
        ("", "it is empty"),
        ("${aws:userid}", "no `:`"),
        ("${x}", "IAM reads `${`"),
    ] {
        let found = with_more(&format!("[branches]\n\"{branch}\" = \"dev\""));
        let [(message, help)] = &found[..] else { panic!("{branch}: {found:?}") };
        assert!(message.contains(expected), "{branch}: {message}");
        assert!(help.contains("`release/*`") && help.ends_with("at Some(1)"), "{branch}: {help}");
    }
    let found = with_more("[branches]\nmain = \"../prod\"");
    assert!(found.len() == 1 && found[0].0.contains("`../prod` cannot be the name of an environment"), "{found:?}");
    assert_eq!(with_more("[branches]\nmain = \"prod\"\n\"release/*\" = \"prod\"\n\"v1.0\" = \"dev\""), []);
}

#[test]
fn a_secret_takes_no_variable_that_something_else_reads() {
    for (variable, who) in [
        ("AWS_SECRET_ACCESS_KEY", "AWS's tools"),
        ("CI_JOB_TOKEN", "CI"),
        ("GITLAB_TOKEN", "CI"),
        ("PIPECTL_LEASE_SECONDS", "pipectl"),
        ("PATH", "the system"),
        ("HOME", "the system"),
        ("https_proxy", "whatever speaks to the network"),
    ] {
        let found = with_more(&format!("[secret.weather]\nvariable = \"{variable}\""));
        let [(message, help)] = &found[..] else { panic!("{variable}: {found:?}") };
        assert_eq!(*message, format!("`{variable}` cannot hold a secret: {who} reads or sets it"));
        assert!(help.contains("`PIPECTL_SECRET_…`"), "{help}");
    }
    for variable in ["WEATHER_KEY", "PIPECTL_SECRET_WEATHER"] {
        assert_eq!(with_more(&format!("[secret.weather]\nvariable = \"{variable}\"")), []);
    }
}

#[test]
fn every_variable_that_pipectl_reads_is_refused_for_a_secret() {
    let sources = walk(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    let read =
        regex_lite::Regex::new(r#"(?:env::var(?:_os)?\(|\benv = |_VARIABLE: &str = )"([A-Za-z0-9_]+)""#).unwrap();
    let names: std::collections::BTreeSet<String> = sources
        .iter()
        .flat_map(|text| read.captures_iter(text).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .collect();
    assert!(names.len() >= 6 && names.contains("CI_PROJECT_DIR"), "{names:?}");
    for name in names.iter().filter(|name| *name != "UPDATE") {
        assert!(pipectl::spec::variable::reader(name).is_some(), "{name}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![std::fs::read_to_string(path).unwrap()] })
        .collect()
}

#[test]
fn what_names_one_thing_in_a_policy_cannot_name_many() {
    let state = |line: &str, expected: &str| {
        let found = findings(&format!("{GOOD}\n[state]\n{line}\n"), Severity::Error);
        assert!(found.len() == 1 && found[0].contains(expected), "{line}: {found:#?}");
    };
    state("bucket = \"acme-*\"\nfolder = \"pipectl\"", "`acme-*` holds `*`");
    state("bucket = \"acme-state\"\nfolder = \"pip?\"", "`pip?` holds `?`");
    state("bucket = \"acme-state\"\nfolder = \"a//b\"", "a part of the path is empty");
    state("bucket = \"acme-state\"\nfolder = \"$${aws:userid}\"", "holds `$`");
    state("bucket_ssm = \"/acme/*\"\nfolder_ssm = \"/acme/folder\"", "`/acme/*` holds `*`");
    assert_eq!(
        findings(&format!("{GOOD}\n[state]\nbucket = \"acme-state\"\nfolder = \"/a/${{env}}/\"\n"), Severity::Error),
        Vec::<String>::new()
    );
    refused("firehose.clicks", "role = \"arn:aws:iam::123456789012:role/*\"", "is not the ARN of a role");
    refused("firehose.clicks", "log_stream = \"a?\"", "malformed");
    refused("firehose.clicks", "kms_key = \"arn:aws:kms:eu-west-1:123456789012:key/*\"", "is not a KMS key");
    refused("snowpipe.events", "prefix = \"ev*\"", "`*` has a meaning of its own");
    refused("snowpipe.events", "queue_arn = \"arn:aws:sqs:eu-west-1:111122223333:*\"", "is not an ARN");
}
