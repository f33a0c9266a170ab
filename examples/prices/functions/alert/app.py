"""Tells of prices above a threshold: called for each object that Firehose has written to the bucket where prices land.

S3 tells of an object at least once: a message may come twice.
"""

import gzip
import json
import os
from urllib.parse import unquote_plus

import boto3

# Made once for as long as the function is kept warm.
s3 = boto3.client("s3")
sns = boto3.client("sns")


def handler(event, context):
    """Publishes a message for each symbol and object with a price above its threshold; returns how many these were."""
    thresholds = json.loads(os.environ["THRESHOLDS"])
    published = 0
    for record in event["Records"]:
        # S3 writes keys as in a query.
        bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
        for price in sorted(highest(lines(bucket, key), thresholds), key=lambda price: price["symbol"]):
            publish(price, thresholds[price["symbol"]], f"s3://{bucket}/{key}")
            published += 1
    return {"published": published}


def lines(bucket, key):
    """The lines of an object, one after the other: it may be larger than the function's memory."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    return gzip.open(body) if key.endswith(".gz") else body.iter_lines()


def highest(lines, thresholds):
    """Of each symbol the highest price above its threshold; what is no price is nobody's."""
    found = {}
    for line in lines:
        try:
            price = json.loads(line)
            symbol, amount = price["symbol"], float(price["price"])
        except (ValueError, KeyError, TypeError, OverflowError):
            continue
        limit = thresholds.get(symbol) if isinstance(symbol, str) else None
        if limit is not None and amount > limit and amount > found.get(symbol, {"price": limit})["price"]:
            found[symbol] = price | {"price": amount}
    return found.values()


def publish(price, threshold, source):
    sns.publish(
        TopicArn=os.environ["TOPIC"],
        Subject=f"{price['symbol']} is above {threshold:g}"[:100],
        Message=json.dumps(
            {
                "symbol": price["symbol"],
                "price": price["price"],
                "threshold": threshold,
                "at": price.get("at"),
                "source": source,
            }
        ),
    )
