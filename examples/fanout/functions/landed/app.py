"""Keeps a list of what has landed: called by S3 for each new object, it counts the lines and writes one item."""

import gzip
import json
import os
from urllib.parse import unquote_plus

import boto3

# Made once for as long as the function is kept warm.
s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(notification, context):
    """Takes a notification of S3."""
    for record in notification["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        # Keys come as in a URL.
        key = unquote_plus(record["s3"]["object"]["key"])
        lines = count(s3.get_object(Bucket=bucket, Key=key)["Body"], key)
        # The same item again, where S3 tells of an object twice.
        table.put_item(Item={"key": key, "lines": lines, "at": record["eventTime"]})
        print(json.dumps({"key": key, "lines": lines}))


def count(body, key):
    """The lines of an object, one after the other: it may be larger than the function's memory."""
    return sum(1 for _ in (gzip.open(body) if key.endswith(".gz") else body.iter_lines()))
