"""A row that moved says what the plan saw, what is there now and what it wanted; a plan whose world moved is refused or stopped."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from connectors.contract import AccountState
from reconcile.apply.drift import SAMPLE, SAMPLE_FROM, MovedRows, WorldMoved, is_over, refuse_moved
from reconcile.apply.executor import Applier
from reconcile.apply.journal import Journal
from reconcile.decide.protection.protected import Protection
from reconcile.errors import ExitCode
from reconcile.plan.model import OutcomeKind, Verb
from reconcile.plan.operation_rows import queryable
from reconcile.project.apply_settings import ApplySettings
from reconcile.project.limits import Limit
from reconcile.store.plans.files import load, save
from reconcile.store.plans.selection import sample
from tests.support.companies.targets import Company, give_account, group, mapping, target
from tests.support.outcomes import outcomes_of

LIMIT = ApplySettings().moved


def company(folder, people):
    """People whose titles change; all of them are to join a group."""
    desk = target("desk", group("s", "staff"))
    rules = {"groups": {"staff": {"group": "staff"}}, "attributes": {"login": "name", "title": "title"}}
    made = Company(folder, [desk], [mapping("desk", **rules)])
    for number in range(people):
        made.hire(f"p{number:03}", title="Chief")
        desk.accounts[give_account(desk, f"p{number:03}")].attributes["title"] = "Clerk"
    return made, desk


def carried_out(made, plan, limit=LIMIT):
    with contextlib.closing(Journal(made.folder)) as journal:
        journal.begin("night", plan.digest)
        asyncio.run(Applier(plan, {each.name: each for each in made.targets}, journal, "night", moved_limit=limit).apply())
        return outcomes_of(plan, journal, "night")


def move(desk, people):
    for number in people:
        desk.accounts[f"desk-p{number:03}"].attributes["title"] = "Own words"


@pytest.mark.parametrize(
    ("changes", "verb", "told"),
    [
        (
            {"attributes": {"login": "p000", "title": "Own words"}},
            Verb.UPDATE,
            "title was 'Clerk' and is 'Own words' now; the plan wanted title 'Chief' in place of 'Clerk'",
        ),
        (
            {"state": AccountState.DEACTIVATED},
            Verb.ADD_MEMBER,
            "the account has been deactivated meanwhile; the plan wanted to add the account to staff",
        ),
    ],
)
def test_row_that_moved_says_what_was_planned_from_what_is_and_what_was_wanted(tmp_path, changes, verb, told):
    made, desk = company(tmp_path, 2)
    plan = made.plan()
    desk.accounts["desk-p000"] = replace(desk.accounts["desk-p000"], **changes)
    found = {(each.verb, each.account_id): outcome for each, outcome in zip(plan.operations, carried_out(made, plan), strict=True)}
    moved = found[verb, "desk-p000"]
    assert (moved.kind, moved.detail) == (OutcomeKind.MOVED, told)
    assert found[verb, "desk-p001"].kind is OutcomeKind.DONE


def test_plan_is_refused_whole_where_a_sample_has_moved(tmp_path):
    made, desk = company(tmp_path, SAMPLE_FROM)
    plan = made.plan()
    looked_at = {each.account_id for each in sample(queryable(plan.operations), "desk", SAMPLE) if each.verb is Verb.UPDATE}
    move(desk, [int(each.removeprefix("desk-p")) for each in sorted(looked_at)])
    with pytest.raises(WorldMoved) as told:
        asyncio.run(refuse_moved(plan, {"desk": desk}, LIMIT, Protection()))
    assert told.value.exit_code is ExitCode.WORLD_MOVED
    assert (told.value.moved, told.value.looked_at) == (len(looked_at), SAMPLE)
    assert "the plan wanted title 'Chief'" in str(told.value)
    asyncio.run(refuse_moved(plan, {"desk": desk}, Limit(), Protection()))


def test_small_plan_is_not_sampled(tmp_path):
    made, desk = company(tmp_path, SAMPLE_FROM // 2)
    plan = made.plan()
    assert len(plan.operations) == SAMPLE_FROM
    move(desk, range(SAMPLE_FROM // 2))
    asyncio.run(refuse_moved(plan, {"desk": desk}, LIMIT, Protection()))


def test_run_stops_where_more_rows_moved_than_the_limit_and_changes_nothing_else(tmp_path):
    made, desk = company(tmp_path, 40)
    plan = made.plan()
    move(desk, range(40))
    found = carried_out(made, plan)
    kinds = [outcome.kind for outcome in found]
    # Some are under way when the limit is reached.
    assert 16 < kinds.count(OutcomeKind.MOVED) <= 20
    assert kinds.count(OutcomeKind.HELD) == len(kinds) - kinds.count(OutcomeKind.MOVED)
    assert any("rows in desk have moved since the plan" in outcome.detail for outcome in found)
    assert not desk.members


@pytest.mark.parametrize(
    ("limit", "moved", "of", "over"),
    [
        (LIMIT, 10, 20, False),
        (LIMIT, 11, 20, True),
        (LIMIT, 20, 100, False),
        (LIMIT, 21, 100, True),
        (Limit(count=3), 3, 1_000, False),
        (Limit(count=3), 4, 1_000, True),
        (Limit(), 1_000, 1_000, False),
    ],
)
def test_limit_is_over_by_its_count_or_by_its_share_above_the_floor(limit, moved, of, over):
    assert is_over(limit, moved, of) is over
    rows = MovedRows("desk", limit, of, moved)
    assert bool(rows.problem) is over


def test_sample_of_a_saved_plan_is_that_of_the_plan_in_memory(tmp_path):
    made, _ = company(tmp_path, 20)
    plan = made.plan()
    save(plan, tmp_path)
    saved = load(tmp_path, plan.digest)
    chosen = sample(queryable(saved.operations), "desk", 7)
    assert chosen == sample(queryable(plan.operations), "desk", 7)
    assert [each.id for each in sorted(chosen, key=lambda each: each.id)] == sorted(each.id for each in plan.operations)[:7]
