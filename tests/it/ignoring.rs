//! `ignore`: what each field comes to, and what is refused, each with its place and with what to do.

use std::collections::BTreeSet;
use std::path::Path;

use insta::assert_snapshot;
use pipectl::blueprint::{self, FieldMeaning, attributes, meanings};
use pipectl::model::diff::diff;
use pipectl::model::scope::Scope;
use pipectl::ops::ignoring::note_left_alone;
use pipectl::ops::site::canonical;
use pipectl::spec::blocks::Kind;
use pipectl::spec::{Loaded, Options, Source, load};
use serde_json::Value;

use crate::support::cli::Cli;
use crate::support::planned::registry;

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

/// The projects of this repository, which have a block of nearly every kind.
const ROOTS: [&str; 3] = ["", "examples/analytics", "examples/ecommerce"];

/// The spec of a project, with a value of its own.
fn with(root: &str, setting: Option<String>) -> Option<Loaded> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let set = setting.into_iter().collect();
    load(&Source::Env("prod".to_owned()), &Options { root, set, ..Options::default() }).ok()
}

/// Every block: its project, kind and name, and what it says.
fn blocks() -> Vec<(&'static str, Kind, String, Value)> {
    let mut all = Vec::new();
    for root in ROOTS {
        let spec = serde_json::to_value(&with(root, None).unwrap().spec.blocks).unwrap();
        for &kind in Kind::ALL {
            for (name, block) in spec[kind.name()].as_object().unwrap() {
                all.push((root, kind, name.clone(), block.clone()));
            }
        }
    }
    all
}

#[test]
fn what_can_be_left_alone_can_and_what_guards_or_replaces_cannot() {
    let (registry, mut left) = (registry(), 0);
    for (root, kind, name, _) in blocks() {
        for (field, meaning) in meanings(kind) {
            let field = field.replace('*', "some");
            let loaded = with(root, Some(format!("{}.{name}.ignore=[\"{field}\"]", kind.name()))).unwrap();
            let mut graph = canonical(&registry, blueprint::build(&loaded.spec, &scope())).unwrap();
            let found = note_left_alone(&registry, &loaded.spec, &mut graph);
            let at = format!("{}.{name} {field}: {found:?}", kind.name());
            let message = found.as_ref().err().map(|faults| faults[0].message.clone()).unwrap_or_default();
            match meaning {
                FieldMeaning::Is(_) if field == "tags" && root.is_empty() => {
                    assert!(message.contains("require_tags"), "{at}")
                }
                FieldMeaning::Is(_) => {
                    assert!(found.is_ok() || message.contains("does not have"), "{at}");
                    left += graph.left_alone.len();
                }
                FieldMeaning::Guards => assert!(message.contains("guards"), "{at}"),
                FieldMeaning::Replaces => assert!(message.contains("another resource"), "{at}"),
            }
        }
    }
    assert!(left > 100, "{left}");
}

/// The numbers among the fields: another one changes those attributes that the table says, and no other.
#[test]
fn a_field_is_the_attribute_that_another_value_changes() {
    let (registry, mut tried) = (registry(), BTreeSet::new());
    for (root, kind, name, block) in blocks() {
        let graph = |loaded: &Loaded| canonical(&registry, blueprint::build(&loaded.spec, &scope())).unwrap();
        let before = graph(&with(root, None).unwrap());
        for (field, _) in meanings(kind).into_iter().filter(|(_, meaning)| matches!(meaning, FieldMeaning::Is(_))) {
            let Some(number) = block.pointer(&format!("/{}", field.replace('.', "/"))).and_then(Value::as_u64) else {
                continue;
            };
            // Some numbers are of a list.
            let others = [number + 1, number.saturating_sub(1), 365, 30];
            let after = others.iter().find_map(|other| {
                let other = with(root, Some(format!("{}.{name}.{field}={other}", kind.name())))?;
                Some(graph(&other)).filter(|after| *after != before)
            });
            let Some(after) = after else { continue };
            let named: BTreeSet<String> = attributes(kind, field)
                .into_iter()
                .map(|(part, path)| format!("{}:{}", part.unwrap_or_default(), path.join(".")))
                .collect();
            let own =
                before.resources.keys().filter(|address| address.block_name() == format!("{}.{name}", kind.name()));
            let changed: BTreeSet<String> = own
                .flat_map(|address| {
                    let of = |graph: &pipectl::model::graph::Graph| graph.resources[address].attributes.clone();
                    let fields = diff(&of(&before), &of(&after), &Value::Null);
                    let part = address.part_name().unwrap_or_default().to_owned();
                    fields.into_iter().map(move |field| format!("{part}:{}", field.path))
                })
                // An alarm's description says in words what it waits for, and it has as many datapoints as periods.
                .filter(|changed| {
                    kind != Kind::Alarm || ![":description", ":datapoints_to_alarm"].contains(&changed.as_str())
                })
                .collect();
            assert_eq!(changed, named, "{}.{name}.{field}", kind.name());
            tried.insert(format!("{}.{field}", kind.name()));
        }
    }
    assert!(tried.len() >= 12, "{tried:?}");
}

const SPEC: &str = r#"[project]
name = "acme"
[env]
name = "dev"
region = "eu-west-1"
[policy]
require_tags = ["team"]
[stream.clicks]
shards = 1
tags = { team = "growth" }
ignore = IGNORE
[bucket.events]
tags = { team = "growth" }
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
tags = { team = "growth" }
ignore = ["role.trust", "role.description", "role.descripton", "role", "rolle.tags", "log-group.name", "destination"]
"#;

#[test]
fn what_cannot_be_left_alone_is_refused_in_its_place() {
    let ignore = r#"[
  "shards", "tags.stage", "tags.owner.one",
  "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:env", "expect", "protect",
]"#;
    let cli = Cli::new().file("envs/dev.toml", &SPEC.replace("IGNORE", ignore));
    assert_snapshot!(cli.run(&["validate", "--env", "dev"]), @r#"
    --- stderr
    error: `stream.clicks` has no field `shard` that could be left alone
      --> envs/dev.toml:13:3
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |   ^^^^^^^
       |
       = help: did you mean `shards`?

    error: `stream.clicks` has no field `retention` that could be left alone
      --> envs/dev.toml:13:12
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |            ^^^^^^^^^^^
       |
       = help: did you mean `retention_hours`?

    error: `kms_key` cannot be left alone: it guards access, encryption or deletion
      --> envs/dev.toml:13:25
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |                         ^^^^^^^^^
       |
       = help: take it out of `ignore`, and let the spec say what it is

    error: `encrypted` cannot be left alone: it guards access, encryption or deletion
      --> envs/dev.toml:13:36
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |                                    ^^^^^^^^^^^
       |
       = help: take it out of `ignore`, and let the spec say what it is

    error: `name` cannot be left alone: with another value it is another resource
      --> envs/dev.toml:13:49
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |                                                 ^^^^^^
       |
       = help: take it out of `ignore`, and write what is live

    error: `tags` cannot be left alone: `[policy] require_tags` asks for the tag `team`
      --> envs/dev.toml:13:57
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |                                                         ^^^^^^
       |
       = help: name the tags that may be anything, such as `tags.team`

    error: `tags.team` cannot be left alone: `[policy] require_tags` asks for the tag `team`
      --> envs/dev.toml:13:65
       |
    13 |   "shard", "retention", "kms_key", "encrypted", "name", "tags", "tags.team", "tags.pipectl:e...
       |                                                                 ^^^^^^^^^^^
       |
       = help: name the tags that may be anything, such as `tags.team`

    error: `tags.pipectl:env` cannot be left alone: it says whose the resource is
      --> envs/dev.toml:13:78
       |
    13 | ...ted", "name", "tags", "tags.team", "tags.pipectl:env", "expect", "protect",
       |                                       ^^^^^^^^^^^^^^^^^^
       |
       = help: take it out of `ignore`

    error: `expect` cannot be left alone: no attribute of the resource says just that
      --> envs/dev.toml:13:98
       |
    13 | ...tags", "tags.team", "tags.pipectl:env", "expect", "protect",
       |                                            ^^^^^^^^
       |
       = help: what can be left alone: `max_record_kib`, `mode`, `retention_hours`, `shard_metrics`, `shards`, `tags`, `tags.<name>`; of a part its name and attribute, `role.tags`

    error: `protect` cannot be left alone: no attribute of the resource says just that
      --> envs/dev.toml:13:108
       |
    13 | ...gs.team", "tags.pipectl:env", "expect", "protect",
       |                                            ^^^^^^^^^
       |
       = help: what can be left alone: `max_record_kib`, `mode`, `retention_hours`, `shard_metrics`, `shards`, `tags`, `tags.<name>`; of a part its name and attribute, `role.tags`

    error: `role.trust` cannot be left alone: it guards access, encryption or deletion
      --> envs/dev.toml:21:11
       |
    21 | ignore = ["role.trust", "role.description", "role.descripton", "role", "rolle.tags", "log-gr...
       |           ^^^^^^^^^^^^
       |
       = help: take it out of `ignore`, and let the spec say what it is

    error: `firehose.clicks/role` has no attribute `descripton`
      --> envs/dev.toml:21:45
       |
    21 | ignore = ["role.trust", "role.description", "role.descripton", "role", "rolle.tags", "log-gr...
       |                                             ^^^^^^^^^^^^^^^^^
       |
       = help: did you mean `role.description`?

    error: `role` cannot be left alone: it guards access, encryption or deletion
      --> envs/dev.toml:21:64
       |
    21 | ignore = ["role.trust", "role.description", "role.descripton", "role", "rolle.tags", "log-gr...
       |                                                                ^^^^^^
       |
       = help: take it out of `ignore`, and let the spec say what it is

    error: `firehose.clicks` has no field `rolle.tags` that could be left alone
      --> envs/dev.toml:21:72
       |
    21 | ignore = ["role.trust", "role.description", "role.descripton", "role", "rolle.tags", "log-gr...
       |                                                                        ^^^^^^^^^^^^
       |
       = help: did you mean `role.tags`?

    error: `log-group.name` cannot be left alone: with another value it is another resource
      --> envs/dev.toml:21:86
       |
    21 | ....descripton", "role", "rolle.tags", "log-group.name", "destination"]
       |                                        ^^^^^^^^^^^^^^^^
       |
       = help: take it out of `ignore`, and write what is live

    error: `destination` cannot be left alone: it guards access, encryption or deletion
      --> envs/dev.toml:21:104
       |
    21 | ...ole", "rolle.tags", "log-group.name", "destination"]
       |                                          ^^^^^^^^^^^^^
       |
       = help: take it out of `ignore`, and let the spec say what it is

    16 mistakes.
    --- exit code 1
    "#);
}

#[test]
fn a_list_that_is_none_or_says_the_same_twice_is_refused() {
    for ignore in ["\"shards\"", "[1]", "[\"\"]", "[\"shards\", \"shards\"]"] {
        let cli = Cli::new().file("envs/dev.toml", &SPEC.replace("IGNORE", ignore));
        assert!(cli.run(&["validate", "--env", "dev"]).fails(1).stderr.contains("stream.clicks.ignore"), "{ignore}");
    }
}
