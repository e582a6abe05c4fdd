"""One-time guard overrides, bound to a plan digest, with owner, reason and expiry. Limits and the bytes of the plan stay unchanged."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from reconcile.apply.journal import Journal
from reconcile.clock import SYSTEM, Clock
from reconcile.decide.guards.verdict import without_way_out
from reconcile.errors import NothingToOverride
from reconcile.plan.digest import SHOWN
from reconcile.plan.model import Plan, Verdict
from reconcile.plan.override import Override
from reconcile.store.plans.files import load

LONGEST_HOURS = 7 * 24
"""The longest time that an override may last."""


@dataclass(frozen=True, slots=True)
class Consent:
    """An approval to pass a guard."""

    by: str
    why: str
    hours: int
    """Hours until it expires."""


def override(state: Path, guard: str, digest: str, consent: Consent, clock: Clock = SYSTEM) -> Plan:
    """Overrides one guard of a plan once, until the override expires. Returns the plan with it.

    Raises NoSuchPlan, PlanDamaged, and NothingToOverride where that guard does not refuse it.
    """
    plan = load(state, digest)
    refusing = [verdict.guard for verdict in plan.verdicts if not verdict.passed]
    if guard not in refusing:
        raise NothingToOverride(guard, plan.digest[:SHOWN], refusing)
    with contextlib.closing(Journal(state, clock)) as journal:
        now = datetime.fromisoformat(journal.latest_moment())
        until = now + timedelta(hours=min(consent.hours, LONGEST_HOURS))
        made = Override(plan_digest=plan.digest, guard=guard, by=consent.by, why=consent.why, made=_text(now), until=_text(until))
        journal.overrides.add(made)
        return with_overrides(plan, journal)


def with_overrides(plan: Plan, journal: Journal, run: str = "") -> Plan:
    """The plan with overrides at its verdicts: those that a run consumed, else those that have not expired."""
    known = journal.overrides.of_plan(plan.digest)
    now = journal.latest_moment()
    found = [each for each in known if each.run == run and (run or each.until > now)]
    return replace(plan, verdicts=tuple(_with_override(verdict, found) for verdict in plan.verdicts))


def _with_override(verdict: Verdict, overrides: Iterable[Override]) -> Verdict:
    of_guard = [each for each in overrides if each.guard == verdict.guard and not verdict.passed]
    if not of_guard:
        return replace(verdict, override=None)
    return replace(verdict, override=of_guard[-1], message=without_way_out(verdict.guard, verdict.message))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
