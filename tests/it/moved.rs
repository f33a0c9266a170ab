//! `moved` that says nothing sensible, each with its place and with what to do.

use insta::assert_snapshot;
use pipectl::model::scope::Scope;
use pipectl::spec::blocks::Kind;
use pipectl::spec::{Options, load_text};
use pipectl::{blueprint, ops::site::canonical};

use crate::support::cli::{Cli, Output};
use crate::support::planned::registry;

const SPEC: &str = r#"moved = MOVED
[project]
name = "acme"
[env]
name = "dev"
region = "eu-west-1"
[stream.visits]
name = "acme-dev-clicks"
shards = 1
[stream.other]
shards = 1
[queue.jobs]
fifo = true
[bucket.events]
name = "acme-events"
[snowpipe.load]
name = "acme-dev-load"
bucket = "bucket.events"
table = "A.B.C"
access = "user"
queue_arn = "arn:aws:sqs:eu-west-1:111122223333:sf"
[topic.alerts]
[publish.out]
outputs = { s = "stream.visits.arn" }
"#;

fn validated(moved: &str) -> Output {
    Cli::new().file("envs/dev.toml", &SPEC.replace("MOVED", moved)).run(&["validate", "--env", "dev"])
}

#[test]
fn a_block_that_has_moved_is_valid() {
    let _ = validated(r#"[{ from = "stream.clicks", to = "stream.visits" }]"#).success();
}

#[test]
fn what_cannot_have_moved_is_refused_in_its_place() {
    assert_snapshot!(validated(r#"[
  { from = "stream.topic", to = "topic.alerts" },
  { from = "stream.visits", to = "stream.other" },
  { from = "stream.gone", to = "stream.vists" },
  { from = "clicks", to = "stream.visits" },
  { from = "stream.a", to = "strem.visits" },
  { from = "topic.alerts", to = "topic.alerts" },
  { from = "queue.tasks", to = "queue.jobs" },
  { from = "snowpipe.old", to = "snowpipe.load" },
  { from = "stream.clicks", to = "stream.other" },
]"#), @r#"
--- stderr
error: a `stream` cannot become a `topic`
 --> envs/dev.toml:2:33
  |
2 |   { from = "stream.topic", to = "topic.alerts" },
  |                                 ^^^^^^^^^^^^^^
  |
  = help: take the entry out: the one is deleted, and the other made

error: `stream.visits` has not moved: this spec still has it
 --> envs/dev.toml:3:12
  |
3 |   { from = "stream.visits", to = "stream.other" },
  |            ^^^^^^^^^^^^^^^
  |
  = help: take the block out, or the entry

error: there is no block `stream.vists`
 --> envs/dev.toml:4:32
  |
4 |   { from = "stream.gone", to = "stream.vists" },
  |                                ^^^^^^^^^^^^^^
  |
  = help: did you mean `stream.visits`?

error: `clicks` is no block
 --> envs/dev.toml:5:12
  |
5 |   { from = "clicks", to = "stream.visits" },
  |            ^^^^^^^^
  |
  = help: write the kind and the name of a block: `stream.clicks`

error: `strem.visits` is no block
 --> envs/dev.toml:6:29
  |
6 |   { from = "stream.a", to = "strem.visits" },
  |                             ^^^^^^^^^^^^^^
  |
  = help: write the kind and the name of a block: `stream.clicks`

error: `topic.alerts` is what another block is called already
 --> envs/dev.toml:7:33
  |
7 |   { from = "topic.alerts", to = "topic.alerts" },
  |                                 ^^^^^^^^^^^^^^
  |
  = help: two blocks cannot become one: keep the entry that is right

error: `queue.jobs` would be another resource: its `name` would follow its new name
 --> envs/dev.toml:8:32
  |
8 |   { from = "queue.tasks", to = "queue.jobs" },
  |                                ^^^^^^^^^^^^
  |
  = help: write `name = "${project}-${env}-tasks.fifo"` into `[queue.jobs]`, or what it is called in AWS

error: `snowpipe.load` would be another resource: its `notification_id` and `parameter` would follow its new name
 --> envs/dev.toml:9:33
  |
9 |   { from = "snowpipe.old", to = "snowpipe.load" },
  |                                 ^^^^^^^^^^^^^^^
  |
  = help: write `notification_id = "pipectl-${env}-old"` and `parameter = "/${project}/${env}/old/access-key"` into `[snowpipe.load]`, or what it is called in AWS

error: `stream.other` is what another block is called already
  --> envs/dev.toml:10:34
   |
10 |   { from = "stream.clicks", to = "stream.other" },
   |                                  ^^^^^^^^^^^^^^
   |
   = help: two blocks cannot become one: keep the entry that is right

warning: Snowflake's queues are called `sf-snowpipe-…`, not `sf`
  --> envs/dev.toml:31:13
   |
31 | queue_arn = "arn:aws:sqs:eu-west-1:111122223333:sf"
   |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

9 mistakes.
--- exit code 1
"#);
}

#[test]
fn what_moves_twice_or_on_is_refused_in_its_place() {
    assert_snapshot!(validated(r#"[
  { from = "stream.a", to = "stream.b" },
  { from = "stream.b", to = "stream.visits" },
  { from = "stream.x", to = "stream.y" },
  { from = "stream.y", to = "stream.x" },
  { from = "stream.clicks", to = "stream.visits" },
  { from = "stream.clicks", to = "stream.other" },
  { from = "stream.other", to = "stream.other", why = "typo" },
  { from = "stream.z" },
]"#), @r#"
--- stderr
error: the moves are a chain: stream.a → stream.b → stream.visits
 --> envs/dev.toml:2:29
  |
2 |   { from = "stream.a", to = "stream.b" },
  |                             ^^^^^^^^^^
  |
  = help: write one entry in place of them: `{ from = "stream.a", to = "stream.visits" }`

error: the moves go round in a ring: stream.x → stream.y → stream.x
 --> envs/dev.toml:4:29
  |
4 |   { from = "stream.x", to = "stream.y" },
  |                             ^^^^^^^^^^
  |
  = help: name each block once: what it was called, and what it is called now

error: the moves go round in a ring: stream.y → stream.x → stream.y
 --> envs/dev.toml:5:29
  |
5 |   { from = "stream.y", to = "stream.x" },
  |                             ^^^^^^^^^^
  |
  = help: name each block once: what it was called, and what it is called now

error: `stream.visits` is what another block is called already
 --> envs/dev.toml:6:34
  |
6 |   { from = "stream.clicks", to = "stream.visits" },
  |                                  ^^^^^^^^^^^^^^^
  |
  = help: two blocks cannot become one: keep the entry that is right

error: `stream.clicks` has moved already
 --> envs/dev.toml:7:12
  |
7 |   { from = "stream.clicks", to = "stream.other" },
  |            ^^^^^^^^^^^^^^^
  |
  = help: keep the entry that is right

error: `stream.other` has not moved
 --> envs/dev.toml:8:33
  |
8 |   { from = "stream.other", to = "stream.other", why = "typo" },
  |                                 ^^^^^^^^^^^^^^
  |
  = help: take the entry out

error: unknown key `why` in `moved[6]`
 --> envs/dev.toml:8:49
  |
8 |   { from = "stream.other", to = "stream.other", why = "typo" },
  |                                                 ^^^
  |
  = help: known are `env`, `from`, `state` and `to`

error: the key `to` is missing in `moved[7]`
 --> envs/dev.toml:9:3
  |
9 |   { from = "stream.z" },
  |   ^^^^^^^^^^^^^^^^^^^^^
  |
  = help: What it is called now: a block of this spec, of the same kind.

warning: Snowflake's queues are called `sf-snowpipe-…`, not `sf`
  --> envs/dev.toml:30:13
   |
30 | queue_arn = "arn:aws:sqs:eu-west-1:111122223333:sf"
   |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

8 mistakes.
--- exit code 1
"#);
}

/// A block of every kind, under its own name and under another with the old names written: every resource keeps its key.
#[test]
fn every_part_of_a_block_that_has_moved_keeps_its_key() {
    let spec = |kind: &str| -> (String, &'static str) {
        let (block, names) = match kind {
            "stream" => ("[stream.old]\nshards = 1\n", "name = 'acme-dev-old'\n"),
            "bucket" => ("[bucket.old]\n", "name = 'acme-dev-old'\n"),
            "firehose" => {
                ("[firehose.old]\nsource = 'stream.s'\ndestination = 'bucket.b'\n", "name = 'acme-dev-old'\n")
            }
            "snowpipe" => (
                "[snowpipe.old]\nbucket = 'bucket.b'\ntable = 'A.B.C'\naccess = 'user'\nqueue_arn = 'arn:aws:sqs:eu-west-1:111122223333:sf'\n",
                "name = 'acme-dev-old'\nnotification_id = 'pipectl-dev-old'\nparameter = '/acme/dev/old/access-key'\n",
            ),
            "function" => (
                "[function.old]\ncode = 'functions/f'\nruntime = 'python3.13'\nhandler = 'app.handler'\nsource = { from = 'queue.q' }\n",
                "name = 'acme-dev-old'\n",
            ),
            "table" => ("[table.old]\npartition_key = { name = 'id' }\n", "name = 'acme-dev-old'\n"),
            "catalog" => ("[catalog.old]\n", "name = 'acme_dev_old'\n"),
            "dataset" => (
                "[dataset.old]\ncatalog = 'catalog.c'\nbucket = 'bucket.b'\nprefix = 'old/'\nformat = 'json'\ncolumns = [{ name = 'id', type = 'string' }]\n",
                "name = 'old'\n",
            ),
            "job" => (
                "[job.old]\nscript = 'jobs/j.py'\npython_files = ['jobs/m.py']\nfiles = ['jobs/f.json']\njars = ['jobs/j.jar']\ncode_bucket = 'bucket.b'\nschedule = 'cron(15 3 * * ? *)'\n",
                "name = 'acme-dev-old'\n",
            ),
            "crawler" => (
                "[crawler.old]\ncatalog = 'catalog.c'\ntargets = [{ bucket = 'bucket.b' }]\n",
                "name = 'acme-dev-old'\n",
            ),
            "workflow" => (
                "[workflow.old]\n[job.w]\nscript = 'jobs/w.py'\ncode_bucket = 'bucket.b'\nworkflow = 'workflow.old'\n",
                "name = 'acme-dev-old'\n",
            ),
            "athena" => (
                "[athena.old]\nresults = 'bucket.b'\nqueries = { one = { catalog = 'catalog.c', sql = 'SELECT 1' } }\nstatements = { two = { sql = 'SELECT 1' } }\n",
                "name = 'acme-dev-old'\nresults_prefix = 'athena/old/'\n",
            ),
            "registry" => (
                "[registry.old]\nschemas = { click = { definition = 'schemas/click.json', format = 'json' } }\n",
                "name = 'acme-dev-old'\n",
            ),
            "api" => (
                "[api.old]\naccess_log = true\nkey = {}\nroutes = { 'POST /e' = 'function.f' }\n",
                "name = 'acme-dev-old'\n",
            ),
            "queue" => ("[queue.old]\nfifo = true\n", "name = 'acme-dev-old.fifo'\n"),
            "schedule" => {
                ("[schedule.old]\nexpression = 'rate(1 day)'\ncalls = 'function.f'\n", "name = 'acme-dev-old'\n")
            }
            "secret" => ("[secret.old]\n", "name = 'acme-dev-old'\n"),
            "topic" => ("[topic.old]\nemails = ['a@example.com']\n", "name = 'acme-dev-old'\n"),
            "alarm" => ("[alarm.old]\nwatches = 'stream.s'\n", "name = 'acme-dev-old'\n"),
            "dashboard" => ("[dashboard.old]\n", "name = 'acme-dev-old'\n"),
            "publish" => ("[publish.old]\noutputs = { s = 'stream.s.arn' }\n", ""),
            other => panic!("a {other} that moves is not tried"),
        };
        (block.to_owned(), names)
    };
    let rest = "[project]\nname = 'acme'\n[env]\nname = 'dev'\nregion = 'eu-west-1'\n[stream.s]\nshards = 1\n[bucket.b]\n[catalog.c]\n[queue.q]\nvisibility_timeout_seconds = 600\n\
        [function.f]\ncode = 'functions/f'\nruntime = 'python3.13'\nhandler = 'app.handler'\n";
    let keys = |text: &str| {
        let loaded = load_text("dev.toml", text, &Options::default());
        let spec = loaded.unwrap_or_else(|report| panic!("{text}\n{}", report.render(false, 120))).spec;
        let scope = Scope::new("123456789012", "eu-west-1");
        let graph = canonical(&registry(), blueprint::build(&spec, &scope)).unwrap();
        let key = |resource: &pipectl::model::graph::Resource| {
            let part = resource.address.part_name().unwrap_or_default().to_owned();
            (part, registry().get(&resource.kind).unwrap().key(&resource.attributes).unwrap())
        };
        let own = graph.resources.values().filter(|resource| ["old", "new"].contains(&resource.address.name()));
        own.map(key).collect::<Vec<_>>()
    };
    // Nothing is made of these.
    let external = [Kind::Key, Kind::Role, Kind::Subnet, Kind::SecurityGroup];
    for kind in Kind::ALL.iter().filter(|kind| !external.contains(kind)) {
        let (block, names) = spec(kind.name());
        let moved = format!("moved = [{{ from = '{0}.old', to = '{0}.new' }}]\n", kind.name());
        let renamed = block.replacen(".old]\n", &format!(".new]\n{names}"), 1);
        // Who names it names it as it is called now.
        let renamed = renamed.replace("'workflow.old'", "'workflow.new'");
        let (before, after) = (keys(&format!("{rest}{block}")), keys(&format!("{moved}{rest}{renamed}")));
        assert!(!before.is_empty() && before == after, "{}: {before:?} {after:?}", kind.name());
    }
}

#[test]
fn what_comes_from_another_environment_says_which_and_by_what_name() {
    let _ = validated(r#"[{ from = "stream.visits", to = "stream.visits", env = "staging" }]"#).success();
    for (entry, said) in [
        (r#"{ from = "stream.visits", to = "stream.visits", env = "dev" }"#, "`dev` is this environment"),
        (
            r#"{ from = "stream.a", to = "stream.visits", state = "s3://states/f" }"#,
            "`state` says where the states of another",
        ),
        (r#"{ from = "stream.a", to = "topic.alerts", env = "prod" }"#, "a `stream` cannot become a `topic`"),
        (r#"{ from = "stream.a", to = "stream.b", env = "prod" }"#, "there is no block `stream.b`"),
        (r#"{ from = "stream.a", to = "stream.visits", env = "Prod/x" }"#, "Prod/x"),
        (
            r#"{ from = "publish.p", to = "publish.out", env = "prod" }"#,
            "write `path = \"/${project}/prod\"` into `[publish.out]`",
        ),
        (
            r#"{ from = "topic.alerts", to = "topic.alerts", env = "prod" }"#,
            "write `name = \"${project}-prod-alerts\"` into `[topic.alerts]`",
        ),
    ] {
        let told = validated(&format!("[{entry}]")).fails(1);
        assert!(told.stderr.contains(said), "{entry}: {told}");
    }
}
