"""Members in a form of the query protocol: `Tags.member.1.Key=a`."""

import scalars

UNREADABLE = scalars.UNREADABLE


def tree(fields, findings):
    """The fields by the parts of their names."""
    root = {}
    for name, value in fields:
        node = root
        *parents, last = name.split(".")
        for parent in parents:
            below = node.setdefault(parent, {})
            if not isinstance(below, dict):
                findings.add("type", name, f"`{parent}` is a value already")
                below = node[parent] = {}
            node = below
        if last in node:
            findings.add("repeated", name, "given more than once")
        node[last] = value
    return root


def read(shape, node, where, findings):
    """The value of a shape, by the model's names of its members."""
    if shape is None:
        for key in node:
            findings.add("unknown", f"{where}.{key}", "the operation takes no members")
        return {}
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, node, where, findings)
    if kind == "list":
        return _list(shape, node, where, findings)
    if kind == "map":
        return _map(shape, node, where, findings)
    if isinstance(node, dict):
        findings.add("type", where, f"has members, and is a {kind}")
        return UNREADABLE
    return scalars.from_text(shape, node, where, findings)


def _structure(shape, node, where, findings):
    if not isinstance(node, dict):
        # An empty structure is written as its bare name.
        return {} if node == "" else _no("structure", where, findings)
    members, read_keys = {}, set()
    for name, member in shape.members.items():
        key = _key(name, member)
        if key in node:
            read_keys.add(key)
            members[name] = read(member, node[key], f"{where}.{name}", findings)
    for key in node:
        if key not in read_keys:
            findings.add("unknown", f"{where}.{key}", "unknown member")
    return members


def _key(name, member):
    key = member.serialization.get("name", name)
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.member.serialization.get("name", key)
    return key


def _list(shape, node, where, findings):
    if node == "":
        return []
    if isinstance(node, dict) and not shape.serialization.get("flattened"):
        node = _only(node, shape.member.serialization.get("name", "member"), where, findings)
    items = _items(node, where, findings)
    return items if items is UNREADABLE else [read(shape.member, item, f"{where}[]", findings) for item in items]


def _map(shape, node, where, findings):
    if isinstance(node, dict) and not shape.serialization.get("flattened"):
        node = _only(node, "entry", where, findings)
    items = _items(node, where, findings)
    if items is UNREADABLE:
        return UNREADABLE
    key, value = (part.serialization.get("name", name) for part, name in ((shape.key, "key"), (shape.value, "value")))
    read_map = {}
    for item in items:
        if not isinstance(item, dict) or set(item) != {key, value}:
            findings.add("type", where, f"an entry has {item!r:.80}, and no `{key}` with a `{value}`")
            continue
        read_map[item[key]] = read(shape.value, item[value], f"{where}{{}}", findings)
    return read_map


def _only(node, name, where, findings):
    """What stands under the one name that a list's or map's items have."""
    for key in node:
        if key != name:
            findings.add("unknown", f"{where}.{key}", f"unknown member: items are numbered under `{name}`")
    return node.get(name, {})


def _items(node, where, findings):
    """Numbered items in their order."""
    if not isinstance(node, dict) or not all(key.isdigit() for key in node):
        return _no("list of numbered items", where, findings)
    numbers = sorted(node, key=int)
    if [int(number) for number in numbers] != list(range(1, len(numbers) + 1)):
        findings.add("index", where, f"its items have the numbers {', '.join(numbers)}")
    return [node[number] for number in numbers]


def _no(kind, where, findings):
    findings.add("type", where, f"is no {kind}")
    return UNREADABLE
