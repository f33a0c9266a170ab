"""Answers `GET /prices` with what Athena finds: the prices of a symbol on a day, the newest first.

API Gateway gives up after 29 seconds, so this gives up before that, and stops the query, which costs what it reads.
"""

import json
import os
import re
import time
from datetime import date, datetime, timezone

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# How long a query is waited for, in seconds: the function's timeout is 28, and the last call may take eight.
PATIENCE = 18
# How long it is waited for between two looks, in seconds, at first and at the most.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 1.0
# Athena hands out a thousand rows at a time, the first of which has the names of the columns.
MOST = 500

SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9.-]{0,19}")
TYPES = ("crypto", "fx", "stock")

# Made once for as long as the function is kept warm.
athena = boto3.client(
    "athena", config=Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
)


class NotInTime(Exception):
    """The query was given up."""


def handler(request, context):
    """Answers a request of API Gateway (Lambda proxy)."""
    until = time.monotonic() + PATIENCE
    try:
        asked = read(request.get("queryStringParameters") or {})
    except ValueError as error:
        return answer(400, {"error": str(error)})
    try:
        return answer(200, asked | {"prices": prices(asked, until)})
    except NotInTime:
        return answer(504, {"error": "the query takes too long: ask again"})
    except ClientError as error:
        code = error.response["Error"]["Code"]
        print(json.dumps({"level": "ERROR", "why": str(error)}))
        if code in ("TooManyRequestsException", "ThrottlingException"):
            return answer(503, {"error": "there are too many queries: ask again"}, {"Retry-After": "5"})
        return answer(502, {"error": "the prices cannot be read"})
    except RuntimeError as error:
        # What Athena says of a query is for the log: it names tables and buckets.
        print(json.dumps({"level": "ERROR", "why": str(error)}))
        return answer(502, {"error": "the prices cannot be read"})


def read(parameters):
    """What is asked for; each parameter has a form, and none that nobody knows is passed over."""
    unknown = sorted(set(parameters) - {"symbol", "type", "day", "limit"})
    if unknown:
        raise ValueError("`symbol`, `type`, `day` and `limit` may be asked for, and nothing else")
    symbol = parameters.get("symbol") or ""
    if not SYMBOL.fullmatch(symbol):
        raise ValueError("`symbol` is required: capitals, digits, `.` and `-`")
    asked = {"symbol": symbol}
    if "type" in parameters:
        if parameters["type"] not in TYPES:
            raise ValueError(f"`type` is one of {', '.join(TYPES)}")
        asked["type"] = parameters["type"]
    asked["day"] = day(parameters.get("day")).isoformat()
    asked["limit"] = limit(parameters.get("limit", "100"))
    return asked


def day(text):
    if text is None:
        return datetime.now(timezone.utc).date()
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("`day` is written as 2026-11-30")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {text}") from None


def limit(text):
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST:
        raise ValueError(f"`limit` is a number from 1 to {MOST}")
    return int(text)


def prices(asked, until):
    """The prices that are asked for, with Athena's types made JSON's."""
    sql, values = query(asked)
    started = athena.start_query_execution(
        QueryString=sql,
        ExecutionParameters=values,
        QueryExecutionContext={"Database": os.environ["DATABASE"]},
        WorkGroup=os.environ["WORKGROUP"],
        # The job adds prices once an hour: the same question has the same answer for a while, at no cost.
        ResultReuseConfiguration={"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 5}},
    )
    execution = started["QueryExecutionId"]
    wait(execution, until)
    result = athena.get_query_results(QueryExecutionId=execution, MaxResults=MOST + 1)["ResultSet"]
    columns = [(column["Name"], column["Type"]) for column in result["ResultSetMetadata"]["ColumnInfo"]]
    return [
        {name: value(cell.get("VarCharValue"), kind) for (name, kind), cell in zip(columns, row["Data"])}
        for row in result["Rows"][1:]
    ]


def query(asked):
    """The statement, and the values of its parameters. What somebody has sent is in the values alone.

    It names the partitions, so that Athena reads these and no others.
    """
    on = date.fromisoformat(asked["day"])
    conditions = ["year = ?", "month = ?", "day = ?", "symbol = ?"]
    values = [str(on.year), str(on.month), str(on.day), literal(asked["symbol"])]
    if "type" in asked:
        conditions.append("type = ?")
        values.append(literal(asked["type"]))
    table = '"' + os.environ["TABLE"].replace('"', '""') + '"'
    sql = (
        # A price may have come twice, in two runs of the job.
        f'SELECT DISTINCT symbol, type, price, volume, "at" FROM {table} WHERE {" AND ".join(conditions)} '
        f'ORDER BY "at" DESC LIMIT {int(asked["limit"])}'
    )
    return sql, values


def literal(text):
    """A text as SQL writes it: Athena takes parameters as literals."""
    return "'" + text.replace("'", "''") + "'"


def wait(execution, until):
    """Returns once a query has ended well."""
    pause = FIRST_PAUSE
    while True:
        status = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]
        if status["State"] == "SUCCEEDED":
            return
        if status["State"] in ("FAILED", "CANCELLED"):
            raise RuntimeError(f"query {execution} {status['State']}: {status.get('StateChangeReason', '')}")
        if time.monotonic() + pause > until:
            athena.stop_query_execution(QueryExecutionId=execution)
            raise NotInTime
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def value(text, kind):
    if text is None:
        return None
    if kind in ("bigint", "integer", "int"):
        return int(text)
    if kind in ("double", "float"):
        return float(text)
    return text


def answer(status, body, headers=None):
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"} | (headers or {})
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
