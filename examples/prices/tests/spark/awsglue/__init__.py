"""As much of Glue's library as the job asks for, on folders of this machine: PySpark does the work, as in Glue.

A folder `GLUE_STANDIN` has what Glue keeps: `catalog.json` with tables and their partitions, `bookmarks.json` with the
files that a job has read.
"""

import json
import os
from pathlib import Path


def kept(name):
    """What is kept under a name; nothing at first."""
    path = place(name)
    return json.loads(path.read_text()) if path.exists() else {}


def keep(name, content):
    place(name).write_text(json.dumps(content, indent=1))


def place(name):
    return Path(os.environ["GLUE_STANDIN"]) / f"{name}.json"
