"""Members in an XML document."""

import scalars


def read(shape, element, where, findings):
    """The value of a shape, by the model's names of its members."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, element, where, findings)
    if kind == "list":
        return _list(shape, element, where, findings)
    if kind == "map":
        return {child[0].text: read(shape.value, child[1], f"{where}{{}}", findings) for child in element}
    if len(element):
        findings.add("type", where, f"has members, and is a {kind}")
        return scalars.UNREADABLE
    return scalars.from_text(shape, element.text or "", where, findings)


def name_of(element):
    """The name of an element without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def _structure(shape, element, where, findings):
    members, read_names = {}, set()
    if (element.text or "").strip():
        findings.add("type", where, f"is the text {element.text.strip()[:80]!r}, and no structure")
    for name, member in shape.members.items():
        if member.serialization.get("location") or member.serialization.get("xmlAttribute"):
            continue
        flat = member.type_name == "list" and member.serialization.get("flattened")
        key = _key(name, member, flat)
        children = [child for child in element if name_of(child) == key]
        if not children:
            continue
        read_names.add(key)
        if flat:
            members[name] = [read(member.member, child, f"{where}.{name}[]", findings) for child in children]
            continue
        if len(children) > 1:
            findings.add("repeated", f"{where}.{name}", f"given {len(children)} times")
        members[name] = read(member, children[0], f"{where}.{name}", findings)
    for child in element:
        if name_of(child) not in read_names:
            findings.add("unknown", f"{where}.{name_of(child)}", "unknown member")
    return members


def _key(name, member, flat):
    if flat:
        return member.serialization.get("name") or member.member.serialization.get("name", name)
    return member.serialization.get("name", name)


def _list(shape, element, where, findings):
    item = shape.member.serialization.get("name", "member")
    for child in element:
        if name_of(child) != item:
            findings.add("unknown", f"{where}.{name_of(child)}", f"unknown member: an item is a `{item}`")
    return [read(shape.member, child, f"{where}[]", findings) for child in element if name_of(child) == item]
