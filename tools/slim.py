"""What AWS's own models make of the calls that pipectl makes without a crate of the SDK: written to tests/files/slim.json.

    python3 tools/slim.py        # needs botocore

For each operation the request with every member that pipectl sets, as botocore's serializer writes it, and a whole reply in
which no member is missing. src/aws/slim/tests.rs holds the calls against both.
"""

import json
import pathlib

import botocore
import botocore.serialize
import botocore.session

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

CASES = [
    ("kms", "DescribeKey", {"KeyId": KEY}),
    (
        "cloudtrail",
        "LookupEvents",
        {
            "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": "acme-clickstream-dev-clicks"}],
            "NextToken": "a+/=",
        },
    ),
]

VALUES = {"boolean": True, "integer": 7, "long": 7, "double": 7.5, "float": 7.5, "timestamp": 1795901205.247}


def whole(shape, seen=()):
    """A value of a shape in which no member is missing."""
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return {}
        inner = (*seen, shape.name)
        return {member.serialization.get("name", name): whole(member, inner) for name, member in shape.members.items()}
    if kind == "list":
        return [whole(shape.member, seen)]
    if kind == "map":
        return {"k": whole(shape.value, seen)}
    return VALUES.get(kind, (getattr(shape, "enum", None) or ["x&<é"])[0])


def case(session, service, operation, given):
    model = session.get_service_model(service)
    of = model.operation_model(operation)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"], True)
    request = serializer.serialize_to_request(dict(given), of)
    headers = request["headers"]
    return {
        "target": headers["X-Amz-Target"],
        "content_type": headers["Content-Type"].split(";")[0],
        "request": json.loads(request["body"]),
        "reply": whole(of.output_shape) if of.output_shape else {},
    }


def main():
    session = botocore.session.get_session()
    cases = {operation: case(session, service, operation, given) for service, operation, given in CASES}
    file = pathlib.Path(__file__).parent.parent / "tests" / "files" / "slim.json"
    file.write_text(json.dumps({"botocore": botocore.__version__, **cases}, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
