"""Projects group membership of a system after this plan, for rules of other targets that look at it.

Leaves the working tables `projected_member` and `undecided_person`, which the decisions about the targets that follow read.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from connectors.contract import EntitlementKind
from reconcile.decide.desired.entitlement_names import NEW, Entitlement, EntitlementNames, Remembered, prepare_names, remember_names, spoken
from reconcile.decide.desired.grants import know_entitlements
from reconcile.decide.evidence import Evidence
from reconcile.decide.fragment import PlanFragment
from reconcile.plan.model import Operation, Verb
from reconcile.store.connection import Store

USED_BY = "if_member_of"


def remember_members(
    store: Store, target: str, names: Iterable[str], decision: PlanFragment | None, *, in_bulk: bool = False
) -> Mapping[str, str]:
    """Remembers who will be in the groups of a target; why that cannot be said of some, by name, else empty.

    `decision` is None where the groups of the target were not read completely. `in_bulk`: whether there are additions beside its operations.
    """
    wanted = sorted(names)
    if decision is None:
        return dict.fromkeys(wanted, f"the groups of {target} were not read completely")
    known = EntitlementNames.of(store)
    told = {}
    for name in wanted:
        found = known.look(EntitlementKind.GROUP, name, USED_BY)
        told[name] = _remember(store, target, name, found, decision)
        if in_bulk and not told[name] and isinstance(found, Entitlement):
            store.do("add_projected_bulk_members", target=target, name=name, entitlement_id=found.id)
    created = sorted({each.anchor for each in decision.operations if each.verb is Verb.CREATE})
    store.do("add_undecided_people", target=target, blocked=sorted(decision.blocked), created=created)
    return told


def _remember(store: Store, target: str, name: str, found: Entitlement | str, decision: PlanFragment) -> str:
    """Remembers who will be in the group that a name means; why that cannot be said, else nothing."""
    if isinstance(found, str):
        return f"{found} in {target}"
    changes = [each for each in decision.operations if each.entitlement_kind == EntitlementKind.GROUP and _is_about(each, found)]
    if found.id.startswith(NEW):
        if not any(each.verb is Verb.CREATE_GROUP for each in changes):
            return f"there is no group {spoken(name)} in {target}"
    elif store.value("is_frozen", entitlement_id=found.id):
        return f"the members of {spoken(name)} in {target} were not read completely"
    else:
        removed = sorted({each.account_id for each in changes if each.verb is Verb.REMOVE_MEMBER})
        kept = sorted(decision.kept)
        store.do("add_projected_members", target=target, name=name, entitlement_id=found.id, removed=removed, kept=kept)
    if added := [each for each in changes if each.verb is Verb.ADD_MEMBER]:
        store.append("projected_member", _columns(target, name, added))
    return ""


def _is_about(operation: Operation, found: Entitlement) -> bool:
    """Whether an operation is about a group; one that the plan creates has no id in it yet."""
    return operation.entitlement_id == found.id or (found.id.startswith(NEW) and operation.entitlement == found.name)


def members_of_sources(
    store: Store, looked_at: Mapping[str, Iterable[str]], evidence: Evidence, targets: Container[str]
) -> tuple[dict[str, Mapping[str, str]], list[Remembered]]:
    """Remembers the members of groups of systems that are sources only, as they were read: no plan changes them.

    Gives by system and group why its members are not all known, else empty, and what is to be remembered of the names.
    """
    told: dict[str, Mapping[str, str]] = {}
    remembered = []
    for system, names in looked_at.items():
        if system in targets:
            continue
        if system in evidence.entitlements_doubted:
            told[system] = dict.fromkeys(names, f"the groups of {system} were not read completely")
            continue
        # A row that the read lost may be a member's.
        doubt = f"{system} was not read completely" if system in evidence.records_doubted else ""
        with store.schemas.of_target(system):
            know_entitlements(store, system, roles="")
            prepare_names(store, system, {})
            known = EntitlementNames.of(store)
            told[system] = {
                name: _member_rows(store, system, name, known.look(EntitlementKind.GROUP, name, USED_BY)) or doubt for name in sorted(names)
            }
            remembered.append(remember_names(store, system, computes_groups=False))
    return told, remembered


def _member_rows(store: Store, system: str, name: str, found: Entitlement | str) -> str:
    """Remembers whose rows are members of the group that a name means; why that cannot be said, else nothing."""
    if isinstance(found, str):
        return f"{found} in {system}"
    if store.value("is_frozen", entitlement_id=found.id):
        return f"the members of {spoken(name)} in {system} were not read completely"
    store.do("add_projected_source_members", system=system, name=name, entitlement_id=found.id)
    return ""


def _columns(target: str, name: str, added: Iterable[Operation]) -> dict[str, list[object]]:
    each = list(added)
    return {
        "target": [target for _ in each],
        "name": [name for _ in each],
        "anchor": [one.anchor for one in each],
        "needs": [one.id for one in each],
    }
