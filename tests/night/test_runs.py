"""What was run, and whether all is well: for a person after an incident, and for a monitor."""

import contextlib
from datetime import timedelta

from reconcile.apply.journal import Journal

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
