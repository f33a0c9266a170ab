//! What schedules become.

use super::{attributes, graph};

const SCHEDULE: &str = r#"
[schedule.report]
expression = "rate(1 hour)"
calls = "function.report"
input = { days = 1 }
[function.report]
code = "functions/report"
runtime = "python3.13"
handler = "app.handler"
"#;

#[test]
fn a_schedule_may_call_its_function_and_no_other_before_it_fires() {
    let graph = graph(SCHEDULE, &[]);
    let permission = serde_json::json!({
        "function": "acme-test-report",
        "statement_id": "schedule-report",
        "principal": "events.amazonaws.com",
        "source_arn": "arn:aws:events:eu-west-1:123456789012:rule/acme-test-report",
        "source_account": null,
        "api": null,
    });
    assert_eq!(attributes(&graph, "schedule.report/permission"), &permission);
    let rule = &graph.resources[&"schedule.report".parse().unwrap()];
    let needs: Vec<String> = rule.depends_on.iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["function.report", "schedule.report/permission"]);
    let target = serde_json::json!({
        "function": { "arn": "arn:aws:lambda:eu-west-1:123456789012:function:acme-test-report", "input": { "days": 1 } },
    });
    assert_eq!(rule.attributes["targets"], target);
}

#[test]
fn an_alarm_on_a_schedule_fires_when_a_call_does_not_reach_its_function() {
    let alarm = "[alarm.report]\nwatches = \"schedule.report\"\nnotifies = [\"topic.alerts\"]\n";
    let graph = graph(&format!("{SCHEDULE}{alarm}"), &[]);
    let alarm = attributes(&graph, "alarm.report");
    assert_eq!(alarm["metric"]["name"], "FailedInvocations");
    assert_eq!(alarm["metric"]["dimensions"], serde_json::json!({ "RuleName": "acme-test-report" }));
    assert_eq!((&alarm["threshold"], &alarm["evaluation_periods"]), (&0.0.into(), &1.into()));
}
