"""Members in a form of the query protocol, `Tags.member.1.Key=a`, and of EC2's, in which every list is flat: `Filter.1.Name=a`."""

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


class Form:
    """Reads values out of the tree of a form."""

    def __init__(self, findings, ec2):
        self.findings = findings
        self.ec2 = ec2

    def _is_flat(self, shape):
        return self.ec2 or shape.serialization.get("flattened")

    def read(self, shape, node, where):
        """The value of a shape, by the model's names of its members."""
        if shape is None:
            for key in node:
                self.findings.add("unknown", f"{where}.{key}", "the operation takes no members")
            return {}
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape, node, where)
        if kind == "list":
            return self._list(shape, node, where)
        if kind == "map":
            return self._map(shape, node, where)
        if isinstance(node, dict):
            self.findings.add("type", where, f"has members, and is a {kind}")
            return UNREADABLE
        return scalars.from_text(shape, node, where, self.findings)

    def _structure(self, shape, node, where):
        if not isinstance(node, dict):
            # An empty structure is written as its bare name.
            return {} if node == "" else self._no("structure", where)
        members, read_keys = {}, set()
        for name, member in shape.members.items():
            key = self._key(name, member)
            if key in node:
                read_keys.add(key)
                members[name] = self.read(member, node[key], f"{where}.{name}")
        for key in node:
            if key not in read_keys:
                self.findings.add("unknown", f"{where}.{key}", "unknown member")
        return members

    def _key(self, name, member):
        if self.ec2:
            said = member.serialization
            key = said.get("queryName") or said.get("name", name)
            return key[0].upper() + key[1:]
        key = member.serialization.get("name", name)
        if member.type_name == "list" and self._is_flat(member):
            return member.member.serialization.get("name", key)
        return key

    def _list(self, shape, node, where):
        if node == "":
            return []
        if isinstance(node, dict) and not self._is_flat(shape):
            node = self._only(node, shape.member.serialization.get("name", "member"), where)
        items = self._items(node, where)
        return items if items is UNREADABLE else [self.read(shape.member, item, f"{where}[]") for item in items]

    def _map(self, shape, node, where):
        if isinstance(node, dict) and not self._is_flat(shape):
            node = self._only(node, "entry", where)
        items = self._items(node, where)
        if items is UNREADABLE:
            return UNREADABLE
        key, value = (part.serialization.get("name", name) for part, name in ((shape.key, "key"), (shape.value, "value")))
        read_map = {}
        for item in items:
            if not isinstance(item, dict) or set(item) != {key, value}:
                self.findings.add("type", where, f"an entry has {item!r:.80}, and no `{key}` with a `{value}`")
                continue
            read_map[item[key]] = self.read(shape.value, item[value], f"{where}{{}}")
        return read_map

    def _only(self, node, name, where):
        """What stands under the one name that a list's or map's items have."""
        for key in node:
            if key != name:
                self.findings.add("unknown", f"{where}.{key}", f"unknown member: items are numbered under `{name}`")
        return node.get(name, {})

    def _items(self, node, where):
        """Numbered items in their order."""
        if not isinstance(node, dict) or not all(key.isdigit() for key in node):
            return self._no("list of numbered items", where)
        numbers = sorted(node, key=int)
        if [int(number) for number in numbers] != list(range(1, len(numbers) + 1)):
            self.findings.add("index", where, f"its items have the numbers {', '.join(numbers)}")
        return [node[number] for number in numbers]

    def _no(self, kind, where):
        self.findings.add("type", where, f"is no {kind}")
        return UNREADABLE
