"""Kinds of causes that operations have in common."""

from __future__ import annotations

from enum import StrEnum


class CauseKind(StrEnum):
    """Kind of a cause."""

    PEOPLE = "people"
    """An identity attribute of the people: `name` is the attribute, `value` what they all have."""
    WHO = "who"
    """They are no leavers: the rule that says who has an account lets them go. `value` is its expression."""
    ATTRIBUTE = "attribute"
    """The attribute that changes."""
    ENTITLEMENT = "entitlement"
    """The group."""
    CHANGE = "change"
    """Change of an identity attribute in its source since the last read: `was` became `value`."""
