"""What AWS requires and the models do not say: each with its source, and the day on which that was read.

A model loosens a member for all requests as soon as one kind of request may leave it out: botocore had
`EvaluationPeriods` of PutMetricAlarm as required until alarms on PromQL came, which have none. Compared were all
operations of the services that pipectl calls. The rest is what the documentation of members says in words.
"""

from dataclasses import dataclass
from typing import Callable

LOOSENED = "botocore 1.40.0, whose model requires it (1.44.8 does not)"
ALARM = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
FUNCTION = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"
MAPPING = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"
RULE = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"
TABLE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html"


@dataclass(frozen=True)
class Requirement:
    """Of an operation, one of some members, where a condition holds of the others; `within` names a list of structures
    that have them instead of the request."""

    service: str
    operation: str
    one_of: tuple
    source: str
    where: Callable = lambda members: True
    within: str = ""
    read_on: str = "2026-11-28"


def _on_promql(members):
    return "EvaluationCriteria" in members


def _on_metric(members):
    return "MetricName" in members


def _provisioned(members):
    return members.get("BillingMode", "PROVISIONED") == "PROVISIONED"


def _zip(members):
    return members.get("PackageType", "Zip") == "Zip"


def _on_stream(members):
    source = str(members.get("EventSourceArn"))
    return ":kinesis:" in source or ":dynamodb:" in source


def _not_a_copy(members):
    return "GlobalTableSourceArn" not in members


REQUIREMENTS = (
    Requirement("cloudwatch", "PutMetricAlarm", ("EvaluationPeriods",), LOOSENED, lambda m: not _on_promql(m)),
    Requirement("cloudwatch", "PutMetricAlarm", ("ComparisonOperator",), LOOSENED, lambda m: not _on_promql(m)),
    Requirement("cloudwatch", "PutMetricAlarm", ("MetricName", "Metrics", "EvaluationCriteria"), ALARM),
    Requirement("cloudwatch", "PutMetricAlarm", ("Threshold", "ThresholdMetricId"), ALARM, lambda m: not _on_promql(m)),
    Requirement("cloudwatch", "PutMetricAlarm", ("Statistic", "ExtendedStatistic"), ALARM, _on_metric),
    Requirement("cloudwatch", "PutMetricAlarm", ("Namespace",), ALARM, _on_metric),
    Requirement("cloudwatch", "PutMetricAlarm", ("Period",), ALARM, _on_metric),
    Requirement("dynamodb", "CreateTable", ("AttributeDefinitions",), LOOSENED, _not_a_copy),
    Requirement("dynamodb", "CreateTable", ("KeySchema",), LOOSENED, _not_a_copy),
    Requirement("dynamodb", "CreateTable", ("ProvisionedThroughput",), TABLE, _provisioned),
    Requirement("events", "PutRule", ("ScheduleExpression", "EventPattern"), RULE),
    Requirement("kinesis", "PutRecord", ("PartitionKey",), LOOSENED),
    Requirement("kinesis", "PutRecords", ("PartitionKey",), LOOSENED, within="Records"),
    Requirement("lambda", "CreateEventSourceMapping", ("EventSourceArn", "SelfManagedEventSource"), MAPPING),
    Requirement("lambda", "CreateEventSourceMapping", ("StartingPosition",), MAPPING, _on_stream),
    Requirement("lambda", "CreateFunction", ("Handler",), FUNCTION, _zip),
    Requirement("lambda", "CreateFunction", ("Runtime",), FUNCTION, _zip),
)


def check(service, operation, members, findings):
    """Notes what is required of an operation and its members lack."""
    for one in REQUIREMENTS:
        if (one.service, one.operation) != (service, operation):
            continue
        for structure in members.get(one.within, []) if one.within else [members]:
            if one.where(structure) and not any(name in structure for name in one.one_of):
                where = f".{one.within}[]" if one.within else ""
                message = f"required, and missing: {one.source}, read on {one.read_on}"
                findings.add("documented", f"{where}.{' or '.join(one.one_of)}", message)
