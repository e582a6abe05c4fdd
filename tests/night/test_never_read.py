"""A target that no read has reached yet freezes itself alone."""

import pytest

from connectors.sandbox.host import Fault, FaultKind
from reconcile.errors import ExitCode

from .night_worlds import AT_ONCE, World, world


@pytest.fixture
def first_day(tmp_path):
    with world(tmp_path / "project") as held:
        yield held


def _down(held: World, target: str) -> None:
    server = {"okta": held.okta, "wiki": held.wiki}[target]
    server.add_fault(Fault(FaultKind.STATUS, path=".*", status=503, headers=AT_ONCE))


@pytest.mark.parametrize(("down", "other"), [("okta", "wiki"), ("wiki", "okta")])
def test_target_that_is_down_on_its_first_night_freezes_only_itself(first_day: World, down: str, other: str) -> None:
    _down(first_day, down)
    before = first_day.state
    ended = first_day.night("--json")
    assert ended.code == ExitCode.UNTRUSTED, ended.err
    assert {each["target"] for each in ended.json["operations"]} == {other}
    (told,) = [each["message"] for each in ended.json["findings"] if each["kind"] == "frozen"]
    assert told.startswith(f"{down}: ")
    assert "It was never read before: nothing is decided there until it is, and the other targets go on." in told
    assert first_day.state[down] == before[down]
    assert first_day.state[other] != before[other]
    first_day.release()
    ended = first_day.night("--json")
    assert {each["target"] for each in ended.json["operations"]} == {down}
    assert ended.code in (ExitCode.DONE, ExitCode.CHANGES_WAIT)


def test_rule_that_looks_at_groups_of_a_target_that_was_never_read_takes_and_gives_nothing(first_day: World) -> None:
    line = '# if_member_of = { okta = ["dept-engineering"] }'
    first_day.edit("mappings/wiki.toml", line, line.removeprefix("# "))
    _down(first_day, "okta")
    ended = first_day.night("--json")
    assert ended.code == ExitCode.UNTRUSTED, ended.err
    of_rule = [each for each in ended.json["operations"] if each["entitlement"] == "wiki-editors"]
    assert {(each["verb"], each["because"]["situation"]) for each in of_rule} <= {("remove_member", "UNQUALIFIED")}
    assert any("groups.editors cannot be evaluated: okta was not read completely" in each["message"] for each in ended.json["findings"])


@pytest.mark.parametrize("words", [("plan",), ("why", "0020023"), ("undo",), ("apply",)], ids=" ".join)
def test_commands_work_while_a_target_was_never_read(first_day: World, words: tuple[str, ...]) -> None:
    _down(first_day, "okta")
    first_day.night()
    first_day.run("plan")
    ended = first_day.run(*words)
    assert ended.code in (ExitCode.DONE, ExitCode.CHANGES_WAIT, ExitCode.REFUSED, ExitCode.UNTRUSTED), ended.err
    assert "Traceback" not in ended.err


def test_target_that_nothing_has_asked_for_yet_is_to_be_extracted_first(first_day: World) -> None:
    ended = first_day.run("plan")
    assert ended.code == ExitCode.UNTRUSTED
    assert "Run `reconcile extract` first." in ended.err
