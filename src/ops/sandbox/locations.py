"""Prints, as JSON, where pip's own configuration says that packages are, and how they are reached.

Everything else in it (a target folder, a virtual environment that is required) is not for this installation.
"""

import ast
import json
import subprocess
import sys

PLACES = {
    "cert", "client-cert", "extra-index-url", "find-links", "index-url", "no-index",
    "proxy", "retries", "timeout", "default-timeout", "trusted-host",
}

listed = subprocess.run([sys.executable, "-I", "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
found = {}
# What is said of `install` goes before what is said of all commands, and the environment before both.
for section in ("global.", "install.", ":env:."):
    for line in listed.stdout.splitlines():
        name, equals, value = line.partition("=")
        option = name.removeprefix(section)
        if equals and name.startswith(section) and option in PLACES:
            found["PIP_" + option.upper().replace("-", "_")] = str(ast.literal_eval(value))
json.dump(found, sys.stdout)
