"""Creations that put the new account into groups: no membership of it needs a request of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from connectors.contract import Opening, Record, Value


@runtime_checkable
class CreatesMembers(Protocol):
    """A target that creates an account together with memberships of groups."""

    most_new_memberships: int
    """Groups that one creation takes."""

    async def create_member(self, attributes: Mapping[str, Value], group_ids: Sequence[str], opening: Opening) -> Record:
        """Creates an account that is in the groups, and opens it as `opening` says. Raises as `create_account`, `stage_account` and `invite_account`.

        Where the system refuses one of the groups, no account is made.
        """

    async def groups_of(self, account_id: str) -> frozenset[str]:
        """The ids of every group that the account is in now. Raises as `has_member`."""
