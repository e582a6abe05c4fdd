"""A night with notices, metrics and the log: each says what came of it, and no secret is in any file, report, notice or output."""

import json
import stat
from pathlib import Path

import pytest
from filelock import FileLock

from connectors.sandbox.host import Fault, FaultKind
from tests.support.receiver import receiving

from .night_worlds import AT_ONCE, CLOCK, Ended, World

SETTINGS = """
[notices]
on = ["done", "changes_wait", "refused", "not_trusted", "partly", "moved", "locked", "failed"]
seconds = 60

[notices.webhook.ops]
url = "file:secrets/webhook"

[notices.ping.life]
url = "file:secrets/ping"

[notices.apprise.chat]
url = "file:secrets/chat"

[metrics]
textfile = "reconcile.prom"

[log]
file = "steps.jsonl"
"""
HOOK, LIFE, CHAT = "/hooks/Pl4nted-webhook-secret", "/ping/Pl4nted-ping-secret", "json://127.0.0.1:1/Pl4nted-chat-secret"


@pytest.fixture
def receiver():
    with receiving() as held:
        yield held


def switch_on(held: World, url: str) -> None:
    (held.folder / "secrets").mkdir()
    for name, text in (("webhook", url + HOOK), ("ping", url + LIFE), ("chat", CHAT)):
        (held.folder / "secrets" / name).write_text(text, encoding="utf-8")
    path = held.folder / "reconcile.toml"
    path.write_text(path.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")


def steps(held: World) -> list[dict]:
    return [json.loads(line) for line in (held.folder / "steps.jsonl").read_text(encoding="utf-8").splitlines()]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secrets_of(held: World) -> set[str]:
    planted = {(held.folder / name).read_text(encoding="utf-8").strip() for name in ("okta.token", "wiki.token")}
    given = {line.split("\t")[-1] for line in (held.folder / "given.tsv").read_text(encoding="utf-8").splitlines()}
    assert given
    return {*planted, *given, HOOK, LIFE, CHAT, "Pl4nted"}


def files_of(held: World) -> dict[str, bytes]:
    """Every file that a command wrote: all but those in which the secrets were put."""
    own = {"okta.token", "wiki.token", "given.tsv"}
    return {
        str(path): path.read_bytes()
        for path in held.folder.rglob("*")
        if path.is_file() and path.name not in own and path.parent.name != "secrets"
    }


def test_night_with_everything_on_tells_what_came_of_it_and_shows_no_secret(calm, receiver):
    held = calm()
    switch_on(held, receiver.url)
    ended = held.night("--json")
    night, run = ended.json["night"], ended.json["run"]["id"]
    told = (
        receiver.json()
        if receiver.came[-1][0] == "POST"
        else json.loads(next(body for method, _, body in receiver.came if method == "POST"))
    )
    assert ended.code == 10
    assert sorted(receiver.paths) == [("GET", LIFE), ("POST", HOOK)]
    assert (told["run"], told["outcome"], told["operations"]) == (run, "changes_wait", night["operations"])
    problems = {each["name"]: bool(each["problem"]) for each in night["notices"]}
    assert problems == {"webhook ops": False, "ping life": False, "apprise chat": True}
    assert "Notice by apprise chat: not sent (" in ended.err
    people = {each["who"] for each in ended.json["operations"] if each["who"]} | {each["anchor"] for each in ended.json["operations"]}
    prom = (held.folder / "reconcile.prom").read_text(encoding="utf-8")
    assert not [name for name in people if name and (name in prom or name in str(told))]
    assert 'reconcile_last_run_exit_code{project="' in prom
    assert f'reconcile_last_run_requests{{project="{night["project"]}",system="okta"}} {night["requests"]["okta"]["requests"]}' in prom

    lines = [each for each in steps(held) if each["run"] == run]
    assert (lines[0]["step"], lines[-1]["step"]) == ("run_began", "run_ended")
    ids = {each["id"] for each in ended.json["operations"]}
    for step in ("intent", "outcome"):
        assert {each["operation"] for each in lines if each["step"] == step} == ids

    head = json.loads((held.folder / "state" / "audit.head").read_text(encoding="utf-8"))["hash"]
    verified = held.run("audit", "verify", "--json").json
    assert (head, verified["compared_with"], verified["problem"]) == (told["audit_head"], [head], None)

    outputs = [ended, *further_commands(held, run)]
    found = files_of(held)
    found |= {f"output {number}": (each.out + each.err).encode() for number, each in enumerate(outputs)}
    found |= {f"notice {number}": body for number, (_, _, body) in enumerate(receiver.came)}
    assert [(name, secret) for name, body in found.items() for secret in secrets_of(held) if secret.encode() in body] == []
    assert {name: mode(held.folder / name) for name in ("steps.jsonl", "reconcile.prom", "state/audit.head", "state/journal.sqlite")} == {
        "steps.jsonl": 0o600,
        "reconcile.prom": 0o644,
        "state/audit.head": 0o600,
        "state/journal.sqlite": 0o600,
    }


def further_commands(held: World, run: str) -> list[Ended]:
    """Commands that print much, fail, or handle temporary passwords."""
    working = next(
        user["profile"]["login"]
        for user in held.state["okta"]["users"]
        if user["status"] == "ACTIVE" and user["profile"]["login"] not in held.staff.protected
    )
    given = str(held.folder / "given.tsv")
    acted = held.run("act", "reset-password", working, "--temporary", "--target", "okta", "--why", "lost", "--live", "--passwords", given)
    assert acted.code == 0
    (held.folder / "reports").mkdir()
    reports = [
        held.run("report", "--format", form, "--output", str(held.folder / "reports" / f"r.{form}"))
        for form in ("html", "markdown", "xlsx", "csv", "json", "text")
    ]
    assert {each.code for each in reports} == {0}
    held.wiki.add_fault(Fault(FaultKind.STATUS, status=503, headers=AT_ONCE))
    failed = held.night("--json")
    held.wiki.clear_faults()
    assert failed.code == 12
    assert held.run("check", "--json").json["systems"]["[notices]"][2]["problem"] != ""
    looked = [held.run(*words) for words in (("check",), ("show",), ("show", "--json"), ("audit",), ("audit", "--json"), ("undo", run))]
    return [acted, *reports, failed, *looked]


def test_receiver_that_fails_changes_neither_the_run_nor_its_exit_code(calm, receiver):
    held = calm()
    switch_on(held, receiver.url)
    receiver.status = 500
    ended = held.night()
    assert ended.code == 10
    assert "Notice by webhook ops: not sent (the receiver answered 500). The run is not affected.\n" in ended.err
    assert not (held.folder / "state" / "audit.head").exists()
    assert held.settled()


def test_run_that_its_configuration_or_another_run_stops_is_told_all_the_same(drifted, receiver):
    switch_on(drifted, receiver.url)
    drifted.edit("mappings/okta.toml", 'city = "city"', 'city = "random()"')
    stopped = drifted.run("run", *CLOCK)
    drifted.edit("mappings/okta.toml", 'city = "random()"', 'city = "city"')
    told = json.loads(next(body for method, _, body in receiver.came if method == "POST"))
    assert (stopped.code, told["outcome"], told["plan"]) == (16, "failed", "")
    assert (told["project"], "random()" in told["error"]) == ("example", True)
    assert ("GET", f"{LIFE}/fail") in receiver.paths
    written = (drifted.folder / "reconcile.prom").read_bytes()
    with FileLock(drifted.folder / "state" / "lock"):
        locked = drifted.run("run", *CLOCK, "--json")
    told = [json.loads(body) for method, _, body in receiver.came if method == "POST"][-1]
    assert (locked.code, told["outcome"], locked.json["night"]["outcome"]) == (15, "locked", "locked")
    assert (drifted.folder / "reconcile.prom").read_bytes() == written
    drifted.edit("reconcile.toml", 'textfile = "reconcile.prom"', 'textfile = "gone/reconcile.prom"')
    drifted.edit("reconcile.toml", 'file = "steps.jsonl"', 'file = "gone/steps.jsonl"')
    ended = drifted.run("run", *CLOCK)
    assert ended.code == 10
    assert "Metrics: not written to " in ended.err
    began = drifted.run("run", "--live")
    assert (began.code, drifted.writes) == (1, 0)
    assert "gone/steps.jsonl: cannot be used (No such file or directory)" in began.err
    assert "No run was interrupted" in drifted.run("resume").err
