"""Cleans records on their way through Firehose: what is no event is marked as failed, what robots do is dropped.

Firehose calls it with a batch, and asks for an answer to every record: its id, `Ok`, `Dropped` or `ProcessingFailed`, and
the data to go on with. What failed is kept as it came, under the firehose's error prefix.
"""

import base64
import json
from datetime import datetime, timezone

# In the user agents of what is not a visitor.
ROBOTS = ("bot", "crawler", "spider")
# What every event has to say.
REQUIRED = ("event_id", "event_type")


def handler(batch, context):
    """Answers Firehose with every record of the batch."""
    return {"records": [answer(record) for record in batch["records"]]}


def answer(record):
    """What becomes of one record."""
    try:
        event = read(record)
    except ValueError as error:
        print(json.dumps({"level": "WARNING", "record": record["recordId"], "error": str(error)}))
        return {"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]}
    if is_robot(event):
        return {"recordId": record["recordId"], "result": "Dropped", "data": record["data"]}
    line = json.dumps(clean(event, record), separators=(",", ":")) + "\n"
    return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(line.encode()).decode()}


def read(record):
    """The event of a record: a JSON object with an id and a type."""
    try:
        event = json.loads(base64.b64decode(record["data"]))
    except ValueError:
        raise ValueError("it is not JSON") from None
    if not isinstance(event, dict):
        raise ValueError("it is not a JSON object")
    missing = [name for name in REQUIRED if not isinstance(event.get(name), str) or not event[name]]
    if missing:
        raise ValueError(f"it says no {' and no '.join(missing)}")
    return event


def is_robot(event):
    agent = event.get("user_agent")
    return isinstance(agent, str) and any(word in agent.lower() for word in ROBOTS)


def clean(event, record):
    """The columns of the dataset, and nothing else; `received_at` is when Firehose got it."""
    got = datetime.fromtimestamp(record["approximateArrivalTimestamp"] / 1000, timezone.utc)
    return {
        "event_id": event["event_id"],
        "event_type": event["event_type"].lower(),
        "session_id": text(event.get("session_id")),
        "page": text(event.get("page")),
        "amount": number(event.get("amount")),
        "received_at": got.strftime("%Y-%m-%d %H:%M:%S.") + f"{got.microsecond // 1000:03}",
    }


def text(value):
    return value if isinstance(value, str) else None


def number(value):
    """A number; not a truth value, which Python takes for one."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
