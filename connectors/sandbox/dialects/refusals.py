"""Refusals of a SCIM application, in the form in which each product words them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.sandbox.dialects.habits import Errors, Habits
from connectors.sandbox.wire import WireAnswer, json_answer

_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass(slots=True)
class Refused(Exception):
    """A request that is not carried out."""

    status: int
    detail: str
    scim_type: str = ""


class NoSuchRoute(Exception):
    """A method that something in front of the application does not know."""


def refusal(habits: Habits, refused: Refused) -> WireAnswer:
    """The answer to a request that is refused."""
    return json_answer(refused.status, error_body(habits, refused), media_type="application/scim+json")


def error_body(habits: Habits, refused: Refused) -> dict[str, Any]:
    """The body of an error, in the product's form."""
    detail = habits.unusable if habits.unusable and refused.status == 400 else refused.detail
    body: dict[str, Any] = {"schemas": [_ERROR], "status": str(refused.status), "detail": detail}
    match habits.errors:
        case Errors.SCIM:
            return body | ({"scimType": refused.scim_type} if refused.scim_type else {})
        case Errors.AWS:
            return body | {"schema": [_ERROR], "exceptionRequestId": "00000000-0000", "timeStamp": "2026-03-02 00:00:00.000"}
        case Errors.OLD:
            return {"Errors": [{"description": detail, "code": refused.status}]}


def no_such_route() -> WireAnswer:
    """A 404 of a web server, which says nothing about any user."""
    page = b"<!DOCTYPE html><html><title>Error 404 (Not Found)</title><p>The requested URL was not found on this server.</html>"
    return WireAnswer(status=404, headers=[("Content-Type", "text/html")], body=page)
