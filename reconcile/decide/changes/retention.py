"""Finds accounts due for deletion: deactivated by this job, for longer than the retention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.contract import AccountState
from reconcile.decide.fragment import PlanFragment, TargetContext, named, operation_id
from reconcile.decide.identities.standing import Life, standing
from reconcile.plan.impact import number_of
from reconcile.plan.model import Because, Finding, FindingKind, Operation, Severity, Situation, Verb
from reconcile.store.connection import Store

SAMPLE = 5
"""The number of accounts that a finding names."""
DELETED = "deleted"
"""State of an account after `DELETE`; no account that exists has it."""


@dataclass(frozen=True, slots=True)
class DeletableAccount:
    """An account that this job deactivated, of a person who left (the columns of `deletable_accounts`)."""

    account_id: str
    anchor: str
    since: str
    login: str
    situation: str
    name: str
    state: str
    life: Life | None

    def day(self, zone: ZoneInfo) -> date:
        """The local date of its deactivation."""
        return datetime.fromisoformat(self.since).astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Retention:
    """By which clock accounts are due to be deleted, and whether this plan is asked for that."""

    run_date: date
    zone: ZoneInfo
    asked: bool
    """Whether a plan deletes: only one made with `--deletions`, to be read before it is applied; `run` never does."""


def decide_deletions(store: Store, view: TargetContext, retention: Retention) -> PlanFragment:
    """Decides the deletions that are due in the target; a plan without deletions reports that they wait."""
    keep = view.mapping.delete_after_days
    if keep is None:
        return PlanFragment()
    deactivated = [replace(DeletableAccount(*row), life=Life.of(row[-1])) for row in store.rows("deletable_accounts")]
    due = [each for each in deactivated if (retention.run_date - each.day(retention.zone)).days >= keep]
    if retention.asked:
        return PlanFragment(operations=tuple(_deletion(view, each, retention) for each in due))
    return PlanFragment(findings=(_waiting(view, due, keep),)) if due else PlanFragment()


def _deletion(view: TargetContext, each: DeletableAccount, retention: Retention) -> Operation:
    day = each.day(retention.zone)
    person = standing(named(each.name, each.anchor), each.state, each.life) if each.state else f"{each.anchor} is missing from all sources"
    detail = (
        f"{person}; this job deactivated the account on {day}, {(retention.run_date - day).days} days ago, "
        f"and the mapping says delete_after_days = {view.mapping.delete_after_days}. It cannot be brought back."
    )
    return Operation(
        id=operation_id(view.name, Verb.DELETE, each.anchor, each.account_id),
        target=view.name,
        verb=Verb.DELETE,
        anchor=each.anchor,
        account_id=each.account_id,
        who=each.login,
        name=each.name,
        before={"state": AccountState.DEACTIVATED.value},
        after={"state": DELETED},
        because=Because(situation=Situation(each.situation), rule=view.rule("delete_after_days"), detail=detail),
    )


def _waiting(view: TargetContext, due: list[DeletableAccount], keep: int) -> Finding:
    are = "is" if len(due) == 1 else "are"
    message = (
        f"{number_of(len(due), 'account')} of {view.name} {are} due to be deleted: deactivated by this job {number_of(keep, 'day')} ago or longer "
        f"({_sample(each.login or each.account_id for each in due)}). No night deletes anything: "
        "`reconcile plan --deletions` puts it into a plan to review and apply."
    )
    return Finding(kind=FindingKind.POLICY, severity=Severity.NOTE, target=view.name, message=message)


def _sample(names: Iterable[str]) -> str:
    each = list(names)
    return ", ".join(each[:SAMPLE]) + (f" and {len(each) - SAMPLE:,} more" if len(each) > SAMPLE else "")
