"""Cleans records for Firehose: drops what is no event, and marks the others as seen."""

import base64
import json


def handler(batch, context):
    return {"records": [answer(record) for record in batch["records"]]}


def answer(record):
    """What Firehose wants to know of a record: its id, what became of it, and its data in base 64."""
    try:
        event = json.loads(base64.b64decode(record["data"]))
    except ValueError:
        return {"recordId": record["recordId"], "result": "ProcessingFailed", "data": record["data"]}
    if event.get("event_id") == "nothing":
        return {"recordId": record["recordId"], "result": "Dropped", "data": record["data"]}
    data = json.dumps(event | {"cleaned": True}, separators=(",", ":")).encode()
    return {"recordId": record["recordId"], "result": "Ok", "data": base64.b64encode(data).decode()}
