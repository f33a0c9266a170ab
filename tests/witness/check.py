"""Members against the model: what botocore publishes of each shape."""

import datetime

import regex

from scalars import UNREADABLE

# What a number of a type can be at all.
BOUNDS = {"integer": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
TYPES = {
    "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int, "long": int,
    "float": (int, float), "double": (int, float), "blob": bytes, "timestamp": datetime.datetime,
}


def check(shape, value, where, findings):
    """Notes every way in which a value is not what its shape allows."""
    if shape is None or value is UNREADABLE:
        return
    kind = shape.type_name
    if not _has_type(kind, value):
        findings.add("type", where, f"a {type(value).__name__} ({value!r:.80}), where the model has a {kind}")
        return
    facts = shape._shape_model  # botocore has no other way to a pattern
    if kind in ("integer", "long", "float", "double"):
        _number(kind, facts, value, where, findings)
    elif kind in ("string", "blob", "list", "map"):
        _size(facts, len(value), where, findings)
    if kind == "string":
        _text(facts, value, where, findings)
    elif kind == "structure":
        _members(shape, facts, value, where, findings)
    elif kind == "list":
        for item in value:
            check(shape.member, item, f"{where}[]", findings)
    elif kind == "map":
        for key, item in value.items():
            check(shape.key, key, f"{where}{{key}}", findings)
            check(shape.value, item, f"{where}{{}}", findings)


def _has_type(kind, value):
    if isinstance(value, bool):
        return kind == "boolean"
    if kind in ("float", "double") and value in ("NaN", "Infinity", "-Infinity"):
        return True
    # A kind of shape that is not known here is no reason to let anything pass.
    return isinstance(value, TYPES[kind])


def _number(kind, facts, value, where, findings):
    low, high = BOUNDS.get(kind, (None, None))
    low, high = facts.get("min", low), facts.get("max", high)
    if isinstance(value, str):
        return
    if low is not None and value < low:
        findings.add("range", where, f"{value} is less than {low}")
    if high is not None and value > high:
        findings.add("range", where, f"{value} is more than {high}")


def _size(facts, size, where, findings):
    low, high = facts.get("min"), facts.get("max")
    if low is not None and size < low:
        findings.add("length", where, f"its length {size} is less than {low}")
    if high is not None and size > high:
        findings.add("length", where, f"its length {size} is more than {high}")


def _text(facts, value, where, findings):
    if facts.get("enum") and value not in facts["enum"]:
        findings.add("enum", where, f"{value[:80]!r} is none of the model's {len(facts['enum'])} values")
    if facts.get("pattern") and not pattern(facts["pattern"]).fullmatch(value):
        findings.add("pattern", where, f"{value[:80]!r} does not match {facts['pattern']}")


_patterns = {}
# Java's way to write every character beyond the first 65,536.
PAIRS = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")


def pattern(text):
    """A model's pattern, compiled."""
    if text not in _patterns:
        _patterns[text] = regex.compile(text.replace(*PAIRS))
    return _patterns[text]


def _members(shape, facts, value, where, findings):
    for name in shape.required_members:
        if name not in value:
            findings.add("required", f"{where}.{name}", "required, and missing")
    if facts.get("union") and len(value) != 1:
        findings.add("union", where, f"a union with {len(value)} members")
    for name, item in value.items():
        check(shape.members[name], item, f"{where}.{name}", findings)
