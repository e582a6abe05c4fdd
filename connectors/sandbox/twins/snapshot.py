"""A snapshot of one target as rows, which a twin is seeded from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.contract import Entitlement, Membership, Record
from connectors.declaration import DeclaredAttribute


class CannotHold(ValueError):
    """A twin cannot hold what the snapshot says. The message is half a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinSnapshot:
    """The rows of one target as they hold now, and what the target declared of its attributes."""

    accounts: Sequence[Record]
    entitlements: Sequence[Entitlement]
    memberships: Sequence[Membership]
    declared: Mapping[str, DeclaredAttribute]

    def members(self) -> Mapping[str, Sequence[Membership]]:
        """The memberships by entitlement."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for each in self.memberships:
            found[each.entitlement_id].append(each)
        return found
