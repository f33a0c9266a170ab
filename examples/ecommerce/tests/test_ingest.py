"""The function by itself, on a stand-in for Kinesis: `python -m unittest discover examples/ecommerce/tests`."""

import base64
import importlib.util
import json
import os
import sys
import types
import unittest
from pathlib import Path

FUNCTION = Path(__file__).resolve().parent.parent / "functions" / "ingest" / "app.py"


class Stream:
    """As much of Kinesis as the function asks for: it refuses the first `full` records that it gets."""

    def __init__(self):
        self.records, self.calls, self.full = [], 0, 0

    def put_records(self, StreamName, Records):
        assert StreamName == "shop-events"
        self.calls += 1
        results = []
        for record in Records:
            if self.full:
                self.full -= 1
                results.append({"ErrorCode": "ProvisionedThroughputExceededException"})
            else:
                self.records.append(record)
                results.append({"SequenceNumber": str(len(self.records)), "ShardId": "shardId-000000000000"})
        return {"Records": results}


def event(number, **more):
    return {"event_id": f"e-{number}", "session_id": "s-1", "event_type": "page_view", "page": "/sale"} | more


class Ingest(unittest.TestCase):
    def setUp(self):
        self.stream = Stream()
        sys.modules["boto3"] = types.SimpleNamespace(client=lambda service: self.stream)
        os.environ.update(STREAM="shop-events", ORIGIN="https://shop.example")
        spec = importlib.util.spec_from_file_location("ingest", FUNCTION)
        self.app = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.app)

    def post(self, body, **more):
        body = body if isinstance(body, str) else json.dumps(body)
        response = self.app.handler({"body": body} | more, None)
        return response["statusCode"], json.loads(response["body"]), response["headers"]

    def test_an_event_is_put_with_when_it_came_and_from_what(self):
        status, body, headers = self.post(event(1), headers={"User-Agent": "curl/8"})
        self.assertEqual((status, body), (202, {"accepted": 1}))
        self.assertEqual(headers["Access-Control-Allow-Origin"], "https://shop.example")
        [record] = self.stream.records
        self.assertEqual(record["PartitionKey"], "s-1")
        kept = json.loads(record["Data"])
        self.assertRegex(kept.pop("received_at"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(kept, event(1, user_agent="curl/8"))

    def test_a_list_goes_with_one_call(self):
        self.assertEqual(self.post([event(number) for number in range(500)])[:2], (202, {"accepted": 500}))
        self.assertEqual((self.stream.calls, len(self.stream.records)), (1, 500))

    def test_a_body_in_base64_is_read(self):
        body = base64.b64encode(json.dumps(event(1)).encode()).decode()
        self.assertEqual(self.post(body, isBase64Encoded=True)[0], 202)

    def test_what_is_no_event_is_refused_and_none_of_its_request_put(self):
        for body in ("", "{", "3", [], [event(n) for n in range(501)], [event(1), event(2, session_id="")], [[]]):
            status, answer, _ = self.post(body)
            self.assertEqual(status, 400, answer)
            self.assertTrue(answer["error"])
        self.assertEqual(self.stream.records, [])

    def test_what_the_stream_refuses_is_put_again(self):
        self.stream.full = 3
        self.assertEqual(self.post([event(number) for number in range(5)])[0], 202)
        self.assertEqual((self.stream.calls, len(self.stream.records)), (2, 5))

    def test_a_full_stream_is_told(self):
        self.stream.full = 100
        self.assertEqual(self.post(event(1))[0], 503)
        self.assertEqual(self.stream.calls, 4)


if __name__ == "__main__":
    unittest.main()
