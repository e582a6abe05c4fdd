"""Batches ran at the same time; one cleared what the others read: they saw an empty list and made users inactive, for 83 nights."""

import subprocess
import sys

from connectors.sandbox.host import Fault, FaultKind
from reconcile.store import file as store
from tests.support.waiting import LIMIT, until

from .story_worlds import Person, nobody_lost_anything

LEAVERS = [Person(number) for number in (6, 7, 8)]


def _three_leave(lines: list[str]) -> list[str]:
    return [line.replace("Active", "Left") if line[:5] in {one.anchor for one in LEAVERS} else line for line in lines]


def test_of_two_runs_at_once_one_works_and_the_other_sends_nothing(at_office):
    at_office.lines(_three_leave)
    okta = at_office.systems["okta"]
    okta.add_fault(Fault(FaultKind.LATENCY, path=r"/api/v1/groups\?", seconds=LIMIT))
    first = at_office.launch("run", "--clock", "2026-03-02", "--live")
    try:
        until(lambda: okta._in_flight)
        second = at_office.night()
    finally:
        okta.clear_faults()
        first.wait()
    assert (first.returncode, second.code) == (0, 15)
    assert str(at_office.folder / "state") in second.err
    assert "Wait until it has ended" in second.err
    sent = [request.path for request in at_office.writes() if request.path.endswith("/deactivate")]
    assert len(sent) == len(set(sent)) == len(LEAVERS)


def test_reader_of_the_store_does_not_end_a_night(at_office, monkeypatch):
    at_office.lines(_three_leave)
    path = at_office.folder / "state" / "store.duckdb"
    looking = "import duckdb, sys; held = duckdb.connect(sys.argv[1], read_only=True); print('looks', flush=True); sys.stdin.read()"
    waits = []
    with subprocess.Popen([sys.executable, "-c", looking, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "looks\n"

        def let_go(seconds: float) -> None:
            waits.append(seconds)
            reader.stdin.close()
            reader.wait()

        monkeypatch.setattr(store, "PATIENCE", LIMIT)
        monkeypatch.setattr(store.time, "sleep", let_go)
        assert at_office.night().code == 0
    assert waits == [0.05]
    assert {each[1] for each in at_office.lost()} == {one.login for one in LEAVERS}


def test_file_emptied_by_another_job_plans_no_removal(at_office):
    at_office.hr.write_bytes(b"")
    nobody_lost_anything(at_office, at_office.night(), "people: file people.csv: ", "empty")
    assert at_office.writes() == []


def test_a_file_that_is_written_while_it_is_read_is_not_believed(at_office):
    """Half of it was there when the job looked; nobody says so but the missing end of the last line."""
    body = at_office.hr.read_bytes()
    at_office.hr.write_bytes(body[: len(body) * 9 // 10 - 3])
    nobody_lost_anything(at_office, at_office.night(), "people: file people.csv: ")
    assert at_office.writes() == []
