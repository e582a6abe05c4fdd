"""Finding for the memberships that leavers keep: this job did not give them, and their groups are not fully managed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from reconcile.decide.fragment import TargetContext
from reconcile.plan.impact import number_of
from reconcile.plan.model import Finding, FindingKind, Operation, Severity, Verb
from reconcile.store.connection import Store

SHOWN = 5


def kept_by_leavers(store: Store, view: TargetContext, operations: Sequence[Operation]) -> tuple[Finding, ...]:
    """One finding for the target, where accounts that the operations end keep memberships."""
    ids = sorted({each.account_id for each in operations if each.verb in (Verb.DEACTIVATE, Verb.SUSPEND)})
    lost = {(each.account_id, each.entitlement_id) for each in operations if each.verb is Verb.REMOVE_MEMBER}
    rows = store.rows("kept_by_leavers", target=view.name, ids=ids) if ids else []
    kept = [row for row in rows if (row[0], row[1]) not in lost]
    if not kept:
        return ()
    leavers = list(dict.fromkeys(login or account_id for account_id, _, login, _, _, _ in kept))
    counts = Counter(f"{kind} {name}" for _, _, _, kind, name, _ in kept)
    return (
        Finding(
            kind=FindingKind.POLICY,
            severity=Severity.ATTENTION if any(row[5] for row in kept) else Severity.NOTE,
            target=view.name,
            message=(
                f"{number_of(len(leavers), 'leaver')} ({_first(leavers)}) {'keeps' if len(leavers) == 1 else 'keep'} "
                f"{number_of(len(kept), 'membership')} that this job did not give: "
                f"{_first([f'{name} ({count:,})' for name, count in counts.most_common()])}. Declare what leavers are to lose as fully managed "
                'with a rule that names it, or say leavers_lose = "all" in the mapping.'
            ),
        ),
    )


def _first(shown: Sequence[str]) -> str:
    more = f" and {len(shown) - SHOWN:,} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more
