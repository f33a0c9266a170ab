"""The whole job with a real Spark and a stand-in for Glue's own library: the bookmark, the table's files, the catalog.

Needs Java 17 and PySpark (0.4 GB); the README says how it is run.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPT = HERE.parent.parent / "jobs" / "clean.py"
KEYS = ["type", "year", "month", "day", "hour"]
# As the spec has them.
COLUMNS = {"symbol": "string", "price": "double", "volume": "bigint", "at": "timestamp"}
PARTITIONS = {"type": "string", "year": "int", "month": "int", "day": "int", "hour": "int"}


def price(at, symbol="BTC-USD", amount=97000.5, **more):
    return {"symbol": symbol, "type": "crypto", "price": amount, "volume": 12, "at": at} | more


class CleanJob(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.staging = self.folder / "staging" / "prices"
        table = {
            "location": str(self.staging),
            "columns": COLUMNS | PARTITIONS,
            "partition_keys": KEYS,
            "partitions": [],
        }
        (self.folder / "catalog.json").write_text(json.dumps({"lake.prices": table}))
        self.path("landing/ticks").mkdir(parents=True)

    def path(self, name):
        return self.folder / name

    def land(self, key, *lines):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
        path = self.path("landing/ticks") / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode()) if key.endswith(".gz") else text.encode())

    def run_job(self, **more):
        arguments = {
            "JOB_NAME": "clean",
            "landing": str(self.path("landing/ticks")),
            "database": "lake",
            "table": "prices",
        }
        flags = [part for name, value in (arguments | more).items() for part in (f"--{name}", value)]
        environment = os.environ | {
            "PYTHONPATH": str(HERE), "GLUE_STANDIN": str(self.folder), "PYSPARK_PYTHON": sys.executable,
            # A worker of another zone than that of the prices.
            "TZ": "America/New_York", "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_SUBMIT_ARGS": "--master local[1] --conf spark.ui.enabled=false pyspark-shell",
        }  # fmt: skip
        command = [sys.executable, str(SCRIPT), *flags]
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True)

    def counts(self, **more):
        done = self.run_job(**more)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])

    def rows(self):
        """The table, as whoever reads its folder finds it."""
        from pyspark.sql import SparkSession

        spark = SparkSession.builder.master("local[1]").config("spark.sql.session.timeZone", "UTC").getOrCreate()
        self.addCleanup(spark.stop)
        table = spark.read.parquet(str(self.staging))
        return [
            tuple(row)
            for row in table.selectExpr("symbol", "price", "volume", "cast(at as string)", *KEYS).sort("at").collect()
        ]

    def partitions(self):
        return json.loads(self.path("catalog.json").read_text())["lake.prices"]["partitions"]

    def test_what_lands_is_added_once_under_the_hour_of_its_price(self):
        self.land(
            "2026/11/30/21/a.gz",
            # Of two types until somebody chooses: a whole number, and one that is not.
            price("2026-11-30T21:47:00.000Z", amount=97000),
            price("2026-11-30T21:48:00.000Z", amount=97000.5),
            # Came twice.
            price("2026-11-30T21:48:00.000Z", amount=97000.5),
            # Late, by its own zone's calendar a day later.
            price("2026-12-01T00:59:00.000+02:00", "EUR-USD", 1.0845, type="fx"),
        )
        self.land(
            "2026/11/30/21/b",
            price("2026-11-30T22:01:00.000Z"),
            price("never"),
            price("2026-11-30T22:01:00.000Z", amount=-1),
            "{",
        )
        self.assertEqual(self.counts(), {"read": 8, "written": 4})
        whole = [
            ("BTC-USD", 97000.0, 12, "2026-11-30 21:47:00", "crypto", 2026, 11, 30, 21),
            ("BTC-USD", 97000.5, 12, "2026-11-30 21:48:00", "crypto", 2026, 11, 30, 21),
            ("BTC-USD", 97000.5, 12, "2026-11-30 22:01:00", "crypto", 2026, 11, 30, 22),
            ("EUR-USD", 1.0845, 12, "2026-11-30 22:59:00", "fx", 2026, 11, 30, 22),
        ]
        self.assertEqual(self.rows(), whole)
        hour = "type=crypto/year=2026/month=11/day=30/hour="
        entered = [f"{hour}21", f"{hour}22", "type=fx/year=2026/month=11/day=30/hour=22"]
        self.assertEqual(self.partitions(), entered)
        files = [path for path in self.staging.rglob("*.parquet")]
        self.assertEqual(len(files), 3, "one for each partition")
        # Nothing new: nothing is written.
        self.assertEqual(self.counts(), {"read": 0, "written": 0})
        # The next run reads what is new, and only that.
        self.land("2026/11/30/23/c.gz", price("2026-11-30T23:00:00.000Z"))
        self.assertEqual(self.counts(), {"read": 1, "written": 1})
        self.assertEqual(
            self.rows(), [*whole, ("BTC-USD", 97000.5, 12, "2026-11-30 23:00:00", "crypto", 2026, 11, 30, 23)]
        )
        self.assertEqual(self.partitions(), sorted([*entered, f"{hour}23"]))

    def test_a_run_that_fails_is_repeated_by_the_next(self):
        self.land("a", price("2026-11-30T21:47:00.000Z"))
        self.assertNotEqual(self.run_job(table="nowhere").returncode, 0)
        self.assertEqual(self.counts(), {"read": 1, "written": 1})

    def test_a_run_without_one_good_price_writes_nothing_and_is_done(self):
        self.land("a", price("never"))
        self.assertEqual(self.counts(), {"read": 1, "written": 0})
        self.assertEqual((self.partitions(), self.staging.exists()), ([], False))
        self.assertEqual(self.counts(), {"read": 0, "written": 0})


if __name__ == "__main__":
    unittest.main()
