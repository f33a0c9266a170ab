"""A request on the wire, and which operation it is with which members."""

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

import cbor2

import data
import form
import rest

SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")


class NoOperation(Exception):
    """The request is signed for a service of AWS, and is none of its operations."""


@dataclass
class Request:
    """A request. The names of its headers are in small letters."""

    method: str
    path: str
    query: str
    headers: dict
    body: bytes

    def signed_for(self):
        """The service that it is signed for; None where it is not signed."""
        scope = SCOPE.search(self.headers.get("authorization", ""))
        if scope:
            return scope.group(1)
        presigned = dict(parse_qsl(self.query)).get("X-Amz-Credential", "").split("/")
        return presigned[3] if len(presigned) == 5 else None

    def is_form(self):
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    def content(self):
        """Its body without the frame in which parts of it are signed one by one."""
        if not self.headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
            return self.body
        content, rest_of_it = b"", self.body
        while rest_of_it:
            head, _, rest_of_it = rest_of_it.partition(b"\r\n")
            size = int(head.split(b";")[0], 16)
            if not size:
                break
            content, rest_of_it = content + rest_of_it[:size], rest_of_it[size + 2:]
        return content


def decode(models, service, request, findings):
    """The operation that a request is, and its members by the model's names."""
    request = Request(request.method, request.path, request.query, request.headers, request.content())
    model = models.service(service)
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return _cbor(models, service, model, request, findings)
    if "x-amz-target" in request.headers:
        return _json(models, service, model, request, findings)
    if request.is_form() and not model.metadata["protocol"].startswith("rest"):
        return _query(models, service, model, request, findings)
    if not model.metadata["protocol"].startswith("rest"):
        raise NoOperation(f"{request.method} {request.path} names no operation of {service}")
    found = rest.find(models.routes(service), request)
    if found is None:
        raise NoOperation(f"no operation of {service} is {request.method} {request.path}?{request.query}")
    route, labels = found
    return route.operation, rest.read(route, labels, request, findings)


def _operation(models, service, name):
    operation = models.operation(service, name)
    if operation is None:
        raise NoOperation(f"{service} has no operation {name!r}")
    return operation


def _cbor(models, service, model, request, findings):
    parts = request.path.strip("/").split("/")
    wanted = ["service", model.metadata.get("targetPrefix"), "operation"]
    if parts[:-1] != wanted:
        findings.add("address", request.path, f"the model says /{'/'.join(map(str, wanted))}/…")
    operation = _operation(models, service, parts[-1])
    members = cbor2.loads(request.body) if request.body else {}
    return operation, data.read(operation.input_shape, members, "", findings, cbor=True)


def _json(models, service, model, request, findings):
    target = request.headers["x-amz-target"]
    prefix, _, name = target.rpartition(".")
    wanted = model.metadata.get("targetPrefix", "")
    # botocore has CloudTrail's with the package that it is in, AWS's other SDKs without.
    if prefix not in (wanted, wanted.rpartition(".")[2]):
        findings.add("address", "x-amz-target", f"{target!r}; the model says {wanted}.…")
    wanted = f"application/x-amz-json-{model.metadata.get('jsonVersion')}"
    if request.headers.get("content-type") != wanted:
        findings.add("address", "content-type", f"{request.headers.get('content-type')!r}; the model says {wanted}")
    operation = _operation(models, service, name)
    return operation, data.read(operation.input_shape, json.loads(request.body or b"{}"), "", findings)


def _query(models, service, model, request, findings):
    tree = form.tree(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True), findings)
    operation = _operation(models, service, tree.pop("Action", None))
    version = tree.pop("Version", None)
    if version != model.metadata["apiVersion"]:
        findings.add("address", "Version", f"{version!r}; the model says {model.metadata['apiVersion']}")
    reader = form.Form(findings, ec2=model.metadata["protocol"] == "ec2")
    return operation, reader.read(operation.input_shape, tree, "")
