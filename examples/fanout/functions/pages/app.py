"""Counts what visitors look at: one item per page and day.

What a batch holds of a page is added in one write. A batch that fails half-way is tried again as a whole, and what was added
before is added again: these are numbers for a chart, and not for a bill.
"""

import base64
import json
import os
from collections import Counter

import boto3

# Made once for as long as the function is kept warm.
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(batch, context):
    """Takes records of Kinesis."""
    views = Counter(seen(record) for record in batch["Records"])
    views.pop(None, None)
    for (page, day), count in sorted(views.items()):
        table.update_item(
            Key={"page": page, "day": day},
            UpdateExpression="ADD #views :count",
            ExpressionAttributeNames={"#views": "views"},
            ExpressionAttributeValues={":count": count},
        )


def seen(record):
    """Page and day of a record that is a view of a page, else None."""
    try:
        event = json.loads(base64.b64decode(record["kinesis"]["data"]))
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("event_type") != "page_view":
        return None
    page, at = event.get("page"), event.get("at")
    return (page, at[:10]) if isinstance(page, str) and page and isinstance(at, str) else None
