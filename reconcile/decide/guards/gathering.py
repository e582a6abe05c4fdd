"""Gathers the facts that guards are evaluated on: group sizes, admins, app holders, past runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from connectors.contract import EntitlementKind
from connectors.quoting import quoted
from reconcile.decide.changes.bulk_additions import Added
from reconcile.decide.fragment import TargetContext
from reconcile.decide.guards.admin_group import no_admin_group
from reconcile.decide.guards.changed_keys import changed_keys
from reconcile.decide.guards.facts import MEMBERSHIPS, SAMPLE, AdminGroup, AppHolding, Base, Dimension, GuardFacts
from reconcile.decide.protection.groups import group_entries
from reconcile.plan.earlier import Applied
from reconcile.plan.impact import NO_BULK, BulkCount
from reconcile.plan.model import LOSING, Operation, Verb
from reconcile.project.limits import Guards
from reconcile.store.connection import Store


class Additions(Protocol):
    """Additions of memberships that are counted and not looked at."""

    def entitlements(self, store: Store) -> list[Added]: ...

    def counted(self, store: Store, most: int) -> BulkCount: ...

    def counted_by_group(self, store: Store, ids: Sequence[str], most: int) -> Mapping[tuple[str, str], BulkCount]: ...


def guard_facts_of(  # noqa: PLR0913 - one thing that is known a parameter
    store: Store,
    view: TargetContext,
    guards: Guards,
    operations: Sequence[Operation],
    run_date: date,
    *,
    earlier: Sequence[Applied] = (),
    bulk: Additions | None = None,
) -> GuardFacts:
    """Returns the facts that the guards of the target need: sizes are those before the other runs of the day."""
    before = [each for each in earlier if each.operation.target == view.name]
    number = snapshot_before(store, view.name, before)
    each_taking = [*operations, *(each.operation for each in before)]
    added = bulk.entitlements(store) if bulk else ()
    changed = sorted({each.entitlement_id for each in operations if each.verb in MEMBERSHIPS}.union(each.id for each in added if each.id))
    losing = sorted({each.account_id for each in each_taking if each.verb in LOSING or each.verb is Verb.REMOVE_MEMBER})
    admins = guards.admins.get(view.name)
    with store.schemas.step():
        roles = _role_sizes(store, changed, [each.operation for each in before]) if _concern_roles(operations, added) else {}
        groups: dict[str, int] = dict(store.rows("group_sizes", target=view.name, ids=changed, number=number))
        since: dict[str, int] = dict(store.rows("group_sizes_since", target=view.name, ids=changed, number=number)) if before else {}
        return GuardFacts(
            target=view.name,
            members=groups | {id_: size.before for id_, size in roles.items()},
            all_members=since | {id_: size.all for id_, size in roles.items()},
            dimensions=_dimensions(store, list(guards.dimensions), operations, [each.operation for each in before]),
            admins=_admins(store, view.name, admins.group) if admins else None,
            apps=_apps(store, view.name, losing, number),
            app_holders=store.value("app_holders", target=view.name, number=number) if losing else 0,
            past_sizes=_past_sizes(store, view.name, run_date, guards.usual.nights),
            earlier=before,
            changed_keys=changed_keys(store, view.name, each_taking),
            bulk=bulk.counted(store, SAMPLE) if bulk else NO_BULK,
            bulk_by_group=bulk.counted_by_group(store, sorted({*groups, *roles}), SAMPLE) if bulk else {},
        )


def snapshot_before(store: Store, target: str, earlier: Sequence[Applied]) -> int:
    """The number of the snapshot that the first of the day's other runs was planned from; the latest where there was none."""
    for digest in dict.fromkeys(each.snapshot for each in earlier):
        for (number,) in store.rows("snapshot_number", target=target, digest=digest):
            return int(number)
    return int(store.value("latest_number", system=target))


def accounts_before(store: Store, target: str, earlier: Sequence[Applied]) -> int | None:
    """Counts the accounts that were not deactivated before the other runs of the day; None where there was no such run."""
    there = [each for each in earlier if each.operation.target == target]
    return int(store.value("accounts_at", target=target, number=snapshot_before(store, target, there))) if there else None


def _concern_roles(operations: Iterable[Operation], added: Iterable[Added]) -> bool:
    return any(each.entitlement_kind == EntitlementKind.ROLE for each in operations) or any(
        each.kind == EntitlementKind.ROLE for each in added
    )


def _role_sizes(store: Store, ids: Sequence[str], earlier: Iterable[Operation]) -> dict[str, Base]:
    """Counts the accounts that hold each of some roles: now, and reckoned back over the other runs of the day."""
    changes = Counter((each.entitlement_id, each.verb) for each in earlier if each.entitlement_kind == EntitlementKind.ROLE)
    sizes = {}
    for id_, now in store.rows("role_sizes", ids=ids):
        everything = now + changes[id_, Verb.REMOVE_MEMBER]
        sizes[id_] = Base(max(0, everything - changes[id_, Verb.ADD_MEMBER]), everything)
    return sizes


def _dimensions(store: Store, names: Sequence[str], operations: Sequence[Operation], earlier: Sequence[Operation]) -> dict[str, Dimension]:
    losing = {each.anchor for each in operations if each.verb in LOSING and each.anchor}
    if not names or not losing:
        return {}
    ended = sorted({each.anchor for each in earlier if each.verb in LOSING and each.anchor})
    made = frozenset(each.anchor for each in earlier if each.verb in (Verb.CREATE, Verb.REACTIVATE) and each.anchor)
    anchors = sorted(losing.union(ended, made))
    store.do("make_working_people", ended=ended, made=sorted(made))
    of = traits_of(store, names, anchors)
    pairs = [(name, value) for name in names for value in sorted(set(of[name].values()))]
    sizes = dict(zip(pairs, store.expressions.tally("working_person", pairs)[1], strict=True))
    return {name: Dimension(of[name], {value: size for (of_name, value), size in sizes.items() if of_name == name}, made) for name in names}


def traits_of(store: Store, names: Sequence[str], anchors: Sequence[str]) -> dict[str, dict[str, str]]:
    """Returns the values of some people for some identity attributes: by attribute, then by anchor. People without a value are left out."""
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    with store.schemas.step():
        store.do("make_concerned_people", anchors=list(anchors))
        store.relations.derive_list("trait", "concerned_person", "anchor", [_column(name) for name in names])
        rows = store.rows("traits")
    for anchor, values in rows:
        for name, value in zip(names, values, strict=True):
            if value:
                found[name][anchor] = value
    return found


def _column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _admins(store: Store, target: str, name: str) -> AdminGroup:
    ids, known_as = _admin_groups(store, target, name)
    return AdminGroup(frozenset(ids), frozenset(row[0] for row in store.rows("working_members", target=target, ids=ids)), known_as)


def _admin_groups(store: Store, target: str, name: str) -> tuple[list[str], str]:
    """The ids of the groups that a name means, and the name with what they are called by now."""
    groups = [row[0] for row in store.rows("groups_named", target=target, name=name)]
    # A group that nothing replaced under its name is still meant by it.
    renamed = group_entries(store, target, [name])[0].renamed if not groups else ()
    ids = sorted({*groups, *(each.id for each in renamed)})
    return ids, f"{name} (named {' and '.join(quoted(each.now) for each in renamed)} by now)" if renamed else name


def unknown_admins(store: Store, target: str, guards: Guards) -> str:
    """Returns the sentence of the guard where it names a group of administrators that a target does not have, else an empty text."""
    rule = guards.admins.get(target)
    return no_admin_group(target, rule.group) if rule and not _admin_groups(store, target, rule.group)[0] else ""


def _apps(store: Store, target: str, ids: Sequence[str], number: int) -> dict[str, list[AppHolding]]:
    held: dict[str, list[AppHolding]] = defaultdict(list)
    if ids:
        store.do("make_held_apps", target=target, number=number)
    for account_id, app_id, app, direct, groups in store.rows("app_holdings", target=target, ids=ids, number=number) if ids else ():
        held[account_id].append(AppHolding(app_id, app, direct, tuple(groups)))
    return held


def _past_sizes(store: Store, target: str, run_date: date, most: int) -> list[Mapping[Verb, int]]:
    sizes: dict[str, Counter[Verb]] = defaultdict(Counter)
    for day, verb, operations in store.rows("past_run_sizes", target=target, run_date=run_date.isoformat(), days=most):
        sizes[day].update({Verb(verb): operations} if verb else {})
    return list(sizes.values())
