import base64
import os

import boto3

sqs = boto3.client("sqs")
seen = sqs.get_queue_url(QueueName=os.environ["SEEN"])["QueueUrl"]


def text(record):
    if "kinesis" in record:
        return "stream " + base64.b64decode(record["kinesis"]["data"]).decode()
    if "dynamodb" in record:
        return "table " + record["dynamodb"]["Keys"]["id"]["S"]
    if "body" in record:
        return "queue " + record["body"]
    return "topic " + record["Sns"]["Message"]


def handler(event, context):
    for record in event["Records"]:
        sqs.send_message(QueueUrl=seen, MessageBody=text(record))
