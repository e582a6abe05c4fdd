"""An override lets one plan pass one guard, once, until it expires; nothing else about the plan changes."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.apply.journal import Journal
from reconcile.apply.overrides import Consent, override, with_overrides
from reconcile.clock import Clock
from reconcile.decide.guards.evaluate import judge
from reconcile.errors import NoSuchPlan, NothingToOverride
from reconcile.plan.digest import canonical, digested
from reconcile.plan.model import Census, Plan, Verdict
from reconcile.plan.override import Override
from reconcile.project.limits import Limit
from reconcile.report.formats.html import page
from reconcile.report.formats.text import show
from reconcile.report.redact import redacted
from reconcile.report.status import status
from reconcile.store.plans.files import load, save
from tests.support.documents import document

from .guard_worlds import OPEN, deactivations

KEY = b"key"
"""Key of redacted reports."""

ANNA = Consent("Anna Lee", "Sales was sold", 24)


def verdict(guard: str, *, passed: bool = False) -> Verdict:
    return Verdict(guard=guard, passed=passed, count=44, accounts=44, population=100, message=f"{guard} says so.")


@pytest.fixture
def plan(tmp_path) -> Plan:
    """A plan that two guards refuse, saved."""
    made = digested(
        Plan(
            run_date="2026-03-02",
            planner="0",
            snapshots={},
            mapping="",
            scopes=(),
            census=(),
            operations=tuple(deactivations(3)),
            findings=(),
            verdicts=(verdict("app.deactivate"), verdict("app.admins"), verdict("app.update", passed=True)),
        )
    )
    save(made, tmp_path)
    return made


def standing(plan: Plan, state, run: str = "") -> dict[str, str]:
    """The guards that are overridden, each with by whom."""
    with contextlib.closing(Journal(state)) as journal:
        found = with_overrides(plan, journal, run).verdicts
    return {each.guard: each.override.by for each in found if each.override}


def test_override_that_expires_while_the_systems_are_asked_is_used_by_the_run_that_it_let_pass(plan, tmp_path):
    for guard in ("app.deactivate", "app.admins"):
        allowed = override(tmp_path, guard, plan.digest, replace(ANNA, hours=1))
    assert not allowed.refused
    later = Clock(lambda: datetime.now(UTC) + timedelta(hours=2))
    with contextlib.closing(Journal(tmp_path, later)) as journal:
        journal.start("r1", allowed)
        assert not with_overrides(plan, journal, "r1").refused
        assert {each.run for each in journal.overrides.of_plan(plan.digest)} == {"r1"}


def test_only_the_guard_that_is_named_is_overridden(plan, tmp_path):
    allowed = override(tmp_path, "app.deactivate", plan.digest[:8], ANNA)
    assert [each.guard for each in allowed.verdicts if each.refuses] == ["app.admins"]
    assert allowed.refused
    assert not override(tmp_path, "app.admins", plan.digest, ANNA).refused
    assert standing(plan, tmp_path) == {"app.deactivate": "Anna Lee", "app.admins": "Anna Lee"}


def test_the_bytes_of_the_plan_do_not_change(plan, tmp_path):
    allowed = override(tmp_path, "app.deactivate", plan.digest, ANNA)
    assert canonical(allowed) == canonical(plan)
    assert load(tmp_path, plan.digest) == plan


def test_another_plan_is_refused_as_ever(plan, tmp_path):
    override(tmp_path, "app.deactivate", plan.digest, ANNA)
    other = digested(replace(plan, run_date="2026-03-03"))
    assert standing(other, tmp_path) == {}


def test_what_did_not_refuse_cannot_be_overridden(plan, tmp_path):
    for guard in ("app.update", "app.nothing", ""):
        with pytest.raises(NothingToOverride) as told:
            override(tmp_path, guard, plan.digest, ANNA)
        assert "these do: app.deactivate, app.admins" in str(told.value)
    with pytest.raises(NoSuchPlan):
        override(tmp_path, "app.deactivate", "feedbeef", ANNA)
    assert standing(plan, tmp_path) == {}


def test_a_live_run_uses_it_up_and_remembers_it(plan, tmp_path):
    override(tmp_path, "app.deactivate", plan.digest, ANNA)
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal.begin("run 1", plan.digest)
    assert standing(plan, tmp_path) == {}
    assert standing(plan, tmp_path, "run 1") == {"app.deactivate": "Anna Lee"}


def test_a_run_of_another_plan_uses_nothing_up(plan, tmp_path):
    override(tmp_path, "app.deactivate", plan.digest, ANNA)
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal.begin("run 1", "another plan")
    assert standing(plan, tmp_path) == {"app.deactivate": "Anna Lee"}


def test_it_expires(plan, tmp_path):
    now = datetime.now(UTC)
    for hours, counts in ((-1, False), (1, True)):
        until = (now + timedelta(hours=hours)).isoformat(timespec="seconds")
        with contextlib.closing(Journal(tmp_path)) as journal:
            journal.overrides.add(
                Override(
                    plan_digest=plan.digest, guard="app.deactivate", by="Bo", why="so", made=now.isoformat(timespec="seconds"), until=until
                )
            )
            assert bool(standing(plan, tmp_path)) is counts
            if not counts:
                journal.begin("run 1", plan.digest)
                assert standing(plan, tmp_path, "run 1") == {}


@pytest.mark.parametrize(("asked", "given"), [(24, 24), (168, 168), (1000, 168)])
def test_it_counts_for_a_week_at_most(plan, tmp_path, asked, given):
    allowed = override(tmp_path, "app.deactivate", plan.digest, replace(ANNA, hours=asked)).verdicts[0].override
    assert datetime.fromisoformat(allowed.until) - datetime.fromisoformat(allowed.made) == timedelta(hours=given)


def test_reports_say_by_whom_a_refusal_was_overridden(plan, tmp_path):
    override(tmp_path, "app.admins", plan.digest, ANNA)
    allowed = override(tmp_path, "app.deactivate", plan.digest, ANNA)
    until = allowed.verdicts[0].override.until
    assert f"app.deactivate overridden by Anna Lee until {until}" in status(allowed).sentence
    for report in (show(allowed, width=400, colour=False), page(allowed)):
        assert f"overridden by Anna Lee until {until}" in report
        assert "Sales was sold" in report
        assert "app.deactivate says so." in report
    assert '"by": "Anna Lee"' in document(allowed)
    for report in (show(redacted(allowed, KEY)[0], width=400, colour=False), page(allowed, redact=KEY)):
        assert "Anna" not in report
        assert "sold" not in report
        assert "overridden by " in report


def test_a_refusal_that_is_overridden_advises_no_override(plan, tmp_path):
    (refused,) = judge(
        OPEN.model_copy(update={"deactivate": Limit(count=1)}), [Census(target="app", situations={}, accounts=9)], deactivations(3)
    )
    made = digested(replace(plan, verdicts=(refused,), digest=""))
    save(made, tmp_path)
    (allowed,) = override(tmp_path, "app.deactivate", made.digest, ANNA).verdicts
    assert refused.message.startswith(allowed.message)
    assert allowed.message.endswith("Among them p0@x, p1@x, p2@x.")
    assert "reconcile override" in load(tmp_path, made.digest).verdicts[0].message


def test_a_report_of_the_run_says_what_was_overridden_for_it(plan, tmp_path):
    for guard in ("app.deactivate", "app.admins"):
        override(tmp_path, guard, plan.digest, ANNA)
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal.begin("1", plan.digest)
        run = journal.runs.recorded("1")
        ran = with_overrides(plan, journal, "1")
    assert "app.deactivate overridden by Anna Lee, used by the run 1" in show(ran, run, width=400, colour=False)
