"""What is said of one request."""

import check
import documented
import request as requests
from findings import Findings
from models import Models


class Witness:
    """Holds requests against AWS's models."""

    def __init__(self):
        self.models = Models()

    def judge(self, request, without=()):
        """The service and operation that a request is, and its violations; None for what is no call of AWS's: the
        paths of an emulator, and those of an API behind API Gateway. `without` names rules that are left out."""
        signed_for = request.signed_for()
        if signed_for == "execute-api" or signed_for is None and not request.is_form():
            return None
        # Whoever has no credentials yet asks STS for some.
        signed_for = signed_for or "sts"
        service = self.models.name(signed_for)
        if service is None:
            return {"violations": [f"signed for {signed_for!r}, which is no service"]}
        findings = Findings(without)
        try:
            operation, members = requests.decode(self.models, service, request, findings)
            check.check(operation.input_shape, members, "", findings)
            documented.check(service, operation.name, members, findings)
        except requests.NoOperation as error:
            return {"service": service, "violations": [str(error)]}
        except Exception as error:  # noqa: BLE001: whatever cannot be read is no request that AWS would read
            reason = f"cannot be read: {type(error).__name__}: {error}"
            return {"service": service, "violations": [f"{request.method} {request.path}: {reason}"]}
        return {"service": service, "operation": operation.name, "violations": findings.all}

    def operations(self, services):
        """The names of the operations of services."""
        return {service: list(self.models.service(service).operation_names) for service in services}
