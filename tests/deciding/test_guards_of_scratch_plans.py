"""Guards count the accounts that an undo gives something back to, each once, however many of its operations are theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from reconcile.decide.guards.evaluate import judge
from reconcile.decide.guards.facts import SAMPLE, GuardFacts
from reconcile.decide.guards.scratch_rows import ScratchGuardRows
from reconcile.plan.model import Because, Census, Operation, Situation, Verb, Verdict
from reconcile.plan.ordering import places
from reconcile.project.limits import GroupLimits, Guards, Limit
from reconcile.store.connection import Store
from reconcile.store.plans.scratch_plan import ScratchPlan

DESK, ACCOUNTS = "desk", 4
GIVEN_BACK = (Verb.REACTIVATE, Verb.ADD_MEMBER)
WHY = Because(situation=Situation.CONFIRMED, rule="desk: undo R1", detail="")


def given_back(verb: Verb, number: int, account: int, **fields: str) -> Operation:
    usual = {"anchor": f"N{account}", "account_id": f"acc{account}", "who": f"crew{account}@harbour.example", "name": ""}
    group = {"entitlement_id": f"g{number}", "entitlement": f"quay{number}", "entitlement_kind": "group"} if verb is Verb.ADD_MEMBER else {}
    return Operation(id=f"{number:012x}", target=DESK, verb=verb, because=WHY, **{**usual, **group, **fields})


def judged(tmp_path: Path, guards: Guards, operations: Sequence[Operation], members: Mapping[str, int] | None = None) -> dict[str, Verdict]:
    """The verdicts on a scratch plan of which guards look at no operation, by guard."""
    census = [Census(target=DESK, situations={}, accounts=ACCOUNTS)]
    facts = GuardFacts(target=DESK, members=members or {})
    with closing(ScratchPlan(tmp_path)) as scratch:
        scratch.add_operations(operations, places(operations))
        rows, no_store = ScratchGuardRows.of(scratch, DESK, ()), cast("Store", None)
        assert rows.operations() == []
        facts = replace(
            facts,
            bulk=rows.counted(no_store, SAMPLE),
            bulk_by_group=rows.counted_by_group(no_store, sorted(facts.members), SAMPLE),
            reactivated=rows.reactivated(SAMPLE),
        )
    return {each.guard: each for each in judge(guards, census, [], [facts])}


def share(percent: int) -> Limit:
    return Limit(percent=percent, count=None, floor=0)


@pytest.mark.parametrize("verb", GIVEN_BACK)
@pytest.mark.parametrize(("percent", "passes"), [(50, True), (49, False)])
def test_an_account_with_two_operations_is_one_account_of_the_share(tmp_path, verb, percent, passes):
    three = [given_back(verb, 1, 1), given_back(verb, 2, 1), given_back(verb, 3, 2)]
    verdict = judged(tmp_path, Guards(**{verb.value: share(percent)}), three)[f"{DESK}.{verb}"]
    assert (verdict.passed, verdict.count, verdict.accounts, verdict.population) == (passes, 3, 2, ACCOUNTS)


@pytest.mark.parametrize("verb", GIVEN_BACK)
@pytest.mark.parametrize(("count", "passes"), [(3, True), (2, False)])
def test_each_operation_of_an_account_counts_against_a_limit_of_operations(tmp_path, verb, count, passes):
    three = [given_back(verb, 1, 1), given_back(verb, 2, 1), given_back(verb, 3, 2)]
    assert judged(tmp_path, Guards(**{verb.value: Limit(count=count)}), three)[f"{DESK}.{verb}"].passed is passes


@pytest.mark.parametrize("verb", GIVEN_BACK)
def test_a_refusal_names_each_of_the_first_accounts_once_and_counts_the_others(tmp_path, verb):
    twice = [given_back(verb, number, number // 2) for number in range(2 * (SAMPLE + 2))]
    message = judged(tmp_path, Guards(**{verb.value: Limit(count=0)}), twice)[f"{DESK}.{verb}"].message
    assert f"Among them {', '.join(f'crew{account}@harbour.example' for account in range(SAMPLE))} and 2 more." in message


@pytest.mark.parametrize(("percent", "passes"), [(50, True), (49, False)])
def test_a_group_gets_a_share_of_its_members_back_in_different_accounts(tmp_path, percent, passes):
    of_quay = {"entitlement_id": "quay", "entitlement": "Quay"}
    additions = [given_back(Verb.ADD_MEMBER, number, account, **of_quay) for number, account in enumerate((1, 1, 2))]
    elsewhere = given_back(Verb.ADD_MEMBER, 9, 3)
    limits = Guards(groups=GroupLimits(add_member=share(percent), remove_member=Limit()))
    verdict = judged(tmp_path, limits, [*additions, elsewhere], {"quay": 4})[f"{DESK}.groups.add_member"]
    assert (verdict.passed, verdict.count, verdict.accounts, verdict.population) == (passes, 3, 2, 4)
