"""What is remembered of the name by which a mapping means a group or an app."""

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
