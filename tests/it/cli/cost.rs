//! `cost`: what a month comes to, and what the numbers leave out.

use insta::assert_snapshot;

use super::SMALL;
use crate::support::cli::Cli;

/// A stream and a bucket behind it.
fn spec() -> String {
    format!(
        "{SMALL}[bucket.events]\nexpire_days = 14\n[firehose.clicks]\nsource = \"stream.clicks\"\ndestination = \"bucket.events\"\nprefix = \"events/\"\n"
    )
}

#[test]
fn without_traffic_the_fixed_part_is_shown_and_what_is_missing_is_said() {
    let cli = Cli::new().file("envs/dev.toml", &spec());
    assert_snapshot!(cli.run(&["cost", "--env", "dev"]), @r"
    --- stdout
    dev (us-east-1): at least USD 11.10 a month, at the prices of 2026-11-29.

      block             what                   quantity   price (USD)              USD a month
    ────────────────────────────────────────────────────────────────────────────────────────────
      alarm.lag         metrics of the alarm          1   0.1 / metric                    0.10
      stream.clicks     shards                      730   0.015 / shard-hour             10.95
                        KMS requests             17,520   0.03 / 10,000 requests          0.05
      total, at least                                                                    11.10

    The traffic of stream.clicks is not known and not counted.
    write what you `expect` into the block, or give `--from-metrics`; of streams also
    `--records-per-second` and `--bytes`

    Taken for granted
      List prices before tax, without free tier and discounts; a month has 730 hours.
      Roles, parameters, schedules, logs of delivery streams and the keys themselves are not counted;
        alarms fire seldom.
      An encrypted stream has one producer, which asks KMS every five minutes, as each reader does.
    --- exit code 0
    ");
}

#[test]
fn with_traffic_every_block_is_billed_and_a_stream_that_is_too_small_is_warned_of() {
    let cli = Cli::new().file("envs/dev.toml", &spec());
    assert_snapshot!(cli.run(&["cost", "--env", "dev", "--records-per-second", "2500", "--bytes", "800"]), @r"
    --- stdout
    dev (us-east-1): USD 1,179.48 a month, at the prices of 2026-11-29.

      block             what                        quantity   price (USD)               USD a month
    ──────────────────────────────────────────────────────────────────────────────────────────────────
      alarm.lag         metrics of the alarm               1   0.1 / metric                     0.10
      bucket.events     PUTs                       1,002,502   0.005 / 1,000 requests           5.01
                        stored, STANDARD               7,081   0.023 / GB-month               162.86
      firehose.clicks   read, 5 KB steps              31,328   0.029 / GB                     908.52
      stream.clicks     shards                           730   0.015 / shard-hour              10.95
                        PUT payload units      6,570,000,000   0.014 / 1,000,000 units         91.98
                        KMS requests                  17,520   0.03 / 10,000 requests           0.05
      total                                                                                 1,179.48

    Taken for granted
      List prices before tax, without free tier and discounts; a month has 730 hours.
      Roles, parameters, schedules, logs of delivery streams and the keys themselves are not counted;
        alarms fire seldom.
      What expires in a versioned bucket is billed until it is gone as a version: `noncurrent_days`
        more.
      Firehose writes an object when its buffer is full or its time is up; above some MB/s it has
        several buffers, and writes more and smaller ones.
      Reading objects, and moving them out of the region, is not counted.
      Firehose logs no errors, which CloudWatch Logs would bill by the GB.
      An encrypted stream has one producer, which asks KMS every five minutes, as each reader does.
    --- stderr
    warning: this traffic needs 3 shards, and the stream has 1
     --> --set:1:15
      |
    1 | stream.clicks.expect.bytes=800
      |               ^^^^^^
      |
      = help: a shard takes 1,000 records and 1 MiB a second, and gives its readers 2 MiB together
    --- exit code 0
    ");
}

#[test]
fn what_is_given_goes_before_what_the_spec_expects() {
    let spec = spec().replace("shards = 1", "shards = 1\nexpect = { records_per_second = 100, bytes = 800 }");
    let cli = Cli::new().file("envs/dev.toml", &spec);
    let total = |arguments: &[&str]| {
        let json = cli.run(&[&["cost", "--env", "dev", "--json"], arguments].concat()).success().json();
        assert_eq!((&json["currency"], &json["estimate"]["region"]), (&"USD".into(), &"us-east-1".into()));
        json["estimate"]["total"].as_f64().unwrap()
    };
    let expected = total(&[]);
    assert!(total(&["--bytes", "6000"]) > expected && total(&["--records-per-second", "1"]) < expected);
    assert_snapshot!(cli.run(&["cost", "--env", "dev", "--records-per-second", "-1"]), @r"
    --- stderr
    error: `stream.clicks.expect.records_per_second` must be between 0 and 10000000, not -1
     --> --set:1:41
      |
    1 | stream.clicks.expect.records_per_second=-1
      |                                         ^^
      |
      = help: Records a second, on average.

    1 mistake.
    --- exit code 1
    ");
}

#[test]
fn a_region_without_prices_is_said_and_another_regions_are_offered() {
    let cli = Cli::new().file("envs/dev.toml", &spec().replace("us-east-1", "eu-south-1"));
    assert_snapshot!(cli.run(&["cost", "--env", "dev"]), @r"
    --- stderr
    error: there are no prices of the region `eu-south-1`; there are those of ap-northeast-1, ap-northeast-2, ap-southeast-1, eu-central-1, eu-west-1, eu-west-2, us-east-1, us-east-2, us-west-2
    what now: `--prices-of REGION` reckons with the prices of one of these
    --- exit code 1
    ");
    let elsewhere = cli.run(&["cost", "--env", "dev", "--prices-of", "eu-west-1"]).success().stdout;
    assert!(elsewhere.starts_with("dev (eu-south-1, with the prices of eu-west-1): at least USD "), "{elsewhere}");
}
