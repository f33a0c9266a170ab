"""Holds every request that it is told of against AWS's own models. See README.md.

On its input: a line of JSON about a request, and then as many bytes as that says its body has. On its output: a line of
JSON about each, with the same `id`. It ends with its input.
"""

import json
import sys

from request import Request
from witness import Witness


def main():
    witness, source = Witness(), sys.stdin.buffer
    for line in iter(source.readline, b""):
        asked = json.loads(line)
        if "operations" in asked:
            verdict = {"operations": witness.operations(asked["operations"])}
        else:
            body = source.read(asked["length"])
            path, _, query = asked["target"].partition("?")
            verdict = witness.judge(Request(asked["method"], path, query, asked["headers"], body)) or {}
        print(json.dumps({"id": asked["id"], **verdict}), flush=True)


if __name__ == "__main__":
    main()
