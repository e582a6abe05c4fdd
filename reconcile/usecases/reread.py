"""Asks targets again for the members of groups of which the last read shows far fewer than before: a second read, for a restore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import Target
from connectors.member_batches import BatchMembers
from connectors.verbs import MembershipVerbs
from reconcile.plan.impact import number_of
from reconcile.snapshot.binding import Binding
from reconcile.store.connection import Store
from reconcile.unexpected import explained


class FewerMembers(NamedTuple):
    """A group or an app of which the last read shows fewer members than an earlier snapshot held."""

    id: str
    rows: int
    """Members that the last read shows."""
    accounts: Sequence[str]
    """Accounts that held it in the earlier snapshot."""


@dataclass(frozen=True, slots=True)
class Reread:
    """The answers of one target that was asked again."""

    lost: frozenset[tuple[str, str]] = frozenset()
    """Account and entitlement of each earlier membership that this read does not show, of groups where the last one agrees."""
    agreed: Mapping[str, int] = field(default_factory=dict)
    """By group how many accounts lost it, where both reads agree."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """By group why this read is no evidence."""


def fewer_members(store: Store, system: str, number: int) -> list[FewerMembers]:
    """Returns the groups to ask for again, with their members in an earlier snapshot."""
    return [FewerMembers(*row) for row in store.rows("members_in_doubt", system=system, number=number)]


async def reread(target: Target, groups: Sequence[FewerMembers], binding: Binding) -> Reread:
    """Asks which of the earlier members hold each group now. Changes nothing.

    Both reads agree where this one shows no more of them than the last one shows members: a read that was cut short shows fewer.
    """
    answered = await binding.ask(target)
    if answered.trouble:
        return Reread(refused=dict.fromkeys((each.id for each in groups), answered.trouble))
    lost: set[tuple[str, str]] = set()
    agreed, refused = {}, {}
    for group in groups:
        try:
            holders = await _holders(target, group)
        except Exception as error:  # noqa: BLE001 - whatever a system makes its connector raise is no other group's trouble
            refused[group.id] = explained(error)
            continue
        if len(holders) > group.rows:
            refused[group.id] = (
                f"the last read shows {number_of(group.rows, 'member')}, and now {len(holders)} of the earlier ones are there: "
                "one of the two reads was cut short, or somebody is at work"
            )
            continue
        gone = set(group.accounts) - holders
        agreed[group.id] = len(gone)
        lost |= {(account, group.id) for account in gone}
    return Reread(frozenset(lost), agreed, refused)


async def _holders(target: MembershipVerbs, group: FewerMembers) -> set[str]:
    if isinstance(target, BatchMembers):
        seen = await target.see_members(group.id, group.accounts)
        return set(seen.holders) & set(group.accounts)
    return {account for account in group.accounts if await target.has_member(group.id, account)}
