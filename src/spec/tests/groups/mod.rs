//! `[values]`, groups and their instances, and what is switched off.

mod coming_to;
mod mistakes;

use std::fmt::Write as _;

use super::*;

const HEAD: &str = "project = { name = 'acme' }\nenv = { region = 'eu-west-1' }\n";

const GROUP: &str = "
[bucket.lake]
[group.feed]
description = 'One event type'
[group.feed.param]
shards = { type = 'integer', default = 1, min = 1, max = 20, description = 'Open shards.' }
format = { type = 'string', one_of = ['gzip', 'none'], default = 'gzip' }
[group.feed.stream.events]
mode = 'provisioned'
shards = '${param.shards}'
[group.feed.firehose.raw]
source = 'stream.events'
destination = 'bucket.lake'
prefix = '${instance}/!{timestamp:yyyy}/'
error_prefix = 'errors/${instance}/!{firehose:error-output-type}/'
compression = '${param.format}'
";

/// The spec of one environment, written in one file.
fn of(text: &str) -> Result<Loaded, Report> {
    dev(&project(&[("envs/dev.toml", &format!("{HEAD}{text}"))]), &[])
}

fn loaded(text: &str) -> Loaded {
    of(text).unwrap_or_else(|report| panic!("{}", report.render(false, 120)))
}

fn told_of_group(text: &str) -> String {
    told(of(&format!("{GROUP}{text}")))
}

/// What the group comes to for one event type, as a person would write it.
fn by_hand(instance: &str, shards: u32, format: &str) -> String {
    format!(
        "[stream.{instance}-events]\nmode = 'provisioned'\nshards = {shards}\n\
         [firehose.{instance}-raw]\nsource = 'stream.{instance}-events'\ndestination = 'bucket.lake'\n\
         prefix = '{instance}/!{{timestamp:yyyy}}/'\n\
         error_prefix = 'errors/{instance}/!{{firehose:error-output-type}}/'\ncompression = '{format}'\n"
    )
}

#[test]
fn instances_are_what_a_person_would_write_by_hand() {
    let made = loaded(&format!("{GROUP}[instances.feed]\nclicks = {{ shards = 4, format = 'none' }}\nvisits = {{}}\n"));
    let written = loaded(&format!("[bucket.lake]\n{}{}", by_hand("clicks", 4, "none"), by_hand("visits", 1, "gzip")));
    assert_eq!(made.spec, written.spec);
    assert_eq!(made.digest, written.digest);
}

#[test]
fn what_the_documents_show_is_a_spec() {
    let page = include_str!("../../../../docs/operations.md");
    let (_, section) = page.split_once("## One definition, many pipelines").unwrap();
    let (_, text) = section.split_once("```toml\n").unwrap();
    let spec = loaded(text.split("```").next().unwrap()).spec;
    assert_eq!(spec.blocks.stream.own()["clicks-events"].shards, Some(4));
    assert_eq!(spec.blocks.firehose.own().len(), 2);
}

#[test]
fn an_instance_in_the_middle_changes_nothing_of_the_others() {
    let with = |names: &[&str]| {
        let lines: String = names.iter().fold(String::new(), |lines, name| lines + name + " = {}\n");
        loaded(&format!("{GROUP}[instances.feed]\n{lines}")).spec
    };
    let before = with(&["clicks", "visits"]);
    let mut after = with(&["clicks", "orders", "visits"]);
    after.blocks.remove("stream", "orders-events");
    after.blocks.remove("firehose", "orders-raw");
    assert_eq!(before, after);
}

#[test]
fn twelve_event_types_fit_a_screen() {
    let mut text = format!("{HEAD}{GROUP}[instances.feed]\n");
    for number in 1..=12 {
        let _ = writeln!(text, "type{number} = {{ shards = {number} }}");
    }
    assert!(text.lines().count() <= 40, "{}", text.lines().count());
    let spec = dev(&project(&[("envs/dev.toml", &text)]), &[]).unwrap().spec;
    assert_eq!((spec.blocks.stream.own().len(), spec.blocks.firehose.own().len()), (12, 12));
    assert_eq!(spec.blocks.stream.own()["type7-events"].shards, Some(7));
}

#[test]
fn a_name_with_the_instance_in_it_says_what_the_block_is_called() {
    let text = "
[group.feed.stream.'${instance}']
shards = 1
[group.feed.table.'seen-${instance}']
partition_key = { name = 'id', type = 'string' }
[group.feed.function.'${instance}']
code = '.'
runtime = 'python3.13'
handler = 'a.b'
build = ['true']
source = { from = 'stream.${instance}' }
uses = ['table.seen-${instance}:write']
environment = { TABLE = '${table.seen-clicks.name}' }
[instances.feed.clicks]
[alarm.lag]
watches = 'stream.clicks'
notifies = []
";
    let spec = loaded(text).spec;
    let function = &spec.blocks.function.own()["clicks"];
    assert_eq!(function.uses[0].to_string(), "table.seen-clicks:write");
    assert_eq!(function.environment["TABLE"], "acme-dev-seen-clicks");
    assert!(spec.blocks.stream.has("clicks"));
}

#[test]
fn a_group_knows_its_own_blocks_by_their_names() {
    let text = "
[group.feed.table.seen]
partition_key = { name = 'id', type = 'string' }
[group.feed.function.count]
code = '.'
runtime = 'python3.13'
handler = 'a.b'
build = ['true']
uses = ['table.seen:write', 'table.all:read']
environment = { TABLE = '${table.seen.name}', ALL = '${table.all.name}' }
[table.all]
partition_key = { name = 'id', type = 'string' }
[instances.feed.clicks]
";
    let spec = loaded(text).spec;
    let function = &spec.blocks.function.own()["clicks-count"];
    let uses: Vec<String> = function.uses.iter().map(ToString::to_string).collect();
    assert_eq!(uses, ["table.clicks-seen:write", "table.all:read"]);
    assert_eq!(function.environment["TABLE"], "acme-dev-clicks-seen");
    assert_eq!(function.environment["ALL"], "acme-dev-all");
}

#[test]
fn an_environment_says_what_differs_in_one_instance_and_so_does_the_command_line() {
    let base = format!(
        "project = {{ name = 'acme' }}\n[values]\nhours = 24\n{GROUP}[instances.feed]\nclicks = {{ shards = 4 }}\nvisits = {{}}\n"
    );
    let dev_file = "extends = 'base.toml'\nenv = { region = 'eu-west-1' }\n\
        [group.feed.stream.events]\nretention_hours = '${values.hours}'\n\
        [instances.feed.clicks]\nshards = 2\nstream.events.retention_hours = 72\n";
    let root = project(&[("envs/base.toml", &base), ("envs/dev.toml", dev_file)]);
    let streams = |set: &[&str]| {
        let spec = dev(&root, set).unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
        let own = spec.blocks.stream.own();
        ["clicks-events", "visits-events"].map(|name| (own[name].shards.unwrap(), own[name].retention_hours))
    };
    assert_eq!(streams(&[]), [(2, 72), (1, 24)]);
    let set = ["instances.feed.clicks.shards=8", "stream.visits-events.shards=3", "values.hours=48"];
    assert_eq!(streams(&set), [(8, 72), (3, 48)]);
    assert_eq!(streams(&["instances.feed.visits.stream.events.shards=5"]), [(2, 72), (5, 24)]);
}

#[test]
fn values_stand_for_what_they_are_in_every_text() {
    let text = "
[values]
team = 'growth'
hours = 48
emails = ['a@example.com', 'b@example.com']
keep = true
bucket = '${project}-${env}-lake'
[stream.clicks]
shards = 1
retention_hours = '${values.hours}'
tags = { team = '${values.team}', kept = 'for ${values.hours} hours: ${values.keep}' }
[topic.alerts]
emails = '${values.emails}'
display_name = '$${values.team}'
[bucket.lake]
name = '${values.bucket}'
[alarm.lag]
off = '${values.keep}'
watches = 'stream.clicks'
notifies = ['topic.alerts']
";
    let spec = loaded(text).spec;
    let stream = &spec.blocks.stream.own()["clicks"];
    assert_eq!(stream.retention_hours, 48);
    assert_eq!(stream.tags.values().collect::<Vec<_>>(), ["for 48 hours: true", "growth"]);
    assert_eq!(spec.blocks.topic.own()["alerts"].emails.len(), 2);
    assert_eq!(spec.blocks.bucket.own()["lake"].name.as_deref(), Some("acme-dev-lake"));
    assert_eq!(spec.blocks.topic.own()["alerts"].display_name, "${values.team}");
    assert!(spec.blocks.alarm.own().is_empty());
}
