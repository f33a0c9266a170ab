"""Requests as clients of AWS write them, by hand."""

import cbor2

from request import Request

IAM = "2010-05-08"


def signed(service, **headers):
    scope = f"AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    return {"authorization": scope, **{name.replace("_", "-"): value for name, value in headers.items()}}


def query(service, version, fields):
    """The query protocol: `Action=CreateRole&…`."""
    headers = signed(service, content_type="application/x-www-form-urlencoded")
    return Request("POST", "/", "", headers, f"{fields}&Version={version}".encode())


def iam(fields):
    return query("iam", IAM, fields)


def json(service, target, body, version="1.1"):
    """JSON 1.0 and 1.1."""
    headers = signed(service, content_type=f"application/x-amz-json-{version}", x_amz_target=target)
    return Request("POST", "/", "", headers, body.encode())


def kinesis(operation, body):
    return json("kinesis", f"Kinesis_20131202.{operation}", body)


def dynamodb(operation, body):
    return json("dynamodb", f"DynamoDB_20120810.{operation}", body, version="1.0")


def cbor(operation, members, prefix="GraniteServiceVersion20100801"):
    """Smithy's RPC v2 in CBOR, of CloudWatch."""
    headers = signed("monitoring", content_type="application/cbor", smithy_protocol="rpc-v2-cbor")
    return Request("POST", f"/service/{prefix}/operation/{operation}", "", headers, cbor2.dumps(members))


def rest(service, method, target, body="", **headers):
    """REST, with JSON or XML."""
    path, _, query_string = target.partition("?")
    return Request(method, path, query_string, signed(service, **headers), body.encode())
