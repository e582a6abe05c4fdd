"""What stops a command before it writes: another run, a guard, the configuration, the command line. Each has its exit code and its sentence."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from filelock import FileLock

from connectors.sandbox.host import Fault, FaultKind
from reconcile.caller import user_name
from reconcile.cli.run import plan_code, run_code
from reconcile.clock import SYSTEM
from reconcile.errors import RunLocked
from reconcile.plan.model import Finding, FindingKind, Outcome, OutcomeKind, Plan, Run, Severity
from reconcile.plan.pending import pending
from reconcile.usecases.run_lock import run_lock
from tests.support import day
from tests.support.plan_files import edit
from tests.support.waiting import LIMIT, until

from .night_worlds import CLOCK, DAY, reconcile


def test_a_second_run_is_turned_away_while_one_holds_the_lock(drifted):
    drifted.run("plan", *CLOCK)
    with FileLock(drifted.folder / "state" / "lock"):
        for words in (("run", "--live"), ("apply", "--live"), ("extract",), ("plan",), ("resume",)):
            ended = drifted.run(*words)
            assert ended.code == 15, words
            assert "Another run holds" in ended.err
    assert drifted.writes == 0
    assert drifted.run("plan", *CLOCK).code == 10


def test_a_second_run_in_another_process_says_who_holds_the_lock_and_nobody_does_once_it_was_killed(drifted):
    drifted.wiki.add_fault(Fault(FaultKind.LATENCY, path="/Groups", seconds=LIMIT))
    first = drifted.launch("run", *CLOCK)
    again = [sys.executable, day.__file__, str(DAY), "--project", str(drifted.folder), "run", *CLOCK]
    lock = drifted.folder / "state" / "lock"
    try:
        until(lambda: not drifted.quiet())
        second = subprocess.run(again, capture_output=True, text=True, check=False)
        since = json.loads(lock.read_bytes())["since"]
    finally:
        first.kill()
        first.wait()
        drifted.release()
    left = lock.read_bytes()
    assert (second.returncode, drifted.writes) == (15, 0)
    assert f"It is `reconcile run` of {user_name()}, process {first.pid}, since {since}. Wait until" in second.stderr
    assert str(first.pid).encode() in left
    with FileLock(lock):
        other = drifted.run("extract")
    assert other.code == 15
    assert str(first.pid) not in other.err
    assert drifted.run("run", *CLOCK).code == 10
    assert lock.read_bytes() == b""


@pytest.mark.parametrize("left", [b"", b"{", b"\xff\xfe", b"null", b'{"pid": "1"}', b"x" * 100_000])
def test_lock_whose_file_says_nothing_of_its_holder_is_held_all_the_same(tmp_path, left):
    with FileLock(tmp_path / "lock"):
        (tmp_path / "lock").write_bytes(left)
        with pytest.raises(RunLocked) as raised, run_lock(tmp_path, SYSTEM):
            pass
    assert raised.value.holder is None


def test_every_mistake_of_a_configuration_is_told_at_once_with_its_place(drifted):
    old = {
        path: path.read_text(encoding="utf-8") for path in (drifted.folder / "reconcile.toml", drifted.folder / "mappings" / "okta.toml")
    }
    try:
        drifted.edit("reconcile.toml", 'pick = "newest"\nname_date = "%Y%m%d"         #', 'pikc = "newest"\nname_date = "%Y%m%d"         #')
        drifted.edit("reconcile.toml", "Europe/Berlin", "Europe/Berlim")
        drifted.edit("mappings/okta.toml", 'title = "title"', 'title = "titel"')
        drifted.edit("mappings/okta.toml", 'city = "city"', 'city = "random()"')
        ended = drifted.run("run", "--live")
        lines = {path.name: text.splitlines() for path, text in old.items()}
    finally:
        for path, text in old.items():
            path.write_text(text, encoding="utf-8")
    assert ended.code == 16
    early, *told = ended.err.splitlines()
    assert early.endswith(": the run did not finish; who left since the last one keeps access until one does")
    assert len(told) == 4
    for file, number, key, words in (
        ("reconcile.toml", _line(lines["reconcile.toml"], "time_zone"), "project.time_zone", "did you mean 'Europe/Berlin'"),
        ("reconcile.toml", _line(lines["reconcile.toml"], "pick"), "connectors.workers.pikc", "did you mean 'pick'"),
        ("mappings/okta.toml", _line(lines["okta.toml"], "title ="), "attributes.title", "did you mean 'title'"),
        ("mappings/okta.toml", _line(lines["okta.toml"], "city ="), "attributes.city", "random()"),
    ):
        (sentence,) = [each for each in told if each.startswith(f"{file}:{number}: {key}: ")]
        assert words in sentence
    assert drifted.writes == 0


def _line(lines: list[str], beginning: str) -> int:
    return next(number for number, line in enumerate(lines, 1) if line.startswith(beginning))


def test_a_column_that_is_not_in_the_file_is_told_with_what_is_like_it(drifted):
    drifted.edit("mappings/identities.toml", '"Business_Title"', '"Busines_Title"')
    try:
        ended = drifted.run("plan")
    finally:
        drifted.edit("mappings/identities.toml", '"Busines_Title"', '"Business_Title"')
    assert ended.code == 16
    assert "did you mean 'Business_Title'" in ended.err


def test_a_plan_that_a_guard_refuses_is_not_applied_and_says_why_and_what_to_do(drifted):
    drifted.edit("reconcile.toml", "deactivate = { percent = 5, floor = 5 }", "deactivate = { percent = 5, floor = 1 }")
    try:
        night = drifted.night()
        plan = drifted.run("show", "--json").json
        apply = drifted.run("apply", "--live")
        dry = drifted.run("apply")
    finally:
        drifted.edit("reconcile.toml", "deactivate = { percent = 5, floor = 1 }", "deactivate = { percent = 5, floor = 5 }")
    assert (night.code, apply.code, dry.code) == (11, 11, 11)
    assert drifted.writes == 0
    leavers = [each["who"] for each in plan["operations"] if (each["target"], each["verb"]) == ("okta", "deactivate")]
    for said in (night.err, apply.err):
        sentence = said[said.index("Refused: ") :]
        for told in (f" {len(leavers)} ", "deactivated in okta", "above a floor of 1", leavers[0], "reconcile override okta.deactivate"):
            assert told in sentence
    assert "Nothing was written." in apply.err


def test_a_command_line_that_makes_no_sense_ends_with_2():
    for words in (("aplly",), ("plan", "--clock", "yesterday"), ("plan", "--threads", "0"), ("report", "--format", "pdf"), ("--nothing",)):
        assert reconcile(*words).code == 2, words


def test_a_plan_that_is_not_there_ends_with_2(drifted):
    ended = drifted.run("apply", "feedbeef", "--live")
    assert ended.code == 2
    assert "feedbeef" in ended.err


def test_a_folder_that_is_no_project_ends_with_16(tmp_path):
    ended = reconcile("--project", str(tmp_path), "run", "--live")
    assert ended.code == 16
    assert "reconcile init" in ended.err


def test_a_secret_that_is_not_there_freezes_what_it_opens_and_is_told_without_secrets(drifted):
    token = drifted.folder / "okta.token"
    secret = token.read_text(encoding="utf-8")
    token.unlink()
    try:
        check, night = drifted.run("check"), drifted.run("run", *CLOCK)
    finally:
        token.write_text(secret, encoding="utf-8")
    assert check.code == 16
    assert "okta.token" in check.out
    assert night.code == 12
    assert "okta.token" in night.err
    assert secret not in check.out + check.err + night.out + night.err


def test_every_json_output_is_one_json_object(drifted):
    drifted.run("plan", *CLOCK)
    for words in (("check",), ("extract",), ("plan", *CLOCK), ("show",), ("apply",), ("run", *CLOCK)):
        ended = drifted.run(*words, "--json")
        assert isinstance(json.loads(ended.out), dict), words
        assert ended.err == ""


@pytest.mark.parametrize("words", [(), ("--abandon",)])
def test_nothing_to_resume_is_told_to_a_script_too(drifted, words):
    ended = drifted.run("resume", *words, "--json")
    assert (ended.code, ended.json, ended.err) == (0, {"run": None}, "No run was interrupted; there is nothing to resume.\n")


def test_a_plan_that_was_edited_is_not_applied(drifted):
    path = drifted.folder / "state" / "plans" / drifted.run("plan", *CLOCK, "--json").json["plan"]["digest"]
    edit(path, "operation", "UPDATE edited SET anchor = 'E999' WHERE position = 0")
    ended = drifted.run("apply", "--live")
    shutil.rmtree(path)
    assert ended.code == 1
    assert "must not be edited" in ended.err
    assert drifted.writes == 0


def test_change_of_an_immutable_login_waits_for_a_person_and_no_night_ends_with_0(first_night):
    assert first_night.applied.code == 10
    assert first_night.applied.json["run"]["id"]


SETTLED = {
    FindingKind.HELD,
    FindingKind.PROTECTED,
    FindingKind.PROTECTED_ENTRY,
    FindingKind.DECISION,
    FindingKind.ENTITLEMENT_NAME,
    FindingKind.MANAGER,
    FindingKind.LOOKUP_UNKNOWN,
    FindingKind.BY_HAND,
    FindingKind.NO_WAY_IN,
    FindingKind.UNMANAGED,
    FindingKind.NOT_UNDONE,
    FindingKind.NOT_RESTORED,
    FindingKind.NOT_KEPT,
}
"""Kinds of findings that leave nothing open about what somebody has."""


@pytest.mark.parametrize("kind", FindingKind)
@pytest.mark.parametrize("severity", Severity)
def test_only_a_change_that_waits_for_a_person_makes_a_plan_without_operations_end_with_10(kind, severity):
    finding = Finding(kind=kind, severity=severity, target="okta", message="")
    waits = severity is Severity.ATTENTION and kind not in SETTLED
    assert pending([finding]) == ((finding,) if waits else ())


def test_live_run_ends_with_10_where_a_change_waits_and_with_what_is_worse_where_something_failed():
    finding = Finding(kind=FindingKind.IMMUTABLE, severity=Severity.ATTENTION, target="okta", message="")
    plan = Plan(run_date="", planner="", snapshots={}, mapping="", scopes=(), census=(), operations=(), findings=(finding,), verdicts=())
    run = Run(id="r", plan_digest="", live=True, started="", ended="", outcomes=())
    failed = replace(run, outcomes=(Outcome(operation_id="o", kind=OutcomeKind.FAILED),))
    assert (plan_code(plan), run_code(plan, run), run_code(plan, failed)) == (10, 10, 13)
    assert (plan_code(replace(plan, findings=())), run_code(replace(plan, findings=()), run)) == (0, 0)
