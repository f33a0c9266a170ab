"""AWS's models of its services, as botocore publishes them."""

import re
from urllib.parse import parse_qsl

import botocore.session

# What requests are signed for, where that is not botocore's name of the service.
BY_SIGNING_NAME = {
    "cloudcontrolapi": "cloudcontrol",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
}


class Route:
    """Method, path and fixed query parameters of an operation of a REST protocol."""

    def __init__(self, operation):
        self.operation = operation
        self.method = operation.http["method"]
        path, _, query = operation.http["requestUri"].partition("?")
        self.literals = parse_qsl(query, keep_blank_values=True)
        self.labels = []
        pattern = "".join(self._part(part) for part in re.split(r"(\{[^}]+\})", path))
        self._path = re.compile(pattern.rstrip("/") + "/?")

    def _part(self, part):
        if not part.startswith("{"):
            return re.escape(part)
        label = part[1:-1]
        self.labels.append(label.rstrip("+"))
        return "(.+)" if label.endswith("+") else "([^/]+)"

    def match(self, method, path):
        """The labels of a path, or None where it is another's."""
        found = self._path.fullmatch(path) if method == self.method else None
        return None if found is None else dict(zip(self.labels, found.groups()))


class Models:
    """The models, each loaded when it is first asked for."""

    def __init__(self):
        self._session = botocore.session.get_session()
        self._known = set(self._session.get_available_services())
        self._services = {}
        self._routes = {}

    def name(self, signing_name):
        """botocore's name of the service that a request is signed for; None where there is none."""
        name = BY_SIGNING_NAME.get(signing_name, signing_name)
        return name if name in self._known else None

    def service(self, name):
        if name not in self._services:
            self._services[name] = self._session.get_service_model(name)
        return self._services[name]

    def operation(self, service, name):
        """The operation of that name; None where the service has none."""
        model = self.service(service)
        return model.operation_model(name) if name in model.operation_names else None

    def routes(self, service):
        if service not in self._routes:
            model = self.service(service)
            self._routes[service] = [Route(model.operation_model(name)) for name in model.operation_names]
        return self._routes[service]
