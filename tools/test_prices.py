"""Tests of tools/prices.py, with offer files that they write themselves: `python3 tools/test_prices.py`."""

import contextlib
import io
import json
import re
import sys
import tempfile
import tomllib
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))
import prices

ROOT = Path(__file__).parent.parent
ITEMS = ROOT / "src" / "model" / "price.rs"


def product(usage_type, *ranges, region="eu-west-2", **attributes):
    """A product: its attributes, and its price as (begin, end, USD)."""
    return {"usagetype": usage_type, "regionCode": region, **attributes}, ranges


def offer_file(offer, products):
    """An offer file as AWS writes it."""
    content = {"offerCode": offer, "publicationDate": "2026-10-01T18:47:46Z", "products": {}, "terms": {"OnDemand": {}}}
    for index, (attributes, ranges) in enumerate(products):
        sku = f"SKU{index}"
        dimensions = {
            f"{sku}.TERM.{place}": {"unit": "Units", "beginRange": begin, "endRange": end, "pricePerUnit": {"USD": usd}}
            for place, (begin, end, usd) in enumerate(ranges)
        }
        content["products"][sku] = {"sku": sku, "attributes": attributes}
        content["terms"]["OnDemand"][sku] = {f"{sku}.TERM": {"sku": sku, "priceDimensions": dimensions}}
    return content


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, **offers):
        """Writes all offer files; those that are not given have no products."""
        for offer in prices.OFFERS:
            content = offer_file(offer, offers.get(offer, []))
            (self.folder / f"{offer}.json").write_text(json.dumps(content), encoding="utf-8")

    def run_script(self, *arguments):
        """Exit code, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = prices.main([str(argument) for argument in arguments])
        return code, out.getvalue(), err.getvalue()

    def made(self, region="eu-west-2"):
        """The entry that the script makes, parsed, and its standard error."""
        code, out, err = self.run_script(region, self.folder)
        self.assertEqual(code, 0, err)
        entries = tomllib.loads(out)["regions"]
        self.assertEqual([entry.pop("names") for entry in entries], [[region]])
        return entries[0], err

    def fails(self, *needles):
        """The script makes no entry, and says why and what to do."""
        code, out, err = self.run_script("eu-west-2", self.folder)
        self.assertEqual((code, out), (1, ""))
        for needle in (*needles, "download https://", "--fetch"):
            self.assertIn(needle, err)


class Entry(Case):
    def test_the_whole_text(self):
        self.write(
            AWSLambda=[
                product("EUW2-Request", ("0", "Inf", "0.0000002000"), group="AWS-Lambda-Requests"),
                product(
                    "EUW2-Lambda-GB-Second",
                    ("15000000000", "Inf", "0.0000133334"),
                    ("0", "6000000000", "0.0000166667"),
                    ("6000000000", "15000000000", "0.0000150000"),
                    group="AWS-Lambda-Duration",
                ),
            ],
            AWSSecretsManager=[product("EUW2-AWSSecretsManager-Secrets", ("0", "Inf", "0.4000000000"))],
        )
        code, out, err = self.run_script("eu-west-2", self.folder)
        self.assertEqual(code, 0)
        dates = "".join(f"# {offer} 2026-10-01\n" for offer in prices.OFFERS)
        self.assertEqual(
            out,
            "# Made by tools/prices.py from AWS's price lists, each with the day that AWS published it:\n"
            + dates
            + """[[regions]]
names = ["eu-west-2"]

[regions.lambda]
confirmed = true
requests_million = 0.20
x86_gb_second = [{ first = 6_000_000_000, price = 0.0000166667 }, { first = 9_000_000_000, price = 0.000015 }, { price = 0.0000133334 }]

[regions.secretsmanager]
confirmed = true
secret_month = 0.40
""",
        )
        self.assertIn("kms.requests_ten_thousand is left out, awskms does not say it for eu-west-2: there is no such product", err)
        self.assertIn("firehose.partitioned_gb is left out: this script does not know its usage type", err)
        self.assertEqual(len(err.splitlines()), len(prices.TABLE) - 3 + len(prices.NOT_IN_TABLE))

    def test_a_price_is_for_as_many_units_as_the_table_says(self):
        self.write(
            AmazonKinesis=[product("EUW2-PutRequestPayloadUnits", ("0", "Inf", "0.0000000165"), operation="PutRequest")],
            AmazonSNS=[product("EUW2-DeliveryAttempts-SMTP", ("0", "Inf", "0.0000200000"))],
            AmazonCloudWatch=[product("DashboardsUsageHour", ("0", "Inf", "3.0000000000"), region="")],
        )
        entry, _ = self.made()
        self.assertEqual(entry["kinesis"], {"confirmed": True, "put_units_million": 0.0165})
        self.assertEqual(entry["sns"], {"confirmed": True, "mails_hundred_thousand": 2.0})
        self.assertEqual(entry["cloudwatch"], {"confirmed": True, "dashboard": 3.0})

    def test_numbers_have_two_decimals_and_no_noise(self):
        self.assertEqual(prices.number(prices.Decimal("0.1") * 3), "0.30")
        self.assertEqual(prices.number(prices.Decimal("3E+2")), "300.00")
        self.assertEqual(prices.number(prices.Decimal("1E-7")), "0.0000001")


class Regions(Case):
    def test_the_region_in_front_of_a_usage_type_is_taken_away(self):
        for region, prefix in [("eu-west-2", "EUW2-"), ("eu-west-1", "EU-"), ("ap-northeast-1", "APN1-"), ("us-east-1", "USE1-")]:
            with self.subTest(region):
                self.write(
                    AmazonKinesis=[
                        product(f"{prefix}Storage-ShardHour", ("0", "Inf", "0.017"), region=region, operation="shardHourStorage")
                    ],
                    awskms=[product(f"{region}-KMS-Requests", ("0", "Inf", "0.000003"), region=region)],
                )
                entry, _ = self.made(region)
                self.assertEqual(entry["kinesis"]["shard_hour"], 0.017)
                self.assertEqual(entry["kms"]["requests_ten_thousand"], 0.03)

    def test_us_east_1_has_none_and_other_prefixes_stay(self):
        self.write(
            AmazonDynamoDB=[
                product("TimedStorage-ByteHrs", ("0", "25", "0"), ("25", "Inf", "0.25"), region="us-east-1"),
                product("USE1-TimedStorage-ByteHrs", ("0", "Inf", "0.25"), region="us-east-1"),
                product("IA-TimedStorage-ByteHrs", ("0", "Inf", "0.10"), region="us-east-1"),
            ],
            AWSQueueService=[
                product("Requests-RBP", ("0", "Inf", "0.0000004"), region="us-east-1", queueType="Standard"),
                product("Requests-FIFO-RBP", ("0", "Inf", "0.0000005"), region="us-east-1", queueType="FIFO (first-in, first-out)"),
                product("Requests-Fair-RBP", ("0", "Inf", "0.0000001"), region="us-east-1", queueType="Fair"),
            ],
            AWSXRay=[product("Global-XRay-TracesStored", ("0", "100000", "0"), region="")],
        )
        entry, err = self.made("us-east-1")
        self.assertEqual(entry["dynamodb"], {"confirmed": True, "storage_gb_month": 0.25})
        self.assertEqual(entry["sqs"], {"confirmed": True, "requests_million": 0.4, "fifo_requests_million": 0.5})
        self.assertNotIn("xray", entry)
        self.assertIn("xray.traces_million is left out", err)

    def test_a_product_of_another_region_does_not_count(self):
        here = product("EUW2-AWSSecretsManager-Secrets", ("0", "Inf", "0.40"))
        there = product("EU-AWSSecretsManager-Secrets", ("0", "Inf", "0.50"), region="eu-west-1")
        self.write(AWSSecretsManager=[here, there])
        entry, _ = self.made()
        self.assertEqual(entry["secretsmanager"]["secret_month"], 0.4)


class Tiers(Case):
    def storage(self, *ranges):
        self.write(AmazonS3=[product("EUW2-TimedStorage-ByteHrs", *ranges, volumeType="Standard")])
        entry, err = self.made()
        return entry.get("s3", {}).get("standard_gb_month"), err

    def test_a_tier_has_its_width_and_not_its_end(self):
        found, _ = self.storage(("0", "51200", "0.024"), ("51200", "512000", "0.023"), ("512000", "Inf", "0.022"))
        self.assertEqual(found, [{"first": 51200, "price": 0.024}, {"first": 460800, "price": 0.023}, {"price": 0.022}])

    def test_what_is_free_at_first_costs_what_follows(self):
        found, _ = self.storage(("0", "5", "0"), ("5", "100", "0.03"), ("100", "Inf", "0.02"))
        self.assertEqual(found, [{"first": 100, "price": 0.03}, {"price": 0.02}])

    def test_neighbours_of_one_price_are_one_tier(self):
        found, _ = self.storage(("0", "50", "0.03"), ("50", "100", "0.0300"), ("100", "Inf", "0.02"))
        self.assertEqual(found, [{"first": 100, "price": 0.03}, {"price": 0.02}])
        self.assertEqual(self.storage(("0", "50", "0.03"), ("50", "Inf", "0.03"))[0], 0.03)

    def test_a_list_that_ends_says_nothing_of_the_rest(self):
        self.assertEqual(self.storage(("0", "50", "0.03"))[0], [{"first": 50, "price": 0.03}])

    def test_a_gap_is_not_filled(self):
        found, err = self.storage(("0", "50", "0.03"), ("60", "Inf", "0.02"))
        self.assertIsNone(found)
        self.assertIn("s3.standard_gb_month is left out, AmazonS3 does not say it for eu-west-2: its tiers do not follow", err)

    def test_another_currency_is_no_price(self):
        self.write(AmazonS3=[product("EUW2-TimedStorage-GIR-ByteHrs", ("0", "Inf", "0.005"))])
        path = self.folder / "AmazonS3.json"
        path.write_text(path.read_text().replace('"USD"', '"CNY"'))
        entry, err = self.made()
        self.assertNotIn("s3", entry)
        self.assertIn("its price is not in USD", err)


class TwoProducts(Case):
    def test_different_prices_are_left_out_and_named(self):
        self.write(
            AmazonS3=[
                product("EUW2-Requests-Tier4", ("0", "Inf", "0.00001"), operation=""),
                product("EUW2-Requests-Tier4", ("0", "Inf", "0.00003"), operation="S3-INTTransition"),
                product("EUW2-Requests-Tier4", ("0", "Inf", "0.00002"), operation="S3-GIRTransition"),
            ]
        )
        entry, err = self.made()
        self.assertEqual(
            entry["s3"],
            {
                "confirmed": True,
                "standard_ia_transition_thousand": 0.01,
                "onezone_ia_transition_thousand": 0.01,
                "glacier_ir_transition_thousand": 0.02,
            },
        )
        self.assertIn("s3.intelligent_tiering_transition_thousand is left out", err)
        self.assertIn("there are 2 different prices: 0.01; 0.03", err)

    def test_the_same_price_twice_is_one(self):
        self.write(
            AmazonCloudWatch=[
                product("EUW2-CW:MetricMonitorUsage", ("0", "10000", "0.30"), ("10000", "Inf", "0.10"), operation="MetricStorage"),
                product("EUW2-CW:MetricMonitorUsage", ("0", "10000", "0.3"), ("10000", "Inf", "0.1"), operation="MetricStorage:AWS/EC2"),
            ]
        )
        entry, _ = self.made()
        self.assertEqual(entry["cloudwatch"]["metric"], [{"first": 10000, "price": 0.3}, {"price": 0.1}])


class Files(Case):
    def test_a_missing_file(self):
        self.write()
        (self.folder / "AWSLambda.json").unlink()
        self.fails("AWSLambda.json is missing", "/AWSLambda/current/eu-west-2/index.json")

    def test_no_json(self):
        self.write()
        (self.folder / "AWSXRay.json").write_text("<html>Access denied</html>")
        self.fails("AWSXRay.json is not an offer file, it is no JSON")

    def test_json_of_something_else(self):
        self.write()
        for content in ("[]", "{}", '{"publicationDate": "2026-10-01", "products": [], "terms": {"OnDemand": {}}}'):
            with self.subTest(content):
                (self.folder / "AWSXRay.json").write_text(content)
                self.fails("AWSXRay.json is not an offer file, it has no date, products or prices")

    def test_the_file_of_another_offer(self):
        self.write()
        (self.folder / "AWSXRay.json").write_text(json.dumps(offer_file("AmazonSNS", [])))
        self.fails("AWSXRay.json is the offer file of AmazonSNS")

    def test_the_file_of_another_region(self):
        self.write(AWSXRay=[product("EU-XRay-TracesStored", ("0", "Inf", "0.000005"), region="eu-west-1")])
        self.fails("AWSXRay.json is of eu-west-1")

    def test_files_are_downloaded(self):
        self.write(AWSXRay=[product("EUW2-XRay-TracesStored", ("0", "Inf", "0.000005"))])
        kept = self.folder / "kept"
        with mock.patch.object(prices, "SOURCE", f"{self.folder.as_uri()}/{{offer}}.json"):
            for folder in ([kept], []):
                code, out, err = self.run_script("eu-west-2", *folder, "--fetch")
                self.assertEqual(code, 0, err)
                self.assertEqual(tomllib.loads(out)["regions"][0]["xray"]["traces_million"], 5.0)
        self.assertEqual(sorted(path.name for path in kept.iterdir()), sorted(f"{offer}.json" for offer in prices.OFFERS))

    def test_a_download_that_fails(self):
        with mock.patch.object(prices, "SOURCE", f"{self.folder.as_uri()}/none/{{offer}}.json"):
            code, out, err = self.run_script("eu-west-2", self.folder, "--fetch")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("check the region's name and the network, then run this again", err)
        self.assertEqual(list(self.folder.iterdir()), [])


class Items(unittest.TestCase):
    @unittest.skipUnless(ITEMS.exists(), "src/model/price.rs is not there")
    def test_the_items_are_those_of_pipectl_in_its_units_and_order(self):
        listed = re.findall(r'^    \w+ "([a-z0-9_.]+)" ([\d_]+) "', ITEMS.read_text(encoding="utf-8"), re.MULTILINE)
        self.assertTrue(listed)
        expected = [(name, int(per)) for name, per in listed if name not in prices.NOT_IN_TABLE]
        self.assertEqual([(item, factor) for item, _, _, factor, _ in prices.TABLE], expected)
        self.assertLessEqual(set(prices.NOT_IN_TABLE), {name for name, _ in listed})


if __name__ == "__main__":
    unittest.main()
