"""Memberships of groups, and the groups that refuse to be changed."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.objects import GroupType, OktaGroup, OktaUser, Status
from connectors.sandbox.okta.org import Org, is_everyone


def members_after(org: Org, group: OktaGroup, after: str) -> Iterator[OktaUser]:
    """The members behind a cursor, sorted by id, deactivated ones too; what changed within the membership lag shows as it was."""
    if is_everyone(group):
        return org.users.after(after)
    now = org.settings.clock()
    group.recent = {user_id: entry for user_id, entry in group.recent.items() if entry[0] > now}
    appearing = {user_id for user_id, (_, member) in group.recent.items() if member}
    shown = (group.members - group.recent.keys()) | appearing
    return (org.users.by_id[user_id] for user_id in sorted(shown) if user_id > after)


def groups_of(org: Org, user: OktaUser) -> list[OktaGroup]:
    """The groups of a user, Everyone first."""
    return [org.everyone, *(org.groups[group_id] for group_id in sorted(user.groups))]


def member_count(org: Org, group: OktaGroup) -> int:
    return len(org.users.by_id) if is_everyone(group) else len(group.members)


def add_member(org: Org, group: OktaGroup, user: OktaUser) -> None:
    """Adds a member; a second time changes nothing. Moves only the group's lastMembershipUpdated."""
    refuse_unmanageable(group)
    if user.status is Status.DEPROVISIONED:
        raise OktaError("E0000038")
    if user.id not in group.members:
        _enter(org, group, user)
        org.log.note("group.user_membership.add", user, group)
    _exclude(org, group, user)


def refuse_unmanageable(group: OktaGroup) -> None:
    """Refuses an addition to the group of all users, and to one whose members are not Okta's own."""
    if is_everyone(group):
        raise OktaError("E0000060")
    _manageable(group)


def remove_member(org: Org, group: OktaGroup, user: OktaUser) -> None:
    """Removes a member; one who is none changes nothing. A rule that put the user there never does so again."""
    _manageable(group)
    if user.id in group.members:
        _leave(org, group, user)
        org.log.note("group.user_membership.remove", user, group)
    _exclude(org, group, user)


def join_by_rule(org: Org, group: OktaGroup, user: OktaUser, rule_id: str) -> None:
    """Puts a user there for a rule; who is there without one stays so."""
    if user.id not in group.members:
        _enter(org, group, user)
        group.by_rule[user.id] = {rule_id}
        org.log.note_own("group.user_membership.add", user, group)
    elif user.id in group.by_rule:
        group.by_rule[user.id].add(rule_id)


def leave_rule(org: Org, group: OktaGroup, user: OktaUser, rule_id: str) -> None:
    """Takes a rule's reason away, and with the last reason the member."""
    rules = group.by_rule.get(user.id, set())
    if rule_id not in rules:
        return
    rules.discard(rule_id)
    if not rules:
        del group.by_rule[user.id]
        _leave(org, group, user)
        org.log.note_own("group.user_membership.remove", user, group)


def _enter(org: Org, group: OktaGroup, user: OktaUser) -> None:
    _note(org, group, user, was_member=False)
    group.members.add(user.id)
    user.groups.add(group.id)


def _leave(org: Org, group: OktaGroup, user: OktaUser) -> None:
    _note(org, group, user, was_member=True)
    group.members.discard(user.id)
    user.groups.discard(group.id)


def _exclude(org: Org, group: OktaGroup, user: OktaUser) -> None:
    """A hand that touches a rule's member makes an exception of the rule."""
    for rule_id in group.by_rule.pop(user.id, set()):
        for rule in org.rules:
            if rule["id"] == rule_id:
                conditions = rule.setdefault("conditions", {})
                exclude = conditions.setdefault("people", {}).setdefault("users", {}).setdefault("exclude", [])
                exclude.append(user.id)
                org.log.note("group.user_membership.rule.add_exclusion", rule, user, group)


def _manageable(group: OktaGroup) -> None:
    if group.type is not GroupType.OKTA_GROUP:
        raise OktaError("E0000006")


def _note(org: Org, group: OktaGroup, user: OktaUser, *, was_member: bool) -> None:
    group.last_membership_updated = org.now()
    org.look_at_rules(user.id)
    if org.settings.membership_lag:
        group.recent[user.id] = (org.settings.clock() + org.settings.membership_lag, was_member)
