"""Puts what it is called with into a delivery stream."""

import json
import os

import boto3

firehose = boto3.client("firehose")


def handler(event, context):
    data = (json.dumps(event) + "\n").encode()
    firehose.put_record(DeliveryStreamName=os.environ["DELIVERY"], Record={"Data": data})
    return {"put": event["event_id"]}
