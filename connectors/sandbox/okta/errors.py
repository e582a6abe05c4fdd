"""Errors of an Okta org: code, status and text."""

from __future__ import annotations

from collections.abc import Sequence

CATALOGUE: dict[str, tuple[int, str]] = {
    "E0000001": (400, "Api validation failed: {}"),
    "E0000003": (400, "The request body was not well-formed."),
    "E0000005": (403, "Invalid session"),
    "E0000006": (403, "You do not have permission to perform the requested action"),
    "E0000007": (404, "Not found: Resource not found: {}"),
    "E0000008": (404, "The requested path was not found"),
    "E0000011": (401, "Invalid token provided"),
    "E0000016": (403, "Activation failed because the user is already active"),
    "E0000022": (405, "The endpoint does not support the provided HTTP method"),
    "E0000028": (400, "The request is missing a required parameter."),
    "E0000029": (400, "Invalid paging request."),
    "E0000030": (400, "Bad request. Invalid date. Dates must be of the form yyyy-MM-dd'T'HH:mm:ss.SSSZZ."),
    "E0000031": (400, "Invalid search criteria."),
    "E0000032": (403, "Unlock is not allowed for this user."),
    "E0000033": (400, "Can't specify a search query and filter in the same request."),
    "E0000038": (403, "This operation is not allowed in the user's current status."),
    "E0000046": (403, "Deactivate application for user forbidden."),
    "E0000047": (429, "API call exceeded rate limit due to too many requests."),
    "E0000055": (409, "Duplicate group."),
    "E0000060": (501, "Unsupported operation."),
    "E0000062": (409, "The user is already assigned to the application."),
    "E0000094": (400, "The provided filter is unsupported."),
    "E0000112": (409, "Unable to perform the operation: the user is still being activated."),
}


class OktaError(Exception):
    """An answer that refuses; `detail` fills the place in the text."""

    def __init__(self, code: str, detail: str = "", *, causes: Sequence[str] = ()) -> None:
        self.code = code
        self.status, text = CATALOGUE[code]
        self.summary = text.format(detail)
        self.causes = list(causes)
        super().__init__(f"{code} {self.summary}")

    def body(self, error_id: str) -> dict[str, object]:
        """The JSON object that stands in the answer."""
        return {
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": [{"errorSummary": cause} for cause in self.causes],
        }


def not_found(reference: str, kind: str) -> OktaError:
    """404 for an object; `kind` is Okta's name for it: User, UserGroup, AppInstance, AppUser."""
    return OktaError("E0000007", f"{reference} ({kind})")


def invalid(field: str, cause: str) -> OktaError:
    """400 for one field of a request."""
    return OktaError("E0000001", field, causes=[f"{field}: {cause}"])
