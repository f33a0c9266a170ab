"""Asks for the prices of the moment, and puts each on a Kinesis stream. Called every minute.

What comes twice, as a call that is tried again or a market that stands still makes it, has the same symbol and time:
whoever reads the stream tells by these.
"""

import json
import os
import time
from datetime import datetime, timezone
from urllib.parse import urlsplit

import boto3
import urllib3

# What Kinesis takes with one call.
MOST = 500
# How often what Kinesis has no room for is put again.
ATTEMPTS = 4
# How long a key is used before it is read again, in seconds: one that is replaced is out of use soon.
KEEP = 300
# More than that is no list of prices, in bytes.
LARGEST = 4 << 20

# Made once for as long as the function is kept warm.
kinesis = boto3.client("kinesis")
secrets = boto3.client("secretsmanager")
# Two more attempts, after a pause of our own choice, where the network or the API has a bad moment.
http = urllib3.PoolManager(
    timeout=urllib3.Timeout(connect=3, read=7),
    retries=urllib3.Retry(
        total=2, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), respect_retry_after_header=False
    ),
)
known = {"key": None, "until": float("-inf")}


def handler(event, context):
    """Puts the prices of this moment on the stream; returns how many these were."""
    prices, skipped = [], 0
    for quote in quotes():
        try:
            prices.append(check(quote))
        except (ValueError, OverflowError) as error:
            # One price that makes no sense does not keep the others away.
            print(json.dumps({"level": "WARN", "skipped": str(quote)[:200], "why": str(error)}))
            skipped += 1
    left = put([record(price) for price in prices])
    if left:
        # Lambda calls again.
        raise RuntimeError(f"the stream has no room for {left} of {len(prices)} prices")
    return {"put": len(prices), "skipped": skipped}


def quotes():
    """What the API says, as a list; with a key that is read anew where the one at hand is refused."""
    status, body = ask(key())
    if status in (401, 403):
        known["until"] = float("-inf")
        status, body = ask(key())
    if status != 200:
        raise RuntimeError(f"the API answers with status {status}")
    if len(body) > LARGEST:
        raise RuntimeError(f"the API's answer is longer than {LARGEST} bytes")
    answer = json.loads(body)
    if not isinstance(answer, dict) or not isinstance(answer.get("quotes"), list):
        raise RuntimeError("the API's answer has no list `quotes`")
    return answer["quotes"]


def ask(key):
    """Status and body of the API's answer."""
    url = os.environ["API_URL"]
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname != "127.0.0.1":
        raise RuntimeError("the key is sent by HTTPS alone")
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
    # Whoever is redirected to has no business with the key.
    response = http.request(
        "GET", url, fields={"symbols": os.environ["SYMBOLS"]}, headers=headers, redirect=False, preload_content=False
    )
    try:
        return response.status, response.read(LARGEST + 1)
    finally:
        response.close()


def key():
    """The API's key, from Secrets Manager."""
    now = time.monotonic()
    if now >= known["until"]:
        known["key"] = secrets.get_secret_value(SecretId=os.environ["SECRET"])["SecretString"].strip()
        known["until"] = now + KEEP
    return known["key"]


def check(quote):
    """The price in a quote: of what, of what kind, how much, how many of it were traded, and when."""
    if not isinstance(quote, dict):
        raise ValueError("a quote is a JSON object")
    missing = [name for name in ("symbol", "type", "at") if not isinstance(quote.get(name), str) or not quote[name]]
    if missing:
        raise ValueError(f"no text under {', '.join(missing)}")
    price, volume = quote.get("price"), quote.get("volume")
    if not is_number(price) or price <= 0:
        raise ValueError("the price is no number above 0")
    if not is_number(volume) or volume < 0 or volume != int(volume):
        raise ValueError("the volume is no whole number")
    return {
        "symbol": quote["symbol"],
        "type": quote["type"],
        "price": float(price),
        "volume": int(volume),
        "at": utc(quote["at"]),
    }


def is_number(value):
    # NaN is in no range.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**63


def utc(text):
    """A time, whatever its zone, as all that read the stream take it: `2026-11-30T21:47:00.000Z`."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("the time has no zone")
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def record(price):
    """A record of Kinesis; the prices of one symbol keep their order."""
    return {"Data": json.dumps(price, separators=(",", ":")).encode(), "PartitionKey": price["symbol"]}


def put(records):
    """Puts records, those that are refused again; returns how many are left."""
    left = []
    for first in range(0, len(records), MOST):
        batch = records[first : first + MOST]
        for attempt in range(ATTEMPTS):
            time.sleep(0.2 * attempt)
            results = kinesis.put_records(StreamName=os.environ["STREAM"], Records=batch)["Records"]
            batch = [record for record, result in zip(batch, results) if "ErrorCode" in result]
            if not batch:
                break
        left += batch
    return len(left)
