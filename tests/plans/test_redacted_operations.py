"""A redacted plan answers queries as if its redacted operations were all in memory, and holds none of them."""

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import CHANGING
from reconcile.plan.operation_rows import queryable
from reconcile.report.formats import csv
from reconcile.report.formats import json as json_report
from reconcile.report.formats.text import show
from reconcile.report.redact import redacted
from reconcile.store.plans.files import load, save
from tests.plans.small_plans import operation, plan_of
from tests.plans.test_plan_overview import OPERATIONS, TARGETS, answers, made, saved_and_loaded
from tests.support.examples import examples

KEY = b"key"
"""Key of redacted reports."""


def queries(operations, ids):
    asked = queryable(operations)
    changed = dict.fromkeys(each.account_id for each in operations if each.verb in CHANGING)
    written = [asked.written(target, account) for target in TARGETS for account in changed]
    by_target = [(list(asked.of_target(target)), asked.ended_accounts(target)) for target in TARGETS]
    about = [
        list(asked.about(target, anchor, account))
        for target in TARGETS
        for anchor, account in {(each.anchor, each.account_id) for each in operations} | {("", "acc1"), ("N1", ""), ("", "")}
    ]
    after = list(asked.additions_after(ids))
    return (
        by_target,
        after,
        sorted(about, key=str),
        list(map(list, written)),
        asked.with_ids(ids),
        dict(asked.sizes()),
        asked.prerequisites(),
    )


@examples(25)
@given(st.lists(OPERATIONS.map(made), max_size=20))
def test_redacted_operations_answer_as_those_in_memory(rows):
    plan = plan_of([operation(number, depends_on=(f"{number // 2:012x}",), **fields) for number, fields in enumerate(rows)])
    folder, loaded = saved_and_loaded(plan)
    ids = [f"{number:012x}" for number in range(0, 30, 3)]
    with folder:
        for full in (plan, loaded):
            hidden = redacted(full, KEY)[0].operations
            assert len(hidden) == len(rows)
            assert answers(hidden) == answers(tuple(hidden))
            some = [*ids, *(each.id for each in tuple(hidden)[::3])]
            assert queries(hidden, some) == queries(tuple(hidden), some)


@examples(15)
@given(st.lists(OPERATIONS.map(made), max_size=20))
def test_redacted_reports_are_those_of_redacted_operations_in_memory(rows):
    plan = plan_of([operation(number, **fields) for number, fields in enumerate(rows)])
    folder, loaded = saved_and_loaded(plan)
    with folder:
        hidden, _ = redacted(loaded, KEY)
        in_hand = replace(hidden, operations=tuple(hidden.operations))
        assert show(hidden, width=100, colour=False) == show(in_hand, width=100, colour=False)
        assert "".join(json_report.parts(hidden)) == "".join(json_report.parts(in_hand))
        assert "".join(csv.lines(hidden)) == "".join(csv.lines(in_hand))


def test_redacted_text_of_a_large_plan_makes_few_operations(monkeypatch):
    plan = plan_of([operation(number) for number in range(2_000)])
    with tempfile.TemporaryDirectory() as folder:
        save(plan, Path(folder))
        loaded, made_ones = load(Path(folder), plan.digest), []
        table = loaded.operations._table
        monkeypatch.setattr(loaded.operations, "_table", replace(table, value=lambda row: made_ones.append(row) or table.value(row)))
        show(redacted(loaded, KEY)[0], width=100, colour=False)
    assert 0 < len(made_ones) <= 150
