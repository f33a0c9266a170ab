//! What is switched off, and what a spec comes to.

use super::*;

#[test]
fn what_is_switched_off_is_not_there_and_who_names_it_is_told_where() {
    let text = "
[stream.clicks]
off = true
[alarm.lag]
watches = 'stream.clicks'
notifies = []
[function.count]
code = '.'
runtime = 'python3.13'
handler = 'a.b'
build = ['true']
uses = ['stream.clicks:write']
environment = { NAME = '${stream.clicks.name}' }
[alarm.lga]
off = true
[topic.alerts]
off = 'yes'
";
    assert_snapshot!(told(of(text)), @r#"
    warning: nobody is told when this alarm fires
     --> envs/dev.toml:6:8
      |
    6 | [alarm.lag]
      |        ^^^
      |
      = help: write `notifies = ["topic.…"]`

    error: `stream.clicks` is switched off
     --> envs/dev.toml:7:11
      |
    7 | watches = 'stream.clicks'
      |           ^^^^^^^^^^^^^^^
      |
      = help: envs/dev.toml:5 says so: switch it on, or take out what names it

    error: `stream.clicks` is switched off
      --> envs/dev.toml:14:9
       |
    14 | uses = ['stream.clicks:write']
       |         ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: envs/dev.toml:5 says so: switch it on, or take out what names it

    error: `stream.clicks` is switched off: `stream.clicks.name` is nothing
      --> envs/dev.toml:15:25
       |
    15 | environment = { NAME = '${stream.clicks.name}' }
       |                         ^^^^^^^^^^^^^^^^^^^^^
       |
       = help: envs/dev.toml:5 says so: switch it on, or take out what names it

    error: no file says what `alarm.lga` is: there is nothing to switch off
      --> envs/dev.toml:17:1
       |
    17 | off = true
       | ^^^
       |
       = help: did you mean `alarm.lag`?

    error: `topic.alerts.off` must be true or false, not a string
      --> envs/dev.toml:19:7
       |
    19 | off = 'yes'
       |       ^^^^^
       |
       = help: `off = true` leaves the block out
    "#);
    let text = format!("{GROUP}[instances.feed]\nclicks = {{ off = true }}\nvisits = {{}}\n");
    let spec = loaded(&text.replace("visits = {}", "visits.firehose.raw.off = true")).spec;
    assert_eq!(spec.blocks.stream.own().keys().collect::<Vec<_>>(), ["visits-events"]);
    assert!(spec.blocks.firehose.own().is_empty());
    assert_snapshot!(told(of(&format!("{text}[alarm.lag]\nwatches = 'stream.clicks-events'\nnotifies = []\n"))), @r#"
    warning: nobody is told when this alarm fires
      --> envs/dev.toml:22:8
       |
    22 | [alarm.lag]
       |        ^^^
       |
       = help: write `notifies = ["topic.…"]`

    error: `stream.clicks-events` is switched off
      --> envs/dev.toml:23:11
       |
    23 | watches = 'stream.clicks-events'
       |           ^^^^^^^^^^^^^^^^^^^^^^
       |
       = help: envs/dev.toml:20 says so: switch it on, or take out what names it
    "#);
}

#[test]
fn what_a_spec_comes_to_reads_as_the_same_spec() {
    let base = format!(
        "[project]\nname = 'acme'\n[values]\nhours = 48\n{GROUP}[instances.feed]\nclicks = {{ shards = 4 }}\nvisits = {{}}\n"
    );
    let dev_file = "extends = 'base.toml'\nmoved = [{ from = 'topic.a', to = 'topic.b' }]\nenv = { region = 'eu-west-1', tags = { 'cost center' = 'a b' } }\n\
        [topic.b]\nname = 'b'\ndisplay_name = 'Their $${own} \"clicks\"'\nprotect = true\n\
        [stream.clicks]\nname = 'clicks-${account}'\nretention_hours = '${values.hours}'\ntags = { b = '${env}' }\n\
        [alarm.lag]\noff = true\nwatches = 'stream.clicks'\nnotifies = []\n\
        [instances.feed.clicks.stream.events]\nretention_hours = 72\n";
    let root = project(&[("envs/base.toml", &base), ("envs/dev.toml", dev_file)]);
    let loaded = dev(&root, &["stream.clicks.shards=3", "stream.clicks.mode=provisioned"]).unwrap();
    let written = loaded.written().toml();
    assert_snapshot!(written, @r#"
    moved = [{ from = "topic.a", to = "topic.b" }]  # envs/dev.toml:2

    [project]  # envs/base.toml:1
    name = "acme"  # envs/base.toml:2

    [env]  # envs/dev.toml:3
    name = "dev"  # envs/dev.toml:3
    region = "eu-west-1"  # envs/dev.toml:3
    tags."cost center" = "a b"  # envs/dev.toml:3

    [stream.clicks]  # --set
    mode = "provisioned"  # --set
    name = "clicks-${account}"  # envs/dev.toml:9
    retention_hours = 48  # envs/base.toml:4
    shards = 3  # --set
    tags.b = "dev"  # envs/dev.toml:11

    [stream.clicks-events]  # envs/base.toml:12 for clicks of feed
    mode = "provisioned"  # envs/base.toml:13 for clicks of feed
    retention_hours = 72  # envs/dev.toml:17 for clicks of feed
    shards = 4  # envs/base.toml:22 for clicks of feed

    [stream.visits-events]  # envs/base.toml:12 for visits of feed
    mode = "provisioned"  # envs/base.toml:13 for visits of feed
    shards = 1  # envs/base.toml:10 for visits of feed

    [bucket.lake]  # envs/base.toml:6

    [firehose.clicks-raw]  # envs/base.toml:15 for clicks of feed
    compression = "gzip"  # envs/base.toml:11 for clicks of feed
    destination = "bucket.lake"  # envs/base.toml:17 for clicks of feed
    error_prefix = "errors/clicks/!{firehose:error-output-type}/"  # envs/base.toml:19 for clicks of feed
    prefix = "clicks/!{timestamp:yyyy}/"  # envs/base.toml:18 for clicks of feed
    source = "stream.clicks-events"  # envs/base.toml:16 for clicks of feed

    [firehose.visits-raw]  # envs/base.toml:15 for visits of feed
    compression = "gzip"  # envs/base.toml:11 for visits of feed
    destination = "bucket.lake"  # envs/base.toml:17 for visits of feed
    error_prefix = "errors/visits/!{firehose:error-output-type}/"  # envs/base.toml:19 for visits of feed
    prefix = "visits/!{timestamp:yyyy}/"  # envs/base.toml:18 for visits of feed
    source = "stream.visits-events"  # envs/base.toml:16 for visits of feed

    [topic.b]  # envs/dev.toml:4
    display_name = "Their $${own} \"clicks\""  # envs/dev.toml:6
    name = "b"  # envs/dev.toml:5
    protect = true  # envs/dev.toml:7

    # alarm.lag is switched off by envs/dev.toml:13
    "#);
    let json = loaded.written().json();
    let place = serde_json::json!({ "file": "envs/base.toml", "line": 22, "group": "feed", "instance": "clicks" });
    assert_eq!(json["places"]["stream.clicks-events.shards"], place);
    assert_eq!(json["spec"]["stream"]["clicks-events"]["shards"], 4);
    assert_eq!(json["off"]["alarm.lag"], "envs/dev.toml:13");
    let again = project(&[("envs/dev.toml", &written)]);
    let again = dev(&again, &[]).unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
    assert_eq!((again.digest, again.spec), (loaded.digest, loaded.spec));
}
