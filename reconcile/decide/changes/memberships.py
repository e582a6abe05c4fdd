"""Compares memberships with what rules grant: additions and removals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from connectors.contract import AccountState
from reconcile.decide.changes.bulk_additions import BulkAdditions, BulkCriteria, split_off_bulk
from reconcile.decide.changes.membership_operations import Change, Holder, MembershipOperations
from reconcile.decide.desired.grants import follow_rules
from reconcile.decide.desired.pushed_groups import deletions
from reconcile.decide.differences import subjects_of
from reconcile.decide.fragment import PlanFragment, TargetContext
from reconcile.decide.matching.member_rules import Elsewhere
from reconcile.plan.model import Operation, Verb
from reconcile.store.connection import Store

ONE_BY_ONE = BulkCriteria(least=None)
BATCH = 50_000
"""Changes that are read at once."""


def decide_memberships(
    store: Store, view: TargetContext, elsewhere: Elsewhere, criteria: BulkCriteria = ONE_BY_ONE, whole: Collection[str] = ()
) -> tuple[PlanFragment, BulkAdditions | None]:
    """Groups to create, additions and removals in the target, and the rules that cannot be evaluated; beside them the bulk additions."""
    grants = follow_rules(store, view, elsewhere, whole)
    created = {each.entitlement: each.id for each in grants.group_changes if each.verb is Verb.CREATE_GROUP}
    # An unmatched account loses a fully managed group only where it is proven that no identity has it.
    claims_proven = not store.value("unclear_rows")
    lose_all = view.mapping.leavers_lose == "all"
    store.do("make_leaving", leave_ends=view.mapping.leave == "deactivate")
    store.do("make_granted_entitlements", "make_changing", target=view.name, lose_all=lose_all)
    with store.schemas.step():
        store.do("make_membership_changes", target=view.name, claims_proven=claims_proven, lose_all=lose_all)
        bulk = split_off_bulk(store, view, created, criteria)
        store.do("make_separate_changes" if bulk else "make_all_separate_changes")
        operations = (*grants.group_changes, *_operations(store, view, created))
        operations = (*operations, *deletions(view, grants.left_behind, operations))
    return PlanFragment(operations=operations, findings=grants.findings), bulk


def _operations(store: Store, view: TargetContext, created: Mapping[str, str]) -> Iterator[Operation]:
    subjects = subjects_of(store, (anchor for (anchor,) in store.rows("changing_people")))
    holders = {account_id: Holder(account_id, login, AccountState(state)) for account_id, login, state in store.rows("changing_logins")}
    made = MembershipOperations(view, {anchor: (anchor, subject) for anchor, subject in subjects.items()}, holders, created)
    start = 0
    while rows := store.rows("membership_changes", start=start, stop=start + BATCH):
        yield from (made.of(Change(*row)) for row in rows)
        start += BATCH
