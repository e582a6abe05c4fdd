"""What was run, and whether all is well: for a person after an incident, and for a monitor."""

import contextlib
import sqlite3
import threading
from datetime import timedelta

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.apply.journal import Journal
from reconcile.apply.plan_register import PlanPurpose
from reconcile.caller import command
from reconcile.clock import SYSTEM
from reconcile.errors import RunLocked
from reconcile.usecases.run_lock import lock_holder, run_lock
from tests.support import day

from .night_worlds import CLOCK, DAY


def test_runs_say_when_by_whom_which_plan_and_how_it_ended(calm):
    held = calm()
    assert held.run("runs").out == "There is no live run yet.\n"
    before = held.run("status")
    assert (before.code, before.out.splitlines()) == (13, ["Last success: none.", "Not well: exit code 13."])
    ended = held.night("--json")
    (run,) = held.run("runs", "--json").json["runs"]
    shown = held.run("show", "--json").json
    assert (run["id"], run["plan_digest"], run["purpose"]) == (shown["run"]["id"], shown["plan"]["digest"], "current")
    assert run["outcomes"] == {"done": len(ended.json["operations"])}
    assert (run["unfinished"], run["succeeded"]) == (0, True)
    assert run["by"]
    undo = held.run("undo", "--json").json["plan"]["digest"]
    assert held.run("apply", undo, "--live").code in (0, 10)
    newest, first = held.run("runs").out.splitlines()
    assert "(undo)" in newest
    assert first.startswith(run["id"])
    assert f"plan {run['plan_digest'][:12]}" in first


def test_status_is_well_after_a_whole_run_until_it_is_too_old(calm):
    held = calm()
    assert held.run("extract").code == 0
    assert held.run("plan", *CLOCK).code == 10
    waiting = held.run("status", "--json").json
    assert waiting["waiting"]["operations"] == len(held.run("show", "--json").json["operations"])
    held.night()
    well = held.run("status", "--json")
    assert (well.code, well.json["well"], well.json["waiting"], well.json["interrupted"]) == (0, True, None, "")
    old = held.run("status", today=DAY + timedelta(2))
    assert old.code == 13
    assert "48" in old.out.splitlines()[0]
    assert held.run("status", "--within", "49", today=DAY + timedelta(2)).code == 0
    assert held.run("status", "--within", "nan", today=DAY + timedelta(2)).code == 2


def test_run_that_a_process_carries_out_is_under_way_and_not_interrupted(calm):
    held = calm()
    held.night()
    state = held.folder / "state"
    before = held.run("status", "--json").json
    with contextlib.closing(Journal(state)) as journal:
        for name, is_its_own in (("run", True), ("resume", True), ("plan", False)):
            command.set(name)
            with run_lock(state, SYSTEM):
                journal.begin(f"r-{name}", "digest")
                now = held.run("status", "--json")
                told = (now.json["under_way"], now.json["interrupted"], now.code, now.json["last_run"]["id"])
                listed = held.run("runs").out.splitlines()[0]
            left = held.run("status", "--json").json
            assert (left["under_way"], left["interrupted"]) == ("", f"r-{name}")
            if is_its_own:
                assert told == (f"r-{name}", "", 0, before["last_run"]["id"])
                assert listed.endswith("it is under way")
            else:
                assert told[:3] == ("", f"r-{name}", 13)
            with journal.transaction():
                journal.end(f"r-{name}")
                journal._connection.execute("DELETE FROM run WHERE id = ?", [f"r-{name}"])
        command.set("")


def test_lock_that_another_holds_for_a_moment_is_waited_for(tmp_path):
    """Whoever asks who holds it, holds it for a moment."""
    held, free = threading.Event(), threading.Event()

    def ask():
        with run_lock(tmp_path, SYSTEM):
            held.set()
            free.wait()

    asking = threading.Thread(target=ask)
    asking.start()
    held.wait()
    with pytest.raises(RunLocked), run_lock(tmp_path, SYSTEM, wait=0):
        pass
    threading.Timer(0.1, free.set).start()
    with run_lock(tmp_path, SYSTEM, wait=3600):
        asking.join()
    assert lock_holder(tmp_path) is None


def test_status_names_a_run_that_was_interrupted_and_one_that_did_not_succeed(calm):
    held = calm()
    digest = held.plan()["plan"]["digest"]
    with contextlib.closing(Journal(held.folder / "state")) as journal:
        journal.begin("r-1", digest)
    ended = held.run("status", "--json")
    assert (ended.code, ended.json["interrupted"]) == (13, "r-1")
    assert "it has not ended" in held.run("runs").out
    assert held.run("resume", "--abandon").code == 13
    after = held.run("status", "--json").json
    assert (after["interrupted"], after["last_run"]["id"], after["last_success"]) == ("", "r-1", None)


def unreadable(held) -> None:
    for system in (held.okta, held.wiki):
        system.add_fault(Fault(FaultKind.STATUS, path=".*", method="GET", status=401))


def test_a_night_that_could_not_read_its_targets_is_no_success(calm):
    held = calm()
    assert held.night().code == 10
    (first,) = held.run("runs", "--json").json["runs"]
    unreadable(held)
    assert held.run("run", *CLOCK, "--live", hour=13).code == 12
    ended = held.run("status", "--json", today=DAY, hour=14)
    assert (ended.code, ended.json["well"], ended.json["last_success"]["id"], ended.json["hours_since_success"]) == (
        13,
        False,
        first["id"],
        2,
    )
    blind = ended.json["last_run"]
    assert (blind["outcomes"], blind["untrusted"], blind["succeeded"], first["untrusted"]) == ({}, True, False, False)
    said = held.run("status", hour=14).out.splitlines()
    assert said[1].endswith("0 operations; something was not read completely")


def test_run_of_an_action_does_not_count_as_a_night(calm):
    held = calm()
    assert held.night().code == 10
    (night,) = held.run("runs", "--json").json["runs"]
    changed = next(row["anchor"] for row in held.run("show", "--json").json["operations"] if row["verb"] == "update")
    assert held.run("extract").code == 0
    assert held.run("act", "lockdown", changed, "--why", "laptop stolen", "--live", today=DAY, hour=15).code == 0
    ended = held.run("status", "--json", today=DAY, hour=16)
    assert (ended.code, ended.json["last_run"]["purpose"], ended.json["last_success"]["id"]) == (0, "action", night["id"])
    assert ended.json["hours_since_success"] == 4
    assert held.run("status", "--within", "3", today=DAY, hour=16).code == 13


def test_action_after_a_night_that_failed_does_not_hide_it(calm):
    held = calm()
    assert held.night().code == 10
    unreadable(held)
    assert held.run("run", *CLOCK, "--live", hour=13).code == 12
    with contextlib.closing(Journal(held.folder / "state", day.clock_on(DAY, 14))) as journal:
        journal.plans.register("of a person", PlanPurpose.ACTION)
        journal.begin("r-2", "of a person")
        journal.end("r-2")
    ended = held.run("status", "--json", hour=15)
    assert (ended.code, ended.json["last_run"]["succeeded"], ended.json["last_night"]["succeeded"]) == (13, True, False)
    assert [line.partition(":")[0] for line in held.run("status", hour=15).out.splitlines()][:3] == [
        "Last success",
        "Last night",
        "Last run",
    ]


def test_success_in_the_future_is_none_to_rely_on(calm):
    held = calm()
    assert held.night().code == 10
    ended = held.run("status", "--json", today=DAY - timedelta(1))
    assert (ended.code, ended.json["hours_since_success"]) == (13, -24)
    assert "24 hours in the future" in held.run("status", today=DAY - timedelta(1)).out
    assert held.run("status", today=DAY).code == 0


def test_run_of_an_earlier_version_counts_as_one_that_read_everything(calm):
    held = calm()
    assert held.night().code == 10
    with contextlib.closing(sqlite3.connect(held.folder / "state" / "journal.sqlite")) as file:
        file.execute("DROP TABLE run_plan")
        file.commit()
    ended = held.run("status", "--json")
    assert (ended.code, ended.json["last_run"]["purpose"], ended.json["last_run"]["untrusted"]) == (0, "current", False)
