//! The same of the lake: datasets, jobs, conversions, and what hangs them together.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings, with};

const LAKE: &str = r#"
[bucket.lake]
[catalog.lake]
[dataset.clicks]
catalog = "catalog.lake"
bucket = "bucket.lake"
prefix = "clicks/"
format = "parquet"
columns = [{ name = "page", type = "string" }]
[job.clean]
script = "jobs/clean.py"
code_bucket = "bucket.lake"
reads = ["bucket.events"]
writes = ["dataset.clicks"]
"#;

fn lake(table: &str, line: &str) -> String {
    let (before, after) = LAKE.split_once(&format!("[{table}]\n")).unwrap();
    let said = |old: &str| line.lines().any(|line| old.starts_with(&format!("{} ", line.split(' ').next().unwrap())));
    let end = after.find("\n[").map_or(after.len(), |end| end + 1);
    let kept: Vec<&str> = after[..end].lines().filter(|old| !said(old)).collect();
    format!("{GOOD}{before}[{table}]\n{line}\n{}\n{}", kept.join("\n"), &after[end..])
}

#[track_caller]
fn one(text: &str, severity: Severity, expected: &str) {
    let found = findings(text, severity);
    assert!(found.iter().filter(|it| it.contains(expected)).count() == 1, "{expected}: {found:#?}");
    assert!(severity == Severity::Warning || found.len() == 1, "{expected}: {found:#?}");
}

#[test]
fn a_dataset_is_refused_that_reads_as_nothing_or_as_something_else() {
    let dataset = |line: &str, expected: &str| one(&lake("dataset.clicks", line), Severity::Error, expected);
    let column = |kind: &str| format!("columns = [{{ name = \"page\", type = \"{kind}\" }}]");
    let partition = |kind: &str| format!("partitions = [{{ name = \"day\", type = \"{kind}\" }}]");
    assert_eq!(findings(&lake("dataset.clicks", &partition("varchar(8)")), Severity::Error), [""; 0]);
    dataset("prefix = \"clicks\"", "without `/` at its end");
    dataset("prefix = \"clicks*/\"", "meaning of its own");
    dataset(&column("text"), "text");
    dataset(&column("array<string"), "`>` is missing at the end");
    dataset(&partition("double"), "cannot be the names of folders");
    dataset(&partition("varchar(x"), "a `)` is missing");
    dataset("partitions = [{ name = \"page\" }]", "there is a column `page` already");
    dataset("folders = \"plain\"\npartitions = [{ name = \"day\" }]", "only a `projection` finds partitions");
    dataset("format = \"delta\"\npartitions = [{ name = \"day\" }]", "stand in its own log");
    dataset("properties = { classification = \"json\" }", "follows from the other settings");
    let projected = |values: &str| format!("partitions = [{{ name = \"day\", projection = {{ {values} }} }}]");
    dataset(&projected("values = \"date\", range = [\"2026/01/01\", \"NOW\"]"), "need a `format`");
    dataset(&projected("values = \"integer\", range = [\"9\", \"1\"]"), "before it begins");
    dataset(&projected("values = \"enum\", list = [\"a,b\"]"), "cannot hold `,`");
    dataset(&projected("values = \"injected\", digits = 2"), "have no `digits`");
    let hours = "values = \"date\", range = [\"2026/01/01/00\", \"NOW\"], format = \"yyyy/MM/dd/HH\"";
    dataset(&format!("folders = \"plain\"\n{}", projected(hours)), "need a `unit`");
}

#[test]
fn partitions_that_nobody_enters_are_warned_of() {
    let day = lake("dataset.clicks", "partitions = [{ name = \"day\" }]");
    let warned = |text: &str| findings(text, Severity::Warning).iter().any(|it| it.contains("nothing enters new"));
    assert!(!warned(&day) && warned(&day.replace("writes = [\"dataset.clicks\"]", "writes = [\"bucket.lake\"]")));
}

#[test]
fn a_job_is_refused_that_glue_would_not_run_as_it_says() {
    let job = |line: &str, expected: &str| one(&lake("job.clean", line), Severity::Error, expected);
    job("worker = \"G.12X\"\nglue_version = \"3.0\"", "Glue 3.0 has no workers `G.12X`");
    job("flex = true\nglue_version = \"2.0\"", "flexible runs need Glue 3.0");
    job("engine = \"python-shell\"\nworkers = 2", "`workers` is for Spark");
    job("whole_dpu = true", "Spark has workers instead");
    job("bookmark = true\nmax_concurrent_runs = 2", "overwrite one another's bookmark");
    job("arguments = { landing = \"x\" }", "does not begin with `--`");
    job("arguments = { \"--TempDir\" = \"x\" }", "`--TempDir` cannot be given");
    job("python_files = [\"lib/clean.py\"]", "another file of this job is called `clean.py`");
    job("files = [\"a/words.json\", \"b/words.json\"]", "another file of this job is called `words.json`");
    job("jars = [\"lib/udf.zip\"]", "`lib/udf.zip` is no `.jar`");
    job("files = [\"../words.json\"]", "lies outside the project's folder");
    job("engine = \"python-shell\"\njars = [\"lib/udf.jar\"]", "`jars` is for Spark");
    job("schedule = \"rate(5 minutes)\"", "triggers of Glue know no other schedule");
    job("schedule = \"cron(15 * * * * *)\"", "?");
    job("after = [\"job.clean\"]", "cannot wait for itself");
    job("failures_to = [\"stream.clicks\"]", "must be a `topic`, not a `stream`");
    let many: Vec<String> = (0..6).map(|i| format!("\"topic.t{i}\"")).collect();
    let topics = (0..6).map(|i| format!("\n[topic.t{i}]")).collect::<Vec<_>>().concat();
    let six = format!("{}{topics}", lake("job.clean", &format!("failures_to = [{}]", many.join(", "))));
    one(&six, Severity::Error, "5");
    let locked =
        with("topic.alerts", "kms_key = \"alias/aws/sns\"").replace("notifies = [\"topic.alerts\"]", "notifies = []");
    let told = locked + LAKE + "failures_to = [\"topic.alerts\"]\n";
    one(&told, Severity::Error, "EventBridge cannot publish to `topic.alerts`");
}

#[test]
fn what_a_job_may_trip_over_is_warned_of() {
    let job = |line: &str, expected: &str| one(&lake("job.clean", line), Severity::Warning, expected);
    job("schedule = \"cron(0/15 * * * ? *)\"", "it fires every 15 minutes, and a run may take 60");
    job("arguments = { \"--additional-python-modules\" = \"polars\" }", "each run installs the newest version");
    job("reads = [\"dataset.clicks\"]\nwrites = []", "nothing in this spec writes `dataset.clicks`");
    let read = lake("job.clean", "reads = [\"dataset.clicks\"]\nwrites = []");
    for writer in [
        "uses = [\"table.sessions:write\", \"bucket.lake/clicks/:write\"]",
        "uses = [\"table.sessions:write\", \"bucket.lake/other/:write\"]",
    ] {
        let text = read.replace("uses = [\"table.sessions:write\"]", writer);
        let warned = findings(&text, Severity::Warning).iter().any(|it| it.contains("nothing in this spec writes"));
        assert_eq!(warned, writer.contains("other"), "{writer}");
    }
}

#[test]
fn an_alarm_on_a_job_says_its_metric_and_is_sent_to_where_failures_are_told() {
    let alarm = |lines: &str| format!("{GOOD}{LAKE}[alarm.clean]\nwatches = \"job.clean\"\n{lines}");
    one(&alarm(""), Severity::Error, "needs a `metric`");
    assert_eq!(findings(&alarm("metric = \"glue.driver.aggregate.numFailedTasks\""), Severity::Error), [""; 0]);
    let shell =
        alarm("metric = \"glue.driver.jvm.heap.usage\"").replace("script = ", "engine = \"python-shell\"\nscript = ");
    one(&shell, Severity::Error, "a Python shell has no metrics");
}

#[test]
fn a_conversion_is_refused_that_firehose_would_not_make_or_nobody_would_read() {
    let convert = |lines: &str, dataset: &str| {
        let firehose = format!(
            "source = \"stream.clicks\"\ndestination = \"bucket.lake\"\n{lines}\nconvert = {{ dataset = \"dataset.clicks\" }}\n"
        );
        format!("{GOOD}{}[firehose.lake]\n{firehose}", LAKE.replace("format = \"parquet\"", dataset))
    };
    let good = "prefix = \"clicks/!{timestamp:yyyy}/\"\nerror_prefix = \"errors/!{firehose:error-output-type}/\"\nbuffering = { size_mib = 64, interval_seconds = 60 }";
    assert_eq!(findings(&convert(good, "format = \"parquet\""), Severity::Error), [""; 0]);
    let refused = |from: &str, to: &str, dataset: &str, expected: &str| {
        one(&convert(&good.replace(from, to), dataset), Severity::Error, expected);
    };
    let parquet = "format = \"parquet\"";
    refused("64", "63", parquet, "a buffer of 63 MiB is too small");
    refused(
        "prefix = \"clicks",
        "compression = \"gzip\"\nprefix = \"clicks",
        parquet,
        "compresses no object that it converts",
    );
    refused("x", "x", "format = \"orc\"", "reads its objects as something else than `parquet`");
    refused("prefix = \"clicks/", "prefix = \"other/", parquet, "this is written elsewhere");
    refused("prefix = \"errors/", "prefix = \"clicks/errors/", parquet, "is written under it, and would be read");
}

#[test]
fn an_alarm_watches_what_a_firehose_does_not_convert_and_none_that_converts_nothing() {
    let alarm = |convert: &str| {
        format!(
            "{GOOD}{LAKE}[firehose.lake]\nsource = \"stream.clicks\"\ndestination = \"bucket.lake\"\nprefix = \"clicks/!{{timestamp:yyyy}}/\"\n\
             error_prefix = \"errors/!{{firehose:error-output-type}}/\"\nbuffering = {{ size_mib = 64, interval_seconds = 60 }}\n{convert}\n\
             [alarm.lake]\nwatches = \"firehose.lake\"\nmetric = \"FailedConversion.Records\"\n"
        )
    };
    assert_eq!(findings(&alarm("convert = { dataset = \"dataset.clicks\" }"), Severity::Error), [""; 0]);
    let plain = alarm("").replace("format = \"parquet\"", "format = \"json\"");
    one(&plain, Severity::Error, "never emits `FailedConversion.Records`: it is emitted only with a conversion");
}

#[test]
fn code_whose_dependencies_are_open_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let code = folder.path().join("functions/process");
    std::fs::create_dir_all(&code).unwrap();
    std::fs::write(folder.path().join("dev.toml"), GOOD).unwrap();
    let warned = |requirements: &str| {
        std::fs::write(code.join("requirements.txt"), requirements).unwrap();
        let options = pipectl::spec::Options { root: folder.path().to_owned(), ..pipectl::spec::Options::default() };
        let loaded = pipectl::spec::load(&pipectl::spec::Source::File(folder.path().join("dev.toml")), &options);
        let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
        loaded.warnings().entries().into_iter().any(|it| it.message.contains("leaves the version of `requests` open"))
    };
    assert!(warned("requests>=2\n") && !warned("requests==2.32.3\n"));
    std::fs::write(code.join("uv.lock"), "version = 1\n").unwrap();
    assert!(!warned("requests>=2\n"));
}
