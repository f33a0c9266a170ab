import os

import boto3

sqs = boto3.client("sqs")
shipped = sqs.get_queue_url(QueueName=os.environ["SHIPPED"])["QueueUrl"]


def handler(event, context):
    for record in event["Records"]:
        if record["body"] == "broken":
            raise ValueError(record["body"])
        sqs.send_message(QueueUrl=shipped, MessageBody="shipped " + record["body"])
