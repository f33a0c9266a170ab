"""`alert` on stand-ins for S3 and SNS: `python -m unittest discover examples/prices/tests`."""

import gzip
import io
import json
import os
import unittest

from standins import load


class Body(io.BytesIO):
    """An object's content, as botocore hands it out."""

    def iter_lines(self):
        return iter(self.read().splitlines())


class Bucket:
    """As much of S3 as the function asks for."""

    def __init__(self):
        self.objects = {}

    def get_object(self, Bucket, Key):
        assert Bucket == "landing"
        return {"Body": Body(self.objects[Key])}


class Topic:
    """As much of SNS as the function asks for."""

    def __init__(self):
        self.messages = []

    def publish(self, TopicArn, Subject, Message):
        assert TopicArn == "arn:aws:sns:eu-west-1:123456789012:thresholds" and len(Subject) <= 100
        self.messages.append((Subject, json.loads(Message)))


def price(symbol, amount):
    return {"symbol": symbol, "type": "crypto", "price": amount, "volume": 1, "at": "2026-11-30T21:47:00.000Z"}


def told_of(*keys):
    """What S3 says of new objects."""
    return {"Records": [{"s3": {"bucket": {"name": "landing"}, "object": {"key": key}}} for key in keys]}


class Alert(unittest.TestCase):
    def setUp(self):
        os.environ["TOPIC"] = "arn:aws:sns:eu-west-1:123456789012:thresholds"
        os.environ["THRESHOLDS"] = '{"BTC-USD": 100000, "ETH-USD": 5000}'
        self.bucket, self.topic = Bucket(), Topic()
        self.app = load("alert", s3=self.bucket, sns=self.topic)

    def land(self, key, *lines):
        lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        content = b"\n".join(lines) + b"\n"
        self.bucket.objects[key] = gzip.compress(content) if key.endswith(".gz") else content

    def test_the_highest_price_of_each_symbol_above_its_threshold_is_told_once(self):
        prices = [price("BTC-USD", amount) for amount in (99000, 101000, 103500.5, 102000)]
        self.land("ticks/1.gz", *prices, price("ETH-USD", 5001), price("EUR-USD", 10**9))
        self.assertEqual(self.app.handler(told_of("ticks/1.gz"), None), {"published": 2})
        [(subject, message), (other, _)] = self.topic.messages
        self.assertEqual((subject, other), ("BTC-USD is above 100000", "ETH-USD is above 5000"))
        expected = {"symbol": "BTC-USD", "price": 103500.5, "threshold": 100000, "at": "2026-11-30T21:47:00.000Z"}
        self.assertEqual(message, expected | {"source": "s3://landing/ticks/1.gz"})

    def test_a_price_at_the_threshold_is_not_above_it(self):
        self.land("ticks/1", price("BTC-USD", 100000), price("ETH-USD", 4999.99))
        self.assertEqual(self.app.handler(told_of("ticks/1"), None), {"published": 0})

    def test_keys_are_read_as_s3_writes_them(self):
        self.land("ticks/at=21:00/a b+c", price("BTC-USD", 100001))
        self.assertEqual(self.app.handler(told_of("ticks/at%3D21%3A00/a+b%2Bc"), None), {"published": 1})

    def test_what_is_no_price_is_passed_over(self):
        others = [b"\xff", b"{", b"[]", b"3", {"symbol": "BTC-USD"}, price("BTC-USD", None), price(["BTC-USD"], 10**9)]
        others += [price("BTC-USD", 10**400)]
        self.land("ticks/1", *others, price("BTC-USD", float("nan")), price("ETH-USD", 6000))
        self.assertEqual(self.app.handler(told_of("ticks/1"), None), {"published": 1})

    def test_objects_of_one_call_are_looked_at_each(self):
        self.land("ticks/1", price("BTC-USD", 100001))
        self.land("ticks/2", price("BTC-USD", 100002))
        self.assertEqual(self.app.handler(told_of("ticks/1", "ticks/2"), None), {"published": 2})


if __name__ == "__main__":
    unittest.main()
