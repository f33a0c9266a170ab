//! A spec with many pipelines, each as whole as the one in `envs/base.toml`: what shows how pipectl grows with size.

use std::fmt::Write as _;

/// An environment `scale` of `count` pipelines in a region; `unique` makes names of buckets that are nobody else's. Its
/// state has a bucket and a folder of its own.
pub(crate) fn spec(count: usize, region: &str, unique: impl Fn(&str) -> String) -> String {
    let bucket = unique("acme-state");
    let head = format!(
        "[project]\nname = \"acme\"\n\n[env]\nname = \"scale\"\nregion = \"{region}\"\ntags = {{ team = \"growth\" }}\n\n\
         [state]\nbucket = \"{bucket}\"\nfolder = \"pipectl\"\n"
    );
    (1..=count).fold(head, |mut spec, number| {
        let name = format!("p{number:03}");
        let bucket = unique(&format!("acme-{name}"));
        write!(spec, "{}", pipeline(&name, &bucket)).expect("a string takes everything");
        spec
    })
}

fn pipeline(name: &str, bucket: &str) -> String {
    format!(
        r#"
[stream.{name}]
mode = "provisioned"
shards = 1
retention_hours = 48

[bucket.{name}]
name = "{bucket}"
expire_days = 30

[firehose.{name}]
source = "stream.{name}"
destination = "bucket.{name}"
prefix = "events/!{{timestamp:yyyy/MM/dd/HH}}/"
error_prefix = "errors/!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/"
buffering = {{ size_mib = 5, interval_seconds = 300 }}
log_retention_days = 30

[snowpipe.{name}]
bucket = "bucket.{name}"
prefix = "events/"
access = "user"
table = "ANALYTICS.RAW.CLICKS"

[topic.{name}]
emails = ["data-oncall@example.com", "platform-oncall@example.com"]

[alarm.{name}-delivery]
watches = "firehose.{name}"
metric = "DeliveryToS3.Success"
notifies = ["topic.{name}"]

[alarm.{name}-freshness]
watches = "firehose.{name}"
metric = "DeliveryToS3.DataFreshness"
notifies = ["topic.{name}"]

[dashboard.{name}]
shows = ["stream.{name}", "firehose.{name}"]
"#
    )
}
