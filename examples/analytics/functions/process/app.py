"""Counts page views and keeps sessions: one batch of a Kinesis stream at a time.

Kinesis delivers a record at least once. A session therefore keeps the ids of its events, and an event goes into its
session and onto the counter of its page in one transaction: both, or neither where the session knows it already.
"""

import base64
import json
import os
import time

import boto3
from botocore.exceptions import ClientError

DAY = 24 * 60 * 60

# Made once for as long as the function is kept warm.
dynamodb = boto3.client("dynamodb")


def handler(event, context):
    """Processes a batch; returns the records that are to be tried again."""
    keep_until = str(int(time.time()) + int(os.environ["KEEP_DAYS"]) * DAY)
    for record in event["Records"]:
        try:
            process(decode(record), keep_until)
        except ValueError as error:
            # No further attempt makes an event of it: it must not hold up the shard.
            print(json.dumps({"level": "WARN", "skipped": record["kinesis"]["sequenceNumber"], "why": str(error)}))
        except ClientError as error:
            # Lambda tries this record and those behind it again, in their order.
            print(json.dumps({"level": "ERROR", "failed": record["kinesis"]["sequenceNumber"], "why": str(error)}))
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
    return {"batchItemFailures": []}


def decode(record):
    """The event in a record: a JSON object with an id, a session, a page and a time."""
    click = json.loads(base64.b64decode(record["kinesis"]["data"]))
    missing = [key for key in ("event_id", "session_id", "page", "occurred_at") if not isinstance(click.get(key), str)]
    if missing:
        raise ValueError(f"no text under {', '.join(missing)}")
    return click


def process(click, keep_until):
    """Adds the event to its session and to the counter of its page and hour, unless the session knows it already."""
    try:
        dynamodb.transact_write_items(
            TransactItems=[{"Update": session_update(click, keep_until)}, {"Update": page_update(click, keep_until)}]
        )
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        if not any(reason.get("Code") == "ConditionalCheckFailed" for reason in reasons):
            raise


def session_update(click, keep_until):
    """The event among those of its session; refused where it is there already."""
    return {
        "TableName": os.environ["SESSIONS"],
        "Key": {"session_id": {"S": click["session_id"]}},
        "UpdateExpression": (
            "ADD events :event SET last_seen = :at, last_page = :page, expires_at = :until, "
            "first_seen = if_not_exists(first_seen, :at)"
        ),
        "ConditionExpression": "attribute_not_exists(events) OR NOT contains(events, :id)",
        "ExpressionAttributeValues": {
            ":event": {"SS": [click["event_id"]]},
            ":id": {"S": click["event_id"]},
            ":at": {"S": click["occurred_at"]},
            ":page": {"S": click["page"]},
            ":until": {"N": keep_until},
        },
    }


def page_update(click, keep_until):
    """One more view of a page in an hour."""
    return {
        "TableName": os.environ["PAGES"],
        "Key": {"page": {"S": click["page"]}, "hour": {"S": click["occurred_at"][:13]}},
        "UpdateExpression": "ADD #views :one SET expires_at = :until",
        "ExpressionAttributeNames": {"#views": "views"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":until": {"N": keep_until}},
    }
