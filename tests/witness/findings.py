"""What is wrong with a request, each by the rule that it breaks."""

# Every rule, and what it holds a request to. The tests take each away in turn: what failed by it must then pass.
RULES = {
    "required": "a required member is given",
    "unknown": "every member, query parameter and AWS header is one that the model has",
    "type": "a value has the type of its member",
    "length": "a text, blob, list or map is as long as the model allows",
    "range": "a number is within the model's bounds, and within those of its type",
    "pattern": "a text matches the model's pattern",
    "enum": "a text is one of the model's values",
    "timestamp": "a time is written in the format of its protocol",
    "null": "no member is given as null",
    "union": "exactly one member of a union is given",
    "index": "the items of a list are numbered from one without holes",
    "repeated": "what can be given once is given once",
    "address": "the service's name, version and path are those of its model",
    "documented": "what only AWS's documents ask for is given",
}


class Findings:
    """The violations of one request."""

    def __init__(self, without=()):
        self.all = []
        self._without = without

    def add(self, rule, where, message):
        """Notes that a rule is broken at a place (`.Tags[].Key`)."""
        assert rule in RULES, rule
        if rule not in self._without:
            self.all.append(f"{where or 'the request'}: {message} ({rule})")
