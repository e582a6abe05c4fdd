"""Additions of memberships that stay rows of a relation: a first night has millions, and nothing about one differs from the others.

An addition stays a row where its person gains no privileged membership, and nothing has to look at it by itself: the filters of a plan then let
all of a person's additions pass, or none, or all to one entitlement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.contract import Opening, Value
from reconcile.decide.changes.membership_operations import Change, MembershipOperations
from reconcile.decide.desired.entitlement_names import NEW
from reconcile.decide.fragment import TargetContext
from reconcile.plan.impact import BulkCount
from reconcile.plan.model import Operation, Verb
from reconcile.plan.tables import attributes_text
from reconcile.store.connection import Store

_KEPT = ("bulk_subject", "bulk_item", "bulk_reason", "bulk_addition")
"""Relations that stay while the plan is made, in the order in which one reads the other."""


@dataclass(frozen=True, slots=True)
class BulkCriteria:
    """Decides which additions become operations one by one."""

    least: int | None
    """From so many others on, those stay rows. None: never."""
    anchors: frozenset[str] = frozenset()
    """People whose memberships are decided one by one."""
    accounts: frozenset[str] = frozenset()
    """Accounts, by id, of such people."""
    is_protected: Callable[[str, str, str], bool] | None = None
    """Whether a person is protected, by anchor, account and login; None where no person is."""


class Added(NamedTuple):
    """An entitlement that people are added to."""

    id: str
    """Empty for one that this plan creates."""
    name: str
    kind: str
    people: int


@dataclass(frozen=True, slots=True)
class Maker:
    """The operation that makes the account of a person usable."""

    operation: str
    login: str


@dataclass(frozen=True, slots=True)
class BulkAdditions:
    """The bulk additions of one target. Their relations lie in the schema of the target."""

    view: TargetContext
    created: Mapping[str, str] = field(default_factory=dict)
    """By name of a group that the plan creates, the operation that does."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Number of additions of each kind of entitlement, before any is left out."""

    def settle(
        self, store: Store, *, excluded: Iterable[str], kinds: Iterable[str], makers: Mapping[str, Maker], groups: Iterable[str]
    ) -> None:
        """Keeps the additions that the filters of the plan let pass: of people who have an account or get one, and are not excluded.

        `kinds`: of entitlements that the target cannot add to. `groups`: the operations that still create groups.
        """
        kept = set(groups)
        made = [(name, operation) for name, operation in self.created.items() if operation in kept]
        store.relations.put("group_maker", ("name", "operation"), made)
        rows = [(anchor, each.operation, each.login) for anchor, each in makers.items()]
        store.relations.put("account_maker", ("anchor", "operation", "login"), rows)
        store.do("make_bulk_people", excluded=sorted(excluded))
        store.do("make_bulk_entitlements", new=NEW, impossible=sorted(kinds))
        store.do("make_bulk_operations")

    def group_makers(self, store: Store) -> frozenset[str]:
        """The operations that create groups with additions."""
        return frozenset(operation for (operation,) in store.rows("bulk_group_makers"))

    def identify(
        self,
        store: Store,
        operations: Iterable[Operation],
        stated: Callable[[Sequence[str]], Iterator[tuple[str, Mapping[str, Value], bool]]],
    ) -> None:
        """Adds what a precondition needs to know of each account. `stated` answers that of accounts that exist, by their ids."""
        anchors: dict[str, str] = dict(store.rows("bulk_accounts"))
        found = [
            (each.anchor, attributes_text(each.account), "true" if each.opening is Opening.LATER else "")
            for each in operations
            if each.verb is Verb.CREATE and each.anchor
        ]
        found += [(anchors[id_], attributes_text(values), "true" if closed else "") for id_, values, closed in stated(list(anchors))]
        store.relations.put("account_text", ("anchor", "account", "deactivated"), found)
        store.do("make_bulk_identities")

    def entitlements(self, store: Store) -> list[Added]:
        """The entitlements that people are added to, in the order of their names."""
        return [Added(*row) for row in store.rows("bulk_entitlements")]

    def names(self, store: Store) -> Mapping[str, int]:
        """Number of people who are added to the entitlements of each name; of one without a name, its id."""
        return dict(store.rows("bulk_names"))

    def anchors(self, store: Store) -> frozenset[str]:
        """The people who are added to something."""
        return frozenset(anchor for (anchor,) in store.stream("bulk_anchors"))

    def counted(self, store: Store, most: int) -> BulkCount:
        """The size of all additions, with the names of the first people."""
        operations, accounts, names = store.rows("bulk_counts")[0]
        return BulkCount(operations, accounts, names, _first(store.rows("bulk_first_names", most=most)))

    def counted_by_group(self, store: Store, ids: Sequence[str], most: int) -> Mapping[tuple[str, str], BulkCount]:
        """The same of each of some entitlements, by its id and its name."""
        return {
            (id_, name): BulkCount(additions, people, names, _first(store.rows("bulk_first_names_of_item", entitlement_id=id_, most=most)))
            for id_, name, additions, people, names in store.rows("bulk_counts_by_item", ids=ids)
        }

    def explain(self, store: Store) -> None:
        """Adds the sentence of each reason."""
        made = MembershipOperations(self.view, {}, {}, {})
        rows = []
        for reason, situation, rules in store.rows("bulk_reasons"):
            because = made.because(Change(Verb.ADD_MEMBER, "", "", "", situation, rules, "", "", "", "", "", privileged=False), None)
            rows.append((str(reason), because.rule, because.detail))
        store.relations.put("reason_text", ("reason", "rule", "detail"), rows)


def split_off_bulk(store: Store, view: TargetContext, created: Mapping[str, str], criteria: BulkCriteria) -> BulkAdditions | None:
    """Parts `membership_change` into `separate_change` and the relations of the bulk additions; None where those are too few."""
    if criteria.least is None:
        return None
    anchors = set(criteria.anchors)
    if criteria.is_protected is not None:
        anchors |= {
            anchor for anchor, account_id, login in store.rows("addition_subjects") if criteria.is_protected(anchor, account_id, login)
        }
    store.do("make_one_by_one", anchors=sorted(anchors), accounts=sorted(criteria.accounts))
    if store.value("plain_additions") < max(criteria.least, 1):
        return None
    for name in _KEPT:
        store.relations.keep(name, name)
    return BulkAdditions(view, created, dict(store.rows("bulk_kinds")))


def _first(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    return tuple((anchor, known_as) for anchor, known_as in rows)
