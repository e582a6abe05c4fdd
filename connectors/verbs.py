"""The verbs of a target, by what they are about: accounts, groups and memberships.

Every verb raises a class of `connectors.errors` when the system refuses it. Verbs are not retried where a repeat could do
something twice: after `Uncertain` the caller reads back before it decides. Nothing here sends mail to a person but `invite_account`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connectors.contract import Entitlement, Record, Value


class AccountVerbs(Protocol):
    """Reads, creates and changes accounts.

    A change of an account takes the account as the caller has just read it (`seen`), by `read_account`, and looks only where it is not
    given; it returns the account as it is afterwards, which it reads where no answer proves it. The caller reads neither again.
    """

    async def read_account(self, account_id: str) -> Record | None:
        """The account as it is now; None only where the system itself says that it does not exist."""

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        """Every account whose attribute has this value, of any state, read as freshly as the system allows."""

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        """A new, active account."""

    async def stage_account(self, attributes: Mapping[str, Value]) -> Record:
        """Creates an account that admits no sign-in yet (`Capability.stage`); else Rejected."""

    async def invite_account(self, account_id: str, seen: Record | None = None) -> Record:
        """Activates as `activate_account`; on opening, the system mails the person (`Capability.activation_mail`); else Rejected."""

    async def update_account(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        """Sets the named attributes (None clears one) and no other. Refused (PreconditionFailed) where the account is no longer as `seen`, if the system can tell."""

    async def activate_account(self, account_id: str, seen: Record | None = None) -> Record:
        """Makes a staged, suspended or deactivated account active. An active one stays as it is. Raises NotFound only where the system
        itself says that there is no such account, also none that it hides.
        """

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:
        """Ends sessions, then deactivates. A deactivated one stays as it is."""

    async def suspend_account(self, account_id: str, seen: Record | None = None) -> Record:
        """Ends sessions, then suspends: groups and applications stay. A suspended one stays as it is, a deactivated one is refused (Rejected),
        and one whose status is none that it can be suspended from (`Capability.suspend_from`; PreconditionFailed).
        """

    async def delete_account(self, account_id: str) -> None:
        """Deletes a deactivated account for good. Refused (PreconditionFailed) where it is in any other state; one that is gone stays gone."""


class GroupVerbs(Protocol):
    """Finds and creates groups. Those that change a group itself are `group_changes.GroupEditor`."""

    async def find_groups(self, name: str) -> Sequence[Entitlement]:
        """Every group of this name, read as freshly as the system allows."""

    async def create_group(self, name: str, description: str) -> Entitlement:
        """A new group without members. The description may be empty, and is left out where groups have none."""


class MembershipVerbs(Protocol):
    """Reads and changes memberships of every kind of entitlement: of a group, an app or a role."""

    async def has_member(self, entitlement_id: str, account_id: str, *, directly: bool = False) -> bool:
        """Whether the account holds the entitlement now; `directly`: whether it would lose it by `remove_member`."""

    async def add_member(self, entitlement_id: str, account_id: str) -> None: ...

    async def remove_member(self, entitlement_id: str, account_id: str) -> None: ...
