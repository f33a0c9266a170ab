"""Keeps purchases as orders. Its filter lets nothing else through, so that it is not called for what it would throw away.

An order is written once: a record that comes again, which Kinesis allows, changes nothing.
"""

import base64
import json
import os
from decimal import Decimal

import boto3
from botocore.exceptions import ClientError

# Made once for as long as the function is kept warm.
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(batch, context):
    """Takes records of Kinesis; tells which one failed, so that those before it are not tried again."""
    for record in batch["Records"]:
        try:
            keep(record)
        except Exception as error:
            number = record["kinesis"]["sequenceNumber"]
            print(json.dumps({"level": "ERROR", "record": number, "error": str(error)}))
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def keep(record):
    """Writes the order of a purchase."""
    event = json.loads(base64.b64decode(record["kinesis"]["data"]), parse_float=Decimal)
    order = {"order_id": event["event_id"], "session_id": event["session_id"], "amount": event["amount"], "at": event["at"]}
    try:
        table.put_item(Item=order, ConditionExpression="attribute_not_exists(order_id)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
