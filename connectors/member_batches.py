"""Changes of many memberships of one entitlement: one look, as few requests as the system allows, and one read-back for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from connectors.contract import Record
    from connectors.errors import ConnectorError


@dataclass(frozen=True, slots=True)
class MembersSeen:
    """Result of one look at an entitlement."""

    entitlement_id: str
    holders: frozenset[str]
    """Accounts that hold it, of those that were asked for; others may be named as well."""
    look: object = None
    """The connector's own: what it looked at."""


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Result of a change of memberships."""

    now: MembersSeen
    """The read-back: it decides about each account."""
    errors: Mapping[str, ConnectorError] = field(default_factory=dict)
    """By account, why it is not as wanted. An account without one whose change is not shown may be shown later."""


@runtime_checkable
class BatchMembers(Protocol):
    """A target that changes several memberships of one entitlement together.

    Every membership counts by itself: one that the system refuses keeps no other from being changed.
    """

    def most_members(self, entitlement_id: str) -> int:
        """The accounts that a batch of this entitlement takes; 1 where each goes alone."""

    async def read_accounts(self, account_ids: Sequence[str]) -> Mapping[str, Record]:
        """The accounts as they are now, by id; without those of which the system itself says that they do not exist."""

    async def see_members(self, entitlement_id: str, account_ids: Collection[str], *, directly: bool = False) -> MembersSeen:
        """Returns which of the accounts hold the entitlement now; `directly`: which would lose it by a removal. Raises as `has_member`."""

    async def change_members(self, seen: MembersSeen, account_ids: Sequence[str], *, member: bool) -> MembersChanged:
        """Adds or removes accounts that were seen to be no members, or members, and reads back.

        Raises a class of `connectors.errors` where nothing was sent, or nothing can be read after it.
        """
