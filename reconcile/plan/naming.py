"""The remembered names of the groups and apps that mappings use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementName:
    """The entitlement that a name of the mappings means, to remember when the plan is applied, or to forget. Writes nothing to a target."""

    target: str
    kind: str
    name: str
    entitlement_id: str
    forget: bool = False
