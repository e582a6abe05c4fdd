"""Deltas, interrupted reads, and companions of files of every shape."""

import asyncio
import hashlib
import json

import pytest

from connectors.contract import RawPage, ReadRequest, ResumePoint, Scope, ScopeEnd, ScopeKind

WORKERS = Scope(ScopeKind.FILE, "workers.csv")


def _answers(source, request):
    async def collected():
        return [answer async for answer in source.pages(request)]

    return asyncio.run(collected())


def test_a_delta_is_whole_and_says_nothing_of_who_is_not_in_it(export, three):
    read = export.read(three, mode="delta")
    assert (read.problem, read.ends[0].delta, len(read.records)) == ("", True, 3)
    assert not export.read(three).ends[0].delta


def test_a_deletion_in_a_delta_is_a_value_like_any_other(export):
    columns = ["sourcedId", "status"]
    read = export.read("sourcedId,status\n7,tobedeleted\n", mode="delta", columns=columns, key=["sourcedId"])
    assert read.records[0].values()["status"] == "tobedeleted"


def test_delta_reports_the_change_of_an_unknown_person(export, lines):
    assert "their changes would be lost" in export.read(lines(",A,B,a@example.com,,"), mode="delta").problem


def test_an_empty_delta_is_believed_only_where_it_is_declared(export, lines):
    assert "no rows" in export.read(lines(), mode="delta").problem
    export.put(json.dumps({"rows": 0, "mode": "delta"}), "workers.csv.ok")
    assert export.read(lines(), mode="delta", companion=".ok").problem == ""
    export.put(json.dumps({"rows": 0}), "workers.csv.ok")
    assert "no rows" in export.read(lines(), companion=".ok").problem


@pytest.mark.parametrize(("declared", "stated"), [("full", "delta"), ("delta", "full")])
def test_a_companion_of_another_mode_is_a_problem(export, three, declared, stated):
    export.put(json.dumps({"rows": 3, "mode": stated}), "workers.csv.ok")
    assert f"states mode {stated} and it is {declared}" in export.read(three, mode=declared, companion=".ok").problem


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("final", ["required", "optional"])
def test_companions_and_trailers_hold_for_every_ending(export, lines, end, final):
    rows = [f"{number},A,B,a@example.com,," for number in range(1, 4)]
    body = lines(*rows, "Count: 3", end=end).encode()
    body = body if final == "required" else body.removesuffix(end.encode())
    export.put(json.dumps({"rows": 3, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest().upper()}), "workers.csv.ok")
    contract = {"companion": ".ok", "footer_pattern": r"Count: (?P<rows>\d+)", "final_newline": final}
    read = export.read(body, **contract)
    assert (read.problem, len(read.records), read.ends[0].declared_total) == ("", 3, 3)
    spoilt = body.replace(b"Count: 3", b"Count: 4")
    assert "footer states 4 rows and it holds 3" in export.read(spoilt, **{**contract, "companion": "none"}).problem


def test_every_statement_of_a_companion_that_is_wrong_is_named(export, three):
    export.put(json.dumps({"rows": 3, "bytes": 1, "sha256": "0" * 64, "file": "other.csv"}), "workers.csv.ok")
    problem = export.read(three, companion=".ok").problem
    assert all(said in problem for said in ("states file other.csv", "bytes 1 and it is", f"sha256 {'0' * 64} and it is"))


def test_a_read_goes_on_behind_the_page_that_is_held(export, lines):
    export.put(lines(*[f"{number},A,{'x' * 90},a@example.com,," for number in range(30_000)]))
    source = export.connector()
    *pages, end = _answers(source, ReadRequest())
    assert len(pages) == 2
    assert [page.number for page in pages] == [1, 2]
    [rest, same_end] = _answers(source, ReadRequest(held={WORKERS: ResumePoint(1, pages[0].cursor)}))
    assert (rest, same_end) == (pages[1], end)
    assert _answers(source, ReadRequest(held={WORKERS: ResumePoint(2, pages[1].cursor)})) == [end]


def test_a_read_does_not_go_on_in_another_file(export, three, lines):
    export.put(three)
    page = _answers(export.connector(), ReadRequest())[0]
    assert isinstance(page, RawPage)
    held = ReadRequest(held={WORKERS: ResumePoint(1, page.cursor)})
    export.put(three.replace("Ada", "Eda"))
    [end] = _answers(export.connector(), held)
    assert "not the file that was begun" in end.problem
    (export.folder / "workers.csv").rename(export.folder / "workers_2.csv")
    *_, other = _answers(export.connector(path="workers*.csv"), held)
    assert isinstance(other, ScopeEnd)
    assert other.scope == WORKERS
    assert "read again" in other.problem


def test_a_file_that_changes_between_two_pages_is_a_problem(export, lines):
    file = export.put(lines(*[f"{number},A,{'x' * 90},a@example.com,," for number in range(30_000)]))

    async def reading():
        ends = []
        async for answer in export.connector().pages():
            if isinstance(answer, ScopeEnd):
                ends.append(answer.problem)
            elif answer.number == 1:
                file.write_bytes(file.read_bytes().replace(b"29999,A", b"29999,B"))
        return ends

    [problem] = asyncio.run(reading())
    assert "changed while it was read" in problem
