"""Control characters and bidirectional controls that a system or a file states reach no terminal and no program as they are."""

import json
import unicodedata

import pytest

from connectors.sandbox.host import Fault, FaultKind
from tests.night.night_worlds import CLOCK, Ended

from .story_worlds import Person, Story

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\u2066\u200b\r\nNIGHT: 0 failed\x00\x7f\u2028"
"""Sets a terminal's title, clears it, colours, reverses the line, and forges a line of its own."""
FORGED = "NIGHT: 0 failed"
MOVER = Person(2)


def harmless(ended: Ended) -> None:
    """Asserts that nothing printed is a control character, and that no line is one that a system made up."""
    printed = ended.out + ended.err
    assert {character for character in printed if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")} <= {"\n"}
    assert not [line for line in printed.splitlines() if line.strip().startswith(FORGED)]
    assert "Traceback" not in printed


def failing(story: Story) -> None:
    """Okta refuses everything in words of its own choice."""
    body = json.dumps({"errorCode": "E0000022", "errorSummary": HOSTILE, "errorCauses": [{"errorSummary": HOSTILE}]})
    story.systems["okta"].add_fault(Fault(FaultKind.STATUS, status=405, body=body, headers={"Content-Type": "application/json"}))


def hostile_hr(story: Story) -> None:
    """The HR file states a department, a status word and a name that no sentence should carry as they are."""
    said = "\u202egnp\u2066\u200b\u2028"  # C0 and C1 controls have the whole file refused
    row = f"00002,Pat,P{said},{MOVER.login},{MOVER.department},Active\n"
    strange = f"00003,Pat,Person,{Person(3).login},Sales,Act{said}ive\n"
    story.lines(lambda rows: [row if each.startswith("00002,") else strange if each.startswith("00003,") else each for each in rows])


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("command", ["check", "extract", "run"])
def test_what_a_system_answers_is_printed_escaped(at_office, command, options):
    failing(at_office)
    ended = at_office.run(command, *(CLOCK if command == "run" else ()), *options)
    assert ended.code in (12, 16), ended.err
    harmless(ended)
    if options:
        json.loads(ended.out)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize(
    "words",
    [("check",), ("extract",), ("plan", *CLOCK), ("run", *CLOCK, "--live"), ("show",), ("why", MOVER.anchor)],
    ids=lambda words: words[0],
)
def test_what_a_file_states_is_printed_escaped(at_office, words, options):
    hostile_hr(at_office)
    at_office.run("extract")
    at_office.run("plan", *CLOCK)
    ended = at_office.run(*words, *options)
    harmless(ended)
    if options:
        json.loads(ended.out)


def test_what_a_system_answers_while_a_plan_is_applied_is_printed_escaped(at_office):
    at_office.lines(lambda rows: [each.replace(",Finance,", ",Sales,") if each.startswith("00002,") else each for each in rows])
    assert at_office.run("extract").code == 0
    assert at_office.run("plan", *CLOCK).code == 10
    body = json.dumps({"errorCode": "E0000001", "errorSummary": HOSTILE})
    for method in ("PUT", "POST"):
        at_office.systems["okta"].add_fault(
            Fault(FaultKind.STATUS, method=method, status=400, body=body, headers={"Content-Type": "application/json"})
        )
    ended = at_office.run("apply", "--live")
    assert ended.code == 13, ended.out
    assert "owned" in ended.out
    harmless(ended)
    harmless(at_office.run("show"))


def test_json_for_programs_keeps_the_values(at_office):
    """An escape inside a JSON string is the same value to whoever parses it."""
    hostile_hr(at_office)
    at_office.run("extract")
    ended = at_office.run("plan", *CLOCK, "--json")
    assert {each["after"]["lastName"] for each in ended.json["operations"] if "lastName" in each["after"]} == {
        "P\u202egnp\u2066\u200b\u2028"
    }


def test_an_error_that_names_what_a_user_typed_is_printed_escaped(at_office):
    harmless(at_office.run("why", f"nobody{HOSTILE}"))
