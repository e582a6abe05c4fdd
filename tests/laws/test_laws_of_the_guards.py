"""A limit that refuses a change refuses every larger one."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import SAMPLE, AdminGroup, AppHolding, Dimension, GuardFacts
from reconcile.decide.guards.scratch_rows import ScratchGuardRows
from reconcile.plan.earlier import Applied
from reconcile.plan.impact import GIVING
from reconcile.plan.model import Because, Census, Operation, Plan, Situation, Verb
from reconcile.plan.ordering import ordered, places
from reconcile.project.limits import Admins, DimensionLimits, GroupLimits, Guards, Limit, Usual
from reconcile.report.summary import groups
from reconcile.store.connection import Store
from reconcile.store.plans.scratch_plan import ScratchPlan
from tests.support.companies.world import TARGET

from .effort import READS

LIMITS = st.builds(
    Limit,
    percent=st.none()
    | st.integers(0, 200).map(lambda halves: halves / 2),  # what a float holds exactly, so that a share on the limit is on it
    count=st.none() | st.integers(0, 12),
    floor=st.integers(0, 8),
)


def operation(verb: Verb, number: int) -> Operation:
    return Operation(
        id=f"{verb}{number}",
        target=TARGET,
        verb=verb,
        anchor=str(number),
        account_id=f"u{number}",
        who=f"u{number}@x",
        name="",
        because=Because(situation=Situation.CONFIRMED, rule="app: who", detail=""),
    )


def refused(limit: Limit, accounts: int, verb: Verb, count: int) -> bool:
    guards = Guards(**{"deactivate": Limit(), verb.value: limit})  # what is suspended counts as deactivated too
    census = Census(target=TARGET, situations={}, accounts=accounts)
    verdicts = judge(guards, [census], [operation(verb, number) for number in range(count)])
    return not all(verdict.passed for verdict in verdicts)


@given(LIMITS, st.integers(0, 30), st.sampled_from(Verb), st.integers(0, 20), st.integers(0, 20))
def test_a_larger_change_never_passes_where_a_smaller_one_is_refused(limit: Limit, accounts: int, verb: Verb, one: int, other: int) -> None:
    smaller, larger = sorted([one, other])
    assert refused(limit, accounts, verb, larger) or not refused(limit, accounts, verb, smaller)


@given(LIMITS, st.integers(0, 30), st.integers(0, 30), st.sampled_from(Verb), st.integers(0, 20))
def test_what_a_larger_company_is_refused_a_smaller_one_is_refused_too(limit: Limit, one: int, other: int, verb: Verb, count: int) -> None:
    fewer, more = sorted([one, other])
    assert refused(limit, fewer, verb, count) or not refused(limit, more, verb, count)


@given(LIMITS, st.integers(0, 30), st.sampled_from(Verb), st.integers(0, 20))
def test_a_plan_is_refused_exactly_above_its_count_or_above_floor_and_share(limit: Limit, accounts: int, verb: Verb, count: int) -> None:
    above_count = limit.count is not None and count > limit.count
    # Of nobody knows how many, any change is all of it. Only what is given can be more than what is there.
    share = 100 * count / accounts if accounts else 100
    share = share if verb in GIVING else min(share, 100)
    above_share = limit.percent is not None and count > limit.floor and share > limit.percent
    assert refused(limit, accounts, verb, count) == (count > 0 and (above_count or above_share))


PEOPLE, GROUPS = 8, ("g0", "g1", "apps")
SMALL = st.builds(Limit, percent=st.none() | st.integers(0, 100), count=st.none() | st.integers(0, 6), floor=st.integers(0, 4))
PAST_SIZES = st.lists(st.dictionaries(st.sampled_from(Verb), st.integers(0, 4)), min_size=4, max_size=7)
GUARDS = st.builds(
    Guards,
    **{verb.value: SMALL for verb in Verb},
    attribute=SMALL,
    attributes=st.dictionaries(st.just("title"), SMALL),
    groups=st.builds(GroupLimits, add_member=SMALL, remove_member=SMALL),
    dimensions=st.dictionaries(st.just("team"), st.builds(DimensionLimits, deactivate=SMALL), min_size=1),
    privileged=SMALL,
    lose_app=SMALL,
    admins=st.dictionaries(st.just(TARGET), st.builds(Admins, group=st.just("admins"), at_least=st.integers(1, 4))),
    usual=st.builds(Usual, verbs=st.just(tuple(Verb)), times=st.integers(1, 3), floor=st.integers(0, 4)),
)
EVERYTHING = [
    replace(
        operation(verb, number * 10 + place),
        anchor=f"e{number}",
        account_id=f"u{number}",
        entitlement_id=group,
        entitlement=group,
        privileged=group == "g1",
        after={"title": "x", "city": "y"} if verb is Verb.UPDATE else {},
    )
    for number in range(PEOPLE)
    for verb in Verb
    for place, group in enumerate(GROUPS if verb in (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER) else ("",))
]


@st.composite
def guard_facts(draw: st.DrawFn) -> GuardFacts:
    """What may be known of a target with a few people, right or not."""
    people = [f"e{number}" for number in range(PEOPLE)]
    teams = {anchor: draw(st.sampled_from(("red", "blue"))) for anchor in people}
    held = st.builds(
        AppHolding,
        st.sampled_from(("mail", "apps")),
        st.just("Mail"),
        st.booleans(),
        st.lists(st.sampled_from(GROUPS), unique=True).map(tuple),
    )
    accounts = st.frozensets(st.sampled_from([f"u{number}" for number in range(PEOPLE)]))
    return GuardFacts(
        target=TARGET,
        members={group: draw(st.integers(0, 9)) for group in GROUPS},
        dimensions={"team": Dimension(teams, {team: draw(st.integers(0, 9)) for team in ("red", "blue")})},
        admins=draw(st.none() | st.builds(AdminGroup, st.sampled_from([frozenset(), frozenset({"g1"})]), accounts)),
        apps={account: draw(st.lists(held, max_size=2)) for account in sorted(draw(accounts))},
        app_holders=draw(st.integers(0, 9)),
        past_sizes=draw(PAST_SIZES),
    )


@given(GUARDS, st.integers(0, 12), guard_facts(), st.lists(st.sampled_from(EVERYTHING), unique_by=lambda one: one.id), st.data())
def test_no_guard_lets_a_plan_pass_that_does_more_than_one_it_refuses(
    guards: Guards, accounts: int, facts: GuardFacts, larger: list[Operation], data: st.DataObject
) -> None:
    smaller = [each for each in larger if data.draw(st.booleans())]
    census = [Census(target=TARGET, situations={}, accounts=accounts)]
    refused_of = [
        {verdict.guard for verdict in judge(guards, census, operations, [facts]) if not verdict.passed} for operations in (smaller, larger)
    ]
    assert refused_of[0] <= refused_of[1]


@given(GUARDS, st.integers(0, 12), guard_facts(), st.lists(st.sampled_from(EVERYTHING), unique_by=lambda one: one.id), st.data())
def test_no_share_of_changes_and_losses_is_above_all_of_it(
    guards: Guards, accounts: int, facts: GuardFacts, operations: list[Operation], data: st.DataObject
) -> None:
    facts = replace(facts, earlier=data.draw(APPLIED), all_members={group: data.draw(st.integers(0, 9)) for group in GROUPS})
    counted = Census(target=TARGET, situations={}, accounts=accounts, before=data.draw(st.none() | st.integers(0, 12)))
    verdicts = judge(guards, [counted], operations, [facts])
    giving = {f"{TARGET}.{guard}" for verb in GIVING for guard in (verb, f"usual.{verb}", f"groups.{verb}")}
    assert all(each.accounts <= each.population for each in verdicts if each.guard not in giving)
    plan = Plan(
        run_date="2026-03-02", planner="0", snapshots={}, mapping="", scopes=(), census=(counted,), operations=tuple(operations),
        findings=(), verdicts=verdicts,
    )  # fmt: skip
    assert all(each.size.share <= 100 for each in groups(plan))


APPLIED = st.lists(st.sampled_from(EVERYTHING), max_size=4, unique_by=lambda one: one.id).map(
    lambda some: tuple(Applied(operation=each, run="R0", at="2026-03-02T01:00:00.000+00:00") for each in some)
)


@READS
@given(GUARDS, st.integers(0, 12), guard_facts(), st.lists(st.sampled_from(EVERYTHING), unique_by=lambda one: one.id), APPLIED)
def test_guards_judge_a_scratch_plan_as_the_same_operations_in_memory(
    guards: Guards, accounts: int, facts: GuardFacts, operations: list[Operation], earlier: tuple[Applied, ...]
) -> None:
    facts, census = replace(facts, earlier=earlier), [Census(target=TARGET, situations={}, accounts=accounts)]
    with tempfile.TemporaryDirectory() as folder, closing(ScratchPlan(Path(folder))) as scratch:
        scratch.add_operations(operations, places(operations))
        rows, no_store = ScratchGuardRows.of(scratch, TARGET, earlier), cast("Store", None)
        looked_at = rows.operations()
        counted = replace(
            facts,
            bulk=rows.counted(no_store, SAMPLE),
            bulk_by_group=rows.counted_by_group(no_store, sorted(facts.members), SAMPLE),
            reactivated=rows.reactivated(SAMPLE),
        )
        assert len(looked_at) + counted.bulk.operations + counted.reactivated.operations == len(operations)
        assert judge(guards, census, looked_at, [counted]) == judge(guards, census, ordered(operations), [facts])
