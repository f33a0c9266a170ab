#!/usr/bin/env python3
"""Makes one `[[regions]]` entry of src/cost/prices.toml from the price lists that AWS publishes.

    python3 tools/prices.py eu-west-2 FOLDER            reads the lists in FOLDER: AmazonKinesis.json and so on
    python3 tools/prices.py eu-west-2 FOLDER --fetch    downloads them into FOLDER first
    python3 tools/prices.py eu-west-2 --fetch           downloads them into a folder that is removed afterwards

AWS calls such a list an offer file. It is public and needs no account:
https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonKinesis/current/eu-west-2/index.json

The entry goes to standard output: list prices in USD before tax, without free tier. A price that a list does not have, or
has twice and differently, is left out and named on standard error. A list that is missing, or is none, ends the script with
exit code 1.
"""

import argparse
import http.client
import json
import re
import shutil
import sys
import tempfile
import urllib.request
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

SOURCE = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/{offer}/current/{region}/index.json"

# Which product of which offer an item is.
#
# A row: the item as src/model/price.rs names it, the offer, the usage type without the region in front of it, how many units
# of the offer one price is for, and what other attributes say. Usage type and attributes are regular expressions for the whole
# value; an attribute that a product lacks counts as empty.
TABLE = [
    ("kinesis.shard_hour", "AmazonKinesis", r"Storage-ShardHour", 1, {"operation": "shardHourStorage"}),
    ("kinesis.put_units_million", "AmazonKinesis", r"PutRequestPayloadUnits", 1_000_000, {"operation": "PutRequest"}),
    ("kinesis.extended_shard_hour", "AmazonKinesis", r"Extended-ShardHour", 1, {"operation": "shardHourStorage"}),
    ("kinesis.long_term_gb_month", "AmazonKinesis", r"LongTermRetention-ByteHrs", 1, {"operation": "LongTermRetentionByteHrs"}),
    ("kinesis.stream_hour", "AmazonKinesis", r"OnDemand-StreamHour", 1, {"operation": "OnDemandStreamHr"}),
    ("kinesis.in_gb", "AmazonKinesis", r"OnDemand-BilledIncomingBytes", 1, {"operation": "OnDemandDataIngested"}),
    ("kinesis.out_gb", "AmazonKinesis", r"OnDemand-BilledOutgoingBytes", 1, {"operation": "OnDemandDataRetrieval"}),
    (
        "kinesis.extended_gb_month",
        "AmazonKinesis",
        r"OnDemand-ExtendedRetention-ByteHrs",
        1,
        {"operation": "OnDemandExtendedRetentionByteHrs"},
    ),
    ("firehose.in_gb", "AmazonKinesisFirehose", r".*", 1, {"group": "Event-by-Event Processing", "sourcetype": ""}),
    ("s3.put_thousand", "AmazonS3", r"Requests-Tier1", 1_000, {"group": "S3-API-Tier1"}),
    ("s3.standard_gb_month", "AmazonS3", r"TimedStorage-ByteHrs", 1, {"volumeType": "Standard"}),
    ("s3.standard_ia_gb_month", "AmazonS3", r"TimedStorage-SIA-ByteHrs", 1, {}),
    ("s3.standard_ia_transition_thousand", "AmazonS3", r"Requests-Tier4", 1_000, {"operation": "(S3-SIATransition)?"}),
    ("s3.onezone_ia_gb_month", "AmazonS3", r"TimedStorage-ZIA-ByteHrs", 1, {}),
    ("s3.onezone_ia_transition_thousand", "AmazonS3", r"Requests-Tier4", 1_000, {"operation": "(S3-ZIATransition)?"}),
    ("s3.intelligent_tiering_gb_month", "AmazonS3", r"TimedStorage-INT-FA-ByteHrs", 1, {}),
    ("s3.intelligent_tiering_transition_thousand", "AmazonS3", r"Requests-Tier4", 1_000, {"operation": "(S3-INTTransition)?"}),
    ("s3.glacier_ir_gb_month", "AmazonS3", r"TimedStorage-GIR-ByteHrs", 1, {}),
    ("s3.glacier_ir_transition_thousand", "AmazonS3", r"Requests-Tier4", 1_000, {"operation": "S3-GIRTransition"}),
    ("s3.glacier_gb_month", "AmazonS3", r"TimedStorage-GlacierByteHrs", 1, {}),
    ("s3.glacier_transition_thousand", "AmazonS3", r"Requests-Tier3", 1_000, {"operation": "S3-GlacierTransition"}),
    ("s3.deep_archive_gb_month", "AmazonS3GlacierDeepArchive", r"TimedStorage-GDA-ByteHrs", 1, {}),
    ("s3.deep_archive_transition_thousand", "AmazonS3", r"Requests-Tier3", 1_000, {"operation": "S3-GDATransition"}),
    ("cloudwatch.alarm_metric", "AmazonCloudWatch", r"CW:AlarmMonitorUsage", 1, {}),
    ("cloudwatch.dashboard", "AmazonCloudWatch", r"DashboardsUsageHour(-Basic)?", 1, {}),
    ("cloudwatch.metric", "AmazonCloudWatch", r"CW:MetricMonitorUsage", 1, {}),
    ("kms.requests_ten_thousand", "awskms", r"KMS-Requests", 10_000, {}),
    ("lambda.requests_million", "AWSLambda", r"Request(-ARM)?", 1_000_000, {"group": "AWS-Lambda-Requests(-ARM)?"}),
    ("lambda.x86_gb_second", "AWSLambda", r"Lambda-GB-Second", 1, {"group": "AWS-Lambda-Duration"}),
    ("lambda.arm_gb_second", "AWSLambda", r"Lambda-GB-Second-ARM", 1, {"group": "AWS-Lambda-Duration-ARM"}),
    ("dynamodb.write_units_million", "AmazonDynamoDB", r"WriteRequestUnits", 1_000_000, {"group": "DDB-WriteUnits"}),
    ("dynamodb.read_units_million", "AmazonDynamoDB", r"ReadRequestUnits", 1_000_000, {"group": "DDB-ReadUnits"}),
    ("dynamodb.write_capacity_hour", "AmazonDynamoDB", r"WriteCapacityUnit-Hrs", 1, {"group": "DDB-WriteUnits"}),
    ("dynamodb.read_capacity_hour", "AmazonDynamoDB", r"ReadCapacityUnit-Hrs", 1, {"group": "DDB-ReadUnits"}),
    ("dynamodb.storage_gb_month", "AmazonDynamoDB", r"TimedStorage-ByteHrs", 1, {}),
    ("dynamodb.recovery_gb_month", "AmazonDynamoDB", r"TimedPITRStorage-ByteHrs", 1, {}),
    ("apigateway.requests_million", "AmazonApiGateway", r"ApiGatewayRequest", 1_000_000, {}),
    # In us-east-1 the usage type ends in RBP, elsewhere in Tier1.
    ("sqs.requests_million", "AWSQueueService", r"Requests-(Tier1|RBP)", 1_000_000, {"queueType": "Standard"}),
    ("sqs.fifo_requests_million", "AWSQueueService", r"Requests-FIFO-(Tier1|RBP)", 1_000_000, {"queueType": "FIFO.*"}),
    ("sns.publishes_million", "AmazonSNS", r"Requests-Tier1", 1_000_000, {}),
    ("sns.mails_hundred_thousand", "AmazonSNS", r"DeliveryAttempts-SMTP", 100_000, {}),
    ("secretsmanager.secret_month", "AWSSecretsManager", r"AWSSecretsManager-Secrets", 1, {}),
    ("logs.ingested_gb", "AmazonCloudWatch", r"DataProcessing-Bytes", 1, {}),
    ("logs.stored_gb_month", "AmazonCloudWatch", r"TimedStorage-ByteHrs", 1, {}),
    ("xray.traces_million", "AWSXRay", r"XRay-TracesStored", 1_000_000, {}),
]

# Items of src/model/price.rs whose usage type is not known.
NOT_IN_TABLE = ["firehose.partitioned_gb", "firehose.partitioned_thousand_objects", "athena.scanned_tb"]

OFFERS = list(dict.fromkeys(offer for _, offer, _, _, _ in TABLE))

# `EUW2-`, Ireland's `EU-`, and `eu-west-2-` with KMS. No other prefix: `IA-` and `Global-` are other products.
REGION_PREFIX = re.compile(r"(?:EU|[A-Z]{3,4}\d{1,2}|[a-z]{2}(?:-[a-z]+)+-\d{1,2})-")


class Failure(Exception):
    """Why there is no entry at all, and what to do."""


class Unclear(Exception):
    """Why an item has no price."""


class Tier(NamedTuple):
    """A price, and for how many units it holds; None: for all the rest."""

    first: Decimal | None
    price: Decimal


def fetch(region, folder):
    """Downloads the offer files of a region into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for offer in OFFERS:
        url = SOURCE.format(offer=offer, region=region)
        part = folder / f"{offer}.json.part"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer, part.open("wb") as file:
                shutil.copyfileobj(answer, file)
        except (OSError, http.client.HTTPException) as error:
            part.unlink(missing_ok=True)
            todo = "check the region's name and the network, then run this again"
            raise Failure(f"{url} did not arrive ({error}): {todo}") from error
        part.replace(folder / f"{offer}.json")


def read(offer, region, folder):
    """The offer file of an offer and a region."""
    path = folder / f"{offer}.json"
    again = f"download {SOURCE.format(offer=offer, region=region)} to {path}, or pass --fetch"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Failure(f"{path} is missing: {again}") from error
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error}): {again}") from error
    except ValueError as error:
        raise Failure(f"{path} is not an offer file, it is no JSON ({error}): {again}") from error
    if not is_offer_file(content):
        raise Failure(f"{path} is not an offer file, it has no date, products or prices: {again}")
    if content.get("offerCode", offer) != offer:
        raise Failure(f"{path} is the offer file of {content['offerCode']}: {again}")
    regions = {product["attributes"].get("regionCode") for product in content["products"].values()} - {None, ""}
    if regions and region not in regions:
        raise Failure(f"{path} is of {', '.join(sorted(regions))}: {again}")
    return content


def is_offer_file(content):
    """Whether there is everything in it that this script looks at."""
    try:
        products = content["products"].values()
        return (
            isinstance(content["publicationDate"], str)
            and all(isinstance(product["attributes"], dict) for product in products)
            and all(isinstance(terms, dict) for terms in content["terms"]["OnDemand"].values())
        )
    except (AttributeError, KeyError, TypeError):
        return False


def matching(content, region, usage_type, attributes):
    """The products of a region that a row means: the SKU of each."""
    for sku, product in content["products"].items():
        has = product["attributes"]
        if has.get("regionCode", "") not in ("", region):
            continue
        if not re.fullmatch(usage_type, REGION_PREFIX.sub("", has.get("usagetype", ""), count=1)):
            continue
        if all(re.fullmatch(pattern, has.get(name, "")) for name, pattern in attributes.items()):
            yield sku


def tiers(term, factor):
    """The prices of a term, in order; none where it is free. What is free at first costs what follows it."""
    try:
        ranges = sorted(
            (Decimal(part["beginRange"]), Decimal(part["endRange"]), Decimal(part["pricePerUnit"]["USD"]) * factor)
            for part in term["priceDimensions"].values()
        )
    except (KeyError, TypeError, InvalidOperation) as error:
        raise Unclear("its price is not in USD, or has no range") from error
    reached = Decimal(0)
    found = []
    for begin, end, price in ranges:
        if begin != reached or end <= begin:
            raise Unclear("its tiers do not follow one another")
        reached = end
        free_at_first = len(found) == 1 and found[0][1] == 0
        if found and (free_at_first or found[-1][1] == price):
            found.pop()
        found.append((end, price))
    if all(price == 0 for _, price in found):
        return ()
    begins = [Decimal(0)] + [end for end, _ in found]
    return tuple(Tier(end - begin if end.is_finite() else None, price) for begin, (end, price) in zip(begins, found))


def price(content, region, usage_type, factor, attributes):
    """The price of a row in an offer file: its tiers."""
    prices = set()
    for sku in matching(content, region, usage_type, attributes):
        for term in content["terms"]["OnDemand"].get(sku, {}).values():
            prices.add(tiers(term, factor))
    prices.discard(())
    if not prices:
        raise Unclear("there is no such product with a price")
    if len(prices) > 1:
        raise Unclear(f"there are {len(prices)} different prices: {'; '.join(sorted(map(written, prices)))}")
    return prices.pop()


def number(value):
    """A price as TOML has it: with two decimals or more, and none of them noise."""
    whole, _, decimals = format(value.normalize(), "f").partition(".")
    return f"{whole}.{decimals:0<2}"


def width(value):
    """How wide a tier is: `512_000`."""
    return f"{int(value):_}" if value == int(value) else number(value)


def written(price_tiers):
    """Tiers as TOML."""
    if len(price_tiers) == 1 and price_tiers[0].first is None:
        return number(price_tiers[0].price)
    parts = []
    for tier in price_tiers:
        first = "" if tier.first is None else f"first = {width(tier.first)}, "
        parts.append(f"{{ {first}price = {number(tier.price)} }}")
    return f"[{', '.join(parts)}]"


def entry(region, folder):
    """The entry of a region, as TOML, and what it lacks, a sentence each."""
    offers = {offer: read(offer, region, folder) for offer in OFFERS}
    lines = ["# Made by tools/prices.py from AWS's price lists, each with the day that AWS published it:"]
    lines += [f"# {offer} {content['publicationDate'][:10]}" for offer, content in offers.items()]
    lines += ["[[regions]]", f'names = ["{region}"]']
    lacks = []
    services = {}
    for item, offer, usage_type, factor, attributes in TABLE:
        service, name = item.split(".")
        try:
            found = price(offers[offer], region, usage_type, factor, attributes)
        except Unclear as reason:
            lacks.append(f"{item} is left out, {offer} does not say it for {region}: {reason}")
            continue
        services.setdefault(service, []).append(f"{name} = {written(found)}")
    lacks += [f"{item} is left out: this script does not know its usage type" for item in NOT_IN_TABLE]
    for service, prices in services.items():
        lines += ["", f"[regions.{service}]", "confirmed = true", *prices]
    return "\n".join(lines) + "\n", lacks


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("region", help="the region's name: eu-west-2")
    files = ", ".join(f"{offer}.json" for offer in OFFERS)
    parser.add_argument("folder", nargs="?", type=Path, help=f"where the price lists are: {files}")
    parser.add_argument("--fetch", action="store_true", help="download the price lists first")
    given = parser.parse_args(arguments)
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d{1,2}", given.region):
        parser.error(f"`{given.region}` is not the name of a region")
    if given.folder is None and not given.fetch:
        parser.error("name the folder of the price lists, or pass --fetch")
    try:
        with tempfile.TemporaryDirectory() as spare:
            folder = given.folder or Path(spare)
            if given.fetch:
                fetch(given.region, folder)
            text, lacks = entry(given.region, folder)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    for lack in lacks:
        print(f"warning: {lack}", file=sys.stderr)
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
