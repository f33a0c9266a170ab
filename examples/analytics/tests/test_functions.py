"""The functions by themselves, on stand-ins for AWS: `python -m unittest discover examples/analytics/tests`."""

import base64
import importlib.util
import json
import os
import sys
import types
import unittest
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"


class ClientError(Exception):
    """As botocore's: it has AWS's answer."""

    def __init__(self, code, reasons=()):
        super().__init__(code)
        self.response = {"Error": {"Code": code}, "CancellationReasons": [{"Code": reason} for reason in reasons]}


class Tables:
    """As much of DynamoDB as the function asks for: sets of event ids and counters, changed together or not at all."""

    def __init__(self):
        self.sessions, self.views, self.broken = {}, {}, None

    def transact_write_items(self, TransactItems):
        if self.broken:
            raise ClientError(self.broken)
        session, page = (item["Update"] for item in TransactItems)
        seen = self.sessions.setdefault(session["Key"]["session_id"]["S"], set())
        event_id = session["ExpressionAttributeValues"][":id"]["S"]
        if event_id in seen:
            raise ClientError("TransactionCanceledException", ["ConditionalCheckFailed", "None"])
        seen.add(event_id)
        key = (page["Key"]["page"]["S"], page["Key"]["hour"]["S"])
        self.views[key] = self.views.get(key, 0) + 1


class Topic:
    """As much of SNS as the function asks for."""

    def __init__(self):
        self.messages = []

    def publish(self, Message, **_):
        self.messages.append(json.loads(Message))


def load(name, client):
    """A function's module, with a stand-in for the client that it makes."""
    sys.modules["boto3"] = types.SimpleNamespace(client=lambda _: client)
    sys.modules["botocore"] = types.ModuleType("botocore")
    sys.modules["botocore.exceptions"] = types.SimpleNamespace(ClientError=ClientError)
    spec = importlib.util.spec_from_file_location(name, FUNCTIONS / name / "app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(number, content):
    data = base64.b64encode(content if isinstance(content, bytes) else json.dumps(content).encode()).decode()
    return {"kinesis": {"sequenceNumber": str(number), "data": data}}


def click(event_id, session="s1", page="/sale"):
    return {"event_id": event_id, "session_id": session, "page": page, "occurred_at": "2026-11-21T10:15:00.000Z"}


class Process(unittest.TestCase):
    def setUp(self):
        os.environ.update(SESSIONS="sessions", PAGES="pages", KEEP_DAYS="30")
        self.tables = Tables()
        self.app = load("process", self.tables)

    def run_on(self, *contents):
        records = [record(number, content) for number, content in enumerate(contents)]
        return self.app.handler({"Records": records}, None)["batchItemFailures"]

    def test_events_are_counted_by_page_and_hour_and_kept_by_session(self):
        self.assertEqual(self.run_on(click("a"), click("b", page="/"), click("c", session="s2")), [])
        self.assertEqual(self.tables.views, {("/sale", "2026-11-21T10"): 2, ("/", "2026-11-21T10"): 1})
        self.assertEqual(self.tables.sessions, {"s1": {"a", "b"}, "s2": {"c"}})

    def test_an_event_that_comes_twice_counts_once(self):
        self.run_on(click("a"), click("a"))
        self.run_on(click("a"))
        self.assertEqual(self.tables.views, {("/sale", "2026-11-21T10"): 1})

    def test_what_is_no_event_does_not_hold_up_the_others(self):
        self.assertEqual(self.run_on(b"\xff", {"page": "/"}, click("a")), [])
        self.assertEqual(self.tables.sessions, {"s1": {"a"}})

    def test_a_record_that_fails_and_those_behind_it_are_tried_again(self):
        self.tables.broken = "ProvisionedThroughputExceededException"
        self.assertEqual(self.run_on(click("a"), click("b")), [{"itemIdentifier": "0"}])
        self.tables.broken = None
        self.assertEqual(self.run_on(click("a"), click("b")), [])
        self.assertEqual(self.tables.views, {("/sale", "2026-11-21T10"): 2})

    def test_a_transaction_that_others_got_in_the_way_of_is_tried_again(self):
        self.tables.broken = "TransactionCanceledException"
        self.assertEqual(self.run_on(click("a")), [{"itemIdentifier": "0"}])


class Detect(unittest.TestCase):
    def setUp(self):
        os.environ.update(TOPIC="arn:aws:sns:eu-west-1:123456789012:alerts", EVENTS_PER_SESSION="2")
        self.topic = Topic()
        self.app = load("detect", self.topic)

    def test_a_session_with_too_many_different_events_is_told_of_once(self):
        clicks = [click(event_id) for event_id in "abcc"] + [click("d", session="s2")]
        records = [record(number, content) for number, content in enumerate([*clicks, b"none"])]
        self.assertEqual(self.app.handler({"Records": records}, None), {"anomalies": 1})
        self.assertEqual(self.topic.messages, [{"session_id": "s1", "events": 3, "limit": 2}])

    def test_repeated_events_are_no_anomaly(self):
        records = [record(number, click("a")) for number in range(5)]
        self.assertEqual(self.app.handler({"Records": records}, None), {"anomalies": 0})


if __name__ == "__main__":
    unittest.main()
