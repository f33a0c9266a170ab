"""Reads the prices that have landed since the last run, and adds them to the table of prices, in Parquet.

A Glue job (Spark). Its bookmark remembers which objects it has read, and moves on only once what was read is written: a
run that fails is repeated by the next. What is no price is left out; a price that came twice in one run is written once.

Row by row in Python: at a price a minute and symbol that takes seconds, and it can be tested without Spark.
"""

import json
import math
import sys
from datetime import datetime, timezone

# The table's partitions, in its order.
PARTITIONS = ["type", "year", "month", "day", "hour"]
# One type for each field, whatever the first objects of a run have: `1` and `1.5` are both prices.
CASTS = [
    ("symbol", "cast:string"),
    ("type", "cast:string"),
    ("price", "cast:double"),
    ("volume", "cast:long"),
    ("at", "cast:string"),
]
ARGUMENTS = ["JOB_NAME", "landing", "database", "table"]


def clean(landed):
    """A row of the table from what has landed; `None` where that is no price."""
    symbol, kind, price, volume = (landed.get(name) for name in ("symbol", "type", "price", "volume"))
    at = moment(landed.get("at"))
    if not symbol or not kind or at is None or volume is None or volume < 0:
        return None
    if price is None or not math.isfinite(price) or price <= 0:
        return None
    # The time keeps its zone: Spark takes one without for the worker's.
    return {"symbol": symbol, "price": price, "volume": volume, "at": at} | partition(kind, at)


def moment(text):
    """A time in UTC; `None` where it is none. `Z` is spelt out for the Python of older Glue versions."""
    try:
        at = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
        return at.astimezone(timezone.utc) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def partition(kind, at):
    """Where a row belongs: by when the price was made, so that one that came late is found where it is looked for."""
    return {"type": kind, "year": at.year, "month": at.month, "day": at.day, "hour": at.hour}


def run(arguments):
    """One run; returns how many rows were read, and how many were written."""
    from awsglue.context import GlueContext
    from awsglue.dynamicframe import DynamicFrame
    from awsglue.job import Job
    from pyspark.context import SparkContext

    glue = GlueContext(SparkContext.getOrCreate())
    # A run has few rows: Spark's own 200 parts would be empty, but for a few.
    glue.spark_session.conf.set("spark.sql.shuffle.partitions", "8")
    job = Job(glue)
    job.init(arguments["JOB_NAME"], arguments)
    landed = glue.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [arguments["landing"]], "recurse": True},
        format="json",
        # The bookmark's name for it.
        transformation_ctx="landed",
    )
    read = landed.count()
    written = write(glue, DynamicFrame, landed, arguments) if read else 0
    job.commit()
    return {"read": read, "written": written}


def write(glue, DynamicFrame, landed, arguments):
    """Adds what is clean to the table, and its new partitions to the catalog."""
    rows = landed.resolveChoice(specs=CASTS).toDF().rdd.map(lambda row: clean(row.asDict())).filter(bool)
    prices = glue.spark_session.createDataFrame(rows, schema())
    # One file for each partition and run, and not one for each worker besides.
    prices = prices.dropDuplicates(["symbol", "at"]).repartition(*PARTITIONS).cache()
    written = prices.count()
    if written:
        glue.write_dynamic_frame.from_catalog(
            frame=DynamicFrame.fromDF(prices, glue, "prices"),
            database=arguments["database"],
            table_name=arguments["table"],
            # The columns are those of the spec: new partitions are entered, and nothing else is changed in the catalog.
            additional_options={"enableUpdateCatalog": True, "updateBehavior": "LOG", "partitionKeys": PARTITIONS},
            transformation_ctx="prices",
        )
    return written


def schema():
    """The columns as Spark has them."""
    from pyspark.sql import types

    columns = [
        ("symbol", types.StringType()),
        ("price", types.DoubleType()),
        ("volume", types.LongType()),
        ("at", types.TimestampType()),
        ("type", types.StringType()),
    ]
    columns += [(name, types.IntegerType()) for name in PARTITIONS[1:]]
    return types.StructType([types.StructField(name, kind) for name, kind in columns])


if __name__ == "__main__":
    from awsglue.utils import getResolvedOptions

    print(json.dumps(run(getResolvedOptions(sys.argv, ARGUMENTS))))
