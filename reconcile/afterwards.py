"""Who will be in which group of a target after this plan, for the rules of other targets that look at it.

Leaves the working tables `held_after` and `unclear_after`, which the decisions about the targets that follow read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.contract import EntitlementKind
from reconcile.decision import Decision
from reconcile.model import Operation, Verb
from reconcile.store import Store


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
