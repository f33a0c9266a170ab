//! Which environment is loaded, under which name, with which variables.

use super::*;

#[test]
fn an_unknown_environment_is_answered_with_those_that_there_are() {
    let asked = |name: &str| told(load_in(&acme(), &Source::Env(name.to_owned()), &[]));
    assert_snapshot!(asked("prd"), @"
    error: there is no environment `prd`
     |
     = help: did you mean `prod`?
    ");
    assert_snapshot!(asked("staging"), @"
    error: there is no environment `staging`
     |
     = help: `envs/` has `dev` and `prod`
    ");
    assert_snapshot!(asked("../dev\x1b[31m"), @r"
    error: `../dev\u{1b}[31m` cannot be the name of an environment
     |
     = help: `envs/` has `dev` and `prod`
    ");
    assert_snapshot!(asked("base"), @"
    error: `base` cannot be the name of an environment
     |
     = help: `envs/` has `dev` and `prod`
    ");
}

#[test]
fn a_branch_belongs_to_the_environment_that_it_is_mapped_to_or_called_like() {
    let of =
        |branch: &str| load_in(&acme(), &Source::Branch(branch.to_owned()), &[]).map(|loaded| loaded.spec.env.name);
    assert_eq!(of("main").unwrap(), "prod");
    assert_eq!(of("dev").unwrap(), "dev");
    assert_eq!(of("feature/new/thing").unwrap(), "dev");
    assert_snapshot!(of("fix/it").unwrap_err().render(false, 100), @r"
    error: the branch `fix/it` belongs to no environment
     |
     = help: `envs/` has `dev` and `prod`, and `[branches]` maps `broken`, `feature/*` and `main`; add the branch to `[branches]` in `envs/base.toml`, or choose with `--env`
    ");
    assert_snapshot!(of("broken").unwrap_err().render(false, 100), @"
    error: there is no environment `prd`
     --> envs/base.toml:8:10
      |
    8 | broken = 'prd'
      |          ^^^^^
      |
      = help: did you mean `prod`?
    ");
}

#[test]
fn a_file_has_the_name_of_its_environment_unless_it_says_another() {
    let root = acme();
    let of = |name: &str| {
        let path = root.path().join("other.toml");
        fs::write(&path, format!("project.name = 'acme'\n[env]\nregion = 'eu-west-1'\n{name}")).unwrap();
        load_in(&root, &Source::File(path), &[]).unwrap().spec.env.name
    };
    assert_eq!(of(""), "other");
    assert_eq!(of("name = 'third'"), "third");
    assert_snapshot!(told(dev(&root, &["env.name=prod"])), @"
    error: this is the file of the environment `dev`
     --> --set:1:10
      |
    1 | env.name=prod
      |          ^^^^
      |
      = help: leave `name` out, or rename the file
    ");
}

#[test]
fn variables_are_filled_in_and_unknown_ones_told() {
    let root = acme();
    let bucket = |account: Option<&str>| {
        let set = vec!["bucket.events.name=${project}-${region}-${account}".to_owned()];
        let account = account.map(str::to_owned);
        let options = Options { root: root.path().to_owned(), set, account, ..Options::default() };
        let loaded = load(&Source::Env("dev".to_owned()), &options).unwrap();
        (loaded.spec.blocks.bucket.own()["events"].name.clone().unwrap(), loaded.account_missing)
    };
    assert_eq!(bucket(Some("123456789012")), ("acme-eu-west-1-123456789012".to_owned(), false));
    assert_eq!(bucket(None), ("acme-eu-west-1-000000000000".to_owned(), true));
    assert_snapshot!(told_of("[bucket.events]\nname = 'a-${evn}-${HOME}-${'\n"), @"
    error: `${` without its `}`
     --> envs/dev.toml:4:8
      |
    4 | name = 'a-${evn}-${HOME}-${'
      |        ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `$${` for a literal `${`

    error: unknown variable `evn`
     --> envs/dev.toml:4:11
      |
    4 | name = 'a-${evn}-${HOME}-${'
      |           ^^^^^^
      |
      = help: did you mean `${env}`?

    error: unknown variable `HOME`
     --> envs/dev.toml:4:18
      |
    4 | name = 'a-${evn}-${HOME}-${'
      |                  ^^^^^^^
      |
      = help: known are `account`, `env`, `partition`, `project` and `region`; write `$${HOME}` for the literal text
    ");
}

#[test]
fn the_digest_is_that_of_the_meaning_and_not_of_the_text() {
    let digest = |set: &[&str]| dev(&acme(), set).unwrap().digest;
    assert_eq!(digest(&[]), digest(&["stream.clicks.mode=provisioned", "stream.clicks.retention_hours=48"]));
    assert_ne!(digest(&[]), digest(&["stream.clicks.shards=3"]));
    assert_eq!(digest(&[]).len(), 64);
}

#[test]
fn whoever_finds_more_can_say_where() {
    let loaded = dev(&acme(), &[]).unwrap();
    let mut found = Diagnostics::default();
    found.warning(loaded.place("bucket.events.name"), "this name is taken").help("take another");
    found.error(loaded.place("stream.clicks.kms_key"), "this key is gone");
    assert_snapshot!(loaded.report(found.clone()).render(false, 100), @"
    error: this key is gone
     --> envs/dev.toml:7:9
      |
    7 | [stream.clicks]
      |         ^^^^^^

    warning: this name is taken
      --> envs/base.toml:14:8
       |
    14 | name = 'acme-events-${env}'
       |        ^^^^^^^^^^^^^^^^^^^^
       |
       = help: take another
    ");
    assert_snapshot!(serde_json::to_string(&loaded.report(found).entries()[1]).unwrap(), @r#"{"severity":"warning","message":"this name is taken","help":"take another","file":"envs/base.toml","line":14,"column":8,"end_line":14,"end_column":28}"#);
}
