"""`fetch` with a stand-in for the API on this machine: `python -m unittest discover examples/prices/tests`."""

import json
import os
import sys
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from standins import load

try:
    import urllib3
except ImportError:
    # What the function is built with; pip has a copy of its own.
    from pip._vendor import urllib3

    sys.modules["urllib3"] = urllib3


class Api(ThreadingHTTPServer):
    """The API: answers whoever shows its key, first with the statuses that it is told to."""

    def __init__(self):
        self.key, self.quotes, self.statuses, self.asked = "k-1", [], [], []
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/v1/quotes"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if self.headers["Authorization"] != f"Bearer {self.server.key}":
            status = 401
        body = self.server.quotes
        body = body if isinstance(body, bytes) else json.dumps({"quotes": body}).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url + "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            # Whoever has read enough goes.
            pass

    def log_message(self, *_):
        pass


class Secrets:
    """As much of Secrets Manager as the function asks for."""

    def __init__(self):
        self.key, self.calls = "k-1", 0

    def get_secret_value(self, SecretId):
        assert SecretId == "prices-key"
        self.calls += 1
        return {"SecretString": self.key + "\n"}


class Stream:
    """As much of Kinesis as the function asks for: it refuses the first `full` records that it gets."""

    def __init__(self):
        self.records, self.calls, self.full = [], 0, 0

    def put_records(self, StreamName, Records):
        assert StreamName == "ticks" and 1 <= len(Records) <= 500
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


def quote(symbol="BTC-USD", **more):
    return {"symbol": symbol, "type": "crypto", "price": 97000, "volume": 12, "at": "2026-11-30T22:47:00+01:00"} | more


class Fetch(unittest.TestCase):
    def setUp(self):
        self.api, self.stream, self.secrets = Api(), Stream(), Secrets()
        self.addCleanup(self.api.server_close)
        self.addCleanup(self.api.shutdown)
        os.environ.update(API_URL=self.api.url, SYMBOLS="BTC-USD,EUR-USD", SECRET="prices-key", STREAM="ticks")
        self.app = load("fetch", kinesis=self.stream, secretsmanager=self.secrets)
        self.app.time = Clock()
        self.app.http.connection_pool_kw["retries"].backoff_factor = 0

    def call(self):
        return self.app.handler({}, None)

    def test_prices_are_asked_for_and_put_with_their_time_in_utc(self):
        self.api.quotes = [quote(), quote("EUR-USD", price=1.0845, type="fx")]
        self.assertEqual(self.call(), {"put": 2, "skipped": 0})
        [asked] = self.api.asked
        self.assertEqual(parse_qs(urlsplit(asked).query), {"symbols": ["BTC-USD,EUR-USD"]})
        self.assertEqual([record["PartitionKey"] for record in self.stream.records], ["BTC-USD", "EUR-USD"])
        price = {
            "symbol": "BTC-USD",
            "type": "crypto",
            "price": 97000.0,
            "volume": 12,
            "at": "2026-11-30T21:47:00.000Z",
        }
        self.assertEqual(json.loads(self.stream.records[0]["Data"]), price)

    def test_what_is_no_price_does_not_keep_the_others_away(self):
        self.api.quotes = [
            quote(price=0), quote(price="1"), quote(price=True), quote(price=float("inf")),
            quote(volume=-1), quote(volume=1.5), quote(at="now"), quote(at="2026-11-30T21:47:00"),
            quote(symbol=""), quote(type=None), "BTC-USD", quote("ACME"),
            quote(price=float("nan")), quote(price=10**400), quote(at="0001-01-01T00:00:00+14:00"),
        ]  # fmt: skip
        self.assertEqual(self.call(), {"put": 1, "skipped": 14})

    def test_the_key_is_read_once_in_a_while(self):
        self.call(), self.call()
        self.assertEqual(self.secrets.calls, 1)
        self.app.time.now += 301
        self.call()
        self.assertEqual(self.secrets.calls, 2)

    def test_a_key_that_was_replaced_is_read_again(self):
        self.call()
        self.api.key = self.secrets.key = "k-2"
        self.assertEqual(self.call(), {"put": 0, "skipped": 0})
        self.api.key = "k-3"
        with self.assertRaisesRegex(RuntimeError, "status 401"):
            self.call()
        self.assertEqual(self.secrets.calls, 3)

    def test_a_bad_moment_of_the_api_is_waited_out(self):
        self.api.quotes, self.api.statuses = [quote()], [503, 429]
        self.assertEqual(self.call(), {"put": 1, "skipped": 0})
        self.api.statuses = [500, 500, 500]
        with self.assertRaises(urllib3.exceptions.MaxRetryError):
            self.call()

    def test_the_key_follows_no_redirect(self):
        self.api.statuses = [302]
        with self.assertRaisesRegex(RuntimeError, "status 302"):
            self.call()
        self.assertEqual(len(self.api.asked), 1)

    def test_the_key_goes_by_https_alone(self):
        for url in ("http://api.example.com/", "ftp://127.0.0.2/"):
            os.environ["API_URL"] = url
            with self.assertRaisesRegex(RuntimeError, "HTTPS alone"):
                self.call()

    def test_an_answer_that_is_no_list_of_prices_is_an_error(self):
        for body, why in ((b"[]", "no list"), (b'{"quotes": 1}', "no list"), (b"x" * (5 << 20), "longer than")):
            self.api.quotes = body
            with self.assertRaisesRegex(RuntimeError, why):
                self.call()
        self.assertEqual(self.stream.calls, 0)

    def test_what_the_stream_refuses_is_put_again_and_a_full_one_is_an_error(self):
        self.api.quotes, self.stream.full = [quote(f"S{number}") for number in range(501)], 3
        self.assertEqual(self.call(), {"put": 501, "skipped": 0})
        self.assertEqual((self.stream.calls, len(self.stream.records)), (3, 501))
        self.stream.full = 10_000
        with self.assertRaisesRegex(RuntimeError, "no room for 501 of 501"):
            self.call()


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


if __name__ == "__main__":
    unittest.main()
