"""The functions by themselves, on stand-ins for AWS: `python -m unittest discover examples/fanout/tests`."""

import base64
import gzip
import importlib.util
import io
import json
import os
import sys
import types
import unittest
from decimal import Decimal
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"


class ClientError(Exception):
    """As botocore's."""

    def __init__(self, code):
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Aws:
    """As much of AWS as the functions ask for."""

    def __init__(self):
        self.items, self.added, self.published, self.objects, self.failure = [], [], [], {}, None

    def Table(self, name):
        assert name == "a-table"
        return self

    def put_item(self, Item, ConditionExpression=None):
        if self.failure:
            raise ClientError(self.failure)
        if ConditionExpression and any(item["order_id"] == Item["order_id"] for item in self.items):
            raise ClientError("ConditionalCheckFailedException")
        self.items.append(Item)

    def update_item(self, Key, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues):
        self.added.append((Key, ExpressionAttributeValues[":count"]))

    def publish(self, TopicArn, Message, MessageAttributes):
        if self.failure:
            raise ClientError(self.failure)
        self.published.append((json.loads(Message), MessageAttributes["size"]["StringValue"]))

    def get_object(self, Bucket, Key):
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}


class TypeDeserializer:
    """As boto3's, for texts and numbers."""

    def deserialize(self, value):
        [(kind, inner)] = value.items()
        return Decimal(inner) if kind == "N" else inner


def of_stream(number, event):
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return {"kinesis": {"sequenceNumber": str(number), "data": base64.b64encode(body).decode()}}


def purchase(number, amount=9.5):
    return {"event_type": "purchase", "event_id": f"e-{number}", "session_id": "s-1", "amount": amount, "at": "2026-12-01T10:00:00Z"}


class Functions(unittest.TestCase):
    def setUp(self):
        self.aws = Aws()
        module = types.SimpleNamespace
        of_boto3 = module(client=lambda service: self.aws, resource=lambda service: self.aws)
        sys.modules["boto3"] = of_boto3
        sys.modules["boto3.dynamodb"] = module()
        sys.modules["boto3.dynamodb.types"] = module(TypeDeserializer=TypeDeserializer)
        sys.modules["botocore"] = module()
        sys.modules["botocore.exceptions"] = module(ClientError=ClientError)
        os.environ.update(TABLE="a-table", TOPIC="a-topic", LARGE="100")

    def call(self, name, batch):
        spec = importlib.util.spec_from_file_location(name, FUNCTIONS / name / "app.py")
        app = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(app)
        return app.handler(batch, None)

    def test_views_are_counted_by_page_and_day(self):
        view = {"event_type": "page_view", "page": "/a", "at": "2026-12-01T10:00:00Z"}
        others = [view | {"page": "/b"}, view | {"at": "2026-12-02T00:00:00Z"}, view | {"page": None}, purchase(1), b"no JSON", [1]]
        events = [view, view, *others]
        self.call("pages", {"Records": [of_stream(number, event) for number, event in enumerate(events)]})
        expected = [("/a", "2026-12-01", 2), ("/a", "2026-12-02", 1), ("/b", "2026-12-01", 1)]
        self.assertEqual([(key["page"], key["day"], count) for key, count in self.aws.added], expected)

    def test_an_order_is_kept_once(self):
        batch = {"Records": [of_stream(1, purchase(1)), of_stream(2, purchase(1)), of_stream(3, purchase(2, 120))]}
        self.assertEqual(self.call("orders", batch), {"batchItemFailures": []})
        self.assertEqual([(item["order_id"], item["amount"]) for item in self.aws.items], [("e-1", Decimal("9.5")), ("e-2", 120)])

    def test_an_order_that_cannot_be_kept_is_told_by_its_number(self):
        self.aws.failure = "ProvisionedThroughputExceededException"
        batch = {"Records": [of_stream(7, purchase(1)), of_stream(8, purchase(2))]}
        self.assertEqual(self.call("orders", batch), {"batchItemFailures": [{"itemIdentifier": "7"}]})

    def test_orders_are_announced_with_their_size(self):
        def record(number, amount):
            image = {"order_id": {"S": f"e-{number}"}, "amount": {"N": amount}, "at": {"S": "2026-12-01T10:00:00Z"}}
            return {"dynamodb": {"SequenceNumber": str(number), "NewImage": image}}

        batch = {"Records": [record(1, "9.5"), record(2, "100")]}
        self.assertEqual(self.call("announce", batch), {"batchItemFailures": []})
        self.assertEqual([(order["order_id"], size) for order, size in self.aws.published], [("e-1", "small"), ("e-2", "large")])
        self.aws.failure = "Throttled"
        self.assertEqual(self.call("announce", batch), {"batchItemFailures": [{"itemIdentifier": "1"}]})

    def test_what_has_landed_is_listed_with_its_lines(self):
        self.aws.objects["a-bucket", "clicks/a b.gz"] = gzip.compress(b"{}\n{}\n")
        s3 = {"bucket": {"name": "a-bucket"}, "object": {"key": "clicks/a+b.gz"}}
        self.call("landed", {"Records": [{"eventTime": "2026-12-01T10:00:00.000Z", "s3": s3}]})
        self.assertEqual(self.aws.items, [{"key": "clicks/a b.gz", "lines": 2, "at": "2026-12-01T10:00:00.000Z"}])


if __name__ == "__main__":
    unittest.main()
