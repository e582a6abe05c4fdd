"""Everything that somebody allows or does stands in the audit, and `audit verify` finds what somebody edited there."""

import contextlib
import json
import sqlite3

from reconcile.caller import user_name

from .night_worlds import CLOCK, World
from .test_abandoned import begin_run


def listed(held: World) -> list[dict]:
    return held.run("audit", "--json").json["entries"]


def tamper(held: World, *statements: str) -> None:
    """Edits the audit as somebody would who knows its file."""
    with contextlib.closing(sqlite3.connect(held.folder / "state" / "journal.sqlite")) as file, file:
        for name in ("audit_is_not_changed", "audit_is_not_removed"):
            file.execute(f"DROP TRIGGER IF EXISTS {name}")
        for statement in statements:
            file.execute(statement)


def test_what_is_planned_allowed_and_done_stands_in_the_audit_with_its_plan_and_run(calm):
    held = calm()
    held.edit("reconcile.toml", "deactivate = { percent = 5, floor = 5 }", "deactivate = { percent = 1, floor = 0 }")
    assert held.night().code == 11
    shown = held.run("show", "--json").json
    digest, refusing = shown["plan"]["digest"], [each["guard"] for each in shown["verdicts"] if not each["passed"]]
    for guard in refusing:
        assert held.run("override", guard, "--plan", digest, "--by", "Ada", "--why", "they left").code == 0
    applied = held.run("apply", "--live", "--json").json["run"]["id"]
    who = next(each["anchor"] for each in shown["operations"] if each["anchor"])
    assert held.run("hold", who, "--until", "2027-01-01", "--why", "court", "--by", "Bo").code == 0
    assert held.run("hold", who, "--release", "--by", "Bo").code == 0
    assert held.run("undo").code in (0, 10, 11)
    told = listed(held)
    assert {each["who"] for each in told} == {user_name()}
    events = [(each["event"], each["facts"].get("purpose", each["facts"].get("by"))) for each in told]
    assert events == [
        ("planned", "current"),
        *[("overridden", "Ada")] * len(refusing),
        ("applied", "current"),
        ("ended", "current"),
        ("held", "Bo"),
        ("released", "Bo"),
        ("planned", "undo"),
    ]
    assert {each["plan"] for each in told[: len(refusing) + 3]} == {digest}
    assert [each["event"] for each in told if each["run"] == applied] == ["applied", "ended"]
    assert told[len(refusing) + 2]["facts"]["outcomes"]["done"] > 0
    assert held.run("audit", "verify").code == 0


def test_run_that_was_resumed_or_abandoned_says_so_in_the_audit_and_what_was_edited_there_is_found(calm):
    held = calm()
    run = begin_run(held)
    assert held.run("resume").code in (0, 10, 13)
    again = held.run("rebind", "okta", "--keep")
    assert again.code == 0
    of_run = [each["event"] for each in listed(held) if each["run"] == run]
    assert (of_run, listed(held)[-1]["event"]) == (["applied", "resumed", "ended"], "rebound")
    head = held.run("audit", "verify", "--json").json["head"]
    assert held.run("audit", "verify", "--head", head).code == 0
    assert held.run("audit", "verify", "--head", "0" * 63).code == 2

    tamper(held, "DELETE FROM audit WHERE event = 'rebound'")
    assert held.run("audit", "verify").code == 0
    found = held.run("audit", "verify", "--head", head)
    assert found.code == 12
    assert f"Audit entry {len(listed(held)) + 1}: not as recorded; no entry has the hash of the head" in found.err
    (held.folder / "state" / "audit.head").write_text(json.dumps({"sequence": 1, "hash": head}), encoding="utf-8")
    assert held.run("audit", "verify").code == 12

    tamper(held, "UPDATE audit SET who = 'mallory' WHERE event = 'applied'")
    found = held.run("audit", "verify", "--json")
    changed = next(each["sequence"] for each in listed(held) if each["who"] == "mallory")
    assert (found.code, found.json["problem"]) == (12, {"sequence": changed, "fault": "changed"})


def test_plans_that_are_only_looked_at_say_for_what_they_were_made(drifted):
    assert drifted.run("plan", *CLOCK).code == 10
    assert drifted.run("plan", "--clock", "2026-03-05", today=None).code in (10, 11, 12)
    assert {each["facts"]["purpose"] for each in listed(drifted)} >= {"current"}
    assert "\x1b" not in drifted.run("audit").out


def test_journal_that_the_store_did_not_follow_is_no_audit_in_order(after_a_night):
    held = after_a_night
    journal = held.folder / "state" / "journal.sqlite"
    for path in journal.parent.glob("journal.sqlite*"):
        path.unlink()
    found = held.run("audit", "verify", "--json")
    assert (found.code, found.json["problem"]) == (12, {"sequence": 1, "fault": "journal replaced"})
    assert "is not the journal that this store was kept with: it was deleted" in held.run("audit", "verify").err
    for asked in (("hold",), ("runs",), ("apply", "--live")):
        answered = held.run(*asked)
        assert (answered.code, "it was deleted, emptied or exchanged" in answered.err) == (16, True), asked


def test_head_that_cannot_be_read_is_no_head_that_was_never_sent(after_a_night):
    head = after_a_night.folder / "state" / "audit.head"
    kept = after_a_night.run("audit", "verify", "--json").json["head"]
    for damaged in (b"\xff\xfe", b"", b"[]", b'{"hash": "f"}'):
        head.write_bytes(damaged)
        found = after_a_night.run("audit", "verify", "--json")
        assert (found.code, found.json["problem"]["fault"]) == (12, "head unreadable"), damaged
        assert "state/audit.head: it holds no hash" in after_a_night.run("audit", "verify").err
        assert after_a_night.run("audit", "verify", "--head", kept).code == 0
