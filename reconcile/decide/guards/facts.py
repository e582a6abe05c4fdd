"""Facts for guard evaluation: group sizes, admins, app holders, past runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from connectors.contract import EntitlementKind
from reconcile.decide.changes.bulk_additions import Added
from reconcile.decide.fragment import TargetContext
from reconcile.decide.guards.changed_keys import changed_keys
from reconcile.decide.protection.groups import group_entries
from reconcile.plan.earlier import Applied
from reconcile.plan.impact import NO_BULK, BulkCount
from reconcile.plan.model import ENDING, Operation, Verb
from reconcile.project.limits import Guards
from reconcile.store.connection import Store

SAMPLE = 5
"""The number of people, or other parts, that a refusal names."""
MEMBERSHIPS = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
LOSING = ENDING - {Verb.DELETE}
"""Verbs that take a working account from a person. A deleted account lost its use long before."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """The values of the people for one identity attribute."""

    of: Mapping[str, str]
    """By anchor, of those whom the plan concerns."""
    sizes: Mapping[str, int]
    """The number of people with an account that works, by value."""


@dataclass(frozen=True, slots=True)
class AppHolding:
    """One app that an account holds."""

    app_id: str
    app: str
    direct: bool
    """Whether the account is assigned to it by itself."""
    groups: tuple[str, ...]
    """The account's groups that the app is assigned to, by id."""


@dataclass(frozen=True, slots=True)
class AdminGroup:
    """The members of the group that must not run empty."""

    groups: frozenset[str]
    """The ids of the groups of that name: none where the system has none."""
    working: frozenset[str]
    """The members whose account can be used, by id."""
    known_as: str = ""
    """The name in the guard, and the one that the group has by now where that is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFacts:
    """Facts that the guards of one target are evaluated on. An unknown one is empty, and a guard that needs it has no part."""

    target: str
    members: Mapping[str, int] = field(default_factory=dict)
    """The number of accounts in each of the groups that are changed, by id."""
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    """By identity attribute."""
    admins: AdminGroup | None = None
    apps: Mapping[str, Sequence[AppHolding]] = field(default_factory=dict)
    """Apps of each account that may lose something, by account id."""
    app_holders: int = 0
    """The number of usable accounts that hold an app."""
    past_sizes: Sequence[Mapping[Verb, int]] = ()
    """The number of operations of each verb that were applied on each of the last days with a run, the oldest first."""
    earlier: Sequence[Applied] = ()
    """The operations that other runs of the day applied there."""
    changed_keys: Mapping[str, str] = field(default_factory=dict)
    """Key that a person who gets an account seems to have had before, by anchor."""
    bulk: BulkCount = NO_BULK
    """The bulk additions of memberships."""
    reactivated: BulkCount = NO_BULK
    """The reactivations of accounts that existed before the day's runs, where they are counted and not looked at."""
    bulk_by_group: Mapping[tuple[str, str], BulkCount] = field(default_factory=dict)
    """The same of each group that has members, by its id and its name."""

    @property
    def made(self) -> frozenset[str]:
        """The accounts that they created, by id."""
        return frozenset(
            each.operation.account_id for each in self.earlier if each.operation.verb is Verb.CREATE and each.operation.account_id
        )


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
        members = _sizes(store, view.name, changed, number, roles=_concern_roles(operations, added))
        return GuardFacts(
            target=view.name,
            members=members,
            dimensions=_dimensions(store, list(guards.dimensions), operations, [each.operation for each in before]),
            admins=_admins(store, view.name, admins.group) if admins else None,
            apps=_apps(store, view.name, losing, number),
            app_holders=store.value("app_holders", target=view.name, number=number) if losing else 0,
            past_sizes=_past_sizes(store, view.name, run_date, guards.usual.nights),
            earlier=before,
            changed_keys=changed_keys(store, view.name, each_taking),
            bulk=bulk.counted(store, SAMPLE) if bulk else NO_BULK,
            bulk_by_group=bulk.counted_by_group(store, sorted(members), SAMPLE) if bulk else {},
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


def _sizes(store: Store, target: str, ids: Sequence[str], number: int, *, roles: bool) -> dict[str, int]:
    """Counts the accounts that hold each of some groups, apps and roles."""
    sizes: dict[str, int] = dict(store.rows("group_sizes", target=target, ids=ids, number=number))
    if roles:
        sizes |= dict(store.rows("role_sizes", ids=ids))
    return sizes


def _dimensions(store: Store, names: Sequence[str], operations: Sequence[Operation], earlier: Sequence[Operation]) -> dict[str, Dimension]:
    losing = {each.anchor for each in operations if each.verb in LOSING and each.anchor}
    if not names or not losing:
        return {}
    ended = sorted({each.anchor for each in earlier if each.verb in LOSING and each.anchor})
    made = sorted({each.anchor for each in earlier if each.verb in (Verb.CREATE, Verb.REACTIVATE) and each.anchor})
    anchors = sorted(losing.union(ended))
    store.do("make_working_people", ended=ended, made=made)
    of = traits_of(store, names, anchors)
    pairs = [(name, value) for name in names for value in sorted(set(of[name].values()))]
    sizes = dict(zip(pairs, store.expressions.tally("working_person", pairs)[1], strict=True))
    return {name: Dimension(of[name], {value: size for (of_name, value), size in sizes.items() if of_name == name}) for name in names}


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
    groups = [row[0] for row in store.rows("groups_named", target=target, name=name)]
    # A group that nothing replaced under its name is still meant by it.
    renamed = group_entries(store, target, [name])[0].renamed if not groups else ()
    ids = sorted({*groups, *(each.id for each in renamed)})
    known_as = f"{name} (named {' and '.join(repr(each.now) for each in renamed)} by now)" if renamed else name
    return AdminGroup(frozenset(ids), frozenset(row[0] for row in store.rows("working_members", target=target, ids=ids)), known_as)


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


def of_target(guard_facts: Iterable[GuardFacts], target: str) -> GuardFacts:
    """The facts of one target; empty ones where nothing is known."""
    return next((each for each in guard_facts if each.target == target), GuardFacts(target=target))
