"""Who will be in which group of a target after this plan, for the rules of other targets that look at it.

Leaves the working tables `held_after` and `unclear_after`, which the decisions about the targets that follow read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from connectors.contract import EntitlementKind
from reconcile.decision import Decision
from reconcile.model import Operation, Verb
from reconcile.store import Store
from reconcile.trust import Trust


def remember_members(store: Store, target: str, names: Iterable[str], decision: Decision | None) -> Mapping[str, str]:
    """Remembers who will be in the groups of the target that was decided last; why that cannot be said of some, by name, else empty.

    `decision` is None where the groups of the target were not read completely.
    """
    wanted = sorted(names)
    if decision is None:
        return dict.fromkeys(wanted, f"the groups of {target} were not read completely")
    told: dict[str, str] = {}
    for name in wanted:
        changes = [each for each in decision.operations if each.entitlement == name and each.entitlement_kind == EntitlementKind.GROUP]
        found = store.rows("groups_looked_at", name=name)
        told[name] = _why_unclear(target, name, found, changes)
        if not told[name] and found:
            removed = sorted({each.account_id for each in changes if each.verb is Verb.REMOVE_MEMBER})
            store.do("add_held_after", target=target, name=name, entitlement_id=found[0][0], removed=removed)
        added = [each for each in changes if each.verb is Verb.ADD_MEMBER]
        if added:
            store.append("held_after", _columns(target, added))
    created = sorted({each.anchor for each in decision.operations if each.verb is Verb.CREATE})
    store.do("add_unclear_after", target=target, barred=sorted(decision.barred), created=created)
    return told


def remember_source_members(
    store: Store, looked_at: Mapping[str, Iterable[str]], trust: Trust, targets: Collection[str]
) -> dict[str, Mapping[str, str]]:
    """Remembers who is in the groups of systems that are sources only, as they were read: no plan changes them.

    Gives by system and group why that cannot be said of everybody, else empty. A row that the read lost may be a member's.
    """
    return {system: _members_of_source(store, system, sorted(names), trust) for system, names in looked_at.items() if system not in targets}


def _members_of_source(store: Store, system: str, names: Iterable[str], trust: Trust) -> Mapping[str, str]:
    if system in trust.entitlements_doubted:
        return dict.fromkeys(names, f"the groups of {system} were not read completely")
    store.do("make_known_entitlements", "make_frozen_groups", target=system)
    told: dict[str, str] = {}
    for name in names:
        found = store.rows("groups_looked_at", name=name)
        told[name] = _why_unclear(system, name, found, ())
        if not told[name]:
            store.do("add_held_in_source", system=system, name=name, entitlement_id=found[0][0])
            told[name] = f"{system} was not read completely" if system in trust.records_doubted else ""
    return told


def _why_unclear(target: str, name: str, found: list[tuple[str, bool]], changes: Iterable[Operation]) -> str:
    if not found and not any(each.verb is Verb.CREATE_GROUP for each in changes):
        return f"there is no group {name!r} in {target}"
    if len(found) > 1:
        return f"{len(found)} groups of {target} are named {name!r}"
    return f"the members of {name!r} in {target} were not read completely" if found and found[0][1] else ""


def _columns(target: str, added: Iterable[Operation]) -> dict[str, list[object]]:
    each = list(added)
    return {
        "target": [target for _ in each],
        "name": [one.entitlement for one in each],
        "anchor": [one.anchor for one in each],
        "needs": [one.id for one in each],
    }
