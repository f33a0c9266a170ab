//! Statistics and periods of alarms, as CloudWatch's user guide has them.

use pipectl::spec::diagnostic::Severity;

use super::{findings, refused, with};

fn statistic(text: &str) -> String {
    format!("statistic = \"{text}\"")
}

#[test]
fn statistics_that_cloudwatch_knows_are_taken_and_no_others() {
    for good in [
        "Average",
        "SampleCount",
        "p0",
        "p99",
        "p99.9",
        "p100",
        "p100.0",
        "tm90",
        "tc99",
        "ts0.5",
        "wm98",
        "IQM",
        "TM(10%:90%)",
        "TM(:95%)",
        "TM(80%:)",
        "TM(150:1000)",
        "WM(:90%)",
        "TC(0.005:0.030)",
        "TS(80%:)",
        "PR(:300)",
        "PR(100:2000)",
        "PR(100:)",
    ] {
        assert_eq!(
            findings(&with("alarm.delivery", &statistic(good)), Severity::Error),
            Vec::<String>::new(),
            "{good}"
        );
    }
    for bad in [
        "p101",
        "p100.1",
        "p",
        "p-1",
        "iqm",
        "average",
        "Median",
        "IQM(1:2)",
        "TM(10:90%)",
        "TM(10%:101%)",
        "TM()",
        "TM(:)",
        "PR(10%:90%)",
        "pr99",
        "PR99",
        "p99.12345678901",
        "TM(10%,90%)",
    ] {
        refused("alarm.delivery", &statistic(bad), "is malformed");
    }
    for empty in ["TM(90%:10%)", "PR(300:100)"] {
        refused("alarm.delivery", &statistic(empty), "nothing lies in the range");
    }
}

#[test]
fn periods_below_a_minute_are_taken_with_a_warning_as_far_as_cloudwatch_takes_them() {
    for good in [10, 20, 30] {
        let text = with("alarm.delivery", &format!("period = {good}"));
        assert_eq!(findings(&text, Severity::Error), Vec::<String>::new(), "{good}");
        let warnings = findings(&text, Severity::Warning);
        assert!(warnings.iter().any(|warning| warning.contains("come once a minute")), "{warnings:#?}");
    }
    for bad in [0, 5, 15, 40, 59, 61, 90] {
        refused("alarm.delivery", &format!("period = {bad}"), "is not a multiple of 60");
    }
}
