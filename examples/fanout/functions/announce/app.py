"""Announces new orders: reads the stream of the table that they are in, and publishes each to a topic."""

import json
import os

import boto3
from boto3.dynamodb.types import TypeDeserializer

# Made once for as long as the function is kept warm.
sns = boto3.client("sns")
plain = TypeDeserializer()


def handler(batch, context):
    """Takes records of a table's stream; tells which one failed, so that those before it are not announced again."""
    for record in batch["Records"]:
        try:
            announce(record)
        except Exception as error:
            number = record["dynamodb"]["SequenceNumber"]
            print(json.dumps({"level": "ERROR", "record": number, "error": str(error)}))
            return {"batchItemFailures": [{"itemIdentifier": number}]}
    return {"batchItemFailures": []}


def announce(record):
    """Publishes an order; by `size` subscribers tell large ones from small ones."""
    order = {name: plain.deserialize(value) for name, value in record["dynamodb"]["NewImage"].items()}
    amount = float(order["amount"])
    size = "large" if amount >= float(os.environ["LARGE"]) else "small"
    sns.publish(
        TopicArn=os.environ["TOPIC"],
        Message=json.dumps({"order_id": order["order_id"], "amount": amount, "at": order["at"]}),
        MessageAttributes={"size": {"DataType": "String", "StringValue": size}},
    )
