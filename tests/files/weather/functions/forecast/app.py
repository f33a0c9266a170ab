"""Tells how long the key is, and why it cannot read the other secret."""

import os

import boto3
from botocore.exceptions import ClientError

secrets = boto3.client("secretsmanager")


def handler(event, context):
    key = secrets.get_secret_value(SecretId=os.environ["KEY"])["SecretString"]
    try:
        secrets.get_secret_value(SecretId="acme-weather-dev-salt")
        return {"length": len(key), "other": "read"}
    except ClientError as error:
        return {"length": len(key), "other": error.response["Error"]["Code"]}
