"""Runs MiniStack, and makes up for what it is known to lose.

Each point names what AWS does, and what MiniStack 1.5.33 does instead. What is not made up for is listed in gaps.rs.
"""

import json
import re

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import athena, cloudwatch, glue

# AWS is spoken to by TLS. Here nobody does, and a policy that refuses whatever comes without locks everybody out.
secure = iam_evaluator.pin_request_origin
app.pin_request_origin = lambda address, _by_tls: secure(address, True)

# An alarm keeps the metrics of its expression and its percentile. Here PutMetricAlarm forgets both.
KEPT = ("Metrics", "ExtendedStatistic")
put = cloudwatch._put_metric_alarm


def put_metric_alarm(params, asked, is_cbor, is_json=False):
    reply = put(params, asked, is_cbor, is_json)
    alarm = cloudwatch._alarms.get((asked or {}).get("AlarmName"))
    if alarm is not None:
        for member in KEPT:
            alarm[member] = asked.get(member)
        if alarm["Metrics"]:
            # What it makes up where none is given.
            alarm.update(Statistic=None, Period=None, MetricName=None, Namespace=None, Dimensions=[])
        elif alarm["ExtendedStatistic"]:
            alarm["Statistic"] = None
    return reply


cloudwatch._put_metric_alarm = put_metric_alarm

# None of these runs on its own: an alarm without one metric is never reckoned.
evaluate = cloudwatch._evaluate_alarm
cloudwatch._evaluate_alarm = lambda alarm: None if alarm.get("Metrics") else evaluate(alarm)

# A list of dashboards says when each was changed, as a time. Here CBOR has a text, which no SDK reads.
say = cloudwatch._cbor_ok


def cbor_ok(reply):
    for entry in reply.get("DashboardEntries", []):
        entry.pop("LastModified", None)
    return say(reply)


cloudwatch._cbor_ok = cbor_ok


# A query that cannot be run fails. Here, without DuckDB, every one succeeds with a row that is made up.
def mock_query_results(_query):
    raise RuntimeError("this stand-in runs no SQL: start it with `pipectl sandbox --with-duckdb`")


athena._mock_query_results = mock_query_results

# Athena puts the parameters of a query, each a literal of SQL, in the places of its question marks. Here they are forgotten.
start = athena._start_query_execution
PLACES = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\?""")


def start_query_execution(asked):
    values = iter(asked.get("ExecutionParameters") or [])
    query = PLACES.sub(lambda found: next(values, "?") if found[0] == "?" else found[0], asked.get("QueryString", ""))
    return start({**asked, "QueryString": query})


athena._start_query_execution = start_query_execution

# Who may look at a query is said of its workgroup. Here a query that is named by its id is of none, so that nobody may who is
# given one workgroup.
resource = iam_actions.extract_resource_arn


def extract_resource_arn(service, method, path, headers, body, query, region, account):
    found = resource(service, method, path, headers, body, query, region, account)
    if service != "athena" or found != "*" or b"QueryExecutionId" not in body:
        return found
    execution = athena._executions.get(json.loads(body).get("QueryExecutionId"))
    return f"arn:aws:athena:{region}:{account}:workgroup/{execution['WorkGroup']}" if execution else found


iam_actions.extract_resource_arn = extract_resource_arn

# A job keeps these. Here they are forgotten.
OF_A_JOB = ("ExecutionClass", "ExecutionProperty", "JobRunQueuingEnabled", "MaintenanceWindow", "NotificationProperty")


def keeps_members(call, name_of, settings):
    def kept(asked):
        reply = call(asked)
        job = glue._jobs.get(asked.get(name_of))
        if job is not None and reply[0] == 200:
            for member in OF_A_JOB:
                job.pop(member, None)
            job.update({member: settings(asked)[member] for member in OF_A_JOB if member in settings(asked)})
        return reply

    return kept


glue._create_job = keeps_members(glue._create_job, "Name", lambda asked: asked)
glue._update_job = keeps_members(glue._update_job, "JobName", lambda asked: asked.get("JobUpdate", {}))

app.main()
