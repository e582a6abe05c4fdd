"""Finding for what rules grant to people who hold it through a group alone, and who lose groups in the plan."""

from __future__ import annotations

from collections.abc import Sequence

from reconcile.decide.fragment import TargetContext, listed
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store


def may_go_with_groups(store: Store, view: TargetContext, operations: Sequence[Operation]) -> tuple[Finding, ...]:
    """One finding for each entitlement of rules that accounts may lose together with a group.

    What is held in any way is not added, and Okta does not say which group gives an app. The next plan sees what is gone.
    """
    ids = sorted({each.account_id for each in operations if each.verb is Verb.REMOVE_MEMBER and each.entitlement_kind == "group"})
    rows = store.rows("held_through_groups_alone", target=view.name, ids=ids) if ids else []
    return tuple(
        Finding(
            kind=FindingKind.POLICY,
            severity=Severity.NOTE,
            target=view.name,
            message=(
                f"{number_of(accounts, 'account')} ({listed(first, accounts)}) {'holds' if accounts == 1 else 'hold'} the {kind} {name}, which a rule grants, "
                "through a group alone and may lose it with the groups of this plan. Extract and plan again after the run: the next plan grants what is gone."
            ),
        )
        for kind, name, accounts, first in rows
    )
