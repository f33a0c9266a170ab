"""Numbers, flags, times and bytes that a protocol writes as text, and times that it writes as data."""

import base64
import binascii
import datetime
import email.utils
import re

# Stands for what could not be read, which is in the findings already: it is not held against the model as well.
UNREADABLE = object()

ISO_8601 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z")


def from_text(shape, text, where, findings, times="iso8601"):
    """The value of a member that stands as text in XML, a form, a path, a query or a header."""
    kind = shape.type_name
    if kind == "timestamp":
        return time_from(shape, text, where, findings, times)
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            return {"true": True, "false": False}[text]
        if kind == "blob":
            return base64.b64decode(text, validate=True)
    except (ValueError, KeyError):
        findings.add("type", where, f"{text[:80]!r} is no {kind}")
        return UNREADABLE
    return text


def base64_from(text, where, findings):
    """The bytes of a blob in JSON."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        findings.add("type", where, f"{str(text)[:80]!r} is no base64")
        return UNREADABLE


def time_from(shape, value, where, findings, default):
    """A time in the format of its member, or of its protocol where the member names none."""
    form = shape.serialization.get("timestampFormat", default)
    try:
        if form == "unixTimestamp":
            return _from_epoch(value)
        if form == "iso8601":
            return _from_iso_8601(value)
        if form == "rfc822":
            return email.utils.parsedate_to_datetime(value)
    except (AttributeError, OverflowError, TypeError, ValueError):
        pass
    findings.add("timestamp", where, f"{str(value)[:80]!r} is no time in {form}")
    return UNREADABLE


def _from_epoch(value):
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else None
    if isinstance(value, bool):
        raise TypeError(value)
    return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)


def _from_iso_8601(value):
    seconds = ISO_8601.fullmatch(value).group(1)
    return datetime.datetime.strptime(seconds, "%Y-%m-%dT%H:%M:%S")
