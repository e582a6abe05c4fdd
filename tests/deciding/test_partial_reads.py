"""A read in which some records do not say whom they are about: its rows count, its absences do not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from connectors.contract import WHOLE, RawPage, ReadRequest, ScopeEnd
from reconcile.plan.model import FindingKind, Plan
from tests.support.companies.engine import HrFile, Lab
from tests.support.companies.people import DAY, account, company, planned, row, source, world
from tests.support.companies.world import HrSource

HR = source("hr", row("E1"), row("E2"))
BEFORE = world(HR, accounts=(account("u1", "e1@x", "E1"), account("u2", "e2@x", "E2")), links={"E1": "u1", "E2": "u2"})


class Dated(HrFile):
    """A file that states its date, its number of rows, or that it is a delta."""

    def __init__(self, held: HrSource, watermark: str, *, delta: bool = False, rows: int | None = None) -> None:
        super().__init__(held, DAY, broken=False)
        self._end = {"watermark": watermark, "delta": delta, "declared_total": rows}

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        async for item in super().pages(request):
            yield replace(item, **self._end) if isinstance(item, ScopeEnd) else item


def nameless(*rows: object) -> HrSource:
    return replace(HR, rows=rows, unreadable=("",))


def read(bench: Lab, held: HrSource, watermark: str, **end: object) -> Plan:
    bench.world = replace(bench.world, sources=(held,))
    bench._read([Dated(held, watermark, **end)])
    return bench.plan()


def why_incomplete(plan: Plan) -> str:
    return "".join(each.message for each in plan.findings if each.kind is FindingKind.FROZEN)


def test_a_file_that_is_older_than_a_partial_one_is_not_believed(tmp_path: Path) -> None:
    with company(BEFORE, tmp_path) as bench:
        assert planned(read(bench, nameless(row("E1", dept="blue"), row("E2")), "2026-03-02")) == [("update", "E1")]
        plan = read(bench, HR, "2026-03-01")
    assert "an older file was sent again" in why_incomplete(plan)
    assert planned(plan) == []


def test_delta_with_a_record_without_id_is_incomplete(tmp_path: Path) -> None:
    with company(BEFORE, tmp_path) as bench:
        plan = read(bench, nameless(row("E1", dept="blue")), "2026-03-02", delta=True)
    assert planned(plan) == []
    assert [(each.cause.value, each.people) for each in plan.waiting] == [("untrusted", 2)]


def test_a_partial_read_that_contradicts_its_declared_number_of_rows_is_not_believed(tmp_path: Path) -> None:
    with company(BEFORE, tmp_path) as bench:
        plan = read(bench, nameless(row("E1", dept="blue")), "2026-03-02", rows=3)
        assert "it declared 3 and gave 2" in why_incomplete(plan)
        assert planned(plan) == []
        plan = read(bench, nameless(row("E1", dept="blue")), "2026-03-02", rows=2)
        assert planned(plan) == [("update", "E1")]


def test_a_partial_read_is_compared_with_the_last_complete_one(tmp_path: Path) -> None:
    many = replace(HR, rows=tuple(row(f"E{number}") for number in range(1, 40)))
    with company(world(many), tmp_path) as bench:
        read(bench, nameless(*many.rows[:30]), "2026-03-02")
        plan = read(bench, nameless(*many.rows[:22]), "2026-03-03")
    assert "it has 23 rows where the last complete read had 39" in why_incomplete(plan)


def test_two_partial_reads_of_different_rows_are_different_snapshots(tmp_path: Path) -> None:
    """Both keep the same rows: what differs is whom they showed."""
    with company(BEFORE, tmp_path) as bench:
        first = read(bench, nameless(row("E1")), "2026-03-02")
        other = read(bench, nameless(row("E2")), "2026-03-02")
    assert first.snapshots != other.snapshots
    assert [each.sample for each in first.waiting] == [("Name E2 (E2)",)]
    assert [each.sample for each in other.waiting] == [("Name E1 (E1)",)]


def test_a_list_of_groups_that_holds_one_twice_is_not_believed(tmp_path: Path) -> None:
    """Two pages that overlap: the group would stand twice in the store, perhaps with two names, and another may have been left out."""
    with company(replace(BEFORE, mapping={**BEFORE.mapping, "groups": {"all": {"group": "all"}}}), tmp_path) as bench:
        known = bench.target.entitlements
        known["again"] = next(iter(known.values()))._replace(name="renamed")
        bench.extract()
        plan = bench.plan()
        assert "the id 'g1' came 2 times: pages overlap" in why_incomplete(plan)
        assert planned(plan) == []
        del known["again"]
        bench.extract()
        assert planned(bench.plan()) == [("add_member", "E1"), ("add_member", "E2")]
