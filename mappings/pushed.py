"""The rules that push rules stand for: one for each group that a system has."""

from __future__ import annotations

from mappings.push import BY_ID, PUSHED, PushRule
from mappings.rules import GroupRule


class PushedGroup(GroupRule):
    """The rule of one pushed group. It is made for a plan, and never written in a mapping."""

    key: str
    """Name under which the target's group is remembered, whatever the two are called."""
    of: str
    """Name of the source group, for sentences."""


def pushed_key(system: str, group_id: str) -> str:
    """Returns the name under which the target's group of a source group is remembered."""
    return f"{PUSHED}{system}:{group_id}"


def pushed_group(rule: PushRule, group_id: str, name: str) -> PushedGroup:
    """The rule of one group of the source: its members, in a group of the name that the rule gives it."""
    return PushedGroup(
        group=rule.name_of(name),
        if_member_of={rule.source: (f"{BY_ID}{group_id}",)},
        create=True,
        key=pushed_key(rule.source, group_id),
        of=name,
    )
