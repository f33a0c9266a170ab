"""Members in JSON and in CBOR."""

import datetime

import scalars

UNREADABLE = scalars.UNREADABLE


def read(shape, value, where, findings, cbor=False):
    """The value of a shape, by the model's names of its members."""
    if shape is None:
        if value:
            findings.add("unknown", where, "the operation takes no members")
        return {}
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return UNREADABLE
    if kind == "structure" and isinstance(value, dict):
        return _structure(shape, value, where, findings, cbor)
    if kind == "list" and isinstance(value, list):
        return [_given(shape.member, item, f"{where}[]", findings, cbor) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: _given(shape.value, item, f"{where}{{}}", findings, cbor) for key, item in value.items()}
    if kind == "blob" and not cbor:
        return scalars.base64_from(value, where, findings)
    if kind == "timestamp":
        if cbor:
            return _tagged_time(value, where, findings)
        return scalars.time_from(shape, value, where, findings, "unixTimestamp")
    return value


def structure_of(names, value, where, findings, cbor=False):
    """The members of a structure of which only some are here: `names` leads from the wire's names to them."""
    members = {}
    for key, item in value.items():
        if key not in names:
            findings.add("unknown", f"{where}.{key}", "unknown member")
            continue
        name, member = names[key]
        members[name] = _given(member, item, f"{where}.{name}", findings, cbor)
    return members


def _structure(shape, value, where, findings, cbor):
    names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
    return structure_of(names, value, where, findings, cbor)


def _given(shape, value, where, findings, cbor):
    if value is None:
        findings.add("null", where, "null")
        return UNREADABLE
    return read(shape, value, where, findings, cbor)


def _tagged_time(value, where, findings):
    if isinstance(value, datetime.datetime):
        return value
    findings.add("timestamp", where, f"{str(value)[:80]!r} is no time with CBOR's tag 1")
    return UNREADABLE
