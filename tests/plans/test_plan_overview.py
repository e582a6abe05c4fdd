"""The overview of a plan is the same for operations in memory and for those in the files of a saved plan."""

import json
import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Because, Outcome, OutcomeKind, Run, Situation, Verb
from reconcile.plan.operation_overview import ChangeClass
from reconcile.plan.operation_rows import OperationsInMemory, queryable
from reconcile.report.formats import csv
from reconcile.report.formats import json as json_report
from reconcile.report.formats.text import show, summary_line
from reconcile.store.plans import overview as stored_overview
from reconcile.store.plans.files import load, save
from tests.plans.small_plans import operation, plan_of
from tests.support.examples import examples

TARGETS, ANCHORS, ACCOUNTS = ("desk", "shed"), ("", "N1", "N2", "N3"), ("", "acc1", "acc2", "acc3", "acc4")
VALUES = st.sampled_from([None, "", "Master", "Mate\n", 1, 1.5, True, ["a", "b"], {"z": 1, "a": [2]}, "x" * 250])
ATTRIBUTES = st.dictionaries(st.sampled_from(["title", "site", "level"]), VALUES, max_size=3)
REASONS = st.builds(
    Because,
    situation=st.sampled_from([Situation.CONFIRMED, Situation.UNQUALIFIED]),
    rule=st.sampled_from(["desk: groups.quay", "desk: attributes", "line\nend"]),
    detail=st.sampled_from(["", "Granted by quay (site = 'North')."]),
)
OPERATIONS = st.fixed_dictionaries(
    {
        "verb": st.sampled_from(list(Verb)),
        "target": st.sampled_from(TARGETS),
        "anchor": st.sampled_from(ANCHORS),
        "account_id": st.sampled_from(ACCOUNTS),
        "entitlement_id": st.sampled_from(["", "G1", "G2"]),
        "entitlement": st.sampled_from(["", "Quay", "Pier"]),
        "entitlement_kind": st.sampled_from(["", "group", "app"]),
        "privileged": st.booleans(),
        "before": ATTRIBUTES,
        "after": ATTRIBUTES,
        "because": REASONS,
    }
)


def made(fields):
    """An operation; only an update or a rename has attributes, and those are of no entitlement."""
    if fields["verb"] in (Verb.UPDATE, Verb.RENAME):
        return {**fields, "entitlement_id": "", "entitlement": "", "entitlement_kind": ""}
    return {**fields, "before": {}, "after": {}}


def saved_and_loaded(plan):
    folder = tempfile.TemporaryDirectory()
    save(plan, Path(folder.name))
    return folder, load(Path(folder.name), plan.digest)


def change_counts(classes):
    """The operations of each change, in whatever order and parts they come."""
    found: dict[str, int] = {}
    for each in classes:
        key = json.dumps([each.target, each.verb, list(each.before.items()), list(each.after.items())], sort_keys=True)
        found[key] = found.get(key, 0) + each.operations
    return found


PLACES = 5
"""How many pairs of target and verb are asked about: each costs several statements, and examples differ in which come first."""


def places_of(operations):
    """The first pairs of target and verb that operations have, and one that none has."""
    present = dict.fromkeys((each.target, each.verb) for each in operations)
    absent = (place for place in ((target, verb) for target in TARGETS for verb in Verb) if place not in present)
    return [*islice(present, PLACES), *islice(absent, 1)]


def answers(operations):
    asked = queryable(operations).overview()
    places = places_of(operations)
    return (
        dict(asked.impacts()),
        dict(asked.classes()),
        [change_counts(asked.changes(*place)) for place in places if place[1] in (Verb.UPDATE, Verb.RENAME)],
        [list(asked.unusual_first(*place)) for place in places],
        [list(asked.with_losses(*place)) for place in places],
        list(asked.privileged()),
        asked.people_ended(),
        [list(asked.first_ended(count)) for count in (1, 2, 12)],
    )


@examples(30)
@given(st.lists(OPERATIONS.map(made), max_size=40))
def test_overview_is_the_same_in_memory_and_in_the_file(rows):
    plan = plan_of([operation(number, **fields) for number, fields in enumerate(rows)])
    folder, loaded = saved_and_loaded(plan)
    with folder:
        assert answers(loaded.operations) == answers(plan.operations)


@examples(30)
@given(st.lists(OPERATIONS.map(made), max_size=40), st.lists(st.integers(0, 39), max_size=8, unique=True))
def test_text_is_the_same_in_memory_and_from_the_file(rows, failed):
    plan = plan_of([operation(number, **fields) for number, fields in enumerate(rows)])
    outcomes = tuple(Outcome(operation_id=f"{number:012x}", kind=OutcomeKind.FAILED, detail="no") for number in failed)
    run = Run(id="r-1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes)
    folder, loaded = saved_and_loaded(plan)
    with folder:
        for known in (None, run):
            assert show(loaded, known, width=100, colour=False) == show(plan, known, width=100, colour=False)
            assert summary_line(loaded, known) == summary_line(plan, known)


def test_large_plan_is_shown_without_making_all_of_its_operations(tmp_path, monkeypatch):
    additions = [operation(number, Verb.ADD_MEMBER, entitlement_id="G1", entitlement="Quay") for number in range(2_000)]
    leavers = [operation(number, Verb.SUSPEND, target="shed") for number in range(2_000, 2_100)]
    plan = plan_of([*leavers, *additions])
    save(plan, tmp_path)
    loaded, made_ones = load(tmp_path, plan.digest), []
    table = loaded.operations._table
    monkeypatch.setattr(loaded.operations, "_table", replace(table, value=lambda row: made_ones.append(row) or table.value(row)))
    assert show(loaded, width=100, colour=False) == show(plan, width=100, colour=False)
    assert summary_line(loaded) == summary_line(plan)
    assert 0 < len(made_ones) <= 150


def test_unusual_operations_are_fetched_in_parts_that_grow(tmp_path, monkeypatch):
    plan = plan_of([operation(number, Verb.ADD_MEMBER, entitlement_id=f"G{number % 7}") for number in range(50)])
    save(plan, tmp_path)
    loaded = load(tmp_path, plan.digest)
    monkeypatch.setattr(stored_overview, "FIRST", 3)
    found = list(loaded.operations.overview().unusual_first("desk", Verb.ADD_MEMBER))
    assert found == list(OperationsInMemory(tuple(plan.operations)).overview().unusual_first("desk", Verb.ADD_MEMBER))
    assert [each.entitlement_id for each in islice(found, 8)] == ["G1", "G2", "G3", "G4", "G5", "G6", "G1", "G2"]


@pytest.mark.parametrize("account_id", ["acc1", ""])
def test_different_accounts_of_one_person_count_each_and_nameless_operations_too(tmp_path, account_id):
    plan = plan_of([operation(1, anchor="", account_id=account_id), operation(2, anchor="", account_id=account_id)])
    save(plan, tmp_path)
    (impact,) = load(tmp_path, plan.digest).operations.overview().impacts().values()
    assert (impact.operations, impact.accounts) == (2, 1 if account_id else 2)


def test_same_changes_are_counted_once_for_all(tmp_path):
    plan = plan_of([operation(number, before={"title": "Mate"}, after={"title": "Master"}) for number in range(3)])
    save(plan, tmp_path)
    changes = list(load(tmp_path, plan.digest).operations.overview().changes("desk", Verb.UPDATE))
    assert changes == [ChangeClass("desk", Verb.UPDATE, {"title": "Mate"}, {"title": "Master"}, 3)]


def test_table_of_a_saved_plan_is_written_row_by_row(tmp_path):
    plan = plan_of([operation(number) for number in range(5)])
    save(plan, tmp_path)
    found = list(csv.lines(load(tmp_path, plan.digest)))
    assert [f"{number:012x}" in line for number, line in enumerate(found[:5])] == [True] * 5
    assert found[0].count("\r\n") == 2
    assert all(line.count("\r\n") == 1 for line in found[1:5])
    assert "".join(found) == csv.table(plan)


def test_document_of_a_saved_plan_is_written_operation_by_operation(tmp_path):
    plan = plan_of([operation(number, after={"title": "a\nb", "more": {"z": [1, 2]}}) for number in range(5)])
    save(plan, tmp_path)
    found = list(json_report.parts(load(tmp_path, plan.digest)))
    assert [sum(f'"id": "{number:012x}"' in part for part in found) for number in range(5)] == [1] * 5
    assert max(part.count('"placeholders"') for part in found) == 1
    text = "".join(found)
    assert text == "".join(json_report.parts(plan))
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
