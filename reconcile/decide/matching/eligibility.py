"""Determines the eligibility of each person for an account in a target."""

from __future__ import annotations

from enum import StrEnum


class Eligibility(StrEnum):
    """The values of `eligibility.expected`, which the statements compare with."""

    ACTIVE = "active"
    """An account that can be used."""
    SUSPENDED = "suspended"
    """Their account, suspended while they are on leave."""
    NONE = "none"
    """No account that can be used."""
    NOT_YET = "not_yet"
    """None before they start."""
    ON_HOLD = "on_hold"
    """Nothing is decided: a row of theirs cannot be used, or a membership elsewhere is undecided."""
