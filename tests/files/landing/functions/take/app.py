import os
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")
sqs = boto3.client("sqs")
landed = sqs.get_queue_url(QueueName=os.environ["LANDED"])["QueueUrl"]


def handler(event, context):
    for record in event["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
        text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        sqs.send_message(QueueUrl=landed, MessageBody=f"{key}: {text}")
