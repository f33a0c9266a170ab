"""Every rule in every protocol that can break it."""

import unittest
from unittest import mock

import check
import documented
from findings import RULES
from request import Request
from tests.cases import RIGHT, WRONG
from tests.wire import cbor, iam, json, rest, signed
from witness import Witness

WITNESS = Witness()
# The services whose operations pipectl calls.
SERVICES = (
    "apigateway cloudformation cloudtrail cloudwatch dynamodb ec2 events firehose iam kinesis lambda logs s3 "
    "secretsmanager sns sqs ssm sts"
).split()


def violations(request, without=()):
    return WITNESS.judge(request, without)["violations"]


class ARequest(unittest.TestCase):
    def test_that_is_right_is_its_operation_and_breaks_nothing(self):
        for operation, request in RIGHT:
            with self.subTest(operation=operation):
                verdict = WITNESS.judge(request)
                self.assertEqual((verdict["operation"], verdict["violations"]), (operation, []))

    def test_that_breaks_one_rule_is_told_of_that_alone(self):
        for case in WRONG:
            with self.subTest(protocol=case.protocol, rule=case.rule, said=case.said):
                [said] = violations(case.request)
                self.assertTrue(said.endswith(f"({case.rule})") and case.said in said, said)

    def test_passes_once_its_rule_is_taken_away(self):
        for case in WRONG:
            with self.subTest(protocol=case.protocol, rule=case.rule, said=case.said):
                self.assertEqual(violations(case.request, without=(case.rule,)), [])

    def test_that_only_the_documents_refuse_is_refused_by_its_own_line_of_the_list(self):
        every = documented.REQUIREMENTS
        for one in every:
            others = tuple(other for other in every if other is not one)
            with self.subTest(operation=one.operation, one_of=one.one_of), \
                    mock.patch.object(documented, "REQUIREMENTS", others):
                passes = [case for case in WRONG if case.rule == "documented" and not violations(case.request)]
                self.assertTrue(passes, "no request is refused for this alone")

    def test_of_every_kind_is_tried_in_every_protocol_that_knows_it(self):
        tried = {(case.protocol, case.rule) for case in WRONG}
        members = {"required", "unknown", "type", "length", "range", "enum", "timestamp"}
        data = members | {"pattern", "null", "documented"}
        wanted = {
            "query": members | {"pattern", "documented", "index", "repeated", "address"},
            "json-1.0": data | {"address"},
            "json-1.1": data | {"address"},
            "cbor": data | {"address", "union"},
            "rest-json": data | {"repeated"},
            "rest-xml": members | {"repeated"},
        }
        self.assertEqual(tried, {(protocol, rule) for protocol, rules in wanted.items() for rule in rules})
        self.assertEqual({rule for _, rule in tried}, set(RULES))

    def test_that_is_no_operation_is_told_so(self):
        for request, said in (
            (iam("Action=MakeRole"), "iam has no operation 'MakeRole'"),
            (json("kinesis", "Kinesis_20131202.Make", "{}"), "kinesis has no operation 'Make'"),
            (cbor("Make", {}), "cloudwatch has no operation 'Make'"),
            (rest("lambda", "PATCH", "/2015-03-31/functions/f"), "no operation of lambda is PATCH"),
            (rest("iam", "GET", "/"), "names no operation of iam"),
            (rest("blackboard", "GET", "/"), "signed for 'blackboard', which is no service"),
            (json("kinesis", "Kinesis_20131202.ListStreams", "{"), "cannot be read: JSONDecodeError"),
            (rest("s3", "PUT", "/bucket?tagging", "<Tagging>"), "cannot be read: ParseError"),
        ):
            with self.subTest(said=said):
                [one] = violations(request)
                self.assertIn(said, one)

    def test_that_is_not_for_aws_is_left_alone(self):
        self.assertIsNone(WITNESS.judge(Request("GET", "/_ministack/health", "", {}, b"")))
        self.assertIsNone(WITNESS.judge(Request("POST", "/dev/events", "", signed("execute-api"), b"{}")))


class AModel(unittest.TestCase):
    def test_has_patterns_that_are_all_understood(self):
        for service in SERVICES:
            model = WITNESS.models.service(service)
            for name in model.shape_names:
                facts = model.shape_for(name)._shape_model
                if "pattern" in facts:
                    with self.subTest(service=service, shape=name):
                        check.pattern(facts["pattern"])

    def test_has_types_that_are_all_known(self):
        for service in SERVICES:
            model = WITNESS.models.service(service)
            kinds = {model.shape_for(name).type_name for name in model.shape_names}
            self.assertLessEqual(kinds, set(check.TYPES), service)


if __name__ == "__main__":
    unittest.main()
