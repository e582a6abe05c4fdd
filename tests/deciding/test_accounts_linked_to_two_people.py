"""An account that is linked to two people is nobody's until a reviewer decides: nothing is written for either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reconcile.plan.model import FindingKind, Plan, Situation
from tests.support.companies.pairs import account, company, person, said, written

ANN, BEA = person("1", "Ann"), person("2", "Bea")
LINKS = {"1": "u1", "2": "u1"}


def planned(folder: Path, *people: Any) -> Plan:
    """Both are linked to the account of Ann, which shows neither's values of today."""
    with company(folder, people, [account("u1", "ann@x", number="1", name="Old")], links=LINKS) as bench:
        return bench.plan()


def situations(plan: Plan) -> Mapping[Situation, int]:
    return {situation: count for situation, count in plan.census[0].situations.items() if count}


@pytest.mark.parametrize(
    "people",
    [(ANN, BEA), (ANN, person("2", "Bea", status="left")), (person("1", "Ann", status="left"), BEA)],
    ids=["both work", "the second has left", "the first has left"],
)
def test_nothing_is_written_for_either_and_each_is_told_of_the_other(tmp_path: Path, people: Any) -> None:
    plan = planned(tmp_path, *people)
    assert (written(plan), plan.links) == ([], ())
    ending = "Nothing is done until a reviewer decides which account is theirs."
    messages = said(plan, FindingKind.AMBIGUOUS)
    assert [each.partition(". ")[0] for each in messages] == [
        "Ann (1) is linked to the account ann@x, and so is Bea (2)",
        "Bea (2) is linked to the account ann@x, and so is Ann (1)",
    ]
    assert all(ending in each for each in messages)
    left = [each.id.removeprefix("row ") for each in people if each.columns.get("status") == "left"]
    # It may be the leaver's: nobody can say that it is.
    kept = [each for each in plan.findings if each.kind is FindingKind.ACCESS_KEPT]
    assert [(each.anchor, each.account_id) for each in kept] == [(anchor, "") for anchor in left]
    assert all("An account that may be theirs still works: ann@x." in each.message for each in kept)
    assert len(plan.findings) == 2 + len(left)
    assert situations(plan) == {Situation.AMBIGUOUS: 2}


def test_account_is_kept_where_the_other_person_is_in_no_source(tmp_path: Path) -> None:
    plan = planned(tmp_path, ANN)
    assert written(plan) == []
    (message,) = said(plan, FindingKind.AMBIGUOUS)
    assert "Ann (1) is linked to the account ann@x, and so is" in message
    assert situations(plan) == {Situation.AMBIGUOUS: 1}


def test_third_person_who_matches_the_account_has_one_situation(tmp_path: Path) -> None:
    with company(tmp_path, [ANN, BEA, person("3", "Cas", "ann@x")], [account("u1", "ann@x")], links=LINKS) as bench:
        plan = bench.plan()
    assert written(plan) == []
    assert situations(plan) == {Situation.AMBIGUOUS: 2, Situation.FOUND_ALREADY_LINKED: 1}


def test_decision_ends_the_doubt_for_both(tmp_path: Path) -> None:
    with company(tmp_path, [ANN, BEA], [account("u1", "ann@x", number="1", name="Old")], links=LINKS) as bench:
        bench.world = replace(bench.world, link_decisions=(("1", "u1", "same"),))
        plan = bench.plan()
    assert [each[:2] for each in written(plan)] == [("create", "2"), ("update", "1")]
    assert [(each.anchor, each.forget) for each in plan.links] == [("2", True)]
