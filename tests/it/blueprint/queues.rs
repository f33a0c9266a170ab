//! What queues become, and what their readers and senders may do.

use serde_json::Value;

use super::{attributes, graph, lines};

const QUEUES: &str = r#"
[queue.orders]
dead_letters = "queue.failed"
[queue.failed]
[function.ship]
code = "functions/ship"
runtime = "python3.13"
handler = "app.handler"
timeout_seconds = 20
environment = { FAILED = "${queue.failed.name}" }
uses = ["queue.failed:send"]
source = { from = "queue.orders", batch_size = 5, report_failures = true, max_concurrency = 2 }
"#;

#[test]
fn a_queue_hides_messages_from_others_six_times_as_long_as_its_function_takes_and_keeps_dead_letters_longest() {
    let graph = graph(QUEUES, &[]);
    let (orders, failed) = (attributes(&graph, "queue.orders"), attributes(&graph, "queue.failed"));
    assert_eq!(
        (&orders["visibility_timeout_seconds"], &failed["visibility_timeout_seconds"]),
        (&120.into(), &30.into())
    );
    assert_eq!((&orders["retention_seconds"], &failed["retention_seconds"]), (&345_600.into(), &1_209_600.into()));
    let arn = "arn:aws:sqs:eu-west-1:123456789012:acme-test-failed";
    assert_eq!(orders["dead_letters"], serde_json::json!({ "queue_arn": arn, "max_receives": 5 }));
    assert_eq!(failed["dead_letters_of"], serde_json::json!(["arn:aws:sqs:eu-west-1:123456789012:acme-test-orders"]));
    assert_eq!((&orders["dead_letters_of"], &orders["own_encryption"]), (&Value::Null, &true.into()));
    insta::assert_snapshot!(
        lines(&orders["policy"]["Statement"]),
        @r#"{"Action":["sqs:*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Deny","Principal":"*","Resource":["arn:aws:sqs:eu-west-1:123456789012:acme-test-orders"],"Sid":"TlsOnly"}"#
    );
}

#[test]
fn a_function_may_receive_from_its_queue_and_send_to_those_it_uses() {
    let graph = graph(QUEUES, &["queue.orders.kms_key=alias/orders"]);
    let role = &attributes(&graph, "function.ship/role")["policies"]["function"]["Statement"];
    insta::assert_snapshot!(lines(role), @r#"
    {"Action":["kms:Decrypt"],"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":["alias/orders"]},"StringEquals":{"kms:ViaService":["sqs.eu-west-1.amazonaws.com"]},"StringLike":{"kms:EncryptionContext:aws:sqs:arn":["arn:aws:sqs:eu-west-1:123456789012:acme-test-orders"]}},"Effect":"Allow","Resource":["arn:aws:kms:eu-west-1:123456789012:key/*"]}
    {"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/acme-test-ship:*"]}
    {"Action":["sqs:DeleteMessage","sqs:GetQueueAttributes","sqs:GetQueueUrl","sqs:ReceiveMessage"],"Effect":"Allow","Resource":["arn:aws:sqs:eu-west-1:123456789012:acme-test-orders"]}
    {"Action":["sqs:GetQueueUrl","sqs:SendMessage"],"Effect":"Allow","Resource":["arn:aws:sqs:eu-west-1:123456789012:acme-test-failed"]}
    {"Action":["xray:PutTelemetryRecords","xray:PutTraceSegments"],"Effect":"Allow","Resource":["*"]}
    "#);
    let mapping = attributes(&graph, "function.ship/source");
    let expected = serde_json::json!({
        "function": "acme-test-ship",
        "source_arn": "arn:aws:sqs:eu-west-1:123456789012:acme-test-orders",
        "role_arn": "arn:aws:iam::123456789012:role/acme-test-ship-function",
        "enabled": true,
        "batch_size": 5,
        "window_seconds": 0,
        "report_failures": true,
        "max_concurrency": 2,
        "starting_position": null,
        "parallelization": 1,
        "bisect_on_error": false,
        "retries": null,
        "max_age_seconds": null,
        "failure_arn": null,
    });
    assert_eq!(mapping, &expected, "nothing of what Lambda takes of streams alone");
    assert_eq!(attributes(&graph, "function.ship")["environment"]["FAILED"], "acme-test-failed");
}

#[test]
fn a_fifo_queue_has_its_ending_wherever_its_name_is_said() {
    let set = ["queue.orders.fifo=true", "queue.failed.fifo=true", "queue.failed.high_throughput=true"];
    let graph = graph(QUEUES, &set);
    assert_eq!(attributes(&graph, "queue.failed")["name"], "acme-test-failed.fifo");
    assert_eq!(attributes(&graph, "function.ship")["environment"]["FAILED"], "acme-test-failed.fifo");
    assert_eq!(attributes(&graph, "queue.failed")["fifo"]["throughput_limit"], "perMessageGroupId");
    assert_eq!(attributes(&graph, "queue.orders")["fifo"]["throughput_limit"], "perQueue");
}

#[test]
fn an_alarm_on_a_queue_fires_at_the_first_dead_letter_or_when_messages_wait_too_long() {
    let alarm = |name: &str| format!("[alarm.{name}]\nwatches = \"queue.{name}\"\nnotifies = [\"topic.alerts\"]\n");
    let graph = graph(&format!("{QUEUES}{}{}", alarm("orders"), alarm("failed")), &[]);
    let failed = attributes(&graph, "alarm.failed");
    assert_eq!(failed["metric"]["name"], "ApproximateNumberOfMessagesVisible");
    assert_eq!((&failed["threshold"], &failed["evaluation_periods"]), (&0.0.into(), &1.into()));
    let orders = attributes(&graph, "alarm.orders");
    assert_eq!(orders["metric"]["name"], "ApproximateAgeOfOldestMessage");
    assert_eq!(orders["metric"]["dimensions"], serde_json::json!({ "QueueName": "acme-test-orders" }));
    // Two of four days, in seconds.
    assert_eq!(orders["threshold"], 172_800.0);
}

#[test]
fn what_a_function_gives_up_is_kept_a_fortnight_and_told_of_at_once() {
    const FAILURES: &str = r#"
[queue.failed]
[function.process]
code = "functions/process"
runtime = "python3.13"
handler = "app.handler"
source = { from = "stream.clicks", retries = 3, failures_to = "queue.failed" }
[alarm.failed]
watches = "queue.failed"
notifies = ["topic.alerts"]
"#;
    let graph = graph(FAILURES, &[]);
    let (queue, alarm) = (attributes(&graph, "queue.failed"), attributes(&graph, "alarm.failed"));
    assert_eq!(queue["retention_seconds"], 1_209_600);
    assert_eq!(alarm["metric"]["name"], "ApproximateNumberOfMessagesVisible");
    assert_eq!((&alarm["comparison"], &alarm["threshold"]), (&"GreaterThanThreshold".into(), &0.0.into()));
    assert_eq!(alarm["evaluation_periods"], 1);
}
