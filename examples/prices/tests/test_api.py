"""`api` on a stand-in for Athena: `python -m unittest discover examples/prices/tests`."""

import json
import os
import unittest
from datetime import datetime, timezone

from standins import ClientError, load

COLUMNS = [("symbol", "varchar"), ("type", "varchar"), ("price", "double"), ("volume", "bigint"), ("at", "timestamp")]


class Athena:
    """As much of Athena as the function asks for: a query has these states, one a look, and these rows."""

    def __init__(self):
        self.states, self.rows, self.broken = ["SUCCEEDED"], [], None
        self.started, self.looks, self.stopped = [], 0, []

    def start_query_execution(self, **query):
        if self.broken:
            raise ClientError(self.broken)
        self.started.append(query)
        return {"QueryExecutionId": "q-1"}

    def get_query_execution(self, QueryExecutionId):
        self.looks += 1
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"QueryExecution": {"Status": {"State": state, "StateChangeReason": "s3://secret-bucket is not there"}}}

    def stop_query_execution(self, QueryExecutionId):
        self.stopped.append(QueryExecutionId)

    def get_query_results(self, QueryExecutionId, MaxResults):
        assert MaxResults <= 1000
        names = [name for name, _ in COLUMNS]
        rows = [
            {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in [names, *self.rows]
        ]
        return {
            "ResultSet": {
                "Rows": rows,
                "ResultSetMetadata": {"ColumnInfo": [{"Name": name, "Type": kind} for name, kind in COLUMNS]},
            }
        }


class Clock:
    """Time that passes when it is told to."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Api(unittest.TestCase):
    def setUp(self):
        os.environ.update(WORKGROUP="lake", DATABASE="acme_prices", TABLE="prices")
        self.athena, self.clock = Athena(), Clock()
        self.app = load("api", athena=self.athena)
        self.app.time = self.clock

    def get(self, **parameters):
        # API Gateway says null where there are none.
        response = self.app.handler({"queryStringParameters": parameters or None}, None)
        return response["statusCode"], json.loads(response["body"])

    def test_prices_are_answered_with_types(self):
        self.athena.states = ["QUEUED", "RUNNING", "SUCCEEDED"]
        self.athena.rows = [
            ["BTC-USD", "crypto", "97000.5", "12", "2026-11-30 21:47:00.000"],
            ["BTC-USD", "crypto", "97000.0", None, "2026-11-30 21:46:00.000"],
        ]
        status, body = self.get(symbol="BTC-USD", day="2026-11-30", limit="2")
        self.assertEqual(status, 200)
        first, second = body.pop("prices")
        self.assertEqual(body, {"symbol": "BTC-USD", "day": "2026-11-30", "limit": 2})
        expected = {
            "symbol": "BTC-USD",
            "type": "crypto",
            "price": 97000.5,
            "volume": 12,
            "at": "2026-11-30 21:47:00.000",
        }
        self.assertEqual((first, second["volume"]), (expected, None))
        self.assertEqual(self.athena.looks, 3)

    def test_what_is_sent_is_in_parameters_alone(self):
        self.get(symbol="BTC-USD", type="crypto", day="2026-02-03", limit="7")
        [query] = self.athena.started
        sql, values = query["QueryString"], query["ExecutionParameters"]
        self.assertEqual(values, ["2026", "2", "3", "'BTC-USD'", "'crypto'"])
        self.assertEqual(sql.count("?"), len(values))
        self.assertNotIn("BTC", sql)
        self.assertIn('FROM "prices" WHERE year = ? AND month = ? AND day = ?', sql)
        self.assertTrue(sql.endswith(" LIMIT 7"))
        self.assertEqual((query["WorkGroup"], query["QueryExecutionContext"]), ("lake", {"Database": "acme_prices"}))
        self.assertEqual(self.app.literal("it's"), "'it''s'")

    def test_without_a_day_it_is_today(self):
        before = datetime.now(timezone.utc).date().isoformat()
        _, body = self.get(symbol="ACME")
        self.assertIn(body["day"], (before, datetime.now(timezone.utc).date().isoformat()))

    def test_what_has_no_form_is_refused_and_nothing_asked(self):
        for wrong in (
            {},
            {"symbol": ""},
            {"symbol": "btc"},
            {"symbol": "A' OR '1'='1"},
            {"symbol": "A" * 21},
            {"symbol": "A\n"},
            {"symbol": "A", "type": "bond"},
            {"symbol": "A", "day": "2026-02-30"},
            {"symbol": "A", "day": "2026-2-3"},
            {"symbol": "A", "day": "٢٠٢٦-٠١-٠١"},
            {"symbol": "A", "limit": "0"},
            {"symbol": "A", "limit": "501"},
            {"symbol": "A", "limit": "1; DROP TABLE prices"},
            {"symbol": "A", "order": "price"},
        ):
            status, body = self.get(**wrong)
            self.assertEqual(status, 400, wrong)
            self.assertTrue(body["error"])
        self.assertEqual(self.athena.started, [])

    def test_a_query_that_takes_too_long_is_stopped_before_api_gateway_gives_up(self):
        self.athena.states = ["RUNNING"]
        status, body = self.get(symbol="ACME")
        self.assertEqual((status, self.athena.stopped), (504, ["q-1"]))
        self.assertLessEqual(self.clock.now, 18)
        self.assertLess(self.athena.looks, 30)

    def test_what_fails_is_told_without_what_athena_says_of_it(self):
        for state in ("FAILED", "CANCELLED"):
            self.athena.states = [state]
            status, body = self.get(symbol="ACME")
            self.assertEqual((status, body), (502, {"error": "the prices cannot be read"}))

    def test_too_many_queries_are_told(self):
        self.athena.broken = "TooManyRequestsException"
        self.assertEqual(self.get(symbol="ACME")[0], 503)
        self.athena.broken = "InvalidRequestException"
        self.assertEqual(self.get(symbol="ACME")[0], 502)


if __name__ == "__main__":
    unittest.main()
