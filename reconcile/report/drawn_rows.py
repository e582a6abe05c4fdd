"""The operations that a report draws one by one: all of them, or of a large plan the unusual ones of every target and verb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeAlias

from reconcile.plan.model import ENDING, Operation, Plan, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.report.summary import Group

Place: TypeAlias = tuple[str, Verb]
"""A target and a verb."""


def drawn_rows(plan: Plan, groups: Sequence[Group], most: int) -> dict[Place, list[Operation]]:
    """The operations to draw by target and verb: privileged first, then what few are like, else in the plan's order; at most `most` in all. The
    memberships that a leaver loses follow the leaver, and are not among the other removals.
    """
    overview = queryable(plan.operations).overview()
    wanted = {(group.target, group.verb): _wanted(group, groups) for group in groups}
    shares = wanted if len(plan.operations) <= most else _shares(wanted, most)
    return {place: list(islice(overview.with_losses(*place), shares[place])) for place in wanted}


def _wanted(group: Group, groups: Sequence[Group]) -> int:
    """Counts the operations that a group has to draw, at most: leavers bring the memberships that they lose."""
    lost = sum(each.size.operations - each.listed for each in groups if each.target == group.target)
    return group.listed + (lost if group.verb in ENDING else 0)


def _shares(wanted: Mapping[Place, int], most: int) -> dict[Place, int]:
    """Divides the rows among groups: small ones are drawn whole, and the others share equally what is left."""
    shares: dict[Place, int] = {}
    for number, (place, count) in enumerate(sorted(wanted.items(), key=lambda item: item[1])):
        shares[place] = min(count, (most - sum(shares.values())) // (len(wanted) - number))
    return shares
