//! What is wrong with groups, instances and values, and where it is said.

use super::*;

#[test]
fn a_mistake_in_a_group_is_told_once_and_one_of_an_instance_at_the_instance() {
    let text = GROUP.replace("mode = 'provisioned'", "mode = 'provisoned'\nshrads = 3")
        + "[instances.feed]\nclicks = {}\norders = { shards = 40 }\nvisits = { format = 'zip', shard = 2 }\n";
    assert_snapshot!(told(of(&text)), @r#"
    error: `stream.clicks-events.mode` must be "provisioned" or "on-demand", not "provisoned"
      --> envs/dev.toml:11:8
       |
    11 | mode = 'provisoned'
       |        ^^^^^^^^^^^^
       |
       = help: did you mean "provisioned"?
       = note: it is so for the instance `clicks` of the group `feed`, and the same for `orders`, `visits`

    error: unknown key `shrads` in `stream.clicks-events`
      --> envs/dev.toml:12:1
       |
    12 | shrads = 3
       | ^^^^^^
       |
       = help: did you mean `shards`?
       = note: it is so for the instance `clicks` of the group `feed`, and the same for `orders`, `visits`

    error: `instances.feed.orders.shards` must be between 1 and 20, not 40
      --> envs/dev.toml:22:21
       |
    22 | orders = { shards = 40 }
       |                     ^^
       |
       = help: Open shards.

    error: `instances.feed.visits.format` must be "gzip" or "none", not "zip"
      --> envs/dev.toml:23:21
       |
    23 | visits = { format = 'zip', shard = 2 }
       |                     ^^^^^
       |
       = help: did you mean "gzip"?

    error: unknown key `shard` in `instances.feed.visits`
      --> envs/dev.toml:23:28
       |
    23 | visits = { format = 'zip', shard = 2 }
       |                            ^^^^^
       |
       = help: did you mean `shards`?
    "#);
}

#[test]
fn what_is_wrong_with_groups_and_instances_is_said_where_it_is_written() {
    assert_snapshot!(told_of_group("[instances.fed]\nclicks = {}\n[group.feed.group.x]\n[group.other.param]\nstream = { type = 'text' }\nhours = { type = 'integer', min = 3, max = 1, default = 'x' }\nname = { type = 'string', min = 3 }\n[instances.other]\na = {}\nExternal = { name = 'x', stream = 'y', hours = 1 }\n"), @r#"
    error: there is no group `fed`
      --> envs/dev.toml:19:12
       |
    19 | [instances.fed]
       |            ^^^
       |
       = help: did you mean `feed`?

    error: the group `feed` cannot have `group`: a group holds blocks alone
      --> envs/dev.toml:21:13
       |
    21 | [group.feed.group.x]
       |             ^^^^^
       |
       = help: write it beside the group, and the blocks in the group itself

    error: no parameter can be called `stream`: in an instance that is something else
      --> envs/dev.toml:23:1
       |
    23 | stream = { type = 'text' }
       | ^^^^^^
       |
       = help: call it otherwise

    error: `group.other.param.stream.type` must be "string" or "integer" or "number" or "boolean" or "array", not "text"
      --> envs/dev.toml:23:19
       |
    23 | stream = { type = 'text' }
       |                   ^^^^^^
       |
       = help: What its value is.

    error: `max` is below `min`
      --> envs/dev.toml:24:44
       |
    24 | hours = { type = 'integer', min = 3, max = 1, default = 'x' }
       |                                            ^
       |
       = help: write the least as `min`, the most as `max`

    error: `group.other.param.hours.default` must be an integer, not a string
      --> envs/dev.toml:24:57
       |
    24 | hours = { type = 'integer', min = 3, max = 1, default = 'x' }
       |                                                         ^^^

    error: `min` says of a number how large it may be
      --> envs/dev.toml:25:33
       |
    25 | name = { type = 'string', min = 3 }
       |                                 ^
       |
       = help: take it out; `one_of` lists the values that it may have

    error: the key `name` is missing in `instances.other.a`
      --> envs/dev.toml:27:1
       |
    27 | a = {}
       | ^

    error: the key `stream` is missing in `instances.other.a`
      --> envs/dev.toml:27:1
       |
    27 | a = {}
       | ^

    error: `instances.other.External` is malformed: it must match `^[a-z][a-z0-9_-]*$`
      --> envs/dev.toml:28:1
       |
    28 | External = { name = 'x', stream = 'y', hours = 1 }
       | ^^^^^^^^
       |
       = help: The name of an instance begins with a letter and has at most 40 characters: lower-case letters, digits, `-` and `_`.

    error: `instances.other.External.hours` must be between 3 and 1, not 1
      --> envs/dev.toml:28:48
       |
    28 | External = { name = 'x', stream = 'y', hours = 1 }
       |                                                ^
    "#);
}

#[test]
fn two_blocks_of_one_name_are_refused() {
    assert_snapshot!(told_of_group("[group.other.stream.'b-events']\nshards = 1\n[instances]\nfeed.a-b = {}\nother.a = {}\n"), @"
    error: `stream.a-b-events` would be made twice: by `a` of `other`, and by the instance `a-b` of the group `feed`
      --> envs/dev.toml:23:7
       |
    23 | other.a = {}
       |       ^
       |
       = help: write `[instances.other.a.stream.b-events]` to change that block for this instance (envs/dev.toml:23); or give one of the two another name
    ");
    assert_snapshot!(told_of_group("[instances.feed]\nclicks = {}\n[stream.clicks-events]\n[instances.feed.a.stream.evnts]\n"), @"
    error: `stream.clicks-events` is a block of the instance `clicks` of the group `feed` already
      --> envs/dev.toml:21:9
       |
    21 | [stream.clicks-events]
       |         ^^^^^^^^^^^^^
       |
       = help: write `[instances.feed.clicks.stream.events]` to change that block for this instance (envs/dev.toml:20); or give one of the two another name

    error: unknown key `evnts` in `instances.feed.a.stream`
      --> envs/dev.toml:22:26
       |
    22 | [instances.feed.a.stream.evnts]
       |                          ^^^^^
       |
       = help: did you mean `events`?
    ");
}

#[test]
fn what_nothing_stands_for_is_told_with_what_was_probably_meant() {
    assert_snapshot!(told_of_group("tags.x = '${param.shrads} ${instanze}'\n[instances.feed.clicks]\n[stream.a]\ntags = { a = '${param.shards}', b = '${instance}', c = '${values.x}' }\n"), @r#"
    error: unknown variable `param.shrads`
      --> envs/dev.toml:19:11
       |
    19 | tags.x = '${param.shrads} ${instanze}'
       |           ^^^^^^^^^^^^^^^
       |
       = help: did you mean `${param.shards}`?
       = note: it is so for the instance `clicks` of the group `feed`

    error: a provisioned stream needs `shards`
      --> envs/dev.toml:21:9
       |
    21 | [stream.a]
       |         ^
       |
       = help: write `shards = 1`, or `mode = "on-demand"`

    error: unknown variable `param.shards`
      --> envs/dev.toml:22:15
       |
    22 | tags = { a = '${param.shards}', b = '${instance}', c = '${values.x}' }
       |               ^^^^^^^^^^^^^^^
       |
       = help: `${instance}` and `${param.…}` are known in the blocks of a group

    error: unknown variable `instance`
      --> envs/dev.toml:22:38
       |
    22 | tags = { a = '${param.shards}', b = '${instance}', c = '${values.x}' }
       |                                      ^^^^^^^^^^^
       |
       = help: `${instance}` and `${param.…}` are known in the blocks of a group

    error: unknown variable `values.x`
      --> envs/dev.toml:22:57
       |
    22 | tags = { a = '${param.shards}', b = '${instance}', c = '${values.x}' }
       |                                                         ^^^^^^^^^^^
       |
       = help: nothing is written in `values`
    "#);
    assert_snapshot!(told_of("[values]\na = 'x'\nb = '${values.a}'\nteam = ['x']\nD = 1979-05-27\n[stream.clicks]\ntags = { a = '${values.tema}', b = 'of ${values.team}', c = '${values.b}' }"), @r#"
    error: a value of `[values]` is made of no other one
     --> envs/dev.toml:5:5
      |
    5 | b = '${values.a}'
      |     ^^^^^^^^^^^^^
      |
      = help: write what it is; of `${env}` and its like it may be made

    error: `values.D` is malformed: it must match `^[a-z][a-z0-9_-]*$`
     --> envs/dev.toml:7:1
      |
    7 | D = 1979-05-27
      | ^
      |
      = help: The name of a value begins with a letter and has at most 40 characters: lower-case letters, digits, `-` and `_`.

    error: `values.D` must be a string or an integer or a number or true or false or an array, not a date or time
     --> envs/dev.toml:7:5
      |
    7 | D = 1979-05-27
      |     ^^^^^^^^^^
      |
      = help: put it in quotes

    error: a provisioned stream needs `shards`
     --> envs/dev.toml:8:9
      |
    8 | [stream.clicks]
      |         ^^^^^^
      |
      = help: write `shards = 1`, or `mode = "on-demand"`

    error: unknown variable `values.tema`
     --> envs/dev.toml:9:15
      |
    9 | tags = { a = '${values.tema}', b = 'of ${values.team}', c = '${values.b}' }
      |               ^^^^^^^^^^^^^^
      |
      = help: did you mean `${values.team}`?

    error: `values.team` is an array, and cannot be a part of a text
     --> envs/dev.toml:9:40
      |
    9 | tags = { a = '${values.tema}', b = 'of ${values.team}', c = '${values.b}' }
      |                                        ^^^^^^^^^^^^^^
      |
      = help: let `${values.team}` be the whole text: then it is the value
    "#);
}

#[test]
fn the_command_line_makes_no_instance_and_no_value() {
    let text = format!("{HEAD}{GROUP}[instances.feed]\nclicks = {{}}\n");
    let root = project(&[("envs/dev.toml", &text)]);
    let set = [
        "instances.feed.clikcs.shards=2",
        "instances.fed.clicks.shards=2",
        "values.hours=2",
        "stream.click-events.shards=2",
        "group.feed.stream.events.shards=2",
    ];
    assert_snapshot!(told(dev(&root, &set)), @"
    error: `--set` overrides values, and the spec has no `instances.feed.clikcs`
     --> --set:1:16
      |
    1 | instances.feed.clikcs.shards=2
      |                ^^^^^^
      |
      = help: did you mean `instances.feed.clicks`?

    error: `--set` overrides values, and the spec has no `instances.fed`
     --> --set:1:11
      |
    1 | instances.fed.clicks.shards=2
      |           ^^^
      |
      = help: did you mean `instances.feed`?

    error: there is no group `fed`
     --> --set:1:11
      |
    1 | instances.fed.clicks.shards=2
      |           ^^^
      |
      = help: did you mean `feed`?

    error: `--set` overrides values, and the spec has no `values.hours`
     --> --set:1:8
      |
    1 | values.hours=2
      |        ^^^^^
      |
      = help: write `values.hours` into the file of the environment

    error: `--set` overrides values, and the spec has no `stream.click-events`
     --> --set:1:8
      |
    1 | stream.click-events.shards=2
      |        ^^^^^^^^^^^^
      |
      = help: did you mean `stream.clicks-events`?

    error: a group is changed in its file, not by `--set`
     --> --set:1:7
      |
    1 | group.feed.stream.events.shards=2
      |       ^^^^
      |
      = help: set a parameter of one instance, `instances.feed.clicks.shards=4`, or a value that the group uses, `values.shards=4`
    ");
}

#[test]
fn a_spec_cannot_be_made_to_come_to_more_than_fits() {
    let long = "x".repeat(100_000);
    let mut text = format!("{HEAD}[group.feed.stream.events]\ntags = {{ a = '{long}' }}\n[instances.feed]\n");
    for number in 0..400 {
        let _ = writeln!(text, "a{number} = {{}}");
    }
    let told = told(dev(&project(&[("envs/dev.toml", &text)]), &[]));
    assert!(told.contains("the spec comes to more than 16 MiB"), "{told}");
}

#[test]
fn a_block_that_moves_into_an_instance_is_told_where_its_name_belongs() {
    let text = format!("{GROUP}[instances.feed.clicks]\n");
    let moved = "moved = [{ from = 'stream.clicks', to = 'stream.clicks-events' }]\n";
    assert_snapshot!(told(of(&format!("{moved}{text}"))), @r#"
    error: `stream.clicks-events` would be another resource: its `name` would follow its new name
     --> envs/dev.toml:3:41
      |
    3 | moved = [{ from = 'stream.clicks', to = 'stream.clicks-events' }]
      |                                         ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `name = "${project}-${env}-clicks"` into `[instances.feed.clicks.stream.events]`, or what it is called in AWS
    "#);
    let named = "[instances.feed.clicks.stream.events]\nname = 'acme-dev-clicks'\n";
    assert_eq!(loaded(&format!("{moved}{text}{named}")).spec.moved[0].to, "stream.clicks-events");
}
