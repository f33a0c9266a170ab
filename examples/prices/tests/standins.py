"""Functions as modules, with stand-ins for the clients of AWS that they make."""

import importlib.util
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class ClientError(Exception):
    """As botocore's: it has AWS's answer."""

    def __init__(self, code):
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


def load(name, **clients):
    """The module of a function; `boto3.client("s3")` in it is `clients["s3"]`."""
    sys.modules["boto3"] = types.SimpleNamespace(client=lambda service, **_: clients[service])
    sys.modules["botocore"] = types.ModuleType("botocore")
    sys.modules["botocore.config"] = types.SimpleNamespace(Config=lambda **_: None)
    sys.modules["botocore.exceptions"] = types.SimpleNamespace(ClientError=ClientError)
    return module(name, ROOT / "functions" / name / "app.py")


def module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
