"""What the job makes of a row, without Spark: `python -m unittest discover examples/prices/tests`.

The whole job is run by spark/test_clean_job.py.
"""

import unittest
from datetime import datetime, timezone

from standins import ROOT, module

app = module("clean", ROOT / "jobs" / "clean.py")


def landed(**more):
    return {
        "symbol": "BTC-USD",
        "type": "crypto",
        "price": 97000.5,
        "volume": 12,
        "at": "2026-11-30T21:47:00.000Z",
    } | more


class Clean(unittest.TestCase):
    def test_a_row_has_the_columns_and_the_partitions(self):
        row = app.clean(landed())
        columns = {
            "symbol": "BTC-USD",
            "price": 97000.5,
            "volume": 12,
            "at": datetime(2026, 11, 30, 21, 47, tzinfo=timezone.utc),
        }
        self.assertEqual(row, columns | {"type": "crypto", "year": 2026, "month": 11, "day": 30, "hour": 21})
        self.assertEqual(list(row)[4:], app.PARTITIONS)

    def test_partitions_are_utcs(self):
        row = app.clean(landed(at="2027-01-01T00:30:00+01:00"))
        self.assertEqual([row[name] for name in app.PARTITIONS[1:]], [2026, 12, 31, 23])

    def test_what_is_no_price_is_left_out(self):
        for wrong in (
            {"symbol": None}, {"symbol": ""}, {"type": ""}, {"price": None}, {"price": 0.0}, {"price": -1.0},
            {"price": float("nan")}, {"price": float("inf")}, {"volume": None}, {"volume": -1},
            {"at": None}, {"at": ""}, {"at": "yesterday"}, {"at": "2026-11-30T21:47:00"},
            {"at": "0001-01-01T00:00:00+14:00"},
        ):  # fmt: skip
            self.assertIsNone(app.clean(landed(**wrong)), wrong)
        self.assertIsNone(app.clean({}))


if __name__ == "__main__":
    unittest.main()
