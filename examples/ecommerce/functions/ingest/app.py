"""Takes events from API Gateway: checks them, adds when they came, and puts them on a Kinesis stream.

A request holds one event, or a list of them. It is taken whole or not at all, so that whoever sends it may send it again:
an event has an id of its own, by which whoever reads the stream tells that it came twice.
"""

import base64
import json
import os
from datetime import datetime, timezone

import boto3

# What Kinesis takes with one call.
MOST = 500
# How often what Kinesis has no room for is put again.
ATTEMPTS = 4

# Made once for as long as the function is kept warm.
kinesis = boto3.client("kinesis")


def handler(request, context):
    """Answers a request of API Gateway (Lambda proxy)."""
    try:
        events = [check(event) for event in read(request)]
    except ValueError as error:
        return answer(400, {"error": str(error)})
    left = put([record(event, request) for event in events])
    if left:
        # Not lost: whoever sent them is told to send them again.
        print(json.dumps({"level": "ERROR", "refused": left, "of": len(events)}))
        return answer(503, {"error": "the stream has no room: send them again"})
    return answer(202, {"accepted": len(events)})


def read(request):
    """The events in the body of a request, at least one and at most 500."""
    body = request.get("body") or ""
    if request.get("isBase64Encoded"):
        body = base64.b64decode(body)
    try:
        events = json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON") from None
    events = events if isinstance(events, list) else [events]
    if not 1 <= len(events) <= MOST:
        raise ValueError(f"a request holds 1 to {MOST} events, and not {len(events)}")
    return events


def check(event):
    """The event, if it is a JSON object with an id, a session and a type."""
    if not isinstance(event, dict):
        raise ValueError("an event is a JSON object")
    missing = [key for key in ("event_id", "session_id", "event_type") if not is_text(event.get(key))]
    if missing:
        raise ValueError(f"no text under {', '.join(missing)}")
    return event


def is_text(value):
    return isinstance(value, str) and 0 < len(value) <= 256


def record(event, request):
    """A record of Kinesis: the event with when it came, and from which browser; one session goes to one shard."""
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    event = event | {
        "received_at": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "user_agent": headers.get("user-agent"),
    }
    return {"Data": json.dumps(event, separators=(",", ":")).encode(), "PartitionKey": event["session_id"]}


def put(records):
    """Puts records, those that are refused again; returns how many are left."""
    for _ in range(ATTEMPTS):
        results = kinesis.put_records(StreamName=os.environ["STREAM"], Records=records)["Records"]
        records = [record for record, result in zip(records, results) if "ErrorCode" in result]
        if not records:
            break
    return len(records)


def answer(status, body):
    """An answer that pages of the shop may read."""
    headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": os.environ["ORIGIN"]}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
