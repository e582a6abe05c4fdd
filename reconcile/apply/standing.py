"""The result of checking the precondition of an operation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connectors.contract import Record
from connectors.quoting import quoted

GONE = "the account does not exist any more"
GROUP_GONE = "the group does not exist any more"


class Standing(StrEnum):
    """Relation of the target to the state that an operation was computed from."""

    AS_PLANNED = "as planned"
    ALREADY = "already as desired"
    DRIFTED = "drifted"
    UNKNOWN = "unknown"
    """A request may have been sent, nothing shows whether it was, and a second one could do it twice."""


@dataclass(frozen=True, slots=True)
class PreconditionCheck:
    """The result of a check, with the account as it is now where one is concerned."""

    standing: Standing
    detail: str = ""
    seen: Record | None = None
    entitlement_id: str = ""
    """Id of a group that exists already."""


def another_value(attribute: str, was: object, now: object) -> str:
    """Returns the sentence about an attribute of a group that is no longer as the plan saw it."""
    return f"the {attribute} of the group was {quoted(was)} and is {quoted(now)} now"
