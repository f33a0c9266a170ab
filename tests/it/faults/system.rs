//! What lives, and how its spec changes from phase to phase.

use crate::support::deployment::{Deployment, REGION, SNOWFLAKE};
use crate::support::emulator::Emulator;
use crate::support::sqs;

/// The queue that the clickstream's bucket tells of its objects.
const QUEUE: &str = "sf-snowpipe-faults";
/// Where each system's shared defaults are.
const BASE: &str = "envs/base.toml";

/// A file, a text in it, and what stands there instead.
type Edit = (&'static str, &'static str, &'static str);

/// A system whose environment `dev` is made, changed, replaced and destroyed.
#[derive(Debug)]
pub(super) struct System {
    /// What it is called in a table.
    pub(super) name: &'static str,
    /// What changes in place.
    edits: &'static [Edit],
    /// The blocks that get another name, and are thereby replaced, with these names.
    renames: &'static [(&'static str, &'static str)],
    /// The name of its one bucket, but for the account.
    bucket: &'static str,
    /// Whose calls are disturbed, by what their names begin with: the others' are those of another system.
    calls: &'static [&'static str],
}

/// This repository's own: Kinesis, Firehose, S3, Snowpipe's user.
pub(super) static CLICKSTREAM: System = System {
    name: "clickstream",
    edits: &[
        (BASE, "team = \"growth\"", "team = \"core\""),
        (BASE, "[topic.alerts]", "[topic.alerts]\ndisplay_name = \"Clicks\""),
        (BASE, "metric = \"DeliveryToS3.Success\"", "metric = \"DeliveryToS3.Success\"\nthreshold = 0.5"),
        (BASE, "retention_hours = 24", "retention_hours = 48"),
        (BASE, "\nprefix = \"events/\"", "\nprefix = \"events/20\""),
        ("envs/dev.toml", "shards = 1", "shards = 2"),
        ("envs/dev.toml", "expire_days = 14", "expire_days = 15"),
        ("envs/dev.toml", "size_mib = 1", "size_mib = 2"),
        ("envs/dev.toml", "log_retention_days = 7", "log_retention_days = 14"),
    ],
    renames: &[
        ("stream.clicks", "other-clicks"),
        ("firehose.clicks", "other-delivery"),
        ("snowpipe.events", "other-reader"),
        ("topic.alerts", "other-alerts"),
        ("alarm.delivery", "other-alarm"),
        ("dashboard.clickstream", "other-dashboard"),
    ],
    bucket: "acme-clickstream-events-${env}",
    calls: &[""],
};

/// `examples/analytics`: functions that read a stream, tables.
pub(super) static ANALYTICS: System = System {
    name: "analytics",
    edits: &[
        (BASE, "team = \"growth\"", "team = \"core\""),
        (BASE, "KEEP_DAYS = \"30\"", "KEEP_DAYS = \"60\""),
        (BASE, "window_seconds = 5", "window_seconds = 10"),
        (BASE, "[table.pages]", "[table.pages]\npoint_in_time_recovery = true"),
        ("functions/detect/app.py", "A session with too many events", "A session with too much going on"),
        ("envs/dev.toml", "expire_days = 7", "expire_days = 8"),
    ],
    renames: &[
        ("stream.clicks", "other-clicks"),
        ("table.sessions", "other-sessions"),
        ("table.pages", "other-pages"),
        ("function.process", "other-process"),
        ("function.detect", "other-detect"),
        ("firehose.raw", "other-delivery"),
        ("topic.alerts", "other-alerts"),
        ("alarm.behind", "other-alarm"),
        ("dashboard.analytics", "other-dashboard"),
    ],
    bucket: "acme-analytics-${env}-raw",
    calls: &[""],
};

/// `examples/ecommerce`: an API whose routes a function answers. Its tags stay, as MiniStack loses those of an API.
pub(super) static ECOMMERCE: System = System {
    name: "ecommerce",
    edits: &[
        (BASE, "Takes what visitors of the shop do", "Takes events"),
        (BASE, "\"POST /events\" = ", "\"POST /v1/events\" = "),
        (BASE, "rate = 500, burst = 500", "rate = 400, burst = 450"),
        (BASE, "timeout_seconds = 15", "timeout_seconds = 20"),
        ("functions/ingest/app.py", "the stream has no room", "the stream is full"),
        ("envs/dev.toml", "expire_days = 7", "expire_days = 8"),
    ],
    renames: &[
        ("api.events", "other-api"),
        ("function.ingest", "other-ingest"),
        ("stream.events", "other-events"),
        ("firehose.events", "other-delivery"),
        ("topic.alerts", "other-alerts"),
        ("alarm.refused", "other-alarm"),
        ("dashboard.shop", "other-dashboard"),
    ],
    bucket: "acme-shop-${env}-events",
    calls: &[""],
};

/// A lake of one table: a job with its script and its schedule, a workgroup with a saved query.
pub(super) static LAKE: System = System {
    name: "lake",
    edits: &[
        (BASE, "team = \"growth\"", "team = \"core\""),
        (BASE, "description = \"Clicks\"", "description = \"All clicks\""),
        (BASE, "columns = [", "columns = [{ name = \"at\", type = \"timestamp\" }, "),
        (BASE, "cron(15 3 * * ? *)", "cron(45 3 * * ? *)"),
        (BASE, "engine = \"spark\"", "engine = \"spark\"\ntimeout_minutes = 30"),
        (BASE, "results = \"bucket.data\"", "results = \"bucket.data\"\nscan_limit_mib = 1000"),
        (BASE, "SELECT page FROM", "SELECT at, page FROM"),
        ("jobs/tidy.py", "# As long as", "# For as long as"),
    ],
    renames: &[
        ("catalog.lake", "other_lake"),
        ("dataset.clicks", "other_clicks"),
        ("job.tidy", "other-tidy"),
        ("athena.lake", "other-lake"),
    ],
    bucket: "acme-lake-${env}-data",
    calls: &["athena:", "glue:"],
};

impl System {
    /// Its environment in a new account, with a place for its state, and of which nothing exists yet.
    pub(super) async fn bootstrapped(&self, emulator: &'static Emulator) -> Deployment {
        let deployment = match self.name {
            "clickstream" => clickstream(emulator).await,
            "analytics" => Deployment::of("examples/analytics", emulator.account()),
            "lake" => Deployment::of("tests/files/lake", emulator.account()),
            _ => Deployment::of("examples/ecommerce", emulator.account()),
        };
        for file in self.files() {
            deployment.cli.write(&format!("original/{file}"), &deployment.cli.read(file));
        }
        deployment
    }

    /// Whether a call is one of those that are disturbed.
    pub(super) fn disturbs(&self, operation: &str) -> bool {
        self.calls.iter().any(|prefix| operation.starts_with(prefix))
    }

    /// The files that phases change.
    fn files(&self) -> impl Iterator<Item = &'static str> {
        self.edits.iter().map(|(file, ..)| *file).chain([BASE])
    }

    /// Writes its files as they were at first.
    pub(super) fn restore(&self, deployment: &Deployment) {
        for file in self.files() {
            deployment.cli.write(file, &deployment.cli.read(&format!("original/{file}")));
        }
    }

    /// Changes what can be changed in place.
    pub(super) fn change_in_place(&self, deployment: &Deployment) {
        for (file, old, new) in self.edits {
            deployment.edit(file, old, new);
        }
    }

    /// Gives everything another name.
    pub(super) fn change_names(&self, deployment: &Deployment) {
        let unique = |name| deployment.account.unique(name);
        deployment.edit(BASE, &unique(self.bucket), &unique("acme-other-events-${env}"));
        for (block, name) in self.renames {
            deployment.edit(BASE, &format!("[{block}]"), &format!("[{block}]\nname = \"{name}\""));
        }
    }

    /// The name that its bucket has then.
    pub(super) fn other_bucket(deployment: &Deployment) -> String {
        deployment.account.unique("acme-other-events-dev")
    }
}

async fn clickstream(emulator: &'static Emulator) -> Deployment {
    sqs::create_queue(&emulator.account_of(SNOWFLAKE).in_region(REGION), QUEUE).await;
    let deployment = Deployment::bootstrapped(emulator, "dev").await;
    let queue = format!("\n[snowpipe.events]\nqueue_arn = \"arn:aws:sqs:{REGION}:{SNOWFLAKE}:{QUEUE}\"\n");
    deployment.edit("envs/dev.toml", "\n[bucket.events]", &format!("{queue}\n[bucket.events]"));
    deployment
}
