//! Files that are laid upon each other.

use super::*;

#[test]
fn a_block_that_is_external_in_an_environment_takes_the_place_of_its_own_one_below_and_nothing_else_does() {
    let base = format!(
        "{BASE}\n[function.take]\ncode = '.'\nruntime = 'python3.13'\nhandler = 'a.b'\nbuild = ['true']\n\
         environment = {{ external = 'no', kept = 'yes' }}\n"
    );
    let over = "\n[function.take.environment]\nexternal = 'yes'\n";
    let dev_file = DEV.replace("retention_hours = 48", "external = { name = 'theirs' }") + over;
    let root = project(&[("envs/base.toml", &base), ("envs/dev.toml", &dev_file), ("envs/prod.toml", DEV)]);
    let spec = dev(&root, &[]).unwrap().spec;
    assert!(spec.blocks.stream.own().is_empty());
    assert!(spec.blocks.stream.external().contains_key("clicks"));
    let environment = &spec.blocks.function.own()["take"].environment;
    assert_eq!(environment.values().collect::<Vec<_>>(), ["yes", "yes"]);
    // By `--set` as well.
    let prod = Source::Env("prod".to_owned());
    let set = load_in(&root, &prod, &["stream.clicks.external.name=theirs"]).unwrap().spec;
    assert!(set.blocks.stream.external().contains_key("clicks"));
}

#[test]
fn of_several_extended_files_the_later_wins() {
    let root = project(&[
        ("envs/dev.toml", "extends = ['parts/a.toml', 'parts/b.toml']\nenv.region = 'eu-west-1'"),
        ("envs/parts/a.toml", "extends = 'base.toml'\n[stream.clicks]\nshards = 3\nretention_hours = 30"),
        ("envs/parts/b.toml", "extends = 'base.toml'\n[stream.clicks]\nshards = 4"),
        ("envs/parts/base.toml", "project.name = 'acme'"),
    ]);
    let spec = dev(&root, &[]).unwrap().spec;
    assert_eq!(
        (spec.blocks.stream.own()["clicks"].shards, spec.blocks.stream.own()["clicks"].retention_hours),
        (Some(4), 30)
    );
}
