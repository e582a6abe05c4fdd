"""The reads and the systems that a plan was computed from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScope:
    """One scope the plan was computed from: what was read, and whether it can prove absence."""

    system: str
    scope: str
    complete: bool
    rows: int
    reason: str = ""
    """Reason why it is incomplete."""
    partial: bool = False
    """Whether it is incomplete only because some records do not say whom they are about: the others state what they state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundSystem:
    """The system that a connector's rows, and the links and memberships made there, belong to."""

    id: str
    """Id that the system states of itself; empty where it states none."""
    address: str
