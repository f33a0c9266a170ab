"""Tells of visitors who behave like machines: more events of one session in a batch than a person makes."""

import base64
import json
import os
from collections import Counter

import boto3

# Made once for as long as the function is kept warm.
sns = boto3.client("sns")


def handler(event, context):
    """Publishes one message for each session that is too busy; returns how many these were."""
    limit = int(os.environ["EVENTS_PER_SESSION"])
    busy = {session: count for session, count in sessions(event["Records"]).items() if count > limit}
    for session, count in sorted(busy.items()):
        sns.publish(
            TopicArn=os.environ["TOPIC"],
            Subject="A session with too many events",
            Message=json.dumps({"session_id": session, "events": count, "limit": limit}),
        )
    return {"anomalies": len(busy)}


def sessions(records):
    """The number of different events of each session; what is no event is nobody's."""
    seen = set()
    for record in records:
        try:
            click = json.loads(base64.b64decode(record["kinesis"]["data"]))
            seen.add((click["session_id"], click["event_id"]))
        except (ValueError, KeyError, TypeError):
            continue
    return Counter(session for session, _ in seen)
