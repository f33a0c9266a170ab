"""Members of the REST protocols: in path, query, headers and body."""

import json
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qsl, unquote

import data
import document
import scalars

# AWS's headers that belong to signing, retries and the way of the body, not to an operation.
ANY_OPERATION = {
    "x-amz-content-sha256", "x-amz-date", "x-amz-decoded-content-length", "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token", "x-amz-te", "x-amz-trailer", "x-amz-user-agent", "x-amzn-trace-id",
}


def find(routes, request):
    """The route whose operation a request is, and the labels of its path; None where it is none's."""
    given = dict(parse_qsl(request.query, keep_blank_values=True))
    best = None
    for route in routes:
        labels = route.match(request.method, request.path)
        if labels is None or not _has_literals(route, given):
            continue
        score = (given.get("x-id") == route.operation.name, len(route.literals), _needed(route, request, given),
                 not route.operation.deprecated, -sum(map(len, labels.values())))
        if best is None or score > best[0]:
            best = (score, route, labels)
    return best and best[1:]


def _has_literals(route, given):
    return all(key in given and (not value or given[key] == value) for key, value in route.literals)


def _needed(route, request, given):
    """How many of the members that the operation requires in query and headers the request has; what it lacks weighs
    more. A request for versions of objects and one for objects differ in nothing else."""
    shape, needed = route.operation.input_shape, 0
    for name in shape.required_members if shape else ():
        where, key = _place(name, shape.members[name])
        if where == "querystring":
            needed += 1 if key in given else -100
        elif where == "header":
            needed += 1 if key.lower() in request.headers else -100
    return needed


def _place(name, member):
    return member.serialization.get("location"), member.serialization.get("name", name)


def read(route, labels, request, findings):
    """The members of a request whose route is known."""
    shape = route.operation.input_shape
    pairs = parse_qsl(request.query, keep_blank_values=True)
    taken = {key for key, _ in route.literals} | {"x-id"}
    headers = set(ANY_OPERATION)
    members, in_body = {}, {}
    for name, member in shape.members.items() if shape else ():
        where, key = _place(name, member)
        if where == "uri" and key in labels:
            members[name] = scalars.from_text(member, unquote(labels[key]), f".{name}", findings)
        elif where == "querystring":
            _from_query(name, key, member, pairs, taken, members, findings)
        elif where == "header":
            headers.add(key.lower())
            _from_header(name, key.lower(), member, request, members, findings)
        elif where == "headers":
            members[name] = {k[len(key):]: v for k, v in request.headers.items() if k.startswith(key.lower())}
            headers |= {k for k in request.headers if k.startswith(key.lower())}
        elif where is None:
            in_body[key] = (name, member)
    _nothing_else(pairs, taken, headers, request, findings)
    _from_body(shape, in_body, request, members, findings, route.operation.service_model.metadata["protocol"])
    return members


def _from_query(name, key, member, pairs, taken, members, findings):
    if member.type_name == "map":
        members[name] = {k: v for k, v in pairs if k not in taken}
        taken |= set(members[name])
        return
    values = [value for k, value in pairs if k == key]
    taken.add(key)
    if member.type_name == "list" and values:
        members[name] = [scalars.from_text(member.member, value, f".{name}[]", findings) for value in values]
    elif values:
        if len(values) > 1:
            findings.add("repeated", f".{name}", f"given {len(values)} times")
        members[name] = scalars.from_text(member, values[0], f".{name}", findings)


def _from_header(name, key, member, request, members, findings):
    value = request.headers.get(key)
    if value is None:
        return
    if member.type_name == "list":
        items = value.split(",")
        members[name] = [scalars.from_text(member.member, item.strip(), f".{name}[]", findings) for item in items]
    else:
        members[name] = scalars.from_text(member, value, f".{name}", findings, times="rfc822")


def _nothing_else(pairs, taken, headers, request, findings):
    for key, _ in pairs:
        # What a request that is signed in its query has there.
        if key not in taken and not key.lower().startswith("x-amz-"):
            findings.add("unknown", f"?{key}", "unknown query parameter")
    for key in request.headers:
        if key.startswith("x-amz-") and key not in headers and not key.startswith("x-amz-checksum-"):
            findings.add("unknown", key, "unknown header")


def _from_body(shape, in_body, request, members, findings, protocol):
    payload = shape.serialization.get("payload") if shape else None
    if payload:
        _payload(payload, shape.members[payload], request, members, findings, protocol)
    elif request.body and protocol == "rest-xml" and in_body:
        members.update(document.read(shape, ElementTree.fromstring(request.body), "", findings))
    elif request.body:
        value = json.loads(request.body)
        if isinstance(value, dict):
            members.update(data.structure_of(in_body, value, "", findings))
        else:
            findings.add("type", "", "the body is no structure")


def _payload(name, member, request, members, findings, protocol):
    if member.type_name == "blob":
        if request.body:
            members[name] = request.body
    elif member.type_name == "string":
        if request.body:
            members[name] = request.body.decode()
    elif request.body and protocol == "rest-xml":
        root, wanted = ElementTree.fromstring(request.body), member.serialization.get("name", name)
        if document.name_of(root) != wanted:
            findings.add("unknown", document.name_of(root), f"the document is a `{wanted}`")
        members[name] = document.read(member, root, f".{name}", findings)
    elif request.body:
        members[name] = data.read(member, json.loads(request.body), f".{name}", findings)
