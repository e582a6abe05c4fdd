"""The page of a plan that is too large to be drawn whole: what it draws, what it counts, and what it says of the rest."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Finding, FindingKind, LinkChange, Outcome, OutcomeKind, Run, Severity, Verb
from reconcile.report.drawn_rows import drawn_rows
from reconcile.report.formats import html
from reconcile.report.formats.html import page
from reconcile.report.summary import groups
from reconcile.store.plans.files import load, save
from tests.plans.small_plans import operation as saved_operation
from tests.plans.small_plans import plan_of as saved_plan_of
from tests.plans.test_plan_overview import OPERATIONS, made, saved_and_loaded
from tests.report.test_report_html import Outline
from tests.support.examples import examples
from tests.support.page_rows import findings as embedded_findings
from tests.support.page_rows import ids


def additions(operation, count, **fields):
    return [operation(number, Verb.ADD_MEMBER, entitlement_id="G1", entitlement="Sales", **fields) for number in range(count)]


def test_page_draws_so_many_operations_and_counts_all(operation, plan_of):
    shown = page(plan_of(*additions(operation, 1_234)), most=20)
    assert len(ids(shown)) == 20
    assert '<a href="#rows">Operations <b>1,234</b></a>' in shown
    assert "<b>1,234 of 1,234</b>" in shown
    assert "This page has 20 of 1,234 operations: " in shown
    sentence = "1,214 more operations are not in this page: <code>reconcile report --format csv</code> has all."
    assert shown.count(sentence) == 1


def test_page_of_a_plan_with_no_more_than_that_says_nothing_of_it(operation, plan_of):
    shown = page(plan_of(*additions(operation, 20)), most=20)
    assert len(ids(shown)) == 20
    assert "not in this page" not in shown
    assert "This page has" not in shown


def test_small_groups_are_drawn_whole_and_privileged_operations_first(operation, plan_of):
    many = additions(operation, 200)
    odd = operation(300, Verb.ADD_MEMBER, entitlement_id="G2", entitlement="Admins", privileged=True)
    leavers = [operation(number, Verb.DEACTIVATE) for number in range(400, 403)]
    drawn = ids(page(plan_of(*many, odd, *leavers), most=10))
    assert drawn == [each.id for each in (*leavers, odd, *many[:6])]


def test_memberships_of_leavers_count_as_rows(operation, plan_of):
    leavers = [operation(number, Verb.DEACTIVATE) for number in range(10)]
    lost = [operation(number, Verb.REMOVE_MEMBER, id=f"{number}-{group}", entitlement_id=group) for number in range(10) for group in "abc"]
    shown = page(plan_of(*leavers, *lost), most=8)
    rows = ids(shown)
    assert rows == [leavers[0].id, "0-a", "0-b", "0-c", leavers[1].id, "1-a", "1-b", "1-c"]
    assert "32 more operations are not in this page" in shown


def test_links_lead_to_operations_that_are_drawn(operation, plan_of):
    rows = [operation(number, Verb.DEACTIVATE, privileged=True, depends_on=(f"{number + 1:012x}",)) for number in range(30)]
    plan = plan_of(*rows, *additions(operation, 100, id="x"))
    run = Run(
        id="r-1",
        plan_digest="",
        live=True,
        started="",
        ended="",
        outcomes=tuple(Outcome(operation_id=each.id, kind=OutcomeKind.FAILED) for each in rows),
    )
    outline = Outline(page(plan, run, most=12))
    assert {link.removeprefix("#") for link in outline.links} <= {*outline.ids, *(f"op-{id_}" for id_ in ids(page(plan, run, most=12)))}
    assert outline.open == []
    assert "… and 5 more" in outline.words


@pytest.mark.parametrize("count", [3, 4, 5])
def test_long_tables_of_findings_and_links_are_cut(monkeypatch, plan_of, count):
    monkeypatch.setattr(html, "TABLE_DRAWN", 4)
    monkeypatch.setattr(html, "FINDINGS_LISTED", 4)
    monkeypatch.setattr(html, "FINDINGS_EMBEDDED", 3)
    html._environment.cache_clear()
    try:
        findings = tuple(
            Finding(
                kind=FindingKind.POLICY,
                severity=Severity.ATTENTION,
                target="okta",
                who=f"u{number}",
                message=f"Case {number}{'x' * number}.",
            )
            for number in range(count)
        )
        links = tuple(LinkChange(target="okta", anchor=f"E{number}", account_id=f"a{number}", because="badge") for number in range(count))
        shown = page(plan_of(findings=findings, links=links))
    finally:
        html._environment.cache_clear()
    assert ("… and 1 more case, in the rows below" in shown) == (count > 4)
    assert f"{count - 3} more finding" in shown if count > 3 else "more finding" not in shown
    assert len(embedded_findings(shown)) == 3
    assert ("1 more link is not in this page" in shown) == (count > 4)
    assert f"{count} links to remember" in shown


@examples(50)
@given(st.lists(OPERATIONS.map(made), max_size=40), st.integers(1, 45), st.booleans())
def test_page_is_the_same_in_memory_and_from_the_file(rows, most, redact):
    plan = saved_plan_of([saved_operation(number, **fields) for number, fields in enumerate(rows)])
    outcomes = tuple(Outcome(operation_id=f"{number:012x}", kind=OutcomeKind.FAILED) for number in range(0, len(rows), 3))
    run = Run(id="r-1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes)
    shown = partial(page, redact=b"key" if redact else b"", most=most)
    folder, loaded = saved_and_loaded(plan)
    with folder:
        for known in (None, run):
            assert shown(loaded, known) == shown(plan, known)
        drawn = [each.id for found in drawn_rows(loaded, groups(loaded), most).values() for each in found]
    assert len(drawn) == len(set(drawn)) <= most
    assert len(rows) > most or len(drawn) == len(rows)


def test_page_of_a_large_plan_makes_few_operations(tmp_path, monkeypatch):
    plan = saved_plan_of([saved_operation(number) for number in range(2_000)])
    save(plan, tmp_path)
    loaded, made_ones = load(tmp_path, plan.digest), []
    table = loaded.operations._table
    monkeypatch.setattr(loaded.operations, "_table", replace(table, value=lambda row: made_ones.append(row) or table.value(row)))
    page(loaded, most=50)
    assert 0 < len(made_ones) <= 110
