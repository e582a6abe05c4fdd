"""The product says itself what the stages of a plan cost."""

import pytest

from reconcile.cli.stages import say_stages
from reconcile.store.holding import store_holding
from reconcile.store.stages import EXPRESSIONS, Stage
from reconcile.store.statements import rooms, statements


def test_stage_counts_the_rows_that_its_statements_made_and_those_that_they_answered():
    with store_holding({}) as store, store.schemas.of_target("okta"):
        store.stages.counted = True
        store.relations.put("person", ("anchor",), [("1",), ("2",), ("3",)])
        store.do("make_projected_members", "make_undecided_people")
        store.rows("latest_snapshots")
    stages = {(each.schema, each.room): each for each in store.stages}
    assert (stages["okta", EXPRESSIONS].statements, stages["okta", EXPRESSIONS].rows) == (1, 3)
    assert (stages["okta", "decide/planner"].statements, stages["okta", "decide/planner"].rows) == (2, 0)
    assert stages["okta", "store/shared"].statements == 1


def test_every_statement_has_the_file_that_it_stands_in():
    assert rooms().keys() == statements().keys()
    assert rooms()["make_identity_situations"] == "decide/matching/correlate"


def test_stages_are_printed_with_what_python_took_beside_them(capsys: pytest.CaptureFixture[str]):
    say_stages([Stage("", "decide/planner", 4, 12_000, 0.5), Stage("okta", "decide/matching/keys", 26, 7, 1.25)], 2.0)
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split() for line in said.err.splitlines()] == [
        ["target", "stage", "statements", "rows", "seconds"],
        ["all", "people", "decide/planner", "4", "12,000", "0.500"],
        ["okta", "decide/matching/keys", "26", "7", "1.250"],
        ["Python,", "order,", "digest", "0.250"],
    ]
